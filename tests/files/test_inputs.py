import io
import os
import sys
from pathlib import Path

import pytest

from clearface.errors import PhotoError
from clearface.files.inputs import EarlierResults, find_inputs, read_bytes, read_standard_input

PHOTOS = frozenset({".jpg", ".png"})


def make(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def relatives(*arguments: str | Path, earlier: EarlierResults | None = None) -> list[str]:
    found = find_inputs([str(argument) for argument in arguments], PHOTOS, earlier)
    assert found.problems == ()
    return [file.relative.as_posix() for file in found.files]


def sentence(*arguments: str | Path) -> str:
    found = find_inputs([str(argument) for argument in arguments], PHOTOS)
    assert len(found.problems) == 1
    return found.problems[0].sentence


class TestNames:
    def test_a_file_named_is_taken_whatever_its_extension(self, tmp_path: Path) -> None:
        make(tmp_path, "scan.dat")
        found = find_inputs([str(tmp_path / "scan.dat")], PHOTOS)
        assert [(file.path, file.relative) for file in found.files] == [(tmp_path / "scan.dat", Path("scan.dat"))]

    def test_order_is_that_of_the_arguments(self, tmp_path: Path) -> None:
        make(tmp_path, "b.jpg", "a.jpg")
        assert relatives(tmp_path / "b.jpg", tmp_path / "a.jpg") == ["b.jpg", "a.jpg"]

    def test_twice_given_is_taken_once(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        make(tmp_path, "in/a.jpg")
        monkeypatch.chdir(tmp_path)
        assert relatives("in/a.jpg", "in", tmp_path / "in" / ".." / "in" / "a.jpg", "in/*.jpg") == ["a.jpg"]

    def test_missing_ones_are_problems_and_the_rest_is_found(self, tmp_path: Path) -> None:
        make(tmp_path, "a.jpg")
        found = find_inputs([str(tmp_path / "nowhere.jpg"), str(tmp_path / "a.jpg")], PHOTOS)
        assert [file.path.name for file in found.files] == ["a.jpg"]
        assert found.problems[0].sentence == f"{tmp_path / 'nowhere.jpg'}: there is no such file or folder"
        assert found.problems[0].name == str(tmp_path / "nowhere.jpg")

    def test_names_no_system_has(self, tmp_path: Path) -> None:
        assert "too long" in sentence(tmp_path / ("x" * 300))
        assert "cannot be the name" in sentence("a\0b")
        assert "cannot be the name" in sentence("")
        make(tmp_path, "a.jpg")
        assert "not a folder" in sentence(tmp_path / "a.jpg" / "b.jpg")

    def test_brackets_in_an_existing_name_are_no_pattern(self, tmp_path: Path) -> None:
        make(tmp_path, "a[1].jpg", "a1.jpg")
        assert relatives(tmp_path / "a[1].jpg") == ["a[1].jpg"]

    def test_standard_input_once(self) -> None:
        found = find_inputs(["-", "-"], PHOTOS)
        assert [file.standard_stream for file in found.files] == [True]

    def test_a_file_called_minus(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        make(tmp_path, "-")
        monkeypatch.chdir(tmp_path)
        assert [file.standard_stream for file in find_inputs(["./-"], PHOTOS).files] == [False]


class TestFolders:
    def test_searched_with_all_below_and_sorted(self, tmp_path: Path) -> None:
        make(tmp_path, "b.jpg", "a/z.png", "a/deep/er/c.jpg", "a/notes.txt", "a.jpg")
        assert relatives(tmp_path) == ["a/deep/er/c.jpg", "a/z.png", "a.jpg", "b.jpg"]

    def test_upper_case_spaces_and_other_scripts(self, tmp_path: Path) -> None:
        make(tmp_path, "IMG 1.JPG", "Ünïcode/写真.Png")
        assert relatives(tmp_path) == ["IMG 1.JPG", "Ünïcode/写真.Png"]

    def test_hidden_ones_are_passed_over_unless_named(self, tmp_path: Path) -> None:
        make(tmp_path, ".hidden.jpg", ".cache/a.jpg", "b.jpg")
        assert relatives(tmp_path) == ["b.jpg"]
        assert relatives(tmp_path / ".cache", tmp_path / ".hidden.jpg") == ["a.jpg", ".hidden.jpg"]

    def test_links_are_followed_without_circles(self, tmp_path: Path) -> None:
        make(tmp_path, "in/real/a.jpg", "elsewhere/b.jpg")
        (tmp_path / "in/again").symlink_to(tmp_path / "in")
        (tmp_path / "in/real/up").symlink_to("..")
        (tmp_path / "in/other").symlink_to(tmp_path / "elsewhere")
        (tmp_path / "in/alias.jpg").symlink_to("real/a.jpg")
        (tmp_path / "in/itself").symlink_to("itself")
        assert relatives(tmp_path / "in") == ["alias.jpg", "other/b.jpg", "real/a.jpg"]

    def test_a_folder_keeps_its_own_place_before_that_of_a_link(self, tmp_path: Path) -> None:
        make(tmp_path, "zoo/a.jpg")
        (tmp_path / "album").symlink_to("zoo")
        assert relatives(tmp_path) == ["zoo/a.jpg"]

    def test_a_link_that_leads_nowhere_is_not_passed_over_in_silence(self, tmp_path: Path) -> None:
        (tmp_path / "lost.jpg").symlink_to("gone.jpg")
        assert relatives(tmp_path) == ["lost.jpg"]
        with pytest.raises(PhotoError, match="no such file"):
            read_bytes(tmp_path / "lost.jpg")

    def test_without_photos(self, tmp_path: Path) -> None:
        make(tmp_path, "in/notes.txt")
        assert sentence(tmp_path / "in") == f"{tmp_path / 'in'}: there are no photos in this folder"

    def test_a_part_that_cannot_be_searched_is_a_problem(self, open_folder: Path, unprivileged) -> None:
        make(open_folder, "a.jpg", "closed/b.jpg")
        (open_folder / "closed").chmod(0)
        with unprivileged():
            found = find_inputs([str(open_folder)], PHOTOS)
        (open_folder / "closed").chmod(0o755)
        assert [file.path.name for file in found.files] == ["a.jpg"]
        assert [problem.sentence for problem in found.problems] == [
            f"{open_folder / 'closed'}: cannot be searched: permission denied"
        ]


class TestEarlierResults:
    def test_the_folder_of_results_is_passed_over(self, tmp_path: Path) -> None:
        make(tmp_path, "a.jpg", "sharp/a.jpg", "sharp/deep/b.jpg")
        assert relatives(tmp_path, earlier=EarlierResults(tmp_path / "sharp")) == ["a.jpg"]
        assert relatives(f"{tmp_path}/**/*.jpg", earlier=EarlierResults(tmp_path / "sharp")) == ["a.jpg"]

    def test_also_when_written_in_another_way(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        make(tmp_path, "a.jpg", "sharp/a.jpg")
        monkeypatch.chdir(tmp_path)
        assert relatives(tmp_path, earlier=EarlierResults(Path("sharp"))) == ["a.jpg"]

    def test_but_not_when_it_is_the_folder_searched(self, tmp_path: Path) -> None:
        make(tmp_path, "sharp/in/a.jpg")
        assert relatives(tmp_path / "sharp", earlier=EarlierResults(tmp_path / "sharp")) == ["in/a.jpg"]
        assert relatives(tmp_path / "sharp/in/*.jpg", earlier=EarlierResults(tmp_path / "sharp")) == ["a.jpg"]

    def test_results_beside_their_photo_are_passed_over(self, tmp_path: Path) -> None:
        results = [
            "a_restored.jpg",
            "a_restored_face1_before.png",
            "a_restored_frame0002_boxes.png",
            "a_restored_comparison.png",
        ]
        make(tmp_path, "a.jpg", *results)
        assert relatives(tmp_path, earlier=EarlierResults(suffix="_restored")) == ["a.jpg"]
        assert relatives(tmp_path / "*.*", earlier=EarlierResults(suffix="_restored")) == ["a.jpg"]

    def test_a_photo_that_only_sounds_like_one_is_taken(self, tmp_path: Path) -> None:
        make(tmp_path, "b_restored.jpg", "deep/a_restored.jpg", "a.jpg")
        assert relatives(tmp_path, earlier=EarlierResults(suffix="_restored")) == [
            "a.jpg",
            "b_restored.jpg",
            "deep/a_restored.jpg",
        ]

    def test_a_result_named_is_taken(self, tmp_path: Path) -> None:
        make(tmp_path, "a.jpg", "a_restored.jpg")
        assert relatives(tmp_path / "a_restored.jpg", earlier=EarlierResults(suffix="_restored")) == ["a_restored.jpg"]


class TestPatterns:
    def test_one_folder(self, tmp_path: Path) -> None:
        make(tmp_path, "b.jpg", "a.jpg", "c.png", "deep/d.jpg", ".h.jpg")
        assert relatives(tmp_path / "*.jpg") == ["a.jpg", "b.jpg"]
        assert relatives(tmp_path / "[bc].*") == ["b.jpg", "c.png"]

    def test_any_folders_and_their_tree(self, tmp_path: Path) -> None:
        make(tmp_path, "a.jpg", "x/b.jpg", "x/y/c.jpg", "x/y/d.png", ".h/e.jpg")
        assert relatives(tmp_path / "**" / "*.jpg") == ["a.jpg", "x/b.jpg", "x/y/c.jpg"]
        assert relatives(tmp_path / "**" / "y" / "*") == ["x/y/c.jpg", "x/y/d.png"]
        assert relatives(tmp_path / "**") == ["a.jpg", "x/b.jpg", "x/y/c.jpg", "x/y/d.png"]

    def test_relative_to_here(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        make(tmp_path, "x/b.jpg", "y/b.jpg")
        monkeypatch.chdir(tmp_path)
        assert relatives("*/b.jpg") == ["x/b.jpg", "y/b.jpg"]

    def test_folders_that_match_are_searched(self, tmp_path: Path) -> None:
        make(tmp_path, "2021/a.jpg", "2022/deep/b.jpg", "notes/c.jpg")
        assert relatives(tmp_path / "20*") == ["2021/a.jpg", "2022/deep/b.jpg"]

    def test_photos_alone_unless_the_extension_is_spelled_out(self, tmp_path: Path) -> None:
        make(tmp_path, "a.jpg", "a.bin")
        assert relatives(tmp_path / "*") == ["a.jpg"]
        assert relatives(tmp_path / "*.bin") == ["a.bin"]

    def test_circles_end(self, tmp_path: Path) -> None:
        make(tmp_path, "x/a.jpg")
        for name in ("one", "two", "three"):
            (tmp_path / "x" / name).symlink_to("..")
        assert relatives(tmp_path / "**" / "*.jpg") == ["x/a.jpg"]

    def test_that_match_nothing(self, tmp_path: Path) -> None:
        assert sentence(tmp_path / "*.jpg") == f"{tmp_path / '*.jpg'}: no photo matches this pattern"
        assert "no such file or folder" in sentence(tmp_path / "nowhere" / "*.jpg")


class TestReading:
    def test_bytes(self, tmp_path: Path) -> None:
        (tmp_path / "a b.JPG").write_bytes(b"\xff\xd8data")
        assert read_bytes(tmp_path / "a b.JPG") == b"\xff\xd8data"

    def test_what_is_no_file(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe.jpg")
        (tmp_path / "empty.jpg").touch()
        (tmp_path / "itself").symlink_to("itself")
        for path, words in {
            tmp_path: "is a folder",
            tmp_path / "gone.jpg": "there is no such file",
            tmp_path / "pipe.jpg": "device or a pipe",
            tmp_path / "empty.jpg": "is empty",
            tmp_path / "itself": "in a circle",
            Path("/dev/zero"): "device or a pipe",
        }.items():
            with pytest.raises(PhotoError, match=words) as caught:
                read_bytes(path)
            assert str(caught.value).startswith(f"{path}: ")

    def test_without_permission(self, open_folder: Path, unprivileged) -> None:
        path = open_folder / "private.jpg"
        path.write_bytes(b"x")
        path.chmod(0)
        with unprivileged(), pytest.raises(PhotoError, match="cannot be read: permission denied"):
            read_bytes(path)

    def test_a_name_that_is_no_text_can_be_told(self, tmp_path: Path) -> None:
        with pytest.raises(PhotoError) as caught:
            read_bytes(Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.jpg")))
        assert str(caught.value).encode().endswith(b"\\xff.jpg: there is no such file")


class _Pipe(io.TextIOWrapper):
    def __init__(self, data: bytes) -> None:
        super().__init__(io.BytesIO(data))


class TestStandardInput:
    def test_bytes(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "stdin", _Pipe(b"\x89PNG\xff"))
        assert read_standard_input() == b"\x89PNG\xff"

    def test_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "stdin", _Pipe(b""))
        with pytest.raises(PhotoError, match="nothing came in"):
            read_standard_input()

    def test_a_keyboard(self, monkeypatch: pytest.MonkeyPatch) -> None:
        controller, terminal = os.openpty()
        with os.fdopen(terminal) as keyboard:
            monkeypatch.setattr(sys, "stdin", keyboard)
            with pytest.raises(PhotoError, match="no photo is piped in"):
                read_standard_input()
        os.close(controller)

    def test_a_process_without_one(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "stdin", None)
        with pytest.raises(PhotoError, match="no photo is piped in"):
            read_standard_input()


def test_cameras_are_told_from_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("camera", "camera:1", "/dev/video0"):
        (found,) = find_inputs([name], frozenset({".mp4"})).files
        assert found.camera
        assert found.no_file
    Path("camera").write_bytes(b"a file of that name")
    (found,) = find_inputs(["camera"], frozenset({".mp4"})).files
    assert not found.camera
    for name in ("camera.mp4", "a/camera", "camera:x"):
        assert find_inputs([name], frozenset({".mp4"})).files == ()
