"""The one thing kept of a photo: the FFHQ square its face was embedded from."""

import numpy as np

from clearface.arrays import FloatArray, as_bytes
from clearface.errors import PhotoError
from clearface.photos.decode import PhotoLimits, read_photo
from clearface.photos.encode import EncodeOptions, encode_photo
from clearface.photos.photo import Frame, Photo
from clearface.recognition.identify_squares import LARGEST_SIDE

_KIND = "WEBP"


def thumbnail_file(square: FloatArray) -> bytes:
    """A square, RGB float32 `(S, S, 3)` in [0, 1], as a lossless WebP of 8 bits, with nothing else in the file."""
    return encode_photo(Photo((Frame(as_bytes(square)),), _KIND, lossless=True), EncodeOptions(_KIND))


def read_thumbnail(data: bytes, name: str) -> FloatArray:
    """The square `(S, S, 3)` of what `thumbnail_file` made: float32 in [0, 1]. Raises PhotoError, with the name, for all else."""
    photo = read_photo(data, name, PhotoLimits(max_pixels=LARGEST_SIDE**2, max_frames=1, remedy=None))
    pixels = photo.frames[0].pixels
    if pixels.shape[0] != pixels.shape[1] or pixels.dtype != np.uint8:
        raise PhotoError(f"{name}: this is no square picture of a face")
    return np.asarray(pixels / np.float32(255), np.float32)
