"""Hooked, uneven kernels: smooth curves through random points, with stops on the way and light that varies from tap to tap."""

from collections.abc import Sequence

import numpy as np
import torch
from scipy.interpolate import CubicSpline
from torch import Tensor

from clearface.arrays import DoubleArray
from clearface.degrade import kernels as families
from clearface.degrade.trajectories import Paths, exposed_paths, lingering, splat_paths

_STEPS = 600
_MOST_STOPS = 3
_STOP_WIDTH = 0.01
"""Deviation of the time around a stop, of the whole."""

_AT_ONCE = 256


def spline_paths(counts: Sequence[int], generators: Sequence[np.random.Generator], steps: int = _STEPS) -> Paths:
    """Paths `(N, steps)` along cubic splines through `counts` random points of a square of side 1, at equal times from point to
    point: fast where two lie far apart.

    The curves of Chakrabarti 2016. Raises ValueError below two points, or where there is not one generator for each path.
    """
    paths = np.empty((len(counts), steps), np.complex128)
    times = np.linspace(0, 1, steps)
    for path, count, generator in zip(paths, counts, generators, strict=True):
        if count < 2:
            raise ValueError("a curve goes through two points at least")
        down, across = generator.random((2, count))
        path[:] = CubicSpline(np.linspace(0, 1, count), across + 1j * down)(times)
    return paths


def stops(shares: DoubleArray, generators: Sequence[np.random.Generator], steps: int = _STEPS) -> DoubleArray:
    """The time spent at each step, `(N, steps)`, rows summing to 1, by hands that rest for `shares` of the time at one to three
    places and pass evenly over the others."""
    times = np.empty((len(shares), steps))
    moments = np.linspace(0, 1, steps)
    for row, share, generator in zip(times, shares, generators, strict=True):
        drawn = generator.random((2, _MOST_STOPS))
        drawn[1, int(generator.integers(1, _MOST_STOPS + 1)) :] = 0
        resting = drawn[1] @ np.exp(-0.5 * ((moments - drawn[0][:, None]) / _STOP_WIDTH) ** 2)
        row[:] = (1 - share) / steps + share * resting / max(float(resting.sum()), 1e-12)
    return times / times.sum(1, keepdims=True)


def spline_kernels(columns: dict[str, DoubleArray], generators: Sequence[np.random.Generator], taps: int) -> Tensor:
    """Kernels `(N, taps, taps)` float32, summing to 1, centred, of the parameters of the kind `spline`, `(N,)` each.

    size: the longer side in taps. points: the curve goes through. lingering: deviation of the logarithm of the time it stays.
    resting: share of the time at stops. softness: deviation in pixels of the Gaussian across the curve. mottling: deviation of
    the factor, never negative, every tap is multiplied with. Raises ValueError as `spline_paths` and `splat_paths` do.
    """
    parts = []
    for start in range(0, len(generators), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        parts.append(_rendered({name: values[part] for name, values in columns.items()}, generators[part], taps))
    return torch.cat([torch.zeros(0, taps, taps), *parts])


def _rendered(columns: dict[str, DoubleArray], generators: Sequence[np.random.Generator], taps: int) -> Tensor:
    paths = spline_paths([int(count) for count in columns["points"]], generators)
    times = lingering(columns["lingering"], generators, _STEPS) * stops(columns["resting"], generators)
    points, weights = exposed_paths(paths, np.ones(len(paths)), columns["size"], times)
    sharp = torch.from_numpy(splat_paths(points, weights, taps))
    spread = torch.from_numpy(np.maximum(columns["softness"], 0.05)).float()
    soft = families.product(sharp, families.gaussian(spread, spread, torch.zeros_like(spread), taps))
    drawn = np.stack([generator.standard_normal((taps, taps)) for generator in generators])
    factors = torch.from_numpy(np.maximum(1 + columns["mottling"][:, None, None] * drawn, 0)).float()
    return families.centred(soft * factors.clamp(min=1e-3))
