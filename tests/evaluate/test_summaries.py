"""Means, gains and comparisons of faces, against sums written out here."""

import math
from collections.abc import Sequence

import numpy as np
import pytest

from clearface.evaluate.gauges.base import Better, Metric
from clearface.evaluate.results import INPUT, Comparison, FaceResult, Interval, Summary
from clearface.evaluate.statistics import mean_intervals, paired_p_values
from clearface.evaluate.summaries import compare, summarize

PSNR = Metric("psnr", "PSNR", "dB", Better.HIGHER, "", "")
SHIFT = Metric("shift", "Shift", "", Better.LOWER, "", "")
EVEN = Metric("even", "Even", "", Better.NEITHER, "", "")


def rows(test: str, method: str, values: Sequence[float | None], key: str = "psnr") -> list[FaceResult]:
    """Faces named by their places."""
    return [FaceResult(test, method, f"{place}.png", (8, 8), None, {key: value}) for place, value in enumerate(values)]


def found(summaries: Sequence[Summary], method: str, metric: str = "psnr", test: str = "shen") -> Summary:
    (one,) = (each for each in summaries if (each.test, each.method, each.metric) == (test, method, metric))
    return one


def test_means_and_gains_are_those_of_the_faces() -> None:
    generator = np.random.default_rng(0)
    before, after = generator.normal(20, 3, 40), generator.normal(22, 3, 40)
    summaries = summarize([*rows("shen", INPUT, list(before)), *rows("shen", "smfd", list(after))], [PSNR], 5)
    own, gain = mean_intervals([after, after - before], 5)
    assert summaries == (
        Summary("shen", INPUT, "psnr", mean_intervals([before], 5)[0], None, None),
        Summary("shen", "smfd", "psnr", own, gain, float(np.mean(after > before))),
    )
    assert gain.mean == pytest.approx(after.mean() - before.mean())


def test_faces_are_paired_by_name_and_not_by_place() -> None:
    before, after = rows("shen", INPUT, [1, 2, 3]), rows("shen", "smfd", [11, 12, 13])
    assert found(summarize([*before, *reversed(after)], [PSNR], 0), "smfd").gain == Interval(10, 10, 10, 3)


def test_what_is_better_depends_on_the_metric() -> None:
    values: dict[str, list[float | None]] = {INPUT: [5, 5, 5, 5], "smfd": [6, 4, 3, 5]}
    for metric, better in ((PSNR, 0.25), (SHIFT, 0.5), (EVEN, None)):
        faces = [face for method, own in values.items() for face in rows("shen", method, own, metric.key)]
        summary = found(summarize(faces, [metric], 0), "smfd", metric.key)
        assert summary.better == better
        assert summary.gain is not None
        assert summary.gain.mean == -0.5


def test_faces_without_a_value_are_left_out_and_counted() -> None:
    faces = [
        *rows("shen", INPUT, [1, 2, None, 4, 5, None]),
        *rows("shen", "smfd", [3, None, 5, 6, 7, None]),
        *rows("shen", "wiener", [None, 3, None, None, 6, None]),
        *rows("shen", "broken", [None, None, 1, None, None, 2]),
    ]
    summaries = summarize(faces, [PSNR], 0)
    for method, own, both in ((INPUT, 4, None), ("smfd", 4, 3), ("wiener", 2, 2), ("broken", 2, None)):
        summary = found(summaries, method)
        assert summary.value.count == own
        assert (summary.gain and summary.gain.count) == both
        assert (summary.better is None) == (both is None)
    compared = {(each.first, each.second): each.difference for each in compare(faces, ["psnr"], 0)}
    assert compared[("smfd", "wiener")] == Interval(1, 1, 1, 1)
    assert compared[("smfd", "broken")] == Interval(4, 4, 4, 1)
    assert ("wiener", "broken") not in compared


def test_what_was_never_measured_has_no_summary() -> None:
    faces = [*rows("shen", INPUT, [None, None]), *rows("real", "smfd", [1.0, 2.0])]
    summaries = summarize(faces, [PSNR, SHIFT], 0)
    assert [(each.test, each.method, each.metric) for each in summaries] == [("real", "smfd", "psnr")]
    assert summaries[0].gain is None
    assert not (*summarize([], [PSNR], 0), *compare([], ["psnr"], 0))


def test_everything_comes_in_the_order_it_appears_in() -> None:
    faces = [
        FaceResult(test, method, "a.png", (8, 8), None, {"shift": 1.0, "psnr": 2.0})
        for test in ("sharp", "box5")
        for method in (INPUT, "wiener", "smfd", "identity")
    ]
    order = [(each.test, each.method, each.metric) for each in summarize(faces, [PSNR, SHIFT], 0)]
    assert order == [
        (test, method, metric)
        for test in ("sharp", "box5")
        for method in (INPUT, "wiener", "smfd", "identity")
        for metric in ("psnr", "shift")
    ]
    pairs = [("wiener", "smfd"), ("wiener", "identity"), ("smfd", "identity")]
    assert [(each.test, each.metric, each.first, each.second) for each in compare(faces, ["shift"], 0)] == [
        (test, "shift", *pair) for test in ("sharp", "box5") for pair in pairs
    ]


def test_methods_are_compared_on_the_faces_of_one_test() -> None:
    generator = np.random.default_rng(0)
    first, second = generator.normal(20, 1, 30), generator.normal(20.4, 1, 30)
    faces = [
        *rows("shen", "smfd", list(first)),
        *rows("shen", "wiener", list(second)),
        *rows("box5", "wiener", [1, 2, 3]),
    ]
    (interval,) = mean_intervals([first - second], 9)
    (p_value,) = paired_p_values([first - second], 9)
    assert compare(faces, ["psnr", "ssim"], 9) == (Comparison("shen", "psnr", "smfd", "wiener", interval, p_value),)


def test_equal_methods_do_not_differ() -> None:
    faces = [*rows("shen", "smfd", [1, 2, 3]), *rows("shen", "again", [1, 2, 3])]
    assert compare(faces, ["psnr"], 0) == (Comparison("shen", "psnr", "smfd", "again", Interval(0, 0, 0, 3), 1.0),)


def test_a_face_that_appears_twice_is_refused() -> None:
    faces = rows("shen", "smfd", [1.0])
    for function in (lambda: summarize(faces * 2, [PSNR], 0), lambda: compare(faces * 2, ["psnr"], 0)):
        with pytest.raises(ValueError, match=r"0.png appears twice in the test shen with smfd"):
            function()


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_value_that_is_no_number_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match=r"psnr of 0.png in the test shen with smfd is (nan|inf)"):
        summarize(rows("shen", "smfd", [value]), [PSNR], 0)
