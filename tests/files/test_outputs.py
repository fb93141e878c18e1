import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearface.errors import UsageError
from clearface.files.inputs import InputFile, find_inputs
from clearface.files.outputs import ExistingPolicy, Naming, OutputPlan, earlier_results, plan_outputs

PHOTOS = frozenset({".jpg", ".png"})
STREAM = InputFile(Path("-"), Path("-"), standard_stream=True)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("a.jpg", "in/b.jpg", "in/deep/c.JPG"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(name.encode())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def plan(
    *arguments: str,
    output: str | None = None,
    suffix: str = "_restored",
    extension: str | None = None,
    existing: str = "fail",
) -> OutputPlan:
    found = find_inputs(arguments, PHOTOS, earlier_results(output, suffix))
    assert found.problems == ()
    return plan_outputs(found.files, output, Naming(suffix, extension), ExistingPolicy(existing), PHOTOS)


def paths(planned: OutputPlan) -> list[str]:
    assert planned.problems == ()
    return [output.path.as_posix() for output in planned.outputs]


@pytest.mark.usefixtures("here")
class TestPlaces:
    def test_beside_the_input_with_a_suffix(self) -> None:
        assert paths(plan("a.jpg", "in")) == ["a_restored.jpg", "in/b_restored.jpg", "in/deep/c_restored.JPG"]
        assert paths(plan("a.jpg", suffix=".sharp", extension="png")) == ["a.sharp.png"]

    def test_one_file(self) -> None:
        assert paths(plan("a.jpg", output="sharp.PNG")) == ["sharp.PNG"]
        assert paths(plan("a.jpg", output="new/sharp.png")) == ["new/sharp.png"]

    def test_a_folder_keeps_the_tree_and_the_names(self) -> None:
        assert paths(plan("a.jpg", "in", output="out")) == ["out/a.jpg", "out/b.jpg", "out/deep/c.JPG"]
        assert paths(plan("in", output="out", extension=".png")) == ["out/b.png", "out/deep/c.png"]

    def test_what_makes_an_output_a_folder(self, here: Path) -> None:
        (here / "album.jpg").mkdir()
        assert paths(plan("a.jpg", output="album.jpg")) == ["album.jpg/a.jpg"]
        assert paths(plan("a.jpg", output="new.jpg/")) == ["new.jpg/a.jpg"]
        assert paths(plan("a.jpg", output="out")) == ["out/a.jpg"]
        assert paths(plan("in", output="run.2")) == ["run.2/b.jpg", "run.2/deep/c.JPG"]

    def test_several_inputs_do_not_fit_into_one_file(self) -> None:
        with pytest.raises(UsageError, match=r"sharp\.jpg: this is one file, but there are 2 inputs"):
            plan("in", output="sharp.jpg")
        with pytest.raises(UsageError, match="standard output takes one result"):
            plan("in", output="-")

    def test_a_mistyped_extension(self) -> None:
        with pytest.raises(UsageError, match=r'ends in \.jpgg: did you mean "\.jpg"\?'):
            plan("a.jpg", output="sharp.jpgg")

    def test_a_second_run_finds_the_same_inputs(self, here: Path) -> None:
        for output in (None, "in/out"):
            first = plan("in", output=output)
            for planned in first.outputs:
                planned.path.parent.mkdir(parents=True, exist_ok=True)
                planned.path.write_bytes(b"result")
            second = plan("in", output=output, existing="overwrite")
            assert paths(second) == paths(first)
            for planned in first.outputs:
                planned.path.unlink()


@pytest.mark.usefixtures("here")
class TestStreams:
    def test_in_and_out(self) -> None:
        for output in (None, "-"):
            (planned,) = plan("-", output=output).outputs
            assert planned.standard_stream

    def test_into_a_file(self) -> None:
        (planned,) = plan("-", output="sharp.jpg").outputs
        assert planned.path == Path("sharp.jpg")
        assert not planned.standard_stream

    def test_from_a_file(self) -> None:
        (planned,) = plan("a.jpg", output="-").outputs
        assert planned.standard_stream

    def test_have_no_name_in_a_folder(self) -> None:
        for output in ("in", "out/", "out"):
            with pytest.raises(UsageError, match="standard input"):
                plan("-", output=output)


@pytest.mark.usefixtures("here")
class TestRefusals:
    def test_originals_are_never_replaced(self, here: Path) -> None:
        os.link("a.jpg", "hard.jpg")
        (here / "soft.jpg").symlink_to("a.jpg")
        for existing in ExistingPolicy:
            for output in ("a.jpg", "hard.jpg", "soft.jpg", str(here / "in" / ".." / "a.jpg")):
                planned = plan("a.jpg", output=output, existing=existing)
                assert planned.outputs == ()
                assert "would replace the original a.jpg" in planned.problems[0].sentence
            assert plan("in", output="in", existing=existing).outputs == ()
            assert plan("a.jpg", suffix="", existing=existing).outputs == ()

    def test_nor_is_another_input(self, here: Path) -> None:
        (here / "a_restored.jpg").write_bytes(b"another photo")
        planned = plan("a.jpg", "a_restored.jpg", existing="overwrite")
        assert [problem.name for problem in planned.problems] == ["a.jpg"]
        assert [output.path.name for output in planned.outputs] == ["a_restored_restored.jpg"]

    def test_two_inputs_never_share_a_result(self, here: Path) -> None:
        (here / "in/a.jpg").write_bytes(b"another")
        planned = plan("a.jpg", "in/a.jpg", output="out", existing="overwrite")
        assert [output.source.path.as_posix() for output in planned.outputs] == ["a.jpg"]
        assert planned.problems[0].sentence == (
            "in/a.jpg: its result would be out/a.jpg, as that of a.jpg is: give them different names"
        )

    def test_nor_by_a_change_of_extension(self, here: Path) -> None:
        (here / "a.png").write_bytes(b"another")
        assert len(plan("a.jpg", "a.png", output="out", extension="png").problems) == 1

    def test_existing_results(self, here: Path) -> None:
        (here / "a_restored.jpg").write_bytes(b"result")
        planned = plan("a.jpg")
        assert planned.outputs == ()
        assert "a_restored.jpg exists already" in planned.problems[0].sentence
        assert [output.skip for output in plan("a.jpg", existing="skip").outputs] == [True]
        assert [output.skip for output in plan("a.jpg", existing="overwrite").outputs] == [False]

    def test_places_where_nothing_can_be(self, here: Path) -> None:
        (here / "a_restored.jpg").mkdir()
        assert "it is a folder" in plan("a.jpg", existing="overwrite").problems[0].sentence
        assert "too long" in plan("a.jpg", suffix="x" * 300).problems[0].sentence
        (here / "out").write_bytes(b"a file")
        assert "not a folder" in plan("a.jpg", output="out").problems[0].sentence

    def test_suffixes_that_are_no_part_of_a_name(self) -> None:
        with pytest.raises(UsageError, match="suffix cannot contain a slash"):
            plan("a.jpg", suffix="/../b")
        with pytest.raises(UsageError, match="extension cannot contain a slash"):
            plan("a.jpg", extension="../png")


@given(
    st.lists(st.from_regex(r"[a-c]{1,2}(/[a-c]){0,2}\.(jpg|png)", fullmatch=True), min_size=2, max_size=8, unique=True),
    st.sampled_from([None, "out-of-nowhere"]),
    st.sampled_from([None, "png"]),
)
def test_every_input_has_one_answer_and_no_two_share_a_path(
    names: list[str], output: str | None, extension: str | None
) -> None:
    inputs = [InputFile(Path("nowhere", name), Path(name)) for name in names]
    planned = plan_outputs(inputs, output, Naming(extension=extension), ExistingPolicy.FAIL, PHOTOS)
    written = [result.path for result in planned.outputs]
    assert len(set(written)) == len(written)
    assert not set(written) & {file.path for file in inputs}
    answered = [str(result.source.path) for result in planned.outputs] + [problem.name for problem in planned.problems]
    assert sorted(answered) == sorted(str(file.path) for file in inputs)
