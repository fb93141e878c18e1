"""By how much a picture was enlarged before it came here, read off the traces interpolation leaves.

Interpolated pixels are smoother the farther they lie from those they were made of, so that the strength of fine differences comes
and goes with the period of the enlargement (Gallagher 2005). Reductions by plain interpolation leave the same traces, and count
as the enlargement that would: the answer is careful rather than exact. A doubling by smooth interpolation treats all pixels alike
and leaves none.
"""

import cv2
import numpy as np
from scipy import ndimage

from clearface.arrays import DoubleArray

_PEAK = 6.5
"""How far a trace must stand out of its surroundings; over 24 sharp portraits nothing reached 6, saved as JPEG or not."""

_BINS = 1024
_LOWEST = 0.06
"""Cycles to a pixel: enlargements by less than 1.06 do no harm, and slow changes over a face are no trace."""

_BLOCK = 8
_BLOCK_WIDTH = 0.006
"""JPEG leaves a trace of its blocks at every eighth, this wide in cycles to a pixel."""


def enlargement_factor(grey: DoubleArray) -> float:
    """How far a picture `(S, S)` was enlarged, taken pixel for pixel from its file: 1 for not at all, at most 2."""
    smooth = _periodicity(grey, 2)
    frequency = np.fft.rfftfreq(_BINS)
    eighths = np.abs(frequency * _BLOCK - np.rint(frequency * _BLOCK)) < _BLOCK_WIDTH * _BLOCK
    candidates = np.where(eighths | (frequency < _LOWEST), 0.0, smooth)
    best = int(candidates.argmax())
    if candidates[best] >= _PEAK:
        return float(1 / (1 - frequency[best]))
    steps = _periodicity(grey, 1)
    doubled = steps[frequency > 0.5 - _BLOCK_WIDTH].max()
    blocks = max(steps[np.abs(frequency - place / _BLOCK) < _BLOCK_WIDTH].max() for place in range(1, _BLOCK // 2))
    return 2.0 if doubled >= max(_PEAK, 2 * blocks) else 1.0


def _periodicity(grey: DoubleArray, order: int) -> DoubleArray:
    """How far each frequency stands out in the strength of differences, across and down together; `(513,)`."""
    both = np.ones(_BINS // 2 + 1)
    for picture in (grey, grey.T):
        differences = np.abs(np.diff(picture, order, axis=1))
        strength = np.minimum(differences, np.percentile(differences, 90)).mean(
            0
        )  # edges of the face itself count less
        slow = cv2.GaussianBlur(strength[None], (0, 0), 3)[0]
        spectrum = np.abs(np.fft.rfft((strength - slow) * np.hanning(len(strength)), _BINS))
        both *= spectrum / np.maximum(ndimage.median_filter(spectrum, 121, mode="reflect"), 1e-9)
    return np.asarray(np.sqrt(both), np.float64)
