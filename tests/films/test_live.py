"""Pipes, cameras and animations as films."""

import io
import os
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tests.conftest import FFmpeg
from tests.films.conftest import Maker

from clearface.errors import FilmError
from clearface.films.animations import AnimationSink, AnimationSource
from clearface.films.base import FilmInfo, Mark
from clearface.films.camera import CameraSource, open_camera
from clearface.films.gifs import GifSink
from clearface.films.options import FilmOptions
from clearface.films.raw import RawSink, RawSource
from clearface.films.reading import open_film
from clearface.films.writing import FilmFileSink
from clearface.photos.decode import read_photo
from clearface.photos.encode import EncodeOptions
from clearface.squares import Region


def noise(count: int, width: int = 9, height: int = 5) -> bytes:
    return np.random.default_rng(1).integers(0, 256, count * width * height * 3, np.uint8).tobytes()


class TestRaw:
    def test_in_and_out(self) -> None:
        source, out = RawSource(io.BytesIO(noise(4)), 9, 5, Fraction(30000, 1001)), io.BytesIO()
        sink = RawSink(out)
        times = []
        for frame in source.frames():
            times.append(frame.seconds)
            sink.write(frame)
        assert out.getvalue() == noise(4)
        assert times == pytest.approx([0, 1001 / 30000, 2002 / 30000, 3003 / 30000])
        assert source.notes == ()

    def test_a_part_of_a_frame_at_the_end(self) -> None:
        source = RawSource(io.BytesIO(noise(2)[:-7]), 9, 5, Fraction(25))
        assert len(list(source.frames())) == 1
        assert source.notes == ("the last frame was cut short, 128 of 135 bytes, and left out",)

    def test_bytes_that_come_one_by_one(self) -> None:
        class Slow(io.RawIOBase):
            left = io.BytesIO(noise(2))

            def readable(self) -> bool:
                return True

            def read(self, size: int = -1) -> bytes:
                return self.left.read(min(size, 7))

        assert len(list(RawSource(Slow(), 9, 5, Fraction(25)).frames())) == 2  # type: ignore[arg-type]

    def test_nothing_whole(self) -> None:
        with pytest.raises(FilmError, match="not one whole frame of 9 x 5"):
            list(RawSource(io.BytesIO(b"x"), 9, 5, Fraction(25)).frames())
        with pytest.raises(FilmError, match="cannot be read from the middle"):
            list(RawSource(io.BytesIO(b"x"), 9, 5, Fraction(25)).frames(Mark(1, 0)))

    def test_a_reader_that_has_gone(self) -> None:
        reading, writing = os.pipe()
        os.close(reading)
        with os.fdopen(writing, "wb", buffering=0) as stream:
            sink = RawSink(stream)
            frame = next(RawSource(io.BytesIO(noise(1)), 9, 5, Fraction(25)).frames())
            with pytest.raises(FilmError, match="standard output: cannot be written"):
                sink.write(frame)

    def test_into_a_file(self, ffmpeg: FFmpeg, tmp_path: Path) -> None:
        source = RawSource(io.BytesIO(noise(6, 64, 48)), 64, 48, Fraction(12))
        sink = FilmFileSink(source, tmp_path / "a.mkv", FilmOptions(codec="ffv1"))
        for frame in source.frames():
            sink.write(frame)
        sink.finish()
        assert ffmpeg.times(tmp_path / "a.mkv") == pytest.approx([place / 12 for place in range(6)], abs=0.001)


class TestAnimations:
    @pytest.fixture
    def gif(self, tmp_path: Path) -> Path:
        frames = [
            Image.fromarray(np.full((24, 32, 3), (40 * place, 90, 200 - 30 * place), np.uint8)) for place in range(5)
        ]
        path = tmp_path / "a.gif"
        frames[0].save(path, save_all=True, append_images=frames[1:], duration=[100, 50, 200, 40, 70], loop=3)
        return path

    def test_as_an_animation(self, gif: Path, tmp_path: Path) -> None:
        photo = read_photo(gif.read_bytes(), "a.gif")
        source = AnimationSource(photo, "a.gif")
        sink = AnimationSink(photo, tmp_path / "b.gif", EncodeOptions("GIF"))
        for frame in source.frames():
            frame.canvas.put(Region(0, 0, 8, 8), np.zeros((8, 8, 3), np.uint8), np.ones((8, 8), np.bool_))
            sink.write(frame)
        assert sink.finish() == ()
        written = read_photo((tmp_path / "b.gif").read_bytes(), "b.gif")
        assert [frame.duration for frame in written.frames] == [100, 50, 200, 40, 70]
        assert written.loop == photo.loop
        for new, old in zip(written.frames, photo.frames, strict=True):
            assert not new.pixels[:8, :8].any()
            assert np.array_equal(new.pixels[8:], old.pixels[8:])
        assert all(frame.pixels[:8, :8].any() for frame in photo.frames), "the photo stays as it was"

    def test_as_a_film(self, gif: Path, ffmpeg: FFmpeg, tmp_path: Path) -> None:
        source = AnimationSource(read_photo(gif.read_bytes(), "a.gif"), "a.gif")
        sink = FilmFileSink(source, tmp_path / "b.mp4", FilmOptions())
        for frame in source.frames():
            sink.write(frame)
        sink.finish()
        assert ffmpeg.times(tmp_path / "b.mp4") == pytest.approx([0, 0.1, 0.15, 0.35, 0.39])
        assert float(ffmpeg.stream(tmp_path / "b.mp4")["duration"]) == pytest.approx(0.46)
        shown = ffmpeg.rgb(tmp_path / "b.mp4").astype(int)
        for place, frame in enumerate(source.frames()):
            assert np.abs(shown[place] - frame.canvas.take(Region(0, 0, 32, 24))).max() < 8

    def test_a_single_picture_is_none(self, tmp_path: Path) -> None:
        Image.new("RGB", (8, 8)).save(tmp_path / "a.gif")
        with pytest.raises(FilmError, match="single picture"):
            AnimationSource(read_photo((tmp_path / "a.gif").read_bytes(), "a.gif"), "a.gif")

    def test_a_film_as_gif(self, clip: Maker, tmp_path: Path) -> None:
        film = open_film(clip("a.mp4", "-c:v", "libx264", "-qp", 1), "a.mp4")
        sink = GifSink(tmp_path / "out" / "a.gif", film.info)
        pictures = []
        for frame in film.frames():
            pictures.append(frame.canvas.reduced(64, 48))
            sink.write(frame)
        sink.finish()
        assert [path.name for path in (tmp_path / "out").iterdir()] == ["a.gif"]
        photo = read_photo((tmp_path / "out" / "a.gif").read_bytes(), "a.gif")
        assert [frame.duration for frame in photo.frames] == [40.0] * 20
        assert photo.loop == 0
        for made, picture in zip(photo.frames, pictures, strict=True):
            assert np.abs(made.pixels.astype(int) - picture).mean() < 8

    def test_a_gif_that_is_stopped(self, clip: Maker, tmp_path: Path) -> None:
        film = open_film(clip("a.mp4"), "a.mp4")
        sink = GifSink(tmp_path / "out" / "a.gif", FilmInfo("a", 64, 48, Fraction(25)))
        for frame in film.frames():
            if frame.number > 7:
                break
            sink.write(frame)
        kept = sink.stop()
        assert kept is not None
        assert [path.name for path in (tmp_path / "out").iterdir()] == ["a.unfinished.gif"]
        assert len(read_photo((tmp_path / "out" / "a.unfinished.gif").read_bytes(), "a.gif").frames) == 7


class TestCamera:
    def test_an_absent_camera(self) -> None:
        with pytest.raises(FilmError, match=r"camera:97: the camera cannot be opened; there (is none|are)"):
            open_camera("camera:97")

    def test_only_the_newest_frame_counts(self, clip: Maker) -> None:
        """A device that gives a frame whenever it is asked is faster than anybody who works on its frames."""
        import av

        path = clip("a.mp4", frames=40)
        moments = iter(range(10_000))
        source = CameraSource("camera", av.open(str(path)), now=lambda: next(moments) * 0.01)
        taken = []
        for frame in source.frames():
            taken.append((frame.number, frame.timestamp))
            import time

            time.sleep(0.005)
        source.close()
        assert [number for number, _ in taken] == list(range(1, len(taken) + 1))
        assert all(after > before for (_, before), (_, after) in zip(taken, taken[1:], strict=False))
        assert len(taken) + source.skipped == 39, "the first one told what the picture looks like"
        assert source.info.live

    def test_nobody_goes_on_with_it(self, clip: Maker) -> None:
        import av

        source: Any = CameraSource("camera", av.open(str(clip("a.mp4"))))
        with pytest.raises(FilmError, match="cannot be gone on with"):
            list(source.frames(Mark(1, 1)))
        source.close()
