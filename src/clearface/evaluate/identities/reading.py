"""Photos of people, the plain files of older collections among them."""

from io import BytesIO
from pathlib import Path

import numpy as np

from clearface.arrays import ByteImage
from clearface.evaluate.looking import read_pixels
from clearface.files.explanations import shown
from clearface.files.inputs import read_bytes
from clearface.photos.source import PhotoLimits, Source

_PORTABLE = (b"P2", b"P3", b"P5", b"P6")


def read_person_photo(path: Path, max_pixels: int) -> ByteImage:
    """RGB uint8 `(H, W, 3)` of a photo of any kind, or of a portable grey or colour map of 8 bits.

    Raises PhotoError, naming the file, where it cannot be read or has more than `max_pixels` pixels.
    """
    data = read_bytes(path)
    if not data.startswith(_PORTABLE):
        return read_pixels(path, max_pixels)
    return _portable_map(Source(data, shown(path), PhotoLimits(max_pixels=max_pixels)))


def _portable_map(source: Source) -> ByteImage:
    from PIL import Image

    try:
        with Image.open(BytesIO(source.data), formats=("PPM",)) as picture:
            source.check_size(picture.width, picture.height)
            if picture.mode not in ("L", "RGB"):
                raise source.refusal("of portable maps only those of 8 bits are read")
            with source.pillow_bound_lifted(picture.width, picture.height):
                return np.array(picture.convert("RGB"))
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise source.refusal(f"the file is damaged and cannot be read as a portable map ({error})") from error
