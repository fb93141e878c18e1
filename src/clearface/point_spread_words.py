"""A point spread function in words: what kind of blur it is, how long, and which way."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from clearface import point_spread
from clearface.arrays import DoubleArray
from clearface.point_spread_geometry import centroid, tidied

_POINT_VARIANCE = 0.2
"""Across and down together, in square pixels: a kernel no wider spreads a point over itself."""

_COARSE_VARIANCE = 0.8
"""The same in squares of the taps it was estimated in, where those are larger: what a point becomes when it is enlarged."""

_COMPARED_AT = 0.06
"""Kernels are compared after a Gaussian of this part of their spread: the kind of a blur is not in single taps."""

_LARGEST_MISFIT = 0.12
"""Part of a kernel's energy its kind may leave unexplained; beyond that it is a shake."""

_ROUND = 1.25
"""Longest axis over shortest up to which a Gaussian is called round."""

_LONGEST_SOFT = 3.0
"""The same from which on it is no Gaussian: no lens blurs so, but motion drawn out across by being estimated does."""

_COMPACT = 1.6
_LARGEST_COMPACT_MISFIT = 0.3
"""A kernel of no kind whose axes are no further apart, and that a Gaussian fits about, is soft rather than shaken."""

_FURTHEST_STEPS = 5.0
"""How many first steps a fit may go from where the moments are."""

_THINNEST = 0.3
"""A thinner box is a motion, drawn out across by being estimated or resampled."""

_SEEN = 0.15
"""The part of the greatest tap from which on a tap lies on the way of a shake."""

_PER_DEVIATION = 2 * float(np.sqrt(2 * np.log(2)))
"""Full width at half maximum of a Gaussian."""


class BlurKind(StrEnum):
    """The families of blur a person has a word for."""

    NONE = "none"
    MOTION = "motion"
    SHAKE = "shake"
    FOCUS = "focus"
    AVERAGE = "average"
    SOFT = "soft"


@dataclass(frozen=True)
class KernelDescription:
    """A kernel as a person would tell it."""

    kind: BlurKind

    length: float
    """How far a point is spread, in pixels: the way of a motion, the greatest extent of a shake, the diameter of a disc, the
    longer side of a box, the full width at half maximum of a Gaussian; 0 where nothing is blurred."""

    angle: float | None
    """Of the longest extent, in degrees from 0 to 180, counter-clockwise from the right; None where no direction stands out."""

    words: str


def describe_kernel(kernel: DoubleArray, resolution: float = 1.0) -> KernelDescription:
    """What kind of blur a point spread function `(K, L)` is, lengths in its own taps.

    resolution: side of the taps it was estimated in, in its own; nothing smaller is called a blur.
    Every family of `clearface.point_spread` is fitted to it, beginning from its moments; what none fits is a shake, or soft
    where it is compact. Raises ValueError where the kernel is no point spread function.
    """
    point_spread.check(kernel)
    clear = _centred_finely(tidied(kernel))
    moments = _moments(clear)
    least = max(_POINT_VARIANCE, _COARSE_VARIANCE * resolution**2 if resolution > 1 else 0.0)
    if moments.major**2 + moments.minor**2 <= least:
        return KernelDescription(BlurKind.NONE, 0.0, None, "no blur")
    fits = [fit(clear, moments) for fit in (_fit_motion, _fit_average, _fit_focus, _fit_soft)]
    best = min(fits, key=lambda fit: fit.misfit)
    if best.misfit <= _LARGEST_MISFIT:
        return best.description
    soft = fits[-1]
    if moments.major <= _COMPACT * moments.minor and soft.misfit <= _LARGEST_COMPACT_MISFIT:
        return soft.description
    return _shake(clear, moments)


@dataclass(frozen=True)
class _Moments:
    """Deviations of a kernel along its longest and shortest axis, and across and down, in taps."""

    major: float
    minor: float
    angle: float
    across: float
    down: float


@dataclass(frozen=True)
class _Fit:
    misfit: float
    description: KernelDescription


def _fit_motion(kernel: DoubleArray, moments: _Moments) -> _Fit:
    def made(values: DoubleArray) -> DoubleArray:
        return point_spread.motion(max(float(values[0]), 1.0), float(values[1]))

    # Sharing a point among four taps adds about a sixth of a pixel to the variance of the way itself.
    start = 1 + np.sqrt(12 * max(moments.major**2 - 1 / 6, 0.0))
    (length, angle), misfit = _fitted(kernel, made, np.array([start, moments.angle]), np.array([0.1 * start, 4.0]))
    angle %= 180
    words = f"moved {_pixels(length)} px at {round(angle) % 180} degrees, straight"
    return _Fit(misfit, KernelDescription(BlurKind.MOTION, length, angle, words))


def _fit_average(kernel: DoubleArray, moments: _Moments) -> _Fit:
    widths, heights = (_near_sides(float(np.sqrt(12 * part**2 + 1))) for part in (moments.across, moments.down))
    misfits = {
        (width, height): _misfit(kernel, point_spread.box(width, height)) for width in widths for height in heights
    }
    width, height = min(misfits, key=misfits.__getitem__)
    angle = None if width == height else 0.0 if width > height else 90.0
    words = f"even {width}x{height} average"
    if min(width, height) < _THINNEST * max(width, height):
        return _Fit(np.inf, KernelDescription(BlurKind.AVERAGE, float(max(width, height)), angle, words))
    return _Fit(misfits[width, height], KernelDescription(BlurKind.AVERAGE, float(max(width, height)), angle, words))


def _near_sides(side: float) -> list[int]:
    """Whole numbers of pixels about a side, at least 2: a box of one pixel is a motion."""
    return sorted({max(2, round(side) + step) for step in (-1, 0, 1)})


def _fit_focus(kernel: DoubleArray, moments: _Moments) -> _Fit:
    def made(values: DoubleArray) -> DoubleArray:
        return point_spread.disc(max(float(values[0]), 0.5))

    start = 2 * np.sqrt((moments.major**2 + moments.minor**2) / 2)
    (radius,), misfit = _fitted(kernel, made, np.array([start]), np.array([0.1 * start]))
    words = f"out of focus, radius {_pixels(radius)} px"
    return _Fit(misfit, KernelDescription(BlurKind.FOCUS, 2 * radius, None, words))


def _fit_soft(kernel: DoubleArray, moments: _Moments) -> _Fit:
    def made(values: DoubleArray) -> DoubleArray:
        along, across = (max(float(value), 0.2) for value in values[:2])
        return tidied(point_spread.gaussian(along, across, float(values[2])))

    start = np.array([moments.major, max(moments.minor, 0.3), moments.angle])
    (along, across, angle), misfit = _fitted(kernel, made, start, np.array([*(0.1 * start[:2]), 4.0]))
    if across > along:
        along, across, angle = across, along, angle + 90
    angle %= 180
    if along <= _ROUND * across:
        deviation = float(np.sqrt(along * across))
        words = f"soft, Gaussian of {deviation:.1f} px"
        return _Fit(misfit, KernelDescription(BlurKind.SOFT, _PER_DEVIATION * deviation, None, words))
    words = f"soft, Gaussian of {along:.1f} by {across:.1f} px at {round(angle) % 180} degrees"
    if along > _LONGEST_SOFT * across:
        misfit = np.inf
    return _Fit(misfit, KernelDescription(BlurKind.SOFT, _PER_DEVIATION * along, angle, words))


def _shake(kernel: DoubleArray, moments: _Moments) -> KernelDescription:
    rows, columns = np.nonzero(kernel >= _SEEN * kernel.max())
    directions = np.radians(np.arange(0, 180, 3))
    along = np.outer(columns, np.cos(directions)) - np.outer(rows, np.sin(directions))
    length = float(np.ptp(along, axis=0).max())
    return KernelDescription(BlurKind.SHAKE, length, moments.angle % 180, f"shaken: {_pixels(length)} px, curved")


def _fitted(
    kernel: DoubleArray, made: Callable[[DoubleArray], DoubleArray], start: DoubleArray, steps: DoubleArray
) -> tuple[list[float], float]:
    """The parameters with the least misfit near a start, and that misfit."""
    from scipy import optimize

    simplex = np.vstack([start, *(start + step for step in np.diag(steps))])
    settings = {"initial_simplex": simplex, "maxiter": 60, "xatol": 0.02, "fatol": 1e-4}

    def misfit(values: DoubleArray) -> float:
        # Far from the moments an ever longer kernel, ever fainter, would fit ever less badly.
        near = bool((np.abs(values - start) <= _FURTHEST_STEPS * steps).all())
        return _misfit(kernel, made(values)) if near else np.inf

    best = optimize.minimize(misfit, start, method="Nelder-Mead", options=settings)
    return [float(value) for value in best.x], float(best.fun)


def _misfit(kernel: DoubleArray, other: DoubleArray) -> float:
    """The energy of the difference of two kernels, relative to that of the first, both slightly blurred."""
    height, width = (max(kernel.shape[axis], other.shape[axis]) + 4 for axis in (0, 1))
    first, second = _framed(kernel, height, width), _framed(other, height, width)
    softness = max(0.5, _COMPARED_AT * _moments(kernel).major * float(np.sqrt(12)))
    return float(np.sum(_softened(first - second, softness) ** 2) / np.sum(_softened(first, softness) ** 2))


def _softened(kernel: DoubleArray, deviation: float) -> DoubleArray:
    from scipy import ndimage

    soft: DoubleArray = ndimage.gaussian_filter(kernel, deviation, mode="constant", truncate=3.0)
    return soft


def _framed(kernel: DoubleArray, height: int, width: int) -> DoubleArray:
    """The kernel with zeros around it, its middle tap in the middle of odd sides no smaller than these."""
    down, across = (height | 1) - kernel.shape[0], (width | 1) - kernel.shape[1]
    return np.pad(kernel, ((down // 2, down // 2), (across // 2, across // 2)))


def _centred_finely(kernel: DoubleArray) -> DoubleArray:
    """Moved by parts of a tap until the centroid is the middle of the middle tap."""
    from scipy import ndimage

    x, y = centroid(kernel)
    moved = ndimage.shift(np.pad(kernel, 1), (-y, -x), order=1)
    return point_spread.normalized(moved)


def _moments(kernel: DoubleArray) -> _Moments:
    rows, columns = (np.arange(side) - side // 2 for side in kernel.shape)
    across = float(kernel.sum(0) @ columns**2)
    down = float(kernel.sum(1) @ rows**2)
    # y points down in the array and up for angles.
    mixed = -float(rows @ kernel @ columns)
    (minor, major), axes = np.linalg.eigh(np.array([[across, mixed], [mixed, down]]))
    angle = float(np.degrees(np.arctan2(axes[1, 1], axes[0, 1])))
    minor_deviation, major_deviation = np.sqrt(np.maximum([minor, major], 0))
    return _Moments(float(major_deviation), float(minor_deviation), angle, float(np.sqrt(across)), float(np.sqrt(down)))


def _pixels(length: float) -> str:
    """A length as it is told: tenths only of a small one."""
    return f"{length:.0f}" if length >= 10 else f"{length:.1f}".removesuffix(".0")
