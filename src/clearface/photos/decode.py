"""Bytes to Photo."""

import warnings
from collections.abc import Callable

from clearface.errors import ClearfaceError
from clearface.photos.formats.avif import read_avif
from clearface.photos.formats.bmp import read_bmp
from clearface.photos.formats.gif import read_gif
from clearface.photos.formats.heif import read_heif
from clearface.photos.formats.jpeg import read_jpeg
from clearface.photos.formats.png import read_png
from clearface.photos.formats.ppm import read_ppm
from clearface.photos.formats.tiff import read_tiff
from clearface.photos.formats.webp import read_webp
from clearface.photos.kinds import KINDS, describe_stranger, kind_of_content
from clearface.photos.photo import Photo
from clearface.photos.source import PhotoLimits, Source

__all__ = ["PhotoLimits", "read_photo"]

_READERS: dict[str, Callable[[Source], Photo]] = {
    "JPEG": read_jpeg,
    "PNG": read_png,
    "WEBP": read_webp,
    "TIFF": read_tiff,
    "GIF": read_gif,
    "BMP": read_bmp,
    "AVIF": read_avif,
    "PPM": read_ppm,
    "HEIF": read_heif,
}

_CUT_SHORT = (
    "truncat",
    "premature",
    "unexpected end",
    "end of file",
    "not enough",
    "incomplete",
    "too small",
    "read full",
)


def read_photo(data: bytes, name: str, limits: PhotoLimits | None = None) -> Photo:
    """The photo in `data`, upright, of the kind its content shows; `name` is what to call it in a sentence.

    Raises PhotoError for what is empty, cut short, damaged, no photo, of an unsupported kind or beyond the limits, and
    DependencyError for HEIC without pillow-heif.
    """
    source = Source(data, name, limits or PhotoLimits())
    if not data:
        raise source.refusal("the file is empty")
    kind = kind_of_content(data)
    if kind is None:
        known = ", ".join(kind.label for kind in KINDS.values())
        stranger = describe_stranger(data)
        remedy = "videos are taken by name" if stranger == "a video" else f"photos are {known}"
        raise source.refusal(f"the file is {stranger}; {remedy}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's remarks on harmless faults
            return _READERS[kind](source)
    except ClearfaceError:
        raise
    except MemoryError as error:
        raise source.refusal("there is not enough memory to decode the photo") from error
    except Exception as error:  # the decoders raise whatever their parsers trip over
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        if any(word in reason.lower() for word in _CUT_SHORT):
            raise source.refusal(f"the file is cut short, a part of the {KINDS[kind].label} is missing") from error
        raise source.refusal(f"the file is damaged and cannot be read as {KINDS[kind].label} ({reason})") from error
