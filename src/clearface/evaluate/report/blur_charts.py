"""A metric against the size of the blur, by method."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from clearface.arrays import DoubleArray
from clearface.evaluate.gauges.base import Metric
from clearface.evaluate.report.axes import axis
from clearface.evaluate.report.charts import (
    BOTTOM,
    LEFT,
    RIGHT,
    TOP,
    Chart,
    Line,
    Mark,
    band_between,
    path_through,
    zero_line,
)
from clearface.evaluate.report.findings import Findings
from clearface.evaluate.report.words import counted, fixed, signed
from clearface.evaluate.results import INPUT, TestFacts

_MOST_BINS = 10
_LEAST_IN_A_BIN = 5


@dataclass(frozen=True)
class _Bin:
    """Faces of about the same blur."""

    low: float
    high: float
    middle: float
    faces: tuple[str, ...]


@dataclass(frozen=True)
class _Point:
    """The faces of one bin as one method left them."""

    middle: float
    blur: str
    quartiles: tuple[float, float, float]
    count: int


def blur_charts(findings: Findings, test: TestFacts, styles: dict[str, int]) -> tuple[Chart, ...]:
    """The gain and the value of the metric a test is judged by against the size of the blur.

    styles: the number of each method. None where the blur is not known, or is about the same for all faces.
    """
    metric, bins = findings.judged_by(test.name), _bins(findings, test)
    if metric is None or len(bins) < 2:
        return ()

    def gain(method: str, face: str) -> float | None:
        after = findings.value(test.name, method, face, metric.key)
        before = findings.value(test.name, INPUT, face, metric.key)
        return None if after is None or before is None else after - before

    def value(method: str, face: str) -> float | None:
        return findings.value(test.name, method, face, metric.key)

    methods = findings.methods(test.name)
    gained = [(method, _points(bins, method, gain)) for method in methods if method != INPUT]
    valued = [(method, _points(bins, method, value)) for method in methods]
    charts = (
        _chart(f"{metric.label} gained, by blur size", True, metric, gained, styles),
        _chart(f"{metric.label}, by blur size", False, metric, valued, styles),
    )
    return tuple(chart for chart in charts if chart is not None)


def _bins(findings: Findings, test: TestFacts) -> list[_Bin]:
    """Bins of about as many faces each; of one blur each where there are few blurs."""
    blurs = {
        face.face: face.blur
        for method in findings.methods(test.name)
        for face in findings.faces.get((test.name, method), {}).values()
        if face.blur is not None
    }
    if not blurs:
        return []
    values = np.array(list(blurs.values()), np.float64)
    names = np.array(list(blurs), object)
    wanted = int(np.clip(len(values) // _LEAST_IN_A_BIN, 1, _MOST_BINS))
    distinct = np.unique(values)
    quantiles = np.unique(np.quantile(values, np.linspace(0, 1, wanted + 1)[:-1]))
    edges = distinct if len(distinct) <= wanted else quantiles
    place = np.searchsorted(edges, values, side="right") - 1
    made = []
    for index in range(len(edges)):
        inside = values[place == index]
        if len(inside):
            faces = tuple(str(name) for name in names[place == index])
            made.append(_Bin(float(inside.min()), float(inside.max()), float(np.median(inside)), faces))
    return made


def _points(bins: list[_Bin], method: str, figure: Callable[[str, str], float | None]) -> list[_Point]:
    points = []
    for each in bins:
        values: DoubleArray = np.array(
            [value for face in each.faces if (value := figure(method, face)) is not None], np.float64
        )
        if len(values):
            low, median, high = (float(quartile) for quartile in np.quantile(values, (0.25, 0.5, 0.75)))
            blur = fixed(each.low, 0) if each.low == each.high else f"{fixed(each.low, 1)} to {fixed(each.high, 1)}"
            points.append(_Point(each.middle, f"blur {blur} px", (low, median, high), len(values)))
    return points


def _chart(
    title: str, is_gain: bool, metric: Metric, points: list[tuple[str, list[_Point]]], styles: dict[str, int]
) -> Chart | None:
    shown = [(method, found) for method, found in points if found]
    if not shown:
        return None
    middles = [point.middle for _, found in shown for point in found]
    across = axis(middles, LEFT, RIGHT)
    # quartiles may lie beyond: a chart is cut at its frame, and the medians are what has to be told apart
    up = axis([point.quartiles[1] for _, found in shown for point in found], BOTTOM, TOP, zero=is_gain)
    number = signed if is_gain else fixed
    lines = []
    for method, found in shown:
        xs = [across.place(point.middle) for point in found]
        ys = [[up.place(point.quartiles[index]) for point in found] for index in range(3)]
        marks = [
            Mark(
                x,
                y,
                None,
                None,
                f"{method}, {point.blur}: median {number(point.quartiles[1], metric.digits)}, middle half"
                f" {number(point.quartiles[0], metric.digits)} to {number(point.quartiles[2], metric.digits)},"
                f" {counted(point.count, 'face')}",
            )
            for x, y, point in zip(xs, ys[1], found, strict=True)
        ]
        path = path_through(list(zip(xs, ys[1], strict=True)))
        lines.append(Line(method, styles.get(method), tuple(marks), path, band_between(xs, ys[0], ys[2])))
    unit = f" ({metric.unit})" if metric.unit else ""
    ends = "; ".join(
        f"{method} {number(found[0].quartiles[1], metric.digits)} to {number(found[-1].quartiles[1], metric.digits)}"
        for method, found in shown
    )
    return Chart(
        title,
        "Median of the faces of about the same blur. Choose a method above to see its middle half.",
        f"{title}, from blurs of {fixed(min(middles), 0)} to {fixed(max(middles), 0)} pixels. Medians from the least blur to"
        f" the greatest: {ends}.",
        "blur (pixels)",
        f"{metric.label} {'gained' if is_gain else ''}".strip() + unit,
        across.ticks(),
        up.ticks(),
        zero_line(up) if is_gain else None,
        tuple(lines),
    )
