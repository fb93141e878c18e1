"""What all tests say together."""

import math
from collections.abc import Mapping

from clearface.evaluate.report.advice import ENOUGH, Advice, Verdict, reaches, unit_of
from clearface.evaluate.report.words import fixed, listed

_ONE_FACE = "One face says nothing about others"


def overall(advices: Mapping[str, Advice]) -> tuple[str, ...]:
    """The answer in one sentence, then what else has to be known.

    Tests of faces that were sharp already, and of too few faces, are told apart: they say nothing of who helps.
    advices: by test.
    """
    told = {test: advice for test, advice in advices.items() if advice.verdict is not Verdict.NOTHING}
    sharp = {test: advice for test, advice in told.items() if advice.verdict is Verdict.SHARP}
    few = {test: advice for test, advice in told.items() if advice.verdict is Verdict.TOO_FEW}
    several = {test: advice for test, advice in told.items() if test not in sharp and test not in few}
    if not told:
        return ("There is nothing here by which methods could be ranked.",)
    if several:
        answer = _levels(several) if all(map(_is_level, several.values())) else _gains(several)
        has = "has" if len(few) == 1 else "have"
        return (*answer, *_sharp_notes(sharp), *([f"{listed(list(few))} {has} too few faces to tell."] if few else []))
    if few:
        return (*_too_few(few), *_sharp_notes(sharp))
    return (*_sharp_notes(sharp), *_sharp_cautions(sharp))


def _is_level(advice: Advice) -> bool:
    return advice.verdict is Verdict.LEVEL


def _levels(several: Mapping[str, Advice]) -> tuple[str, ...]:
    """Where the faces as they were before are not known."""
    unknown = "Whether a method helps cannot be told: the faces as they were before are not known."
    if _is_alone(several):
        return tuple(f"{_place(test, several)}{_reaches(advice)}." for test, advice in several.items()) + (unknown,)
    return (
        _wins({test: str(advice.best) for test, advice in several.items()}, len(several), "ranks first") + ".",
        unknown,
    )


def _gains(several: Mapping[str, Advice]) -> tuple[str, ...]:
    helped = {test: advice for test, advice in several.items() if advice.helps}
    alone = _is_alone(several)
    notes = [*_level_note(helped), *_worse_note(several), *_told_note(helped)]
    if not helped:
        name = next(iter(several.values())).best
        nobody = f"{name} does not make" if alone else "No method to choose from makes"
        return (f"{nobody} faces reliably better.", *notes)
    answer = _wins(
        {test: str(advice.best) for test, advice in helped.items()}, len(several), "helps" if alone else "helps most"
    )
    useless = [test for test in several if test not in helped]
    if useless:
        answer += f"; in {listed(useless)} {'it does not reliably help' if alone else 'no method reliably helps'}"
    if alone and len(several) == 1:
        return (f"{answer}: it gains {_amount(helped)} on average.", *notes)
    return (f"{answer}.", *_gain_note(helped), *notes)


def _too_few(few: Mapping[str, Advice]) -> tuple[str, ...]:
    if len(few) == 1 and _is_alone(few) and all(math.isnan(advice.merit) for advice in few.values()):
        ((_, advice),) = few.items()
        faces = f"{_ONE_FACE}." if advice.faces == 1 else f"Too few faces to tell more: {advice.faces}, and {ENOUGH}."
        return (f"{_reaches(advice)}.", faces)
    counts = sorted({advice.faces for advice in few.values()})
    if counts == [1]:
        return (f"{_ONE_FACE}: no method can be recommended.",)
    many = str(counts[0]) if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    return (f"Too few faces to tell: {many}, and {ENOUGH}.",)


def _sharp_notes(sharp: Mapping[str, Advice]) -> list[str]:
    return [f"{_place(test, sharp)}{advice.sentences[0]}" for test, advice in sharp.items()]


def _sharp_cautions(sharp: Mapping[str, Advice]) -> list[str]:
    """The first of several that is not about the methods, once."""
    return list(dict.fromkeys(sentence for advice in sharp.values() for sentence in advice.sentences[1:]))


def _place(test: str, tests: Mapping[str, Advice]) -> str:
    return "" if len(tests) == 1 else f"In {test}: "


def _is_alone(tests: Mapping[str, Advice]) -> bool:
    """Whether the same single method is all there is to choose from."""
    return (
        all(advice.methods == 1 for advice in tests.values()) and len({advice.best for advice in tests.values()}) == 1
    )


def _reaches(advice: Advice) -> str:
    assert advice.metric is not None
    return reaches(str(advice.best), advice.reached, advice.metric)


def _wins(bests: Mapping[str, str], tests: int, what: str) -> str:
    """Which method is best where. bests: by test."""
    wins: dict[str, list[str]] = {}
    for test, best in bests.items():
        wins.setdefault(best, []).append(test)
    first, *others = sorted(wins, key=lambda method: -len(wins[method]))
    count = len(wins[first])
    if tests == 1:
        return f"{first} {what}"
    where = _every(tests) if count == tests else f"{count} of {tests} tests" if count > 1 else wins[first][0]
    return ", ".join([f"{first} {what} in {where}", *(f"{method} in {listed(wins[method])}" for method in others)])


def _every(tests: int) -> str:
    return "both tests" if tests == 2 else f"all {tests} tests"


def _gain_note(helped: Mapping[str, Advice]) -> list[str]:
    """How much the best method of each test gains."""
    bests = {str(advice.best) for advice in helped.values()}
    who = bests.pop() if len(bests) == 1 else "The best method of a test"
    return [f"{who} gains {_amount(helped)} on average."]


def _amount(helped: Mapping[str, Advice]) -> str:
    amounts = []
    for metric in dict.fromkeys(advice.metric for advice in helped.values()):
        assert metric is not None
        merits = sorted(advice.merit for advice in helped.values() if advice.metric == metric)
        least, most = fixed(merits[0], metric.digits), fixed(merits[-1], metric.digits)
        amount = least if least == most else f"{least} to {most}"
        amounts.append(f"{amount}{unit_of(metric)} in {metric.label}")
    return listed(amounts)


def _level_note(helped: Mapping[str, Advice]) -> list[str]:
    level = [test for test, advice in helped.items() if not advice.leads and advice.methods > 1]
    return (
        [f"The lead over the next method is not significant, or was not tested, in {listed(level)}."] if level else []
    )


def _worse_note(several: Mapping[str, Advice]) -> list[str]:
    places: dict[str, list[str]] = {}
    for test, advice in several.items():
        for method in advice.worse:
            places.setdefault(method, []).append(test)
    told = [
        f"{method} in {_every(len(several)) if len(tests) == len(several) > 1 else listed(tests)}"
        for method, tests in places.items()
    ]
    return [f"Faces get worse on average with {'; '.join(told)}."] if told else []


def _told_note(helped: Mapping[str, Advice]) -> list[str]:
    told = list(dict.fromkeys(str(advice.best) for advice in helped.values() if advice.told_truth))
    is_or_are = "is" if len(told) == 1 else "are"
    return [f"{listed(told)} {is_or_are} told the true blur: no choice for a real photo."] if told else []
