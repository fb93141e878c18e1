"""Photo to bytes."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
from PIL import Image

from clearface.errors import ClearfaceError, PhotoError, UsageError
from clearface.photos.cleaning import without_gps
from clearface.photos.colour import is_grey_profile, srgb_profile, to_srgb
from clearface.photos.formats.avif import write_avif
from clearface.photos.formats.bmp import write_bmp
from clearface.photos.formats.gif import write_gif
from clearface.photos.formats.heif import write_heif
from clearface.photos.formats.jpeg import write_jpeg
from clearface.photos.formats.png import without_text, write_png
from clearface.photos.formats.ppm import write_ppm
from clearface.photos.formats.tiff import write_tiff
from clearface.photos.formats.webp import write_webp
from clearface.photos.kinds import KINDS, Kind
from clearface.photos.photo import Photo
from clearface.photos.rasters import array_of, on_white, reduce_to_bytes

Metadata = Literal["keep", "strip"]
Gps = Literal["keep", "drop"]

_WRITERS: dict[str, Callable[[Photo, int], bytes]] = {
    "JPEG": write_jpeg,
    "PNG": write_png,
    "WEBP": write_webp,
    "TIFF": write_tiff,
    "GIF": write_gif,
    "BMP": write_bmp,
    "AVIF": write_avif,
    "PPM": write_ppm,
    "HEIF": write_heif,
}


@dataclass(frozen=True)
class EncodeOptions:
    """How a photo is written."""

    kind: str
    """A key of `kinds.KINDS`."""

    jpeg_quality: int = 95
    """1 to 100; WebP, AVIF and HEIC take the setting of theirs that looks alike."""

    metadata: Metadata = "keep"
    """"strip" leaves out EXIF, XMP, IPTC and comments. Colour profile and resolution always stay."""

    gps: Gps = "keep"
    """"drop" leaves out the coordinates the photo was taken at."""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise UsageError(f"{self.kind}: no such kind of photo, there are {', '.join(KINDS)}")
        if not 1 <= self.jpeg_quality <= 100:
            raise UsageError(f"a JPEG quality lies between 1 and 100, not at {self.jpeg_quality}")
        if self.metadata not in get_args(Metadata):
            raise UsageError(f"metadata can be kept or stripped, not {self.metadata!r}")
        if self.gps not in get_args(Gps):
            raise UsageError(f"the place can be kept or dropped, not {self.gps!r}")


def encode_photo(photo: Photo, options: EncodeOptions) -> bytes:
    """The file of a photo, of its own kind or another.

    What the kind cannot hold is brought to what it can: alpha is laid on white, 16 bits are rounded to 8 (10 for HEIC),
    colours are converted to sRGB where no profile fits. Raises PhotoError where frames or pages would be lost, where a
    side is too long for the kind, and where the encoder fails; DependencyError for HEIC without pillow-heif.
    """
    kind = KINDS[options.kind]
    _check_frames(photo, kind)
    width, height = photo.size
    if max(width, height) > kind.largest_side:
        raise PhotoError(f"{kind.label} holds sides of up to {kind.largest_side} pixels, not {width} x {height}")
    if options.metadata == "strip":
        chunks = without_text(photo.png_chunks)
        photo = replace(photo, exif=None, xmp=None, iptc=None, comment=None, png_chunks=chunks)
    if options.gps == "drop":
        photo = without_gps(photo)
    if not kind.deep and photo.bit_depth == 16:
        photo = replace(photo, frames=tuple(map(reduce_to_bytes, photo.frames)))
    if not kind.alpha and photo.has_alpha:
        photo = replace(photo, frames=tuple(map(on_white, photo.frames)))
    if photo.icc_profile and not _profile_fits(photo, options.kind):
        photo = _in_srgb(photo, kind)
    try:
        return _WRITERS[options.kind](photo, options.jpeg_quality)
    except ClearfaceError:
        raise
    except MemoryError as error:
        raise PhotoError(f"there is not enough memory to write the photo as {kind.label}") from error
    except (OSError, ValueError, RuntimeError, OverflowError) as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise PhotoError(f"the photo cannot be written as {kind.label} ({reason})") from error


def losses(photo: Photo, kind_name: str) -> tuple[str, ...]:
    """Sentences about what a photo loses when it is written as another kind."""
    kind = KINDS[kind_name]
    lost = []
    if photo.has_alpha and not kind.alpha:
        lost.append(f"transparency was laid on white, since {kind.label} holds none")
    if photo.bit_depth == 16 and not kind.deep:
        lost.append(f"16 bits became 8, since {kind.label} holds no more")
    return tuple(lost)


def _check_frames(photo: Photo, kind: Kind) -> None:
    count = len(photo.frames)
    if photo.animated and not kind.animation:
        able = ", ".join(other.label for other in KINDS.values() if other.animation)
        raise PhotoError(f"an animation of {count} frames cannot be written as {kind.label}; these kinds can: {able}")
    if count > 1 and not photo.animated and not kind.pages:
        able = ", ".join(other.label for other in KINDS.values() if other.pages)
        raise PhotoError(f"a photo of {count} pages cannot be written as {kind.label}; these kinds can: {able}")


def _profile_fits(photo: Photo, kind: str) -> bool:
    if not KINDS[kind].profile:
        return False
    if not is_grey_profile(photo.icc_profile):
        return True
    return photo.grey and (kind in ("JPEG", "PNG", "TIFF") or (kind in ("AVIF", "HEIF") and not photo.has_alpha))


def _in_srgb(photo: Photo, kind: Kind) -> Photo:
    """The photo in 8-bit sRGB. A damaged profile, which no viewer heeds, is just dropped."""
    frames = []
    for frame in map(reduce_to_bytes, photo.frames):
        grey = is_grey_profile(photo.icc_profile)
        image = Image.fromarray(np.ascontiguousarray(frame.pixels[..., 0]) if grey else frame.pixels)
        frames.append(replace(frame, pixels=array_of(to_srgb(image, photo.icc_profile)[0])))
    return replace(photo, frames=tuple(frames), icc_profile=srgb_profile() if kind.profile else None)
