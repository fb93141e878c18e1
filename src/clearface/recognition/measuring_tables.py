"""From the distances of many pairs of photos to a table of errors."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from clearface.arrays import AnyArray, DoubleArray, FloatArray
from clearface.embedders.base import Embedder
from clearface.errors import UsageError
from clearface.recognition.conditions import CONDITION_BINS, ConditionBin
from clearface.recognition.error_tables import (
    Calibration,
    ConditionErrors,
    ErrorTable,
    MeasuredDistances,
)

LEAST_GENUINE = 20
"""Pairs of one person, below which a condition is left out of a table."""

LEAST_IMPOSTORS = 300
"""The same of pairs of strangers: a false-match rate of 1% can be told then."""

_USUAL_RATES = tuple(step * 10.0**power for power in range(-6, 0) for step in (1, 2, 5))
"""Thresholds for these are exact, for those between the next lower one is taken."""

_KNOTS = 48
_CALIBRATION_STEPS = 4000
"""Distances are counted in as many steps from 0 to 2 before the calibration is fitted."""


@dataclass(frozen=True, eq=False)
class PairDistances:
    """Cosine distances of photos in one condition to others."""

    genuine: AnyArray
    """`(G,)`: of one person."""

    impostors: AnyArray
    """`(I,)`: of two."""


def measure_error_table(
    embedder: Embedder, measured_on: str, pairs: Mapping[ConditionBin, PairDistances]
) -> ErrorTable:
    """The table of an embedder from the distances measured in each condition.

    measured_on: whose photos, in words. Conditions with fewer than `LEAST_GENUINE` pairs of one person or `LEAST_IMPOSTORS` of
    strangers are left out. Raises UsageError where all are, ValueError where a distance is no number.
    """
    order = {own: place for place, own in enumerate(CONDITION_BINS)}
    enough = [
        own
        for own in sorted(pairs, key=lambda own: order.get(own, len(order)))
        if len(pairs[own].genuine) >= LEAST_GENUINE and len(pairs[own].impostors) >= LEAST_IMPOSTORS
    ]
    if not enough:
        raise UsageError(
            f"too few photos to measure errors on: {LEAST_GENUINE} pairs of photos of one person and {LEAST_IMPOSTORS}"
            " of different people are needed, in one and the same condition"
        )
    cells = tuple(condition_errors(own, pairs[own]) for own in enough)
    return ErrorTable(embedder.name, embedder.checksum, measured_on, cells)


def condition_errors(own: ConditionBin, pairs: PairDistances) -> ConditionErrors:
    """What the distances of one condition tell. Raises ValueError where one is no number, or there are none of a kind."""
    genuine, impostors = (np.sort(np.asarray(values, np.float32)) for values in (pairs.genuine, pairs.impostors))
    if not (len(genuine) and len(impostors) and np.isfinite(genuine[-1]) and np.isfinite(impostors[-1])):
        raise ValueError("distances are numbers, some of one person and some of two")
    return ConditionErrors(own, summarized(genuine), summarized(impostors), calibrated(genuine, impostors))


def summarized(ordered: FloatArray) -> MeasuredDistances:
    """What is kept of distances `(N,)` in rising order: about a hundred to two, dense at both ends.

    Those the usual false-match rates allow are among them, so that their thresholds are what sorting all pairs gives.
    """
    count = len(ordered)
    spaced = np.unique(np.rint(np.geomspace(1, count, _KNOTS)).astype(np.int64))
    allowed = [int(rate * count * (1 + 1e-9)) for rate in _USUAL_RATES]
    even = np.rint(np.linspace(1, count, _KNOTS // 3)).astype(np.int64)
    wanted = np.unique(np.concatenate([spaced, even, count + 1 - spaced, np.array(allowed, np.int64)]))
    chosen = np.unique(ordered[wanted[wanted >= 1] - 1])
    # Of pairs that are equally far apart, all are within that distance or none: what is nearer has to be known too.
    below = np.searchsorted(ordered, chosen, "left")
    chosen = np.unique(np.concatenate([chosen, ordered[below[below > 0] - 1]])) if _tied(ordered, chosen) else chosen
    ranks = np.searchsorted(ordered, chosen, "right")
    # As few digits as tell it from every other float32.
    return MeasuredDistances(count, tuple(float(str(distance)) for distance in chosen), tuple(ranks.tolist()))


def _tied(ordered: FloatArray, chosen: FloatArray) -> bool:
    return bool((np.searchsorted(ordered, chosen, "right") - np.searchsorted(ordered, chosen, "left") > 1).any())


def calibrated(genuine: FloatArray, impostors: FloatArray) -> Calibration:
    """A log-likelihood ratio that is linear in the distance, by logistic regression in which both kinds weigh the same.

    The targets are those of Platt (1999), (n + 1)/(n + 2) and 1/(n + 2): with them there is a best fit where the kinds are parted
    cleanly, too. It is bounded by what n pairs can tell, log(n + 1). The slope is 0, and nothing is told, where strangers are
    nearer. genuine, impostors: `(G,)` and `(I,)`.
    """
    from scipy import optimize

    edges = np.linspace(0, 2, _CALIBRATION_STEPS + 1)
    kinds = [np.histogram(np.clip(values, 0, 2), edges)[0] / len(values) for values in (genuine, impostors)]
    certain = [1 / (len(genuine) + 2), 1 / (len(impostors) + 2)]
    positive = kinds[0] * (1 - certain[0]) + kinds[1] * certain[1]
    negative = kinds[0] * certain[0] + kinds[1] * (1 - certain[1])
    middles = (edges[1:] + edges[:-1]) / 2
    centre = float(middles @ (positive + negative) / 2)
    scale = max(float(np.sqrt((positive + negative) @ (middles - centre) ** 2 / 2)), 1e-3)
    steps = (middles - centre) / scale

    def loss(values: DoubleArray) -> tuple[float, DoubleArray]:
        ratio = values[0] + values[1] * steps
        chance = 0.5 * (1 + np.tanh(ratio / 2))
        off = (positive + negative) * chance - positive
        total = positive @ np.logaddexp(0, -ratio) + negative @ np.logaddexp(0, ratio)
        return float(total), np.array([off.sum(), off @ steps])

    fitted = optimize.minimize(
        loss, np.array([0.0, -1.0]), jac=True, method="L-BFGS-B", bounds=[(None, None), (None, 0)]
    )
    height, slope = (float(value) for value in fitted.x)
    return Calibration(
        height - slope * centre / scale,
        slope / scale if slope else 0.0,
        -float(np.log(len(genuine) + 1)),
        float(np.log(len(impostors) + 1)),
    )
