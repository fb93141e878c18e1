"""Means and deviations against NumPy, and what is written of them."""

import csv
import io
import json
import math
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from clearface.evaluate.recognition.plots import plots_of, recognition_chart
from clearface.evaluate.recognition.results import CollectionFacts, RecognitionResults, SplitResult, summed_up
from clearface.evaluate.recognition.svg import chart_as_svg
from clearface.evaluate.recognition.tables import as_csv, as_json, as_markdown, summary_lines


def rows_of(seed: int = 0) -> tuple[SplitResult, ...]:
    generator = np.random.default_rng(seed)
    return tuple(
        SplitResult("orl <&>", method, photos, split, test, int(generator.integers(50, 101)), 100)
        for method in ("pca", "cnn")
        for photos in (2, 5)
        for split in range(7)
        for test in ("sharp", "shen", "shen > smfd")
    )


def results_of(rows: tuple[SplitResult, ...]) -> RecognitionResults:
    settings = {"splits": 7, "seed": 7, "neighbours": 1, "distance": "cosine", "size": 128}
    facts = CollectionFacts("orl <&>", 40, 399, ("s1/2.pgm",), "whole", (112, 92))
    return RecognitionResults("clearface", "1", "now", settings, {}, {}, {}, (facts,), summed_up(rows), rows)


def test_mean_and_deviation_are_those_of_numpy() -> None:
    rows = rows_of()
    for figure in summed_up(rows):
        shares = [
            row.recognized / row.asked
            for row in rows
            if (row.method, row.training_photos, row.test) == (figure.method, figure.training_photos, figure.test)
        ]
        assert figure.splits == 7
        assert figure.mean == pytest.approx(np.mean(shares))
        assert figure.deviation == pytest.approx(np.std(shares, ddof=1))
    assert len(summed_up(rows)) == 2 * 2 * 3
    (single,) = summed_up(rows[:1])
    assert single.deviation is None


def test_the_files_say_the_same() -> None:
    results = results_of(rows_of())
    told = json.loads(as_json(results))
    assert told["rows"][3] == {
        "collection": "orl <&>",
        "method": "pca",
        "training_photos": 2,
        "split": 1,
        "test": "sharp",
        "recognized": results.rows[3].recognized,
        "asked": 100,
    }
    assert len(told["figures"]) == 12
    table = list(csv.DictReader(io.StringIO(as_csv(results).decode(), newline="")))
    assert [int(line["recognized"]) for line in table] == [row.recognized for row in results.rows]
    page = as_markdown(results, [("orl <&>", "sharp", "plots/a.svg")]).decode()
    for figure in results.figures:
        assert figure.deviation is not None
        assert f"{100 * figure.mean:.1f} ± {100 * figure.deviation:.1f}" in page
    assert "1 more without a face left out" in page
    assert "![orl <&>, sharp](plots/a.svg)" in page
    assert page.count("restored by `smfd`") == 1
    assert any("pca" in line for line in summary_lines(results))


def test_plots_are_well_formed_and_show_every_mean_where_it_belongs() -> None:
    results = results_of(rows_of())
    plots = plots_of(results)
    assert [(test, file) for _, test, file, _ in plots] == [
        ("sharp", "plots/orl-sharp.svg"),
        ("shen", "plots/orl-shen.svg"),
        ("shen > smfd", "plots/orl-shen-smfd.svg"),
    ]
    for _, _, _, picture in plots:
        root = ET.fromstring(picture)  # noqa: S314 - written by the package itself
        assert len([each for each in root.iter() if each.tag.endswith("circle")]) == 4
    figures = [figure for figure in results.figures if figure.test == "sharp"]
    chart = recognition_chart("orl", "sharp", figures)
    ticks = [(tick.place, float(tick.label)) for tick in chart.y_ticks]
    slope = (ticks[-1][1] - ticks[0][1]) / (ticks[-1][0] - ticks[0][0])
    for line, method in zip(chart.lines, ("pca", "cnn"), strict=True):
        means = [100 * figure.mean for figure in figures if figure.method == method]
        found = [ticks[0][1] + (mark.y - ticks[0][0]) * slope for mark in line.marks]
        np.testing.assert_allclose(found, means, atol=0.1)
    assert all(math.isfinite(mark.x) for line in chart.lines for mark in line.marks)
    assert chart_as_svg(chart).startswith(b"<svg")
