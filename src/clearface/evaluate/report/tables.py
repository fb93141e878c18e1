"""The tables of the page, cell by cell."""

import math
from dataclasses import dataclass

from clearface.evaluate.gauges.base import Better, Metric
from clearface.evaluate.report.advice import SIGNIFICANT
from clearface.evaluate.report.column_groups import ColumnGroup, grouped
from clearface.evaluate.report.findings import Change, Findings, change, is_against_input, oriented
from clearface.evaluate.report.words import (
    MISSING,
    count_in_words,
    counted,
    data_size,
    fixed,
    p_value,
    seconds,
    share,
    signed,
)
from clearface.evaluate.results import FEWEST_FACES, INPUT, Comparison, Interval, SetFigure, Summary


@dataclass(frozen=True)
class Cell:
    """One figure in a table."""

    text: str
    interval: str = ""
    gain: str = ""
    change: Change | None = None
    shares: str = ""
    detail: str = ""
    """The rest, for whoever points at it."""

    best: bool = False
    sort: float | None = None
    """What rows are sorted by; None comes last."""


@dataclass(frozen=True)
class Row:
    """One method."""

    method: str
    style: int | None
    """Its number among the methods of the test; None for the input."""

    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class FigureTable:
    """One test: methods down, metrics across."""

    groups: tuple[ColumnGroup, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Overview:
    """Every test in one column: the gain in the metric it is judged by."""

    tests: tuple[tuple[str, Metric], ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class SetTable:
    """Figures that belong to all faces of one test together."""

    test: str
    metrics: tuple[Metric, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class ComparisonRow:
    """Two methods on the same faces."""

    metric: Metric
    first: str
    second: str
    difference: str
    interval: str
    p_value: str
    verdict: str
    """Which of them is better, in words."""

    faces: int
    is_headline: bool


@dataclass(frozen=True)
class CostRow:
    """One method at one size of face."""

    method: str
    size: int
    seconds: str
    multiplications: str
    parameters: str
    memory: str
    file: str
    sort: tuple[float | None, ...]
    """Of the five figures."""


def figure_table(findings: Findings, test: str, styles: dict[str, int]) -> FigureTable:
    """styles: the number of each method."""
    groups = grouped(findings.columns(test))
    metrics = [metric for group in groups for metric in group.metrics]
    methods = findings.methods(test)
    best = {metric.key: _best(findings, test, metric) for metric in metrics}
    rows = tuple(
        Row(
            method,
            styles.get(method),
            tuple(
                _cell(
                    findings.summaries.get((test, method, metric.key)),
                    metric,
                    best[metric.key] if method in findings.eligible(test, metric) else None,
                )
                for metric in metrics
            ),
        )
        for method in methods
    )
    return FigureTable(groups, rows)


def overview(findings: Findings, styles: dict[str, int]) -> Overview | None:
    """None where no test has a gain."""
    tests = []
    for test in findings.evaluation.tests:
        metric = findings.judged_by(test.name)
        if metric is not None and any(standing.summary.gain for standing in findings.ranked(test.name)):
            tests.append((test.name, metric))
    methods = dict.fromkeys(method for name, _ in tests for method in findings.methods(name) if method != INPUT)
    rows = []
    for method in methods:
        cells = []
        for name, metric in tests:
            summary = findings.summaries.get((name, method, metric.key))
            choices = findings.choices(name)
            may_be_best = any(standing.method == method for standing in choices)
            cells.append(_gain_cell(summary, metric, choices[0].merit if may_be_best else math.nan))
        rows.append(Row(method, styles.get(method), tuple(cells)))
    return Overview(tuple(tests), tuple(rows)) if tests else None


def comparison_rows(findings: Findings, test: str) -> tuple[ComparisonRow, ...]:
    """The paired tests, those of the metric the test is judged by first."""
    judged = findings.judged_by(test)
    metrics = {metric.key: metric for metric in findings.evaluation.metrics}
    found = [entry for entry in findings.evaluation.comparisons if entry.test == test and entry.metric in metrics]
    order = {key: number for number, key in enumerate(metrics)}
    found.sort(key=lambda entry: (judged is None or entry.metric != judged.key, order[entry.metric]))
    return tuple(
        ComparisonRow(
            metrics[entry.metric],
            entry.first,
            entry.second,
            signed(entry.difference.mean, metrics[entry.metric].digits),
            _interval(entry.difference, metrics[entry.metric].digits) or MISSING,
            MISSING if entry.difference.count < FEWEST_FACES else p_value(entry.p_value),
            _verdict(entry, metrics[entry.metric]),
            entry.difference.count,
            judged is not None and entry.metric == judged.key,
        )
        for entry in found
    )


def cost_rows(findings: Findings) -> tuple[CostRow, ...]:
    """Every method that was timed, at every size."""
    return tuple(
        CostRow(
            facts.name,
            cost.size,
            seconds(cost.seconds),
            MISSING if cost.multiplications is None else fixed(cost.multiplications / 1e9, 2),
            count_in_words(cost.parameters),
            data_size(cost.peak_memory),
            data_size(cost.file_bytes),
            (cost.seconds, cost.multiplications, cost.parameters, cost.peak_memory, cost.file_bytes),
        )
        for facts in findings.evaluation.methods
        for cost in sorted(facts.costs, key=lambda cost: cost.size)
    )


def set_tables(findings: Findings, styles: dict[str, int]) -> tuple[SetTable, ...]:
    """The figures of whole sets, a table for each test that has any. styles: the number of each method."""
    evaluation = findings.evaluation
    tables = []
    for test in dict.fromkeys(figure.test for figure in evaluation.set_figures):
        figures = {(entry.method, entry.metric): entry for entry in evaluation.set_figures if entry.test == test}
        keys, owners = {key for _, key in figures}, {method for method, _ in figures}
        metrics = tuple(metric for metric in evaluation.set_metrics if metric.key in keys)
        methods = dict.fromkeys([*findings.methods(test), *(method for method, _ in figures)])
        told = findings.told()
        may_be_best = {method for method in owners if method not in told} or owners
        if not may_be_best - {INPUT}:
            may_be_best = owners
        best = {
            metric.key: _extreme(
                [figures[method, metric.key].value for method in may_be_best if (method, metric.key) in figures], metric
            )
            for metric in metrics
        }
        rows = tuple(
            Row(
                method,
                styles.get(method),
                tuple(
                    _set_cell(
                        figures.get((method, metric.key)), metric, best[metric.key] if method in may_be_best else None
                    )
                    for metric in metrics
                ),
            )
            for method in methods
            if method in owners
        )
        tables.append(SetTable(test, metrics, rows))
    return tuple(tables)


def _set_cell(figure: SetFigure | None, metric: Metric, best: float | None) -> Cell:
    if figure is None:
        return Cell(MISSING)
    bounds = [fixed(bound, metric.digits) for bound in (figure.low, figure.high)]
    interval = "" if figure.low is None or figure.high is None else " to ".join(bounds)
    text = fixed(figure.value, metric.digits)
    return Cell(text, interval, best=figure.value == best, sort=_finite(figure.value))


def _best(findings: Findings, test: str, metric: Metric) -> float | None:
    found = [findings.summaries.get((test, method, metric.key)) for method in findings.eligible(test, metric)]
    return _extreme([summary.value.mean for summary in found if summary is not None], metric)


def _extreme(values: list[float], metric: Metric) -> float | None:
    """The best of several, None where there is nothing to choose."""
    finite = [value for value in values if math.isfinite(value)]
    if metric.better is Better.NEITHER or len(finite) < 2:
        return None
    return max(finite, key=lambda value: oriented(value, metric))


def _cell(summary: Summary | None, metric: Metric, best: float | None) -> Cell:
    if summary is None or not math.isfinite(summary.value.mean):
        return Cell(MISSING)
    value, gain = summary.value, summary.gain
    detail = f"{counted(value.count, 'face')}{_told_interval(value, metric.digits)}"
    if gain is not None and math.isfinite(gain.mean):
        detail += f"; against the input {signed(gain.mean, metric.digits)}{_told_interval(gain, metric.digits)}"
    return Cell(
        fixed(value.mean, metric.digits),
        _interval(value, metric.digits),
        "" if gain is None or not math.isfinite(gain.mean) else signed(gain.mean, metric.digits),
        None if gain is None else change(gain, metric),
        _shares(summary, metric),
        detail,
        value.mean == best,
        value.mean,
    )


def _gain_cell(summary: Summary | None, metric: Metric, best: float) -> Cell:
    if summary is None or summary.gain is None or not math.isfinite(summary.gain.mean):
        return Cell(MISSING)
    gain = summary.gain
    return Cell(
        signed(gain.mean, metric.digits),
        _interval(gain, metric.digits, plus=True),
        change=change(gain, metric),
        shares=_shares(summary, metric),
        best=oriented(gain.mean, metric) == best > 0,
        sort=gain.mean,
    )


def _shares(summary: Summary, metric: Metric) -> str:
    """How many faces got better; empty for one face, and where none could."""
    gain = summary.gain
    if summary.better is None or gain is None or gain.count == 1 or is_against_input(metric):
        return ""
    is_nothing = summary.better == 0 and gain.low == gain.mean == gain.high == 0
    return "" if is_nothing else f"{share(summary.better)} better"


def _verdict(entry: Comparison, metric: Metric) -> str:
    if entry.difference.count < FEWEST_FACES:
        return "too few faces"
    if not entry.p_value < SIGNIFICANT:
        return "not significant"
    if metric.better is Better.NEITHER or entry.difference.mean == 0:
        return "they differ"
    return f"{entry.first if oriented(entry.difference.mean, metric) > 0 else entry.second} is better"


def _told_interval(interval: Interval, digits: int) -> str:
    return f", 95% interval {_interval(interval, digits)}" if interval.count > 1 else ""


def _interval(interval: Interval, digits: int, *, plus: bool = False) -> str:
    """Empty for one face, of which there is none: no width would look like certainty."""
    if interval.count == 1:
        return ""
    number = signed if plus else fixed
    return f"{number(interval.low, digits)} to {number(interval.high, digits)}"


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
