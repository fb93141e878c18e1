"""From faces to means: what each method reaches, what it gains, and how the methods compare."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from clearface.arrays import DoubleArray
from clearface.evaluate.gauges.base import Better, Metric
from clearface.evaluate.results import INPUT, Comparison, FaceResult, Summary
from clearface.evaluate.statistics import mean_intervals, paired_p_values


def summarize(faces: Sequence[FaceResult], metrics: Sequence[Metric], seed: int) -> tuple[Summary, ...]:
    """Each metric of each method in each test, in the order in which they first appear, metrics as given.

    A face that has no value counts nowhere, and what has no value on any face has no summary. A gain is over the faces that
    have a value both as they were given and as the method left them: its count tells how many, beside the count of each.
    seed: of the bootstrap. Raises ValueError where a face appears twice, or a value is not finite.
    """
    table = _Table(faces)
    wanted = [
        _Wanted(test, method, metric)
        for test, methods in table.methods.items()
        for method in methods
        for metric in metrics
        if table.values(test, method, metric.key)
    ]
    values = [np.array(list(table.values(each.test, each.method, each.metric.key).values())) for each in wanted]
    gains = [_gains(table, each) for each in wanted]
    # One call for all, since columns of one length share what is drawn.
    intervals = mean_intervals([*values, *(gain for gain in gains if len(gain))], seed)
    own, of_gains = intervals[: len(values)], iter(intervals[len(values) :])
    return tuple(
        Summary(
            each.test,
            each.method,
            each.metric.key,
            interval,
            next(of_gains) if len(gain) else None,
            _share_better(gain, each.metric.better),
        )
        for each, interval, gain in zip(wanted, own, gains, strict=True)
    )


def compare(faces: Sequence[FaceResult], keys: Sequence[str], seed: int) -> tuple[Comparison, ...]:
    """All pairs of methods within each test, the input left out, in the metrics of those keys.

    Only faces that have a value with both methods can be compared; the count of the difference tells how many, and against
    the counts of `summarize` how many have one with either method alone. Pairs that have no face in common are left out. seed: of
    bootstrap and test. Raises ValueError where a face appears twice, or a value is not finite.
    """
    table = _Table(faces)
    found = [
        (test, key, first, second, difference)
        for test, methods in table.methods.items()
        for key in keys
        for first, second in combinations([method for method in methods if method != INPUT], 2)
        if len(difference := table.differences(test, key, first, second))
    ]
    differences = [difference for *_, difference in found]
    intervals, p_values = mean_intervals(differences, seed), paired_p_values(differences, seed)
    return tuple(
        Comparison(test, key, first, second, interval, p_value)
        for (test, key, first, second, _), interval, p_value in zip(found, intervals, p_values, strict=True)
    )


@dataclass(frozen=True)
class _Wanted:
    test: str
    method: str
    metric: Metric


class _Table:
    """Values by test, method and metric."""

    def __init__(self, faces: Sequence[FaceResult]) -> None:
        self.methods: dict[str, list[str]] = {}
        """Of each test, in the order in which they appear."""

        self._values: dict[tuple[str, str, str], dict[str, float]] = {}
        seen: set[tuple[str, str, str]] = set()
        for face in faces:
            if (face.test, face.method, face.face) in seen:
                raise ValueError(f"{face.face} appears twice in the test {face.test} with {face.method}")
            seen.add((face.test, face.method, face.face))
            methods = self.methods.setdefault(face.test, [])
            if face.method not in methods:
                methods.append(face.method)
            for key, value in face.values.items():
                if value is None:
                    continue
                if not math.isfinite(value):
                    raise ValueError(f"{key} of {face.face} in the test {face.test} with {face.method} is {value}")
                self._values.setdefault((face.test, face.method, key), {})[face.face] = value

    def values(self, test: str, method: str, key: str) -> Mapping[str, float]:
        """By face, of the faces that have one."""
        return self._values.get((test, method, key), {})

    def differences(self, test: str, key: str, first: str, second: str) -> DoubleArray:
        """first - second, of the faces that have both, in the order of the first."""
        others = self.values(test, second, key)
        both = [(value, others[face]) for face, value in self.values(test, first, key).items() if face in others]
        return np.array([value - other for value, other in both], np.float64)


def _gains(table: _Table, wanted: _Wanted) -> DoubleArray:
    if wanted.method == INPUT:
        return np.zeros(0)
    return table.differences(wanted.test, wanted.metric.key, wanted.method, INPUT)


def _share_better(gains: DoubleArray, better: Better) -> float | None:
    if not len(gains) or better is Better.NEITHER:
        return None
    return float(np.mean(gains > 0 if better is Better.HIGHER else gains < 0))
