"""Recognition experiments as tables that people and programs read."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict

from clearface.evaluate.recognition.recognizers import recognizer_named
from clearface.evaluate.recognition.results import CollectionFacts, RecognitionResults, Recognized
from clearface.evaluate.recognition.settings import SHARP
from clearface.evaluate.report.words import MISSING

FORMAT = "clearface recognition 1"
"""Raised where an older reader would misunderstand newer results."""


def as_json(results: RecognitionResults) -> bytes:
    """Everything, rows last, one a line."""
    values = {"format": FORMAT, **asdict(results)}
    rows = [json.dumps(row, ensure_ascii=False, allow_nan=False) for row in values.pop("rows")]
    head = json.dumps(values, ensure_ascii=False, allow_nan=False, indent=1)
    return f'{head[:-2]},\n "rows": [\n{",".join(chr(10) + "  " + row for row in rows)[1:]}\n ]\n}}\n'.encode(
        "utf-8", "backslashreplace"
    )


def as_csv(results: RecognitionResults) -> bytes:
    """A row for each collection, method, number of training photos, split and test (RFC 4180)."""
    table = io.StringIO(newline="")
    writer = csv.writer(table, lineterminator="\r\n")
    writer.writerow(["collection", "method", "training_photos", "split", "test", "recognized", "asked"])
    for row in results.rows:
        writer.writerow(
            [row.collection, row.method, row.training_photos, row.split, row.test, row.recognized, row.asked]
        )
    return table.getvalue().encode("utf-8", "backslashreplace")


def as_markdown(results: RecognitionResults, plots: Sequence[tuple[str, str, str]]) -> bytes:
    """A table for each collection and test, methods by training photos. plots: collection, test and file of each."""
    lines = ["# Recognition", "", _how(results), ""]
    for collection in results.collections:
        lines += [f"## {collection.name}", "", _facts(collection), ""]
        own = [figure for figure in results.figures if figure.collection == collection.name]
        for test in dict.fromkeys(figure.test for figure in own):
            lines += [f"### {_test_words(test)}", ""]
            lines += markdown_table([figure for figure in own if figure.test == test])
            lines += [
                f"\n![{collection.name}, {test}]({file})"
                for name, of, file in plots
                if (name, of) == (collection.name, test)
            ]
            lines.append("")
    return "\n".join(lines).encode("utf-8", "backslashreplace")


def markdown_table(figures: Sequence[Recognized]) -> list[str]:
    """Percentages of one collection and test, mean and deviation, methods down and training photos across."""
    across = sorted({figure.training_photos for figure in figures})
    head = [f"{count} photos" if count > 1 else "1 photo" for count in across]
    lines = ["| method | " + " | ".join(head) + " |", "|---|" + "---:|" * len(across)]
    for method in dict.fromkeys(figure.method for figure in figures):
        own = {figure.training_photos: figure for figure in figures if figure.method == method}
        lines.append(
            f"| {recognizer_named(method).label} | " + " | ".join(percentage(own.get(k)) for k in across) + " |"
        )
    return lines


def percentage(figure: Recognized | None) -> str:
    """Mean and deviation in percent: `97.3 ± 1.2`."""
    if figure is None:
        return MISSING
    mean = f"{100 * figure.mean:.1f}"
    return mean if figure.deviation is None else f"{mean} \N{PLUS-MINUS SIGN} {100 * figure.deviation:.1f}"


def _how(results: RecognitionResults) -> str:
    settings = results.settings
    return (
        f"Photos recognized in percent, mean and standard deviation over {settings['splits']} random splits (seed"
        f" {settings['seed']}). Of each person so many photos are learned, sharp, and all others asked. KNN asks"
        f" {settings['neighbours']} by {settings['distance']} distance. Faces have {settings['size']} pixels, and are blurred"
        f" with their whole photos. clearface {results.version}: `{results.command}`"
    )


def _facts(collection: CollectionFacts) -> str:
    height, width = collection.shape
    looked_at = "photos whole" if collection.framing == "whole" else "aligned faces"
    lost = f", {len(collection.without_face)} more without a face left out" if collection.without_face else ""
    return (
        f"{collection.people} people, {collection.photos} photos{lost}. PCA, LDA, LPP and the CNN see {looked_at}, grey,"
        f" {width // 2}x{height // 2} pixels, LBP {width}x{height}; embedders see aligned faces."
    )


def _test_words(test: str) -> str:
    if test == SHARP:
        return "As they are"
    protocol, arrow, restorer = test.partition(" > ")
    return f"Blurred by `{protocol}`" + (f", restored by `{restorer}`" if arrow else "")


def summary_lines(results: RecognitionResults) -> list[str]:
    """For the terminal: for each collection and test the means of every method."""
    lines = []
    for collection in results.collections:
        own = [figure for figure in results.figures if figure.collection == collection.name]
        for test in dict.fromkeys(figure.test for figure in own):
            shown = [figure for figure in own if figure.test == test]
            across = sorted({figure.training_photos for figure in shown})
            lines.append(
                f"{collection.name}, {test}: % recognized after learning {', '.join(map(str, across))} photos a person"
            )
            for method in dict.fromkeys(figure.method for figure in shown):
                by_count = {figure.training_photos: figure for figure in shown if figure.method == method}
                lines.append(f"  {method:<7}" + "".join(f" {percentage(by_count.get(count)):>12}" for count in across))
    return lines
