import os
import resource
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from clearface.errors import PhotoError
from clearface.files import atomic
from clearface.files.atomic import write_atomically


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """The system cuts every write off at `size` bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)


@contextmanager
def mounted(folder: Path, options: str) -> Iterator[None]:
    mounting = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], capture_output=True, check=False
    )
    if mounting.returncode != 0:
        pytest.skip("a disk of its own can be mounted by the superuser alone")
    try:
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


class TestWriting:
    def test_the_bytes_and_nothing_else(self, tmp_path: Path) -> None:
        write_atomically(tmp_path / "Größe 写真.JPG", b"\x00\r\n\xff")
        assert (tmp_path / "Größe 写真.JPG").read_bytes() == b"\x00\r\n\xff"
        assert names(tmp_path) == ["Größe 写真.JPG"]

    def test_folders_are_created(self, tmp_path: Path) -> None:
        write_atomically(tmp_path / "new/deep/a.jpg", b"x")
        assert (tmp_path / "new/deep/a.jpg").read_bytes() == b"x"

    def test_beside_the_current_folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        write_atomically(Path("a.jpg"), b"x")
        assert names(tmp_path) == ["a.jpg"]

    def test_the_longest_name_there_is(self, tmp_path: Path) -> None:
        name = "x" * (os.pathconf(tmp_path, "PC_NAME_MAX") - 4) + ".jpg"
        write_atomically(tmp_path / name, b"x")
        assert names(tmp_path) == [name]

    def test_an_existing_file_stays_unless_asked(self, tmp_path: Path) -> None:
        path = tmp_path / "a.jpg"
        path.write_bytes(b"old")
        with pytest.raises(PhotoError, match=r"a\.jpg: exists already"):
            write_atomically(path, b"new")
        assert path.read_bytes() == b"old"
        write_atomically(path, b"new", overwrite=True)
        assert path.read_bytes() == b"new"
        assert names(tmp_path) == ["a.jpg"]

    def test_permissions_are_those_of_any_program(self, tmp_path: Path) -> None:
        with umask(0o027):
            write_atomically(tmp_path / "a.jpg", b"x")
        assert stat.S_IMODE((tmp_path / "a.jpg").stat().st_mode) == 0o640

    def test_a_replaced_file_keeps_its_permissions(self, tmp_path: Path) -> None:
        path = tmp_path / "a.jpg"
        path.write_bytes(b"old")
        path.chmod(0o604)
        write_atomically(path, b"new", overwrite=True)
        assert stat.S_IMODE(path.stat().st_mode) == 0o604

    def test_a_link_is_followed_and_stays(self, tmp_path: Path) -> None:
        (tmp_path / "store").mkdir()
        (tmp_path / "store/real.jpg").write_bytes(b"old")
        (tmp_path / "link.jpg").symlink_to("store/real.jpg")
        with pytest.raises(PhotoError, match="exists already"):
            write_atomically(tmp_path / "link.jpg", b"new")
        write_atomically(tmp_path / "link.jpg", b"new", overwrite=True)
        assert (tmp_path / "link.jpg").is_symlink()
        assert (tmp_path / "store/real.jpg").read_bytes() == b"new"
        assert names(tmp_path / "store") == ["real.jpg"]

    def test_a_link_that_leads_nowhere_yet(self, tmp_path: Path) -> None:
        (tmp_path / "link.jpg").symlink_to("later.jpg")
        write_atomically(tmp_path / "link.jpg", b"x")
        assert (tmp_path / "later.jpg").read_bytes() == b"x"

    def test_of_many_writers_exactly_one_wins(self, tmp_path: Path) -> None:
        path, start, outcomes = tmp_path / "a.jpg", threading.Barrier(8), list[bytes | None]()

        def write(number: int) -> None:
            data = bytes([number]) * 50_000
            start.wait()
            try:
                write_atomically(path, data)
                outcomes.append(data)
            except PhotoError:
                outcomes.append(None)

        threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        (winner,) = [data for data in outcomes if data is not None]
        assert path.read_bytes() == winner
        assert names(tmp_path) == ["a.jpg"]


class TestWithoutHardLinks:
    """As on exFAT: a memory stick or the card of a camera."""

    @pytest.fixture(autouse=True)
    def _no_links(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(*_: object) -> None:
            raise PermissionError(1, "Operation not permitted")

        monkeypatch.setattr(os, "link", refuse)

    def test_written_all_the_same(self, tmp_path: Path) -> None:
        write_atomically(tmp_path / "a.jpg", b"x")
        assert (tmp_path / "a.jpg").read_bytes() == b"x"
        assert names(tmp_path) == ["a.jpg"]

    def test_a_file_that_appears_meanwhile_stays(self, tmp_path: Path) -> None:
        (tmp_path / "a.jpg").write_bytes(b"of another program")
        (tmp_path / "new").write_bytes(b"x")
        with pytest.raises(FileExistsError):
            atomic.publish_new(tmp_path / "new", tmp_path / "a.jpg")
        assert (tmp_path / "a.jpg").read_bytes() == b"of another program"

    def test_an_interrupt_leaves_no_empty_file(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def interrupt(*_: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(os, "replace", interrupt)
        with pytest.raises(KeyboardInterrupt):
            write_atomically(tmp_path / "a.jpg", b"x")
        assert names(tmp_path) == []


class TestFailures:
    def test_a_file_that_appears_meanwhile_stays(self, tmp_path: Path) -> None:
        (tmp_path / "a.jpg").write_bytes(b"of another program")
        (tmp_path / "new").write_bytes(b"x")
        with pytest.raises(FileExistsError):
            atomic.publish_new(tmp_path / "new", tmp_path / "a.jpg")
        assert (tmp_path / "a.jpg").read_bytes() == b"of another program"

    @pytest.mark.parametrize("overwrite", [False, True])
    def test_a_full_disk(self, tmp_path: Path, overwrite: bool) -> None:
        with mounted(tmp_path, "size=64k"):
            (tmp_path / "a.jpg").write_bytes(b"old")
            path = tmp_path / ("a.jpg" if overwrite else "b.jpg")
            with pytest.raises(PhotoError, match=rf"{path.name}: cannot be written: the disk is full"):
                write_atomically(path, bytes(200_000), overwrite=overwrite)
            assert names(tmp_path) == ["a.jpg"]
            assert (tmp_path / "a.jpg").read_bytes() == b"old"

    def test_a_read_only_disk(self, tmp_path: Path) -> None:
        with mounted(tmp_path, "ro"), pytest.raises(PhotoError, match="cannot be written: the disk is read-only"):
            write_atomically(tmp_path / "a.jpg", b"x")

    @pytest.mark.parametrize("overwrite", [False, True])
    def test_a_write_cut_off_leaves_nothing_half_written(self, tmp_path: Path, overwrite: bool) -> None:
        (tmp_path / "a.jpg").write_bytes(b"old")
        path = tmp_path / ("a.jpg" if overwrite else "b.jpg")
        with largest_file(10_000), pytest.raises(PhotoError, match="larger than is allowed here"):
            write_atomically(path, bytes(200_000), overwrite=overwrite)
        assert names(tmp_path) == ["a.jpg"]
        assert (tmp_path / "a.jpg").read_bytes() == b"old"

    def test_no_permission(self, open_folder: Path, unprivileged) -> None:
        (open_folder / "closed").mkdir(mode=0o555)
        for path in (open_folder / "closed/a.jpg", open_folder / "closed/new/a.jpg"):
            with unprivileged(), pytest.raises(PhotoError) as caught:
                write_atomically(path, b"x")
            assert str(caught.value) == f"{path}: cannot be written: permission denied"

    def test_what_cannot_be_a_file(self, tmp_path: Path) -> None:
        (tmp_path / "folder.jpg").mkdir()
        (tmp_path / "file").write_bytes(b"x")
        (tmp_path / "itself.jpg").symlink_to("itself.jpg")
        os.mkfifo(tmp_path / "pipe.jpg")
        for path, words in {
            tmp_path / "folder.jpg": "it is a folder",
            tmp_path / "file" / "a.jpg": "a part of the path is not a folder",
            tmp_path / "itself.jpg": "its links lead in a circle",
            tmp_path / ("x" * 300): "the name is too long",
            tmp_path / "pipe.jpg": "device or a pipe",
            tmp_path / "a\0b.jpg": "cannot be the name of a file",
        }.items():
            with pytest.raises(PhotoError, match=words):
                write_atomically(path, b"x", overwrite=True)
        assert names(tmp_path) == ["file", "folder.jpg", "itself.jpg", "pipe.jpg"]

    def test_a_device_is_not_replaced_by_a_file(self) -> None:
        with pytest.raises(PhotoError, match="device or a pipe"):
            write_atomically(Path("/dev/null"), b"x", overwrite=True)
        assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)

    @pytest.mark.parametrize("moment", ["fsync", "replace"])
    def test_an_interrupt_leaves_what_was_there(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
    ) -> None:
        (tmp_path / "a.jpg").write_bytes(b"old")

        def interrupt(*_: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(os, moment, interrupt)
        with pytest.raises(KeyboardInterrupt):
            write_atomically(tmp_path / "a.jpg", b"new", overwrite=True)
        assert names(tmp_path) == ["a.jpg"]
        assert (tmp_path / "a.jpg").read_bytes() == b"old"

    def test_a_real_interrupt_in_the_middle_of_a_large_file(self, tmp_path: Path) -> None:
        program = (
            "import sys, pathlib; from clearface.files.atomic import write_atomically as write\n"
            "data = bytes(64_000_000); print('ready', flush=True)\n"
            "while True: write(pathlib.Path(sys.argv[1]), data, overwrite=True)"
        )
        path = tmp_path / "a.jpg"
        with subprocess.Popen(
            [sys.executable, "-c", program, path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=_environment()
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()
            while not path.exists():  # at least one is whole, the next is being written
                assert process.poll() is None
            process.send_signal(signal.SIGINT)
            process.communicate()
        assert names(tmp_path) == ["a.jpg"]
        assert path.stat().st_size == 64_000_000


def _environment() -> dict[str, str]:
    """This process's, with its own search path, so that the child imports the same clearface."""
    return os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
