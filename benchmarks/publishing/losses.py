"""Where methods lose, in sentences made from the numbers."""

from collections.abc import Sequence
from dataclasses import replace

from benchmarks.publishing.tables import Lookup, with_interval

from clearface.evaluate.results import INPUT, Comparison, Summary

SURE = 0.05
"""Below this a p-value counts, once it has been adjusted for how many there are (Benjamini and Hochberg 1995)."""


def harm(found: Lookup, metric: str = "psnr") -> list[str]:
    """One sentence for each method and test in which it makes faces worse, on average or some of them.

    metric: one of which more is better.
    """
    sentences = []
    for summary in found.evaluation.summaries:
        if summary.metric != metric or summary.method == INPUT or summary.gain is None or summary.better is None:
            continue
        worse = _worse(found, summary)
        if summary.gain.high < 0:
            sentences.append(
                f"`{summary.method}` makes faces worse in `{summary.test}`: by {_amount(found, summary)} on average,"
                f" {worse} of {summary.gain.count} of them."
            )
        elif summary.gain.low <= 0 <= summary.gain.high and not _unchanged(summary):
            sentences.append(
                f"Whether `{summary.method}` helps in `{summary.test}` cannot be told from {summary.gain.count} faces:"
                f" {_amount(found, summary)}; {worse} of them get worse."
            )
        elif worse:
            sentences.append(
                f"`{summary.method}` helps in `{summary.test}` on average, and makes {worse} of"
                f" {summary.gain.count} faces worse."
            )
    return sentences


def defeats(found: Lookup, method: str, metric: str = "psnr") -> list[str]:
    """One sentence for each test and other method that does better than this one, or about which it cannot be told.

    metric: one of which more is better.
    """
    from scipy.stats import false_discovery_control

    against = [
        _seen_from(method, comparison)
        for comparison in found.evaluation.comparisons
        if comparison.metric == metric and method in (comparison.first, comparison.second)
    ]
    adjusted: Sequence[float] = false_discovery_control([each.p_value for each in against]) if against else []
    sentences = []
    for each, p_value in zip(against, adjusted, strict=True):
        measured = found.metric(metric)
        difference = f"{with_interval(each.difference, measured.digits, sign=True)} {measured.unit}".strip()
        where = f"in `{each.test}`, {difference} over {each.difference.count} faces"
        if p_value >= SURE:
            sentences.append(f"`{each.second}` and `{method}` cannot be told apart {where}.")
        elif each.difference.mean < 0:
            sentences.append(f"`{each.second}` is better than `{method}` {where}, p {_p_words(p_value)}.")
    return sentences


def _seen_from(method: str, comparison: Comparison) -> Comparison:
    """The same with the method first."""
    if comparison.first == method:
        return comparison
    turned = comparison.difference
    difference = replace(turned, mean=-turned.mean, low=-turned.high, high=-turned.low)
    return replace(comparison, first=method, second=comparison.first, difference=difference)


def _worse(found: Lookup, summary: Summary) -> int:
    """Faces whose value fell."""
    before = {face.face: face.values.get(summary.metric) for face in found.faces(summary.test, INPUT)}
    worse = 0
    for face in found.faces(summary.test, summary.method):
        old, new = before.get(face.face), face.values.get(summary.metric)
        worse += old is not None and new is not None and new < old
    return worse


def _unchanged(summary: Summary) -> bool:
    return summary.gain is not None and summary.gain.low == summary.gain.high == 0


def _amount(found: Lookup, summary: Summary) -> str:
    assert summary.gain is not None
    metric = found.metric(summary.metric)
    return f"{with_interval(summary.gain, metric.digits, sign=True)} {metric.unit}".strip()


def _p_words(p_value: float) -> str:
    return "below 0.001" if p_value < 0.001 else f"{p_value:.3f}"
