"""Films that are stopped, resumed, or run out of disk."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.conftest import FFmpeg
from tests.films.conftest import Maker, pass_through

from clearface.errors import FilmError
from clearface.films.options import FilmOptions
from clearface.films.reading import open_film
from clearface.films.writing import FilmFileSink


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def write_some(
    source: Path, target: Path, count: int, *, resume: bool = False, overwrite: bool = False
) -> FilmFileSink:
    """A sink that took so many frames more."""
    film = open_film(source, source.name)
    sink = FilmFileSink(film, target, FilmOptions(), resume=resume, overwrite=overwrite)
    for taken, frame in enumerate(film.frames(sink.done)):
        if taken == count:
            break
        sink.write(frame)
    film.close()
    return sink


@pytest.fixture
def source(clip: Maker, tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    arguments = ("-vf", "setpts='(N+floor(N/3)*2)/25/TB'", "-vsync", "vfr", "-c:v", "libx264")
    return clip("in/a.mp4", *arguments, frames=60, sound=True)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder / "b.mp4"


def test_stopped_in_the_middle(clip: Maker, target: Path, ffmpeg: FFmpeg) -> None:
    source = clip("c.mp4", "-c:v", "libx264", frames=60, sound=True)
    kept = write_some(source, target, 33).stop()
    assert kept is not None
    assert "plays up to there, and the same command with --resume goes on" in kept
    unfinished = target.with_name("b.unfinished.mp4")
    assert names(target.parent) == [".b.mp4.clearface-part", "b.unfinished.mp4"]
    assert ffmpeg.complaints(unfinished) == ""
    times = ffmpeg.times(unfinished)
    assert times == pytest.approx(ffmpeg.times(source)[:33])
    picture, sound = (float(ffmpeg.stream(unfinished, kind)["duration"]) for kind in ("video", "audio"))
    assert sound == pytest.approx(picture, abs=0.05)


@pytest.mark.parametrize("stops", [(1,), (20,), (25, 20), (60,)])
def test_resumed_is_as_never_stopped(stops: tuple[int, ...], source: Path, target: Path, ffmpeg: FFmpeg) -> None:
    for place, count in enumerate(stops):
        sink = write_some(source, target, count, resume=place > 0)
        assert sink.stop() is not None
    film = open_film(source, "a")
    sink = FilmFileSink(film, target, FilmOptions(), resume=True)
    assert sink.done is not None
    assert sink.done.number == sum(stops)
    for frame in film.frames(sink.done):
        sink.write(frame)
    sink.finish()
    assert names(target.parent) == ["b.mp4"]
    assert ffmpeg.times(target) == pytest.approx(ffmpeg.times(source), abs=1e-6)
    assert ffmpeg.packets(target, "a:0") == ffmpeg.packets(source, "a:0")
    assert ffmpeg.complaints(target) == ""
    assert abs(ffmpeg.rgb(target).astype(int) - ffmpeg.rgb(source)).mean() < 5


def test_after_a_crash(source: Path, target: Path, ffmpeg: FFmpeg) -> None:
    """The process ended without a word: what was not written whole is encoded again."""
    program = f"""
import os
from pathlib import Path
from clearface.films.options import FilmOptions
from clearface.films.reading import open_film
from clearface.films.writing import FilmFileSink
film = open_film(Path({str(source)!r}), "a")
sink = FilmFileSink(film, Path({str(target)!r}), FilmOptions(codec="mpeg4"))
for frame in film.frames():
    if frame.number == 50:
        os._exit(1)
    sink.write(frame)
"""
    import sys

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 1
    assert names(target.parent) == [".b.mp4.clearface-part"]
    film = open_film(source, "a")
    sink = FilmFileSink(film, target, FilmOptions(codec="mpeg4"), resume=True)
    assert sink.done is not None
    assert 0 < sink.done.number < 50
    for frame in film.frames(sink.done):
        sink.write(frame)
    sink.finish()
    assert ffmpeg.times(target) == pytest.approx(ffmpeg.times(source), abs=1e-6)


def test_unfinished_work_is_not_lost_by_chance(source: Path, target: Path) -> None:
    write_some(source, target, 10).stop()
    with pytest.raises(
        FilmError, match=r"b\.mp4: an unfinished result lies beside it; --resume goes on .*--existing overwrite"
    ):
        write_some(source, target, 10)
    sink = write_some(source, target, 100, overwrite=True)
    assert sink.done is None
    sink.finish()
    assert "b.mp4" in names(target.parent)


def test_another_source_or_other_settings_are_refused(source: Path, target: Path, clip: Maker) -> None:
    write_some(source, target, 10).stop()
    other = clip("other.mp4")
    with pytest.raises(FilmError, match="another source"):
        write_some(other, target, 10, resume=True)
    with pytest.raises(FilmError, match=r"another quality \(None, now 30\)"):
        FilmFileSink(open_film(source, "a"), target, FilmOptions(crf=30), resume=True)
    with pytest.raises(FilmError, match="another way of hiding"):
        FilmFileSink(open_film(source, "a"), target, FilmOptions(), resume=True, settings={"way of hiding": "blur"})
    assert ".b.mp4.clearface-part" in names(target.parent), "refusing deletes nothing"


def test_stopped_before_the_first_frame(source: Path, target: Path) -> None:
    assert write_some(source, target, 0).stop() is None
    assert names(target.parent) == []


def test_a_target_that_appeared_meanwhile_stays(source: Path, target: Path) -> None:
    sink = write_some(source, target, 100)
    target.write_bytes(b"mine")
    with pytest.raises(FilmError, match=r"b\.mp4: exists already"):
        sink.finish()
    assert target.read_bytes() == b"mine"


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[None]:
    mounting = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], capture_output=True, check=False
    )
    if mounting.returncode != 0:
        pytest.skip("a disk of its own can be mounted by the superuser alone")
    try:
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


@pytest.mark.parametrize("size", ["32k", "72k", "120k", "160k"])
def test_a_full_disk(size: str, clip: Maker, target: Path) -> None:
    source = clip("big.mp4", "-c:v", "libx264", "-vf", "noise=alls=60:allf=t", "-g", 5, size="160x120", frames=30)
    with small_disk(target.parent, size):
        film = open_film(source, "a")
        sink = FilmFileSink(film, target, FilmOptions(codec="mpeg4"))

        def work() -> None:
            for frame in film.frames():
                sink.write(frame)
            sink.finish()

        with pytest.raises(FilmError, match=r"b\.mp4: cannot be written: the disk is full"):
            work()
        sink.stop()
        assert "b.mp4" not in names(target.parent)
        assert not [name for name in names(target.parent) if name.endswith(".tmp")]


def test_nothing_reaches_standard_error(source: Path, target: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for codec in ("h264", "hevc", "av1", "vp9", "mpeg4"):
        pass_through(source, target, overwrite=True, codec=codec)
    assert capfd.readouterr().err == ""
