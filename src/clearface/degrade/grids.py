"""Parameters that take only stated values, so that how many scenarios they span can be counted."""

from collections.abc import Sequence

import numpy as np

Grid = tuple[float, ...]
"""The values a parameter can take, each as likely as the next."""


def steps(first: float, last: float, step: float) -> Grid:
    """Evenly spaced values from `first` to `last`, both taken."""
    count = round((last - first) / step) + 1
    return tuple(round(first + index * step, 9) for index in range(count))


def geometric(first: float, last: float, count: int) -> Grid:
    """`count` values from `first` to `last`, each the same multiple of the one before."""
    return tuple(float(f"{value:.4g}") for value in np.geomspace(first, last, count))


def pick(generator: np.random.Generator, grid: Sequence[float]) -> float:
    """One value of a grid."""
    return grid[int(generator.integers(len(grid)))]


def scaled(grid: Grid, factor: float) -> Grid:
    """The grid in pixels of a face `factor` times as large."""
    return tuple(float(f"{value * factor:.6g}") for value in grid)
