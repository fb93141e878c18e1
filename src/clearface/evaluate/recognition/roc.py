"""How well two photos of one person are told from photos of two: ROC, true match rates, equal error rate."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clearface.arrays import AnyArray, DoubleArray

RESAMPLES = 200
"""Drawn for an interval."""

_ROUNDING = 1e-9
_OUTSIDE = 2.5
"""Percent on each side of an interval of 95%."""


@dataclass(frozen=True, eq=False)
class Roc:
    """Rates at every distance that a pair has, nearest first."""

    distances: DoubleArray
    """`(T,)`, each once, rising: pairs no further apart are taken for one person."""

    false_matches: DoubleArray
    """`(T,)` in [0, 1], rising: of pairs of two people, those taken for one."""

    true_matches: DoubleArray
    """`(T,)` in [0, 1], rising: of pairs of one person, those taken for one."""

    def true_match_rate(self, false_match_rate: float) -> float:
        """The greatest there is without more false matches than that share."""
        place = int(np.searchsorted(self.false_matches, false_match_rate * (1 + _ROUNDING), "right"))
        return float(self.true_matches[place - 1]) if place else 0.0

    @property
    def equal_error_rate(self) -> float:
        """Where as large a share of strangers is taken for one person as of one person for two, interpolated evenly."""
        missed = 1 - np.concatenate([[0.0], self.true_matches])
        taken = np.concatenate([[0.0], self.false_matches])
        place = int(np.argmax(taken >= missed))
        before, after = (missed - taken)[place - 1], (taken - missed)[place]
        share = before / (before + after) if before + after > 0 else 0.0
        return float(taken[place - 1] + share * (taken[place] - taken[place - 1]))


class PairCurve:
    """The pairs in the order of their distances, so that they can be weighed anew without being sorted again."""

    def __init__(self, distances: AnyArray, same: NDArray[np.bool_]) -> None:
        """distances: `(N,)`; same: `(N,)`, whether each is of one person. Raises ValueError without pairs of both kinds."""
        if not (same.any() and (~same).any()):
            raise ValueError("pairs of one person and pairs of two are needed")
        self._order = np.argsort(distances, kind="stable")
        ordered = np.asarray(distances, np.float64)[self._order]
        self._same = same[self._order]
        self._last = np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True))
        self._distances = ordered[self._last]

    def roc(self, weights: AnyArray | None = None) -> Roc | None:
        """The rates, each pair counting as much as its weight `(N,)`; None where all of a kind weigh nothing."""
        own = np.ones(len(self._order)) if weights is None else np.asarray(weights, np.float64)[self._order]
        genuine = np.cumsum(np.where(self._same, own, 0.0))
        impostors = np.cumsum(np.where(self._same, 0.0, own))
        if not (genuine[-1] > 0 and impostors[-1] > 0):
            return None
        return Roc(self._distances, impostors[self._last] / impostors[-1], genuine[self._last] / genuine[-1])


@dataclass(frozen=True)
class Bounds:
    """An interval of 95%."""

    low: float
    high: float


@dataclass(frozen=True, eq=False)
class PairPeople:
    """Whose the photos of pairs are, as numbers from 0 on."""

    first: NDArray[np.intp]
    second: NDArray[np.intp]


def bootstrapped(
    curve: PairCurve, same: NDArray[np.bool_], people: PairPeople | None, rates: tuple[float, ...], seed: int
) -> tuple[list[Bounds], Bounds]:
    """Intervals of the true match rate at each false-match rate, and of the equal error rate.

    People are drawn with replacement, `RESAMPLES` times: a pair counts as often as its person was drawn, or as the product for
    two, since photos of one stand or fall together. Where nobody knows the people, pairs are drawn. Percentile intervals.
    """
    generator = np.random.default_rng([seed, 1])
    found = []
    for _ in range(RESAMPLES):
        roc = curve.roc(_drawn_weights(same, people, generator))
        if roc is not None:
            found.append([*(roc.true_match_rate(rate) for rate in rates), roc.equal_error_rate])
    if not found:
        nothing = Bounds(0.0, 1.0)
        return [nothing] * len(rates), nothing
    low, high = np.percentile(np.array(found), [_OUTSIDE, 100 - _OUTSIDE], axis=0)
    bounds = [Bounds(float(least), float(most)) for least, most in zip(low, high, strict=True)]
    return bounds[:-1], bounds[-1]


def _drawn_weights(
    same: NDArray[np.bool_], people: PairPeople | None, generator: np.random.Generator
) -> NDArray[np.float64]:
    if people is None:
        weights = np.empty(len(same))
        for kind in (same, ~same):
            count = int(kind.sum())
            weights[kind] = np.bincount(generator.integers(0, count, count), minlength=count)
        return weights
    count = int(max(people.first.max(), people.second.max())) + 1
    drawn = np.bincount(generator.integers(0, count, count), minlength=count).astype(np.float64)
    return np.where(same, drawn[people.first], drawn[people.first] * drawn[people.second])
