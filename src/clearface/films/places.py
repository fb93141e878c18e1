"""Where a film comes from and where it goes, opened by what they are."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from clearface.errors import FilmError, UsageError
from clearface.files.inputs import InputFile, read_bytes
from clearface.files.outputs import PlannedOutput
from clearface.films.base import FilmSink, FilmSource
from clearface.films.kinds import film_kind_of_extension
from clearface.films.options import FilmOptions
from clearface.films.settings import FilmSettings
from clearface.films.writing import FilmFileSink, PictureSource
from clearface.photos.kinds import kind_of_content


@dataclass(frozen=True, eq=False)
class OpenedSink:
    """Where frames go."""

    sink: FilmSink
    folder: Path | None = None
    """Lies as long as the result is not finished; None where nothing can be gone on with."""


class Film(FilmSource, PictureSource, Protocol):
    """Where frames come from, with all that a result has to repeat."""


@dataclass(frozen=True)
class Writing:
    """How a result is written."""

    options: FilmOptions
    overwrite: bool = False
    resume: bool = False

    way: Mapping[str, str] | None = None
    """All that makes a result what it is, name and value: work can be gone on with in the same way only."""


def open_source(file: InputFile, name: str, settings: FilmSettings) -> Film:
    """The film an input is. Raises FilmError where it cannot be read, PhotoError for an animation that cannot."""
    if file.camera:
        from clearface.films.camera import open_camera

        return open_camera(str(file.path))
    if file.standard_stream:
        from clearface.films.raw import RawSource

        if settings.raw is None:
            raise UsageError("standard input: say with --raw what its frames look like, such as --raw 1280x720@30")
        if sys.stdin is None or sys.stdin.closed or sys.stdin.isatty():
            raise FilmError("standard input: no frames are piped in")
        raw = settings.raw
        return RawSource(sys.stdin.buffer, raw.width, raw.height, raw.rate)
    return _open_file(file.path, name)


def open_sink(film: Film, planned: PlannedOutput, writing: Writing) -> OpenedSink:
    """Where the frames of a film go. Raises FilmError where they cannot, UsageError for options its kind does not have."""
    if planned.standard_stream:
        from clearface.films.raw import RawSink

        if sys.stdout is None:
            raise FilmError("standard output: it is closed")
        return OpenedSink(RawSink(sys.stdout.buffer))
    if film_kind_of_extension(planned.path) == "GIF":
        from clearface.films.gifs import GifSink

        return OpenedSink(GifSink(planned.path, film.info, overwrite=writing.overwrite))
    sink = FilmFileSink(
        film,
        planned.path,
        writing.options,
        overwrite=writing.overwrite,
        resume=writing.resume,
        settings=writing.way,
    )
    return OpenedSink(sink, None if film.info.live else sink.folder)


_FIRST_BYTES = 512


def _open_file(path: Path, name: str) -> Film:
    with path.open("rb") as file:
        start = file.read(_FIRST_BYTES)
    if kind_of_content(start) is not None:
        from clearface.films.animations import AnimationSource
        from clearface.photos.decode import read_photo

        return AnimationSource(read_photo(read_bytes(path), name), name)
    from clearface.films.reading import open_film

    return open_film(path, name)
