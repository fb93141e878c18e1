import re
from dataclasses import replace
from statistics import fmean

import pytest

from clearface.evaluate import results
from clearface.evaluate.report.blur_charts import blur_charts
from clearface.evaluate.report.cost_chart import cost_chart
from clearface.evaluate.report.findings import Change, Findings, gather
from clearface.evaluate.report.tables import comparison_rows, cost_rows, figure_table, overview, set_tables
from clearface.evaluate.report.words import MISSING


@pytest.fixture(scope="module")
def findings(evaluation: results.Evaluation) -> Findings:
    return gather(evaluation)


def test_the_input_comes_first_and_has_no_gain(findings: Findings) -> None:
    table = figure_table(findings, "shen", {"smfd": 0})
    assert [row.method for row in table.rows] == [
        results.INPUT,
        *(facts.name for facts in findings.evaluation.methods[1:]),
    ]
    assert all(not cell.gain for cell in table.rows[0].cells)
    assert (table.rows[0].style, table.rows[1].style) == (None, 0)


def test_cells_hold_the_means(findings: Findings) -> None:
    table = figure_table(findings, "shen", {})
    keys = [metric.key for group in table.groups for metric in group.metrics]
    psnr = keys.index("psnr")
    for row in table.rows:
        faces = [face for face in findings.evaluation.faces if (face.test, face.method) == ("shen", row.method)]
        mean = fmean(value for face in faces if (value := face.values["psnr"]) is not None)
        assert row.cells[psnr].text == f"{mean:.2f}"


@pytest.mark.parametrize("key", ["psnr", "lpips_alex", "sharpness"])
def test_one_is_best_unless_no_way_is_better(findings: Findings, key: str) -> None:
    table = figure_table(findings, "shen", {})
    column = [metric.key for group in table.groups for metric in group.metrics].index(key)
    best = [row.method for row in table.rows if row.cells[column].best]
    assert best == ([] if key == "sharpness" else ["smfd"])
    changes = {row.cells[column].change for row in table.rows}
    assert changes == ({None} if key == "sharpness" else {None, Change.BETTER, Change.WORSE})


def test_a_test_without_truth_has_the_columns_it_can_have(findings: Findings) -> None:
    real = next(test.name for test in findings.evaluation.tests if not test.has_truth)
    table = figure_table(findings, real, {})
    assert {metric.key for group in table.groups for metric in group.metrics} == {
        "niqe",
        "sharpness",
        "found_centerface",
        "outside_change",
    }
    judged = findings.judged_by(real)
    assert judged is not None
    assert judged.key == "niqe"


def test_one_face_changes_nothing_for_certain(findings: Findings) -> None:
    table = overview(findings, {})
    assert table is not None
    column = [name for name, _ in table.tests].index("box5")
    assert {row.cells[column].change for row in table.rows} == {Change.TOO_FEW}
    assert {(row.cells[column].interval, row.cells[column].shares) for row in table.rows} == {("", "")}
    cells = [cell for row in figure_table(findings, "box5", {}).rows for cell in row.cells]
    assert not [cell for cell in cells if cell.interval or cell.shares or "interval" in cell.detail]
    assert {row.verdict for row in comparison_rows(findings, "box5")} == {"too few faces"}
    assert {row.p_value for row in comparison_rows(findings, "box5")} == {MISSING}


def test_a_method_told_the_blur_is_never_the_best_beside_others(findings: Findings) -> None:
    told = "smfd"
    methods = tuple(replace(facts, told_truth=facts.name == told) for facts in findings.evaluation.methods)
    changed = gather(replace(findings.evaluation, methods=methods))
    rows = {row.method: row for row in figure_table(changed, "shen", {}).rows}
    assert not [cell for cell in rows[told].cells if cell.best]
    assert rows["richardson-lucy:psf=true,iterations=50"].cells[0].best
    table = overview(changed, {})
    assert table is not None
    assert [row.method for row in table.rows if row.cells[0].best] == ["richardson-lucy:psf=true,iterations=50"]


def test_the_input_is_not_the_best_at_being_like_the_input(findings: Findings) -> None:
    at_rest = results.Interval(0.0, 0.0, 0.0, 60)
    summaries = [entry for entry in findings.evaluation.summaries if entry.method != results.INPUT]
    summaries = [
        replace(entry, gain=entry.value, better=0.0) if entry.metric == "outside_change" else entry
        for entry in summaries
    ]
    summaries += [entry for entry in findings.evaluation.summaries if entry.method == results.INPUT]
    summaries.append(results.Summary("shen", results.INPUT, "outside_change", at_rest, None, None))
    table = figure_table(gather(replace(findings.evaluation, summaries=tuple(summaries))), "shen", {})
    column = [metric.key for group in table.groups for metric in group.metrics].index("outside_change")
    best = [row.method for row in table.rows if row.cells[column].best]
    assert len(best) == 1
    assert best != [results.INPUT]
    assert not [row.cells[column].shares for row in table.rows if row.cells[column].shares]


def test_where_nothing_could_improve_no_share_is_shown(findings: Findings) -> None:
    still = results.Interval(0.0, 0.0, 0.0, 60)
    summaries = tuple(
        replace(entry, gain=still, better=0.0)
        if (entry.method, entry.metric) == ("wiener", "found_centerface")
        else entry
        for entry in findings.evaluation.summaries
    )
    table = figure_table(gather(replace(findings.evaluation, summaries=summaries)), "shen", {})
    column = [metric.key for group in table.groups for metric in group.metrics].index("found_centerface")
    shares = {row.method: row.cells[column].shares for row in table.rows}
    assert shares["wiener"] == ""
    assert shares["smfd"].endswith("better")


def test_one_point_is_no_plot(findings: Findings) -> None:
    test = findings.evaluation.tests[0]
    one = tuple(
        replace(facts, costs=facts.costs if facts.name == "smfd" else ()) for facts in findings.evaluation.methods
    )
    assert cost_chart(gather(replace(findings.evaluation, methods=one)), test, {}) is None


def test_comparisons_begin_with_the_metric_that_decides(findings: Findings) -> None:
    rows = comparison_rows(findings, "shen")
    assert [row.is_headline for row in rows] == [True] * 10 + [False] * 10
    assert {row.metric.key for row in rows[:10]} == {"psnr"}
    clear = next(row for row in rows if (row.first, row.second) == ("smfd", "wiener"))
    assert clear.verdict == "smfd is better"
    lower = next(row for row in rows[10:] if (row.first, row.second) == ("smfd", "wiener"))
    assert lower.difference.startswith("\N{MINUS SIGN}")
    assert lower.verdict == "smfd is better"


def test_costs_and_sets_are_told(findings: Findings) -> None:
    first = cost_rows(findings)[0]
    assert (first.seconds, first.multiplications, first.parameters) == ("83.0 ms", "1.24", "3.40 M")
    assert (first.memory, first.file) == ("310 MB", "13.6 MB")
    (table,) = set_tables(findings, {})
    assert [row.cells[0].best for row in table.rows] == [False] * 5 + [True]
    assert table.rows[0].cells[0].interval == "58.0 to 62.0"


def test_charts_are_drawn_where_the_blur_is_known(findings: Findings) -> None:
    drawn = {test.name: len(blur_charts(findings, test, {})) for test in findings.evaluation.tests}
    assert [drawn[name] for name in ("shen", "sharp", "box5")] == [2, 0, 0]


def test_a_line_goes_through_the_medians_of_all_faces(findings: Findings) -> None:
    test = findings.evaluation.tests[0]
    gain, value = blur_charts(findings, test, {"smfd": 0})
    assert [line.name for line in value.lines] == list(findings.methods(test.name))
    assert [line.name for line in gain.lines] == list(findings.methods(test.name))[1:]
    for line in value.lines:
        counts = [int(found[1]) for mark in line.marks if (found := re.search(r"(\d+) faces?$", mark.title))]
        assert sum(counts) == test.faces
        assert [mark.x for mark in line.marks] == sorted(mark.x for mark in line.marks)


def test_time_is_read_at_the_size_of_the_test(findings: Findings) -> None:
    tests = {test.name: test for test in findings.evaluation.tests}
    small, large = (cost_chart(findings, tests[name], {}) for name in ("shen", "mixed@256"))
    assert small is not None
    assert large is not None
    assert "smfd: 24." in small.description
    assert "83.0 ms" in small.description
    assert "0.166 s" in large.description
    assert small.lines[0].name == results.INPUT
