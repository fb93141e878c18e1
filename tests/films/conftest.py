"""Films of a few frames, made by the system's ffmpeg."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.conftest import FFmpeg

from clearface.films.options import FilmOptions
from clearface.films.reading import open_film
from clearface.films.writing import FilmFileSink

Maker = Callable[..., Path]


@pytest.fixture
def clip(ffmpeg: FFmpeg, tmp_path: Path) -> Maker:
    """Makes a clip; see `make`."""

    def make(
        name: str,
        *arguments: object,
        size: str = "64x48",
        frames: int = 20,
        rate: str = "25",
        sound: bool = False,
    ) -> Path:
        """A moving test picture under a name, with what more ffmpeg is told."""
        path = tmp_path / name
        inputs: list[object] = ["-f", "lavfi", "-i", f"testsrc=s={size}:r={rate}"]
        if sound:
            inputs += ["-f", "lavfi", "-i", "sine=f=440:r=44100"]
        seconds = 3 * frames / float(rate) if "vfr" in arguments else frames / float(rate)
        count = () if sound else ("-frames:v", frames)
        form = () if "-pix_fmt" in arguments else ("-pix_fmt", "yuv420p")
        ffmpeg.make(*inputs, *count, "-t", seconds, *form, *arguments, path)
        return path

    return make


def pass_through(source: Path, target: Path, overwrite: bool = False, **options: object) -> tuple[str, ...]:
    """Takes a film through without touching a frame; what source and sink have to say."""
    film = open_film(source, source.name)
    sink = FilmFileSink(film, target, FilmOptions(**options), overwrite=overwrite)  # type: ignore[arg-type]
    for frame in film.frames():
        sink.write(frame)
    return film.notes + sink.finish()
