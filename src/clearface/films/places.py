"""Where a film comes from and where it goes, opened by what they are."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from clearface.errors import FilmError, UsageError
from clearface.files.inputs import InputFile, read_bytes
from clearface.files.outputs import PlannedOutput
from clearface.films.animations import AnimationSink, AnimationSource, without_alpha
from clearface.films.base import FilmSink, FilmSource
from clearface.films.kinds import film_kind_of_extension
from clearface.films.options import FilmOptions
from clearface.films.routing import is_photo
from clearface.films.settings import FilmSettings
from clearface.films.writing import FilmFileSink, PictureSource
from clearface.photos.cleaning import without_pictures
from clearface.photos.decode import PhotoLimits, read_photo
from clearface.photos.encode import EncodeOptions
from clearface.photos.kinds import kind_of_extension


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
    encoding: EncodeOptions = field(default_factory=lambda: EncodeOptions("GIF"))
    """Of animations that stay such; of any kind."""

    overwrite: bool = False
    resume: bool = False

    way: Mapping[str, str] | None = None
    """All that makes a result what it is, name and value: work can be gone on with in the same way only."""


def open_source(
    file: InputFile,
    name: str,
    settings: FilmSettings,
    limits: PhotoLimits | None = None,
    *,
    on_white: bool = False,
) -> Film:
    """The film an input is.

    limits: of animations. on_white: these are laid on white, for results without transparency. Raises FilmError, or PhotoError
    for an animation, where it cannot be read.
    """
    if settings.raw is not None and not file.standard_stream:
        raise UsageError(f"{name}: --raw is about frames on standard input, and this is none: leave it out")
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
    return _open_file(file.path, name, limits or PhotoLimits(), on_white)


def open_sink(film: Film, planned: PlannedOutput, writing: Writing) -> OpenedSink:
    """Where the frames of a film go. Raises FilmError where they cannot, UsageError for options its kind does not have."""
    if planned.standard_stream:
        from clearface.films.raw import RawSink

        if sys.stdout is None:
            raise FilmError("standard output: it is closed")
        return OpenedSink(RawSink(sys.stdout.buffer))
    photo_kind = kind_of_extension(planned.path)
    if isinstance(film, AnimationSource) and photo_kind is not None:
        return OpenedSink(_animation_sink(film, planned.path, photo_kind, writing))
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


def _animation_sink(film: AnimationSource, target: Path, kind: str, writing: Writing) -> AnimationSink:
    photo, private = film.photo, writing.options.private
    options = replace(writing.encoding, kind=kind)
    if private:
        photo = without_pictures(photo)[0]
    same = kind == photo.kind and not private and options.metadata == "keep"
    return AnimationSink(photo, target, options, overwrite=writing.overwrite, unchanged=film.data if same else None)


def _open_file(path: Path, name: str, limits: PhotoLimits, on_white: bool) -> Film:
    if is_photo(path):
        data = read_bytes(path)
        photo = read_photo(data, name, limits)
        return AnimationSource(without_alpha(photo) if on_white else photo, name, data)
    from clearface.films.reading import open_film

    return open_film(path, name)
