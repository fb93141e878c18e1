"""Which inputs are films and which are photos, and what their results are called."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from clearface.errors import FilmError
from clearface.files.explanations import shown
from clearface.files.outputs import PlannedOutput
from clearface.films.kinds import FILM_EXTENSIONS, FILM_KINDS, film_kind_of_content, film_kind_of_extension
from clearface.films.settings import FilmSettings
from clearface.photos.kinds import KINDS, PHOTO_EXTENSIONS, kind_of_content, kind_of_extension

INPUT_EXTENSIONS: frozenset[str] = PHOTO_EXTENSIONS | FILM_EXTENSIONS
"""Every extension that names a photo or a film, lower case, with the dot."""

SOUGHT = ("photo or video", "photos or videos")
"""What inputs are, one and many, for sentences."""

UNWRITTEN_EXTENSIONS: Mapping[str, str] = MappingProxyType(
    {
        extension: ".mkv" if name == "OGG" else ".mp4"
        for name, kind in FILM_KINDS.items()
        if not kind.written
        for extension in kind.extensions
    }
)
"""Extensions of films that are read and not written, and that of their results."""

_FIRST_BYTES = 512


def is_film(planned: PlannedOutput, settings: FilmSettings) -> bool:
    """Whether an input is worked on as a film: by its content, and where that says nothing by its name.

    So is a GIF that moves; other animations are photos of many pictures, unless their result is to be a film.
    """
    source = planned.source
    if source.camera:
        return True
    if source.standard_stream:
        return settings.raw is not None
    try:
        with source.path.open("rb") as file:
            start = file.read(_FIRST_BYTES)
    except (OSError, ValueError):  # told by whoever opens it to work on it
        start = b""
    if film_kind_of_content(start) is not None:
        return True
    kind = kind_of_content(start)
    if kind is not None:
        return _film_result(planned) or (kind == "GIF" and _moves(source.path))
    return source.path.suffix.lower() in FILM_EXTENSIONS


def check_result(planned: PlannedOutput, writes: bool) -> None:
    """Raises FilmError where the result of a film is to be a photo, or of a kind that is not written."""
    if not writes or planned.standard_stream:
        return
    kind = film_kind_of_extension(planned.path)
    if kind is None:
        photo = kind_of_extension(planned.path)
        if photo is not None and KINDS[photo].animation and is_photo(planned.source.path):
            return
        what = "no video ends in that" if photo is None else f"a video cannot be written as {photo}"
        raise FilmError(f"{shown(planned.path)}: {what}; these can be written: {_written()}")
    if not FILM_KINDS[kind].written:
        raise FilmError(f"{shown(planned.path)}: {FILM_KINDS[kind].label} is not written here; these are: {_written()}")


def is_photo(path: Path) -> bool:
    """Whether a file begins as photos do; False for one that cannot be read, which is told by whoever opens it."""
    try:
        with path.open("rb") as file:
            return kind_of_content(file.read(_FIRST_BYTES)) is not None
    except (OSError, ValueError):
        return False


def _moves(path: Path) -> bool:
    """Whether a GIF has more than one picture; one that cannot be read is told by whoever reads it as a photo."""
    from PIL import Image

    try:
        with Image.open(path) as image:
            image.seek(1)
    except Exception:  # noqa: BLE001 - Pillow raises whatever its parser trips over
        return False
    return True


def _film_result(planned: PlannedOutput) -> bool:
    return not planned.standard_stream and planned.path.suffix.lower() in FILM_EXTENSIONS


def _written() -> str:
    return ", ".join(kind.extensions[0] for kind in FILM_KINDS.values() if kind.written)
