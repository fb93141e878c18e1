"""The report: one page that needs nothing but itself."""

import base64
import hashlib
import importlib.resources
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from clearface.evaluate.gauges.base import Metric
from clearface.evaluate.report.advice import Advice, advise
from clearface.evaluate.report.blur_charts import blur_charts
from clearface.evaluate.report.charts import BOTTOM, HEIGHT, LEFT, RIGHT, STYLES, TOP, WIDTH, Chart
from clearface.evaluate.report.cost_chart import cost_chart
from clearface.evaluate.report.example_strips import example_strips
from clearface.evaluate.report.findings import Change, Findings, gather
from clearface.evaluate.report.headline import overall
from clearface.evaluate.report.pictures import ERROR_SCALE, LARGEST_SIDE
from clearface.evaluate.report.settings_lines import settings_lines, short_checksum
from clearface.evaluate.report.tables import (
    ComparisonRow,
    FigureTable,
    Overview,
    comparison_rows,
    cost_rows,
    figure_table,
    overview,
    set_tables,
)
from clearface.evaluate.report.words import breakable, counted, reading
from clearface.evaluate.results import FEWEST_FACES, INPUT, Evaluation, Example, TestFacts
from clearface.files.explanations import shown

_MOST_LEFT_OUT = 200
"""Photos left out that are named on the page."""

_NEED_TRUTH = (
    *("PSNR", "SSIM", "MS-SSIM", "Gradient", "FFT", "LPIPS", "FID"),
    *("Landmark", "Parts", "Calibration", "Recognized"),
)
"""How the labels of metrics begin that nothing can have without sharp faces."""

_IDENTITY = ("Identity", "identity")
"""The label of the angle to the sharp face, and how the keys begin of all metrics of the same networks."""


@dataclass(frozen=True)
class SectionView:
    """One test as the page shows it."""

    facts: TestFacts
    anchor: str
    judged_by: Metric | None
    gained: bool
    """Whether the faces as they were before are known, and methods judged by what they gain."""

    advice: Advice
    table: FigureTable
    charts: tuple[Chart, ...]
    comparisons: tuple[ComparisonRow, ...]


def render_report(evaluation: Evaluation, examples: Sequence[Example]) -> str:
    """An HTML page of everything an evaluation found, for people.

    Styles, script and pictures are inside it; it asks for nothing from elsewhere, and its own policy forbids it to.
    examples: faces to look at, up to three for each test and method. The same arguments give the same page.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    findings = gather(evaluation)
    named = dict.fromkeys(method for test in evaluation.tests for method in findings.methods(test.name))
    styles = {method: number for number, method in enumerate(method for method in named if method != INPUT)}
    tests = tuple(_section(findings, test, number, styles) for number, test in enumerate(evaluation.tests, start=1))
    by_test = overview(findings, styles)
    style, script = _resource("page.css"), _resource("page.js")
    environment = Environment(
        loader=PackageLoader("clearface.evaluate.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["reading"] = reading
    environment.filters["breakable"] = breakable
    environment.filters["short_checksum"] = short_checksum
    environment.globals["told"] = findings.told()
    environment.globals["fewest_faces"] = FEWEST_FACES
    page = environment.get_template("page.html").render(
        evaluation=evaluation,
        overall=overall({test.facts.name: test.advice for test in tests}),
        started=_date(evaluation.started),
        measured=_measured(evaluation, len(styles)),
        compared=any(summary.gain is not None for summary in evaluation.summaries),
        single=all(test.faces == 1 for test in evaluation.tests),
        overview=by_test,
        changes=_changes(tests, by_test),
        tests=tests,
        styles=styles,
        strips=example_strips(findings, examples),
        set_tables=set_tables(findings, styles),
        costs=cost_rows(findings),
        settings=settings_lines(evaluation.settings),
        unavailable=_unavailable(evaluation),
        left_out=[(shown(name), why) for name, why in list(evaluation.left_out.items())[:_MOST_LEFT_OUT]],
        input=INPUT,
        frame={"width": WIDTH, "height": HEIGHT, "left": LEFT, "right": RIGHT, "top": TOP, "bottom": BOTTOM},
        colours=STYLES,
        error_levels=round(ERROR_SCALE * 255),
        largest_side=LARGEST_SIDE,
        style=Markup(style),  # noqa: S704 - a file of this package
        script=Markup(script),  # noqa: S704
        policy=_policy(style, script),
    )
    # names of files may hold bytes that are no UTF-8, and a page has to be
    return page.encode("utf-8", "backslashreplace").decode("utf-8")


def _section(findings: Findings, test: TestFacts, number: int, styles: dict[str, int]) -> SectionView:
    by_cost = cost_chart(findings, test, styles)
    return SectionView(
        test,
        f"test-{number}",
        findings.judged_by(test.name),
        findings.has_gain(test.name),
        advise(findings, test),
        figure_table(findings, test.name, styles),
        blur_charts(findings, test, styles) + (() if by_cost is None else (by_cost,)),
        comparison_rows(findings, test.name),
    )


def _changes(tests: Sequence[SectionView], by_test: Overview | None) -> frozenset[Change | None]:
    """What the key has to explain."""
    rows = [row for test in tests for row in test.table.rows] + list(by_test.rows if by_test else ())
    return frozenset(cell.change for row in rows for cell in row.cells)


def _unavailable(evaluation: Evaluation) -> dict[str, str]:
    """What was not measured and could have been: without sharp faces nothing that needs them."""
    if any(test.has_truth for test in evaluation.tests) or not evaluation.tests:
        return evaluation.unavailable
    label, beginning = _IDENTITY
    has_network = any(metric.key.startswith(beginning) for metric in evaluation.metrics)
    return {
        name: why
        for name, why in evaluation.unavailable.items()
        if not name.startswith(_NEED_TRUTH) and not (has_network and name == label)
    }


def _resource(name: str) -> str:
    return (
        importlib.resources.files("clearface.evaluate.report").joinpath("templates", name).read_text(encoding="utf-8")
    )


def _policy(style: str, script: str) -> str:
    """A Content Security Policy that allows the style and the script by their checksums, inline pictures, and nothing else."""
    return (
        f"default-src 'none'; img-src data:; style-src {_checksum(style)}; script-src {_checksum(script)};"
        " base-uri 'none'; form-action 'none'"
    )


def _checksum(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _date(started: str) -> str:
    try:
        return f"{datetime.fromisoformat(started):%Y-%m-%d %H:%M} UTC"
    except ValueError:
        return started


def _measured(evaluation: Evaluation, methods: int) -> str:
    faces = sorted({test.faces for test in evaluation.tests})
    if not faces:
        return "Nothing was measured."
    many = counted(faces[0], "face") if len(faces) == 1 else f"{faces[0]:,} to {counted(faces[-1], 'face')}"
    tests = len(evaluation.tests)
    where = "in one test" if tests == 1 else f"in each of {tests} tests"
    by = f"{counted(methods, 'method')} measured by {counted(len(evaluation.metrics), 'metric')}"
    return f"{many[:1].upper()}{many[1:]} {where}, {by}."
