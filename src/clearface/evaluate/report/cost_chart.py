"""Quality against the time a face takes."""

import math

from clearface.evaluate.report.axes import axis, logarithmic_axis
from clearface.evaluate.report.charts import BOTTOM, LEFT, RIGHT, TOP, Chart, Line, Mark, path_through
from clearface.evaluate.report.findings import Findings
from clearface.evaluate.report.words import fixed, seconds
from clearface.evaluate.results import INPUT, TestFacts


def cost_chart(findings: Findings, test: TestFacts, styles: dict[str, int]) -> Chart | None:
    """The metric a test is judged by against seconds a face, a point for each method, the input as a line.

    styles: the number of each method. None where fewer than two methods were timed: one point is no plot.
    """
    metric = findings.judged_by(test.name)
    if metric is None:
        return None
    timed = []
    for method in findings.methods(test.name):
        cost, summary = findings.cost(test.name, method), findings.summaries.get((test.name, method, metric.key))
        if cost is None or summary is None or method == INPUT or not 0 < cost.seconds < math.inf:
            continue
        if math.isfinite(summary.value.mean):
            timed.append((method, cost, summary.value))
    if len(timed) < 2:
        return None
    given = findings.summaries.get((test.name, INPUT, metric.key))
    heights = [bound for _, _, value in timed for bound in (value.low, value.high)]
    if given is not None and math.isfinite(given.value.mean):
        heights.append(given.value.mean)
    across = logarithmic_axis([cost.seconds for _, cost, _ in timed], LEFT, RIGHT)
    up = axis([height for height in heights if math.isfinite(height)], BOTTOM, TOP)
    lines = []
    if given is not None and math.isfinite(given.value.mean):
        level = up.place(given.value.mean)
        lines.append(Line(INPUT, None, (), path_through([(LEFT, level), (RIGHT, level)])))
    words = []
    for method, cost, value in timed:
        told = f"{method}: {fixed(value.mean, metric.digits)} {metric.unit}".rstrip() + f" in {seconds(cost.seconds)}"
        words.append(told)
        bounds = (value.low, value.high) if value.count > 1 else (math.nan, math.nan)
        low, high = (up.place(bound) if math.isfinite(bound) else None for bound in bounds)
        mark = Mark(across.place(cost.seconds), up.place(value.mean), low, high, told)
        lines.append(Line(method, styles.get(method), (mark,), ""))
    sizes = sorted({cost.size for _, cost, _ in timed})
    shown = "Mean with its 95% interval" if any(value.count > 1 for _, _, value in timed) else "One face"
    unit = f" ({metric.unit})" if metric.unit else ""
    return Chart(
        f"{metric.label} and the time it takes",
        f"{shown}, against the median time for a face of {' or '.join(map(str, sizes))} pixels.",
        f"{metric.label} against seconds a face. {'; '.join(words)}.",
        "seconds a face",
        f"{metric.label}{unit}",
        across.ticks(),
        up.ticks(),
        None,
        tuple(lines),
    )
