"""Faces as pictures inside a page."""

import base64
import io

import cv2
import numpy as np

from clearface.arrays import ByteImage, FloatArray, as_bytes

LARGEST_SIDE = 256
"""Pictures larger than this, in pixels, are shown at this size."""

ERROR_SCALE = 0.25
"""The error at which the error map is brightest, as a part of the range from black to white."""

_EFFORT = 30
_LOSSY_QUALITY = 92


def error_map(after: FloatArray, sharp: FloatArray) -> ByteImage:
    """How far a result is off, as colours from black over red to pale yellow: mean over the channels of |after - sharp|.

    after, sharp: RGB float32 `(H, W, 3)` in [0, 1]. Returns RGB uint8 `(H, W, 3)`, brightest from `ERROR_SCALE` on.
    """
    difference = np.abs(after.astype(np.float64) - sharp).mean(2)
    levels = np.rint(np.clip(difference / ERROR_SCALE, 0, 1) * 255).astype(np.uint8)
    coloured: ByteImage = cv2.applyColorMap(levels, cv2.COLORMAP_INFERNO)[..., ::-1]
    return coloured


def shown_bytes(picture: FloatArray) -> ByteImage:
    """RGB float32 `(H, W, 3)` in [0, 1] as the uint8 that is shown."""
    return as_bytes(np.nan_to_num(picture))


def data_uri(picture: ByteImage, *, lossless: bool) -> str:
    """RGB uint8 `(H, W, 3)`, shrunk to `LARGEST_SIDE` if larger, as a WebP picture in a `data:` address."""
    from PIL import Image

    height, width = picture.shape[:2]
    if max(height, width) > LARGEST_SIDE:
        factor = LARGEST_SIDE / max(height, width)
        size = (max(1, round(width * factor)), max(1, round(height * factor)))
        picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    encoded = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(picture)).save(
        encoded, "WEBP", lossless=lossless, quality=_EFFORT if lossless else _LOSSY_QUALITY, method=2
    )
    return "data:image/webp;base64," + base64.b64encode(encoded.getvalue()).decode("ascii")
