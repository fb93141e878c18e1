"""Which method to use in one test, and whether it really helps, in sentences drawn from the figures."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from clearface.evaluate.gauges.base import Metric
from clearface.evaluate.metrics.psnr_ssim import HIGHEST_PSNR
from clearface.evaluate.report.findings import SHARP_ALREADY, Change, Findings, Standing, change, oriented
from clearface.evaluate.report.words import fixed, listed, p_value, share, signed
from clearface.evaluate.results import FEWEST_FACES, Comparison, Interval, TestFacts

SIGNIFICANT = 0.05
"""Differences whose p-value is below this are called significant."""

FEW_FACES = 20
"""Below so many faces a caution is added."""

ENOUGH = f"it takes at least {FEWEST_FACES}, and {FEW_FACES} or more for intervals to rely on"
"""How many faces would do."""

_ALONE = 0.05
"""A loss in the judged metric, in its units, that is called none where faces were sharp already."""

_RUINED, _GREAT_LOSS = 35.0, 10.0
"""PSNR in dB below which, and loss from which on, a sharp face is called ruined."""


class Verdict(StrEnum):
    """What kind of answer a test gives."""

    NOTHING = "nothing"
    """No metric says which method is better."""

    TOO_FEW = "too few"
    """There are fewer faces than any test needs."""

    LEVEL = "level"
    """What methods reach is known, not what they gain."""

    SHARP = "sharp"
    """The faces were as they should be already: the question is who leaves them alone."""

    HELPS = "helps"
    """The gain of the best is above nothing over all of its 95% interval."""

    NO_HELP = "no help"


@dataclass(frozen=True)
class Advice:
    """What one test says about the choice of a method."""

    verdict: Verdict

    best: str | None
    """The method with the greatest gain; None where there is none to choose from."""

    metric: Metric | None
    """What the test is judged by."""

    merit: float
    """The gain of the best, more is better; NaN where there is none."""

    reached: float
    """The mean of the best; NaN where there is none."""

    faces: int
    methods: int
    """How many there are to choose from."""

    told_truth: bool
    """Whether the best is told what nobody knows of a real photo: there is no other then."""

    leads: bool
    """Whether the best is significantly better than the next."""

    worse: tuple[str, ...]
    """The methods that make faces worse on average, over all of the 95% interval; none where faces were sharp already."""

    sentences: tuple[str, ...]

    @property
    def helps(self) -> bool:
        """Whether the best helps for certain."""
        return self.verdict is Verdict.HELPS


def advise(findings: Findings, test: TestFacts) -> Advice:
    """What one test says, worst news included."""
    metric, ranked = findings.judged_by(test.name), findings.choices(test.name)
    if metric is None or not ranked:
        nothing = ("No metric here says which method is better.",)
        return Advice(Verdict.NOTHING, None, None, math.nan, math.nan, test.faces, 0, False, False, (), nothing)
    best = ranked[0]
    told = findings.told()
    figure = _judged(best)
    found = None if len(ranked) < 2 else findings.comparison(test.name, metric.key, best.method, ranked[1].method)
    losers = [each for each in ranked if each.summary.gain and change(each.summary.gain, metric) is Change.WORSE]
    verdict = _verdict(best, metric, is_sharp=findings.is_sharp_already(test.name))
    if verdict is Verdict.SHARP:
        sentences, losers = [_sharp_sentence(ranked, metric)], []
    elif figure.count == 1:
        sentences = [_one_face_sentence(ranked, metric)]
    elif verdict is Verdict.TOO_FEW:
        sentences = [_too_few_sentence(ranked), _figures_sentence(ranked, metric)]
    else:
        sentences = [
            _best_sentence(best, metric, verdict, alone=len(ranked) == 1),
            *([] if len(ranked) < 2 else [_next_sentence(best.method, ranked[1].method, found, metric)]),
            *(_losing_sentence(loser, metric) for loser in losers),
        ]
    sentences += [_bound_sentence(each, metric) for each in findings.ranked(test.name) if each not in ranked]
    if best.method in told:
        sentences.append(f"{_names(ranked)} {_is(ranked)} told the true blur: no choice for a real photo.")
    sentences += _caution(figure.count, verdict)
    return Advice(
        verdict,
        best.method,
        metric,
        math.nan if best.summary.gain is None else oriented(best.summary.gain.mean, metric),
        best.summary.value.mean,
        figure.count,
        len(ranked),
        best.method in told,
        found is not None and _is_significant(found),
        tuple(loser.method for loser in losers),
        tuple(sentences),
    )


def unit_of(metric: Metric) -> str:
    """A unit as it follows a number; empty where there is none."""
    return f" {metric.unit}" if metric.unit else ""


def reaches(method: str, mean: float, metric: Metric) -> str:
    """What a method reaches, in words."""
    said = f"{method} reaches {fixed(mean, metric.digits)}{unit_of(metric)} in {metric.label}"
    equal = metric.key == "psnr" and mean >= HIGHEST_PSNR
    return f"{said}, the most there is: the pictures are equal to the sharp ones" if equal else said


def _verdict(best: Standing, metric: Metric, *, is_sharp: bool) -> Verdict:
    gain = best.summary.gain
    if is_sharp:
        return Verdict.SHARP
    if _judged(best).count < FEWEST_FACES:
        return Verdict.TOO_FEW
    if gain is None:
        return Verdict.LEVEL
    return Verdict.HELPS if change(gain, metric) is Change.BETTER else Verdict.NO_HELP


def _judged(standing: Standing) -> Interval:
    return standing.summary.gain or standing.summary.value


def _is_significant(found: Comparison) -> bool:
    return found.difference.count >= FEWEST_FACES and found.p_value < SIGNIFICANT


def _caution(faces: int, verdict: Verdict) -> list[str]:
    if faces == 1:
        return ["One face says nothing about others."]
    if faces < FEWEST_FACES:
        return [] if verdict is Verdict.TOO_FEW else [f"Too few faces to tell more: {faces}, and {ENOUGH}."]
    return [f"With {faces} faces only, the intervals are rough."] if faces < FEW_FACES else []


def _too_few_sentence(ranked: Sequence[Standing]) -> str:
    if ranked[0].summary.gain is None:
        question = "" if len(ranked) == 1 else " which method is best"
    else:
        question = " whether a method helps" if len(ranked) > 1 else f" whether {ranked[0].method} helps"
    return f"Too few faces to tell{question}: {_judged(ranked[0]).count}, and {ENOUGH}."


def _figures_sentence(ranked: Sequence[Standing], metric: Metric) -> str:
    """What was found, without a word on what it means."""
    told = [
        f"{fixed(each.summary.value.mean, metric.digits)}{unit_of(metric)} with {each.method}"
        if each.summary.gain is None
        else f"{signed(each.summary.gain.mean, metric.digits)}{unit_of(metric)} with {each.method}"
        for each in ranked
    ]
    moved = "is" if ranked[0].summary.gain is None else "changes by"
    return f"On these, mean {metric.label} {moved} {listed(told)}."


def _one_face_sentence(ranked: Sequence[Standing], metric: Metric) -> str:
    best = ranked[0]
    gain = best.summary.gain
    if gain is None:
        return f"On this face {reaches(best.method, best.summary.value.mean, metric)}."
    moved = f"{metric.label} {signed(gain.mean, metric.digits)}{unit_of(metric)} against the input"
    if len(ranked) == 1:
        return f"On this face {best.method} makes {moved}."
    if best.merit > 0:
        return f"On this face {best.method} gains most: {moved}."
    return f"On this face no method gains: the best, {best.method}, makes {moved}."


def _sharp_sentence(ranked: Sequence[Standing], metric: Metric) -> str:
    """Who leaves sharp faces alone, and who does not."""
    clauses = []
    for number, each in enumerate(ranked):
        assert each.summary.gain is not None
        whom = "them" if number else "this sharp face" if each.summary.gain.count == 1 else "sharp faces"
        if number and each.summary.gain.count == 1:
            whom = "it"
        moved = f"({signed(each.summary.gain.mean, metric.digits)}{unit_of(metric)})"
        clauses.append(f"{each.method} {_done_to(each, metric).format(whom)} {moved}")
    return f"{'; '.join(clauses)}."


def _done_to(standing: Standing, metric: Metric) -> str:
    """What became of sharp faces, with a place for what they are called."""
    reached = standing.summary.value.mean
    if standing.merit > -_ALONE:
        return "leaves {} alone"
    if metric.key != "psnr":
        return "changes {}"
    if reached >= SHARP_ALREADY:
        return "hardly changes {}"
    return "ruins {}" if reached < _RUINED and standing.merit <= -_GREAT_LOSS else "harms {}"


def _best_sentence(best: Standing, metric: Metric, verdict: Verdict, *, alone: bool) -> str:
    gain = best.summary.gain
    if gain is None:
        if alone:
            return f"{reaches(best.method, best.summary.value.mean, metric)} ({_interval(best.summary.value, metric)})."
        return f"{best.method} ranks first, with a mean {metric.label} of {_with_interval(best.summary.value, metric)}."
    moved = f"{metric.label} {signed(gain.mean, metric.digits)}{unit_of(metric)} against the input"
    interval = _interval(gain, metric)
    shares = (
        "all faces gain"
        if best.summary.better == 1
        else f"{share(best.summary.better)} of the faces gain, {share(best.losing)} lose"
    )
    if verdict is Verdict.HELPS:
        return f"{best.method} helps{'' if alone else ' most'}: {moved} ({interval}); {shares}."
    chance = ", which may be chance" if best.merit > 0 else ""
    if alone:
        helps = "does not reliably help" if best.merit > 0 else "does not help"
        return f"{best.method} {helps}: it makes {moved}{chance} ({interval}); {shares}."
    if best.merit > 0:
        return f"No method reliably helps: the best, {best.method}, makes {moved}{chance} ({interval}); {shares}."
    return f"No method helps: even the best, {best.method}, makes {moved} ({interval}); {shares}."


def _next_sentence(best: str, runner_up: str, found: Comparison | None, metric: Metric) -> str:
    if found is None:
        return f"Next is {runner_up}; the two were not tested against each other."
    mean = found.difference.mean if found.first == best else -found.difference.mean
    if mean == 0 and found.p_value >= SIGNIFICANT:
        return f"{runner_up} does the same."
    lead = f"It leads {runner_up} by {fixed(oriented(mean, metric), metric.digits)}{unit_of(metric)}"
    if found.difference.count < FEWEST_FACES:
        return f"{lead}, on too few faces to tell whether that is chance."
    verdict = "significant" if _is_significant(found) else "not significant"
    p = p_value(found.p_value)
    told = f"p {p}" if p.startswith("<") else f"p = {p}"
    return f"{lead}; the difference is {verdict} (paired test, {told})."


def _losing_sentence(standing: Standing, metric: Metric) -> str:
    gain = standing.summary.gain
    assert gain is not None
    return (
        f"{standing.method} makes faces worse: {metric.label} {signed(gain.mean, metric.digits)}{unit_of(metric)} on average,"
        f" and {share(standing.losing)} of the faces lose."
    )


def _bound_sentence(standing: Standing, metric: Metric) -> str:
    gain, value = standing.summary.gain, standing.summary.value
    reached = (
        f"{fixed(value.mean, metric.digits)}{unit_of(metric)}"
        if gain is None
        else f"{signed(gain.mean, metric.digits)}{unit_of(metric)}"
    )
    return f"{standing.method}, told the true blur, reaches {reached} in {metric.label}: no choice for a real photo."


def _names(standings: Sequence[Standing]) -> str:
    return listed([standing.method for standing in standings])


def _is(standings: Sequence[Standing]) -> str:
    return "is" if len(standings) == 1 else "are"


def _interval(interval: Interval, metric: Metric) -> str:
    return f"95% interval {fixed(interval.low, metric.digits)} to {fixed(interval.high, metric.digits)}"


def _with_interval(interval: Interval, metric: Metric) -> str:
    return f"{fixed(interval.mean, metric.digits)}{unit_of(metric)} ({_interval(interval, metric)})"
