"""How far a mean over faces can be trusted, and whether two methods differ on the same faces.

Both resample faces, and share what they draw: the columns of one length are resampled alike, as products of a matrix. A result
depends on its own values and the seed, not on the other columns.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from clearface.arrays import DoubleArray
from clearface.evaluate.results import Interval

RESAMPLES = 5000
"""Drawn with replacement for an interval: its bounds move by a hundredth of its width or so from seed to seed."""

FLIPS = 10_000
"""Drawn for a test; where there are no more ways than this to change the signs, all of them are gone through."""

_OUTSIDE = 0.025
"""On each side of a 95% interval."""

_NUMBERS_AT_ONCE = 2_000_000
"""In the matrices that are drawn, which bounds memory."""

_COLUMNS_AT_ONCE = 512
"""Columns of one length beyond these are worked on after them, for the same reason."""

_GRID = 2.0**30
"""Numbers are rounded to this part of the largest before they are added up: sums of up to four million of them are exact then, in
whatever order, and do not depend on threads or on what else is asked for."""


def mean_intervals(columns: Sequence[DoubleArray], seed: int) -> list[Interval]:
    """The mean of each column `(N,)` of at least one finite number, with a 95% interval by bootstrap over its numbers.

    The bias-corrected and accelerated interval (BCa, Efron 1987) of `RESAMPLES` resamples; N may differ from column to column.
    The bounds are the mean itself for a single number and where all are equal. From a handful of numbers every bootstrap promises
    too much: at 10 its intervals hold the truth in about nine cases of ten.
    """
    intervals: list[Interval | None] = [None] * len(columns)
    for places, values in _of_one_length(columns):
        steps, unit = _on_grid(values)
        resampled = _products(_resamples(len(values), seed), steps)
        for index, place in enumerate(places):
            intervals[place] = _bca_interval(values[:, index], steps[:, index], resampled[index], unit[index])
    return [interval for interval in intervals if interval is not None]


def paired_p_values(differences: Sequence[DoubleArray], seed: int) -> list[float]:
    """Two-sided p-values that the mean of each column `(N,)` of finite differences is as far from 0 as it is by chance alone.

    The sign-flip permutation test (Fisher 1935): were the two methods alike, each face's difference could as well have had the
    other sign. p is the share of all ways to give signs in which the sum is as far from 0 as the one found, exact up to 14
    differences that are not 0, beyond that of `FLIPS` random ways and the one found: never below 0.0001. It tests the very mean
    that is shown, supposes no distribution, and faces without a difference neither help nor harm, which ranks (Wilcoxon 1945)
    have to work around. 1 where all are equal, or there are none.
    """
    p_values = [1.0] * len(differences)
    for places, values in _of_one_length([column[column != 0] for column in differences]):
        steps, _ = _on_grid(values)
        every = _is_exact(len(values))
        sums = np.abs(_products(_signs(len(values), seed), np.abs(steps)))
        # Each number is half a step off at most, so that two sums that should be equal are no further apart than this.
        found = np.abs(steps.sum(0)) - len(values)
        as_far = np.count_nonzero(sums >= found[:, None], axis=1)
        for place, count in zip(places, as_far.tolist(), strict=True):
            p_values[place] = count / sums.shape[1] if every else (count + 1) / (sums.shape[1] + 1)
    return p_values


def _of_one_length(columns: Sequence[DoubleArray]) -> Iterator[tuple[list[int], DoubleArray]]:
    """The columns of each length but 0 as arrays `(N, columns)`, with their places."""
    by_length: dict[int, list[int]] = {}
    for place, column in enumerate(columns):
        by_length.setdefault(len(column), []).append(place)
    for length, places in by_length.items():
        for start in range(0, len(places) if length else 0, _COLUMNS_AT_ONCE):
            some = places[start : start + _COLUMNS_AT_ONCE]
            yield some, np.stack([columns[place] for place in some], 1)


def _on_grid(values: DoubleArray) -> tuple[DoubleArray, DoubleArray]:
    """Columns `(N, columns)` in whole steps, and the length of a step of each column."""
    largest = np.abs(values).max(0)
    unit = np.where(largest > 0, largest, 1.0) / _GRID
    return np.rint(values / unit), unit


def _products(rows: Iterator[DoubleArray], steps: DoubleArray) -> DoubleArray:
    """Every row `(N,)` of the matrices with every column of `(N, columns)`: `(columns, rows)`."""
    return np.concatenate([part @ steps for part in rows]).T


def _row_counts(rows: int, length: int) -> Iterator[int]:
    """`rows` in parts that are small enough for rows of that length."""
    most = max(1, _NUMBERS_AT_ONCE // length)
    yield from (min(most, rows - start) for start in range(0, rows, most))


def _resamples(length: int, seed: int) -> Iterator[DoubleArray]:
    """How often each of `length` numbers is in each resample, some rows `(length,)` at a time."""
    generator = np.random.default_rng((seed, length))
    for rows in _row_counts(RESAMPLES, length):
        drawn = generator.integers(0, length, (rows, length))
        drawn += np.arange(rows)[:, None] * length
        yield np.bincount(drawn.ravel(), minlength=rows * length).reshape(rows, length).astype(np.float64)


def _is_exact(length: int) -> bool:
    return 1 << (length - 1) <= FLIPS


def _signs(length: int, seed: int) -> Iterator[DoubleArray]:
    """1 and -1 for each of `length` numbers, some rows at a time.

    Where the ways are few, every way that leaves the last number as it is; with all signs turned around, a sum is as far from 0.
    """
    if _is_exact(length):
        ways = np.arange(1 << (length - 1))[:, None] >> np.arange(length) & 1
        yield 1 - 2 * ways.astype(np.float64)
        return
    generator = np.random.default_rng((seed, length))
    for rows in _row_counts(FLIPS, length):
        bits = np.frombuffer(generator.bytes(rows * -(-length // 8)), np.uint8).reshape(rows, -1)
        yield 1 - 2 * np.unpackbits(bits, 1, length).astype(np.float64)


def _bca_interval(values: DoubleArray, steps: DoubleArray, resampled: DoubleArray, unit: float) -> Interval:
    """From a column, the same in whole steps, and the sums of its resamples in steps."""
    from scipy.special import ndtr, ndtri

    count = len(values)
    mean = float(np.clip(values.mean(), values.min(), values.max()))  # equal numbers may not add up to their mean
    if np.ptp(steps) == 0:
        return Interval(mean, mean, mean, count)
    total = steps.sum()
    below = np.count_nonzero(resampled < total) + np.count_nonzero(resampled <= total)
    bias = ndtri(below / (2 * len(resampled)))
    # Of a mean, the jackknife has a formula.
    deviations = steps / _GRID - total / _GRID / count
    acceleration = np.sum(deviations**3) / (6 * np.sum(deviations**2) ** 1.5)
    reach = bias + ndtri([_OUTSIDE, 1 - _OUTSIDE])
    low, high = np.quantile(resampled, ndtr(bias + reach / (1 - acceleration * reach))) * unit / count
    return Interval(mean, min(float(low), mean), max(float(high), mean), count)
