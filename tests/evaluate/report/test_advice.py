from dataclasses import replace

import pytest

from clearface.evaluate import results
from clearface.evaluate.gauges.base import Better, Metric
from clearface.evaluate.report.advice import Advice, Verdict, advise
from clearface.evaluate.report.findings import gather
from clearface.evaluate.report.headline import overall

PSNR = Metric("psnr", "PSNR", "dB", Better.HIGHER, "RGB", "a paper", 2)
NIQE = Metric("niqe", "NIQE", "", Better.LOWER, "a model", "a paper", 2)
EMPTY = results.Evaluation("", "", "", {}, {}, {}, {}, {}, (), (), (PSNR, NIQE), (), {}, (), (), (), ())


def evaluation(
    gains: dict[str, list[float]],
    metric: Metric = PSNR,
    p_value: float | None = 0.001,
    test: str = "shen",
    start: float = 20.0,
) -> results.Evaluation:
    """Faces that gain so much by each method; the interval reaches 0.5 to either side of the mean."""
    count = len(next(iter(gains.values())))
    levels = {results.INPUT: [start] * count} | {name: [start + gain for gain in own] for name, own in gains.items()}
    rows, summaries = [], []
    for method, values in levels.items():
        rows += [
            results.FaceResult(test, method, f"{number}.jpg", (128, 128), None, {metric.key: value})
            for number, value in enumerate(values)
        ]
        mean = sum(values) / count
        value = results.Interval(mean, mean - 0.5, mean + 0.5, count)
        gain = (
            None
            if method == results.INPUT
            else results.Interval(mean - start, mean - start - 0.5, mean - start + 0.5, count)
        )
        sign = -1 if metric.better is Better.LOWER else 1
        better = None if gain is None else sum(sign * (each - start) > 0 for each in values) / count
        summaries.append(results.Summary(test, method, metric.key, value, gain, better))
    names = list(gains)
    comparisons = []
    if p_value is not None:
        for number, first in enumerate(names):
            for second in names[number + 1 :]:
                difference = sum(gains[first]) / count - sum(gains[second]) / count
                interval = results.Interval(difference, difference - 0.1, difference + 0.1, count)
                comparisons.append(results.Comparison(test, metric.key, first, second, interval, p_value))
    return replace(
        EMPTY,
        tests=(results.TestFacts(test, "blurred", count, metric is PSNR),),
        summaries=tuple(summaries),
        comparisons=tuple(comparisons),
        faces=tuple(rows),
    )


def advice(found: results.Evaluation) -> Advice:
    return advise(gather(found), found.tests[0])


MANY = 20


def test_the_best_is_named_with_its_lead_and_who_loses() -> None:
    found = advice(evaluation({"old": [-2.0] * 19 + [1.0], "good": [3.0] * MANY, "next": [1.0] * MANY}))
    assert (found.best, found.helps, found.leads, found.worse) == ("good", True, True, ("old",))
    assert found.sentences == (
        "good helps most: PSNR +3.00 dB against the input (95% interval 2.50 to 3.50); all faces gain.",
        "It leads next by 2.00 dB; the difference is significant (paired test, p = 0.001).",
        "old makes faces worse: PSNR \N{MINUS SIGN}1.85 dB on average, and 95% of the faces lose.",
    )


@pytest.mark.parametrize(
    ("p_value", "said"),
    [
        (0.3, "It leads b by 0.20 dB; the difference is not significant (paired test, p = 0.300)."),
        (0.0001, "It leads b by 0.20 dB; the difference is significant (paired test, p <0.001)."),
        (None, "Next is b; the two were not tested against each other."),
    ],
)
def test_the_lead_is_as_sure_as_the_paired_test(p_value: float | None, said: str) -> None:
    found = advice(evaluation({"b": [2.8] * MANY, "a": [3.0] * MANY}, p_value=p_value))
    assert found.sentences[1] == said
    assert found.leads == (p_value == 0.0001)


def test_the_same_result_is_called_the_same() -> None:
    assert advice(evaluation({"a": [3.0] * MANY, "b": [3.0] * MANY}, p_value=1.0)).sentences[1] == "b does the same."


def test_a_gain_that_may_be_chance_is_no_help() -> None:
    found = advice(evaluation({"a": [0.2] * MANY}))
    assert not found.helps
    moved = "makes PSNR +0.20 dB against the input, which may be chance (95% interval \N{MINUS SIGN}0.30 to 0.70)"
    assert found.sentences[0].startswith(f"a does not reliably help: it {moved}")
    two = advice(evaluation({"a": [0.2] * MANY, "b": [0.1] * MANY}))
    assert two.sentences[0].startswith(f"No method reliably helps: the best, a, {moved}")


def test_where_all_lose_that_is_said_first() -> None:
    found = advice(evaluation({"a": [-3.0] * MANY, "b": [-4.0] * MANY}))
    assert found.worse == ("a", "b")
    assert found.sentences[0].startswith("No method helps: even the best, a, makes PSNR \N{MINUS SIGN}3.00 dB")
    assert "0% of the faces gain, 100% lose" in found.sentences[0]


def test_lower_is_better_where_it_is() -> None:
    found = advice(evaluation({"a": [2.0] * MANY, "b": [-2.0] * MANY}, NIQE))
    assert (found.best, found.helps, found.worse) == ("b", True, ("a",))
    assert found.merit == 2.0
    assert "It leads a by 4.00; the difference is significant" in found.sentences[1]


def test_few_faces_are_told() -> None:
    one = advice(evaluation({"a": [9.0]}))
    assert not one.helps
    assert one.sentences == (
        "On this face a makes PSNR +9.00 dB against the input.",
        "One face says nothing about others.",
    )
    two = advice(evaluation({"a": [9.0], "b": [-3.0]}))
    assert two.sentences[0] == "On this face a gains most: PSNR +9.00 dB against the input."
    both = advice(evaluation({"a": [-2.0], "b": [-3.0]}))
    assert both.sentences[0].startswith("On this face no method gains: the best, a, makes PSNR \N{MINUS SIGN}2.00 dB")
    assert "interval" not in " ".join(one.sentences + two.sentences + both.sentences)
    assert advice(evaluation({"a": [9.0] * 6})).sentences[-1] == "With 6 faces only, the intervals are rough."
    assert "faces only" not in advice(evaluation({"a": [9.0] * 20})).sentences[-1]


def test_too_few_faces_are_a_verdict_of_their_own() -> None:
    found = advice(evaluation({"a": [5.0] * 3, "b": [-40.0] * 3}))
    assert (found.verdict, found.helps, found.worse) == (Verdict.TOO_FEW, False, ())
    assert found.sentences == (
        "Too few faces to tell whether a method helps: 3, and it takes at least 6, and 20 or more for intervals to rely on.",
        "On these, mean PSNR changes by +5.00 dB with a and \N{MINUS SIGN}40.00 dB with b.",
    )
    said = overall({"x": found})
    assert said == ("Too few faces to tell: 3, and it takes at least 6, and 20 or more for intervals to rely on.",)
    assert not [word for word in (*said, *found.sentences) if "chance" in word or "significant" in word]


def test_a_lead_on_too_few_common_faces_is_not_called_significant() -> None:
    full = evaluation({"a": [3.0] * MANY, "b": [1.0] * MANY})
    few = replace(full.comparisons[0], difference=replace(full.comparisons[0].difference, count=5))
    found = advice(replace(full, comparisons=(few,)))
    assert not found.leads
    assert found.sentences[1] == "It leads b by 2.00 dB, on too few faces to tell whether that is chance."


@pytest.mark.parametrize(("test", "start"), [("sharp@256", 30.0), ("pairs", 58.9)])
def test_sharp_faces_are_to_be_left_alone(test: str, start: float) -> None:
    gains = {"rl": [-start + 18.1] * MANY, "smfd": [0.0] * MANY, "soft": [-2.0] * MANY}
    found = advice(evaluation(gains, test=test, start=start))
    lost = f"\N{MINUS SIGN}{start - 18.1:.2f} dB"
    soft = "hardly changes" if start > 50 else "harms"
    assert (found.verdict, found.best, found.helps, found.worse) == (Verdict.SHARP, "smfd", False, ())
    assert found.sentences == (
        f"smfd leaves sharp faces alone (0.00 dB); soft {soft} them (\N{MINUS SIGN}2.00 dB); rl ruins them ({lost}).",
    )
    assert overall({test: found}) == found.sentences
    together = overall({"x": GOOD, test: found})
    assert together[0] == "a helps most."
    assert together[-1] == found.sentences[0]


def test_a_gain_in_an_ordinary_test_is_no_question_of_leaving_alone() -> None:
    assert advice(evaluation({"a": [0.0] * MANY}, start=49.0)).verdict is Verdict.NO_HELP


def test_nothing_to_rank_by_is_told() -> None:
    bare = replace(evaluation({"a": [1.0]}), summaries=())
    assert advice(bare).sentences == ("No metric here says which method is better.",)


GOOD = advice(evaluation({"a": [3.0] * MANY, "b": [1.0] * MANY}))
OTHER = advice(evaluation({"a": [1.0] * MANY, "b": [2.0] * MANY}, p_value=0.5))
BAD = advice(evaluation({"a": [-2.0] * MANY, "b": [-3.0] * MANY}))
LONE = advice(evaluation({"a": [2.42] * MANY}))
SINGLE = advice(evaluation({"a": [9.0]}))


@pytest.mark.parametrize(
    ("advices", "said"),
    [
        ({"x": GOOD}, ("a helps most.", "a gains 3.00 dB in PSNR on average.")),
        ({"x": LONE}, ("a helps: it gains 2.42 dB in PSNR on average.",)),
        ({"x": LONE, "y": LONE}, ("a helps in both tests.", "a gains 2.42 dB in PSNR on average.")),
        (
            {"x": GOOD, "y": GOOD, "one": SINGLE},
            (
                "a helps most in both tests.",
                "a gains 3.00 dB in PSNR on average.",
                "one has too few faces to tell.",
            ),
        ),
        (
            {"x": GOOD, "y": OTHER, "z": GOOD, "w": BAD},
            (
                "a helps most in 2 of 4 tests, b in y; in w no method reliably helps.",
                "The best method of a test gains 2.00 to 3.00 dB in PSNR on average.",
                "The lead over the next method is not significant, or was not tested, in y.",
                "Faces get worse on average with a in w; b in w.",
            ),
        ),
        (
            {"z": BAD},
            (
                "No method to choose from makes faces reliably better.",
                "Faces get worse on average with a in z; b in z.",
            ),
        ),
        ({"one": SINGLE}, ("One face says nothing about others: no method can be recommended.",)),
        ({}, ("There is nothing here by which methods could be ranked.",)),
    ],
)
def test_all_tests_together(advices: dict[str, Advice], said: tuple[str, ...]) -> None:
    assert overall(advices) == said


def test_results_without_their_input_are_ranked_and_no_more() -> None:
    full = evaluation({"a": [1.0] * MANY, "b": [2.0] * MANY})
    without = tuple(replace(entry, gain=None, better=None) for entry in full.summaries if entry.method != results.INPUT)
    rows = tuple(row for row in full.faces if row.method != results.INPUT)
    found = advice(replace(full, summaries=without, faces=rows))
    assert (found.best, found.helps, found.worse) == ("b", False, ())
    assert found.sentences[0] == "b ranks first, with a mean PSNR of 22.00 dB (95% interval 21.50 to 22.50)."
    assert overall({"x": found})[0] == "b ranks first."
    assert "cannot be told" in overall({"x": found})[1]


def test_a_method_that_is_told_the_true_blur_is_no_choice() -> None:
    found = evaluation({"told": [6.0] * MANY, "good": [3.0] * MANY, "next": [1.0] * MANY})
    facts = tuple(results.MethodFacts(name, "", told_truth=name == "told") for name in ("told", "good", "next"))
    found = replace(found, methods=facts)
    told = advice(found)
    assert (told.best, told.merit) == ("good", 3.0)
    assert told.sentences[-1] == "told, told the true blur, reaches +6.00 dB in PSNR: no choice for a real photo."
    only = replace(evaluation({"told": [6.0] * MANY}), methods=facts[:1])
    alone = advice(only)
    assert alone.best == "told"
    assert alone.sentences[-1] == "told is told the true blur: no choice for a real photo."
    assert overall({"x": alone})[-1] == alone.sentences[-1]


@pytest.mark.parametrize(("reached", "faces"), [(27.31, MANY), (99.0, MANY), (27.31, 3), (27.31, 1)])
def test_a_single_method_without_input_is_told_by_its_figure(reached: float, faces: int) -> None:
    full = evaluation({"unsharp/": [0.0] * faces}, start=reached)
    keep = tuple(replace(entry, gain=None, better=None) for entry in full.summaries if entry.method != results.INPUT)
    rows = tuple(row for row in full.faces if row.method != results.INPUT)
    found = advice(replace(full, summaries=keep, faces=rows))
    answer, rest = overall({"pairs": found})
    equal = ", the most there is: the pictures are equal to the sharp ones" if reached == 99 else ""
    assert answer == f"unsharp/ reaches {reached:.2f} dB in PSNR{equal}."
    assert {MANY: "cannot be told", 3: "Too few faces", 1: "One face"}[faces] in rest
    assert "first" not in " ".join(found.sentences)


def test_a_gain_on_five_faces_is_not_called_certain() -> None:
    assert not advice(evaluation({"good": [3.0] * 5})).helps
    assert advice(evaluation({"good": [3.0] * 6})).helps
