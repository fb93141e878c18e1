"""Where a restored face is laid over its photo, and in which colours."""

from functools import lru_cache

import cv2
import numpy as np

from clearface.arrays import FloatArray

_ROUNDNESS = 3.0
_FADE_FROM = 0.78
_COLOUR_SCALE = 1 / 6
_LARGEST_KEPT = 512
"""Side of the largest masks that are kept, at a megabyte each: films ask for the same ones again and again."""


def face_mask(size: int) -> FloatArray:
    """How much of a restored FFHQ square is applied: `(size, size)` float32 in [0, 1], read-only.

    1 over the face and most of the hair, falling smoothly to 0 before the rim of the square, so that hair fades from
    restored to original over a ninth of the square instead of being cut.
    """
    return _kept_mask(size) if size <= _LARGEST_KEPT else _made_mask(size)


@lru_cache(maxsize=32)
def _kept_mask(size: int) -> FloatArray:
    return _made_mask(size)


def _made_mask(size: int) -> FloatArray:
    steps = (np.arange(size) + 0.5) / size
    away = np.abs(2 * steps - 1) ** _ROUNDNESS
    distance = (away[:, None] + away[None, :]) ** (1 / _ROUNDNESS)
    inward = np.clip((1 - distance) / (1 - _FADE_FROM), 0, 1)
    mask: FloatArray = (inward * inward * (3 - 2 * inward)).astype(np.float32)
    mask[[0, -1]] = 0
    mask[:, [0, -1]] = 0
    mask.flags.writeable = False  # all who ask get the same array
    return mask


def match_colours(difference: FloatArray) -> FloatArray:
    """A change `(S, S, 3)` without its slow part: fine detail is kept, any shift of colour or brightness is not.

    Blur keeps the local mean of a picture, so a true restoration has no slow part; what a network adds there is an error,
    and would show as a seam. The slow part is a Gaussian blur of a sixth of the side.
    """
    size = difference.shape[0]
    coarse_side = min(size, 32)
    coarse = cv2.resize(difference, (coarse_side, coarse_side), interpolation=cv2.INTER_AREA)
    sigma = _COLOUR_SCALE * coarse_side
    slow = cv2.GaussianBlur(coarse, (0, 0), sigma, borderType=cv2.BORDER_REFLECT)
    return difference - np.asarray(cv2.resize(slow, (size, size), interpolation=cv2.INTER_CUBIC), np.float32)


def in_colours_of(before: FloatArray, after: FloatArray) -> FloatArray:
    """Restored faces `(N, S, S, 3)`, their change from `before` rid of its slow part, in [0, 1]: what the pipeline pastes."""
    matched = np.stack([old + match_colours(new - old) for old, new in zip(before, after, strict=True)])
    return np.clip(matched, 0, 1, out=matched)
