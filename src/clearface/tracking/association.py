"""Which of the boxes found are which of the boxes expected."""

from collections.abc import Sequence

import numpy as np

from clearface.arrays import DoubleArray
from clearface.faces import Box


def pair_by_overlap(expected: Sequence[Box], found: Sequence[Box], least: float) -> list[tuple[int, int]]:
    """Pairs of indices whose intersections over union are greatest in all, none below `least`, in [0, 1]."""
    overlaps = np.array([[box.overlap(other) for other in found] for box in expected]).reshape(
        len(expected), len(found)
    )
    return _best_pairs(1 - overlaps, overlaps >= least)


def pair_by_distance(
    expected: Sequence[Box], found: Sequence[Box], reaches: Sequence[float], largest_ratio: float
) -> list[tuple[int, int]]:
    """Pairs of indices whose distances, in parts of their reach, are least in all.

    reaches: how far the centre of each box expected may be off, in sizes of the larger of the pair. largest_ratio: by how many
    times the sizes of a pair may differ.
    """
    shape = (len(expected), len(found))
    costs, allowed = np.zeros(shape), np.zeros(shape, bool)
    for row, (box, reach) in enumerate(zip(expected, reaches, strict=True)):
        for column, other in enumerate(found):
            ratio = abs(float(np.log(max(box.size, 1.0) / max(other.size, 1.0))))
            size = max(box.size, other.size, 1.0)
            distance = float(np.hypot(*np.subtract(box.centre, other.centre))) / (reach * size)
            costs[row, column] = distance + ratio
            allowed[row, column] = distance <= 1 and ratio <= np.log(largest_ratio)
    return _best_pairs(costs, allowed)


def _best_pairs(
    costs: DoubleArray, allowed: "np.ndarray[tuple[int, ...], np.dtype[np.bool_]]"
) -> list[tuple[int, int]]:
    """The assignment of least cost that has as many allowed pairs as can be."""
    if not allowed.any():
        return []
    from scipy.optimize import linear_sum_assignment

    refused = float(costs.max() + 1) * (min(costs.shape) + 1)
    rows, columns = linear_sum_assignment(np.where(allowed, costs, refused))
    return [(int(row), int(column)) for row, column in zip(rows, columns, strict=True) if allowed[row, column]]
