"""Point spread functions turned, scaled and tidied."""

import math

import numpy as np

from clearface.arrays import DoubleArray
from clearface.point_spread import centred, normalized

_HAZE = 0.03
"""Taps below this part of the greatest one are what an estimator was not sure of, not a way the light went."""

_RIM = 3
"""Zeros around a kernel, so that its outermost taps are interpolated as the others are."""


def transformed(kernel: DoubleArray, linear: DoubleArray, taps: int | None = None) -> DoubleArray:
    """The kernel of the same blur in a picture whose points have moved by a linear map, `(K, K)` float64 summing to 1.

    linear: `(2, 2)`, acting on (x, y), y down. taps: the side of the answer, odd; without it, what the map makes of the
    kernel's sides. The middle tap stays in the middle, and what lies between taps is interpolated by cubics.
    """
    from scipy import ndimage

    reach = np.array([kernel.shape[1] // 2, kernel.shape[0] // 2])
    if taps is None:
        taps = 2 * math.ceil(float((np.abs(linear) @ reach).max()) - 1e-9) + 1
    shrinking = max(1.0, 1 / max(float(np.sqrt(abs(np.linalg.det(linear)))), 1e-6))
    # Where several taps become one, that one is the mean over a finer grid; an odd grid has the same middle.
    fineness = 2 * math.ceil((shrinking - 1 - 1e-9) / 2) + 1
    back = (np.linalg.inv(linear) / fineness)[::-1, ::-1]  # the array is indexed by (y, x)
    side = taps * fineness
    middle = np.array(kernel.shape) // 2 + _RIM
    fine = ndimage.affine_transform(
        np.pad(kernel, _RIM), back, middle - back @ np.full(2, side // 2), (side, side), order=3, mode="constant"
    )
    coarse = fine.reshape(taps, fineness, taps, fineness).mean((1, 3))
    return normalized(np.maximum(coarse, 0))


def scaled(kernel: DoubleArray, factor: float, taps: int | None = None) -> DoubleArray:
    """The kernel of the same blur in a picture enlarged by `factor`; as it is where both factor and taps are the same."""
    if factor == 1 and taps in (None, kernel.shape[0]):
        return kernel
    return transformed(kernel, np.eye(2) * factor, taps)


def tidied(kernel: DoubleArray) -> DoubleArray:
    """Without haze and empty rim, its centroid within half a tap of the middle one: what deconvolution wants.

    An estimated kernel has a little light everywhere, and iterated, that little spreads rings over the whole face.
    """
    clear = np.where(kernel >= _HAZE * kernel.max(), kernel, 0)
    rows, columns = np.flatnonzero(clear.any(1)), np.flatnonzero(clear.any(0))
    clear = clear[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return centred(clear)


def centroid(kernel: DoubleArray) -> tuple[float, float]:
    """Where the light of a kernel lies on average, (x, y) in taps from the middle one."""
    rows, columns = (np.arange(side) - side // 2 for side in kernel.shape)
    return float(kernel.sum(0) @ columns), float(kernel.sum(1) @ rows)


def share_within(kernel: DoubleArray, radius: float) -> float:
    """The part of the light that lands within so many taps of the centroid, in [0, 1]."""
    x, y = centroid(kernel)
    rows, columns = (np.arange(side) - side // 2 for side in kernel.shape)
    near = np.hypot(rows[:, None] - y, columns - x) <= radius
    return float(kernel[near].sum())
