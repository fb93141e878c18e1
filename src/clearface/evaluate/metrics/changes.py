"""What a method changed that it had no reason to: the colours, and what is not the face."""

import numpy as np

from clearface.arrays import DoubleArray, FloatArray, as_bytes
from clearface.blending import face_mask

_LEVELS = 255


def colour_shift(before: FloatArray, after: FloatArray) -> float:
    """How far the mean colour of a face moved, in levels of 255: in [0, 255], lower is better.

        255 * max over channels of |mean(after) - mean(before)|

    before, after: RGB `(H, W, 3)` in [0, 1]. Blur keeps the mean of a picture, and so does undoing it.
    """
    return float(_LEVELS * np.abs(_difference(before, after).mean((0, 1))).max())


def change_outside(before: FloatArray, after: FloatArray) -> float:
    """How much of a picture changed outside the face, in levels of 255: in [0, 255], lower is better.

        255 * sum w * mean over channels of |after - before| / sum w,   w = 1 - face_mask

    before, after: RGB `(H, W, 3)` in [0, 1], aligned to the FFHQ square. In a picture that is no square the mask lies in the
    middle, as wide as the shorter side. `face_mask` is what the pipeline pastes under: where w is 1 it pastes nothing.
    """
    height, width = before.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    weights = np.ones((height, width))
    weights[top : top + side, left : left + side] -= face_mask(side)
    return float(_LEVELS * np.sum(weights * np.abs(_difference(before, after)).mean(2)) / weights.sum())


def changed_share(before: FloatArray, after: FloatArray) -> float:
    """Share of the pixels that are another colour once rounded to 8 bits: in [0, 1]; neither way is better.

    before, after: RGB `(H, W, 3)` in [0, 1].
    """
    return float(np.mean((as_bytes(before) != as_bytes(after)).any(2)))


def _difference(before: FloatArray, after: FloatArray) -> DoubleArray:
    return np.subtract(np.ascontiguousarray(after), np.ascontiguousarray(before), dtype=np.float64)
