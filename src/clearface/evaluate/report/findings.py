"""An evaluation in the order in which a page asks for it."""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from clearface.evaluate.gauges.base import Better, Metric
from clearface.evaluate.results import (
    FEWEST_FACES,
    INPUT,
    RANKED_BY,
    Comparison,
    Cost,
    Evaluation,
    FaceResult,
    Interval,
    Summary,
)

SHARP_ALREADY = 50.0
"""PSNR in dB above which no eye tells a picture from the truth."""

_SHARP_TEST = "sharp"
"""How tests begin in which the faces are given as they are."""

_AGAINST_INPUT = ("colour", "outside", "changed", "identity_moved")
"""How the keys of metrics begin that measure a result against the input."""


class Change(StrEnum):
    """What became of the faces, as far as it is certain."""

    BETTER = "better"
    WORSE = "worse"
    UNSURE = "unsure"
    """The 95% interval holds zero."""

    TOO_FEW = "few"
    """The faces are fewer than `FEWEST_FACES`, and nothing can be told."""


@dataclass(frozen=True)
class Standing:
    """One method in one test, by the metric the test is judged by."""

    method: str
    summary: Summary

    merit: float
    """What methods are ranked by, more is better: the gain, or the mean where there is no input to gain on."""

    losing: float | None
    """Share of the faces that got worse, in [0, 1]; None without a gain."""


@dataclass(frozen=True)
class Findings:
    """An evaluation with its rows by name."""

    evaluation: Evaluation
    summaries: Mapping[tuple[str, str, str], Summary]
    """By test, method and metric."""

    comparisons: Mapping[tuple[str, str, str, str], Comparison]
    """By test, metric, first and second."""

    faces: Mapping[tuple[str, str], Mapping[str, FaceResult]]
    """By test and method, then by face."""

    def methods(self, test: str) -> tuple[str, ...]:
        """The methods of a test, the input first, then in the order they were asked for."""
        present = {method: None for name, method, _ in self.summaries if name == test}
        asked = [INPUT, *(facts.name for facts in self.evaluation.methods)]
        return tuple(dict.fromkeys([*(method for method in asked if method in present), *present]))

    def columns(self, test: str) -> tuple[Metric, ...]:
        """The metrics of which a test has any figure."""
        present = {
            metric
            for (name, _, metric), summary in self.summaries.items()
            if name == test and math.isfinite(summary.value.mean)
        }
        return tuple(metric for metric in self.evaluation.metrics if metric.key in present)

    def judged_by(self, test: str) -> Metric | None:
        """The metric that the examples were chosen by, else the first with a direction and a gain; None where none has one."""
        directed = [metric for metric in self.columns(test) if metric.better is not Better.NEITHER]
        gained = [metric for metric in directed if self._has_gain(test, metric)]
        candidates = gained or directed
        usual = (metric for key in RANKED_BY for metric in candidates if metric.key == key)
        return next(usual, candidates[0] if candidates else None)

    def ranked(self, test: str) -> tuple[Standing, ...]:
        """The methods of a test without its input, the best first."""
        metric = self.judged_by(test)
        if metric is None:
            return ()
        gained = self._has_gain(test, metric)
        standings = []
        for method in self.methods(test):
            summary = self.summaries.get((test, method, metric.key))
            if method == INPUT or summary is None:
                continue
            interval = summary.gain if gained else summary.value
            if interval is not None and math.isfinite(interval.mean):
                merit = oriented(interval.mean, metric)
                standings.append(Standing(method, summary, merit, self._losing(test, method, metric)))
        return tuple(sorted(standings, key=lambda standing: -standing.merit))

    def choices(self, test: str) -> tuple[Standing, ...]:
        """`ranked` without the methods that are told what nobody knows of a real photo; all where there are no others."""
        ranked, told = self.ranked(test), self.told()
        return tuple(standing for standing in ranked if standing.method not in told) or ranked

    def told(self) -> frozenset[str]:
        """The methods that are told what nobody knows of a real photo."""
        return frozenset(facts.name for facts in self.evaluation.methods if facts.told_truth)

    def eligible(self, test: str, metric: Metric) -> tuple[str, ...]:
        """The methods of a test that may be called the best in a metric.

        Without those that are told the truth, where there are others; without the input, where it is what the metric measures
        against.
        """
        present = [method for method in self.methods(test) if method != INPUT or not is_against_input(metric)]
        told = self.told()
        has_others = any(method not in told for method in present if method != INPUT)
        return tuple(method for method in present if method not in told or not has_others)

    def is_sharp_already(self, test: str) -> bool:
        """Whether the faces are given as they should be, so that a method can only leave them alone or do harm."""
        if not self.has_gain(test):
            return False
        given = self.summaries.get((test, INPUT, "psnr"))
        return test.startswith(_SHARP_TEST) or (given is not None and given.value.mean > SHARP_ALREADY)

    def has_gain(self, test: str) -> bool:
        """Whether the faces as they were before are known in the metric a test is judged by."""
        metric = self.judged_by(test)
        return metric is not None and self._has_gain(test, metric)

    def comparison(self, test: str, metric: str, first: str, second: str) -> Comparison | None:
        """The paired test of two methods, whichever of them was named first."""
        return self.comparisons.get((test, metric, first, second)) or self.comparisons.get(
            (test, metric, second, first)
        )

    def usual_size(self, test: str) -> int | None:
        """The larger side that most faces of a test have, in pixels."""
        rows = next((rows for (name, _), rows in self.faces.items() if name == test), {})
        sizes = Counter(max(face.size) for face in rows.values())
        return max(sizes, key=lambda size: (sizes[size], size)) if sizes else None

    def cost(self, test: str, method: str) -> Cost | None:
        """What a method takes for faces of a test's size, or of the size nearest to it that was timed."""
        facts = next((facts for facts in self.evaluation.methods if facts.name == method), None)
        usual = self.usual_size(test)
        if facts is None or not facts.costs or usual is None:
            return None
        return min(facts.costs, key=lambda cost: abs(cost.size - usual))

    def value(self, test: str, method: str, face: str, metric: str) -> float | None:
        """A face's figure; None where it has none."""
        row = self.faces.get((test, method), {}).get(face)
        found = None if row is None else row.values.get(metric)
        return found if found is not None and math.isfinite(found) else None

    def _has_gain(self, test: str, metric: Metric) -> bool:
        return any(
            name == test and key == metric.key and summary.gain is not None and math.isfinite(summary.gain.mean)
            for (name, _, key), summary in self.summaries.items()
        )

    def _losing(self, test: str, method: str, metric: Metric) -> float | None:
        gains = []
        for face in self.faces.get((test, method), {}):
            after, before = self.value(test, method, face, metric.key), self.value(test, INPUT, face, metric.key)
            if after is not None and before is not None:
                gains.append(oriented(after - before, metric))
        return sum(gain < 0 for gain in gains) / len(gains) if gains else None


def is_against_input(metric: Metric) -> bool:
    """Whether a metric measures a result against the input, which is perfect in it by itself."""
    return metric.key.startswith(_AGAINST_INPUT)


def oriented(value: float, metric: Metric) -> float:
    """A difference so that more is better."""
    return -value if metric.better is Better.LOWER else value


def change(gain: Interval, metric: Metric) -> Change | None:
    """What a mean difference to the input says; None where there is none, or the metric has no direction."""
    if metric.better is Better.NEITHER or not math.isfinite(gain.mean):
        return None
    if gain.count < FEWEST_FACES:
        return Change.TOO_FEW
    low, high = sorted((oriented(gain.low, metric), oriented(gain.high, metric)))
    return Change.BETTER if low > 0 else Change.WORSE if high < 0 else Change.UNSURE


def gather(evaluation: Evaluation) -> Findings:
    """Sorts the rows of an evaluation by name."""
    faces: dict[tuple[str, str], dict[str, FaceResult]] = {}
    for face in evaluation.faces:
        faces.setdefault((face.test, face.method), {})[face.face] = face
    return Findings(
        evaluation,
        {(entry.test, entry.method, entry.metric): entry for entry in evaluation.summaries},
        {(entry.test, entry.metric, entry.first, entry.second): entry for entry in evaluation.comparisons},
        faces,
    )
