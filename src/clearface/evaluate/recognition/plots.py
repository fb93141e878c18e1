"""Recognition experiments as charts."""

import re
from collections.abc import Sequence

from clearface.evaluate.recognition.recognizers import RECOGNIZERS, recognizer_named
from clearface.evaluate.recognition.results import RecognitionResults, Recognized
from clearface.evaluate.recognition.svg import chart_as_svg
from clearface.evaluate.recognition.tables import percentage
from clearface.evaluate.report.axes import Axis, Tick, axis
from clearface.evaluate.report.charts import BOTTOM, LEFT, RIGHT, TOP, Chart, Line, Mark, path_through

FOLDER = "plots"
"""Where they lie, beside the tables."""


def plots_of(results: RecognitionResults) -> list[tuple[str, str, str, bytes]]:
    """For each collection and test: both, the place of its picture below the folder of the results, and the picture (SVG)."""
    pictures, taken = [], set[str]()
    for collection in results.collections:
        own = [figure for figure in results.figures if figure.collection == collection.name]
        for test in dict.fromkeys(figure.test for figure in own):
            name = stem = re.sub(r"[^a-z0-9]+", "-", f"{collection.name}-{test}".lower()).strip("-") or "plot"
            count = 1
            while name in taken:
                count += 1
                name = f"{stem}-{count}"
            taken.add(name)
            chart = recognition_chart(collection.name, test, [figure for figure in own if figure.test == test])
            pictures.append((collection.name, test, f"{FOLDER}/{name}.svg", chart_as_svg(chart)))
    return pictures


def recognition_chart(collection: str, test: str, figures: Sequence[Recognized]) -> Chart:
    """Percent recognized against training photos, a line for each method, whiskers of one deviation."""
    counts = sorted({figure.training_photos for figure in figures})
    across = axis([float(count) for count in counts], LEFT, RIGHT)
    up = _percent_axis(figures)
    order = [recognizer.name for recognizer in RECOGNIZERS]
    lines, words = [], []
    for method in dict.fromkeys(figure.method for figure in figures):
        label = recognizer_named(method).label
        own = sorted(
            (figure for figure in figures if figure.method == method), key=lambda figure: figure.training_photos
        )
        places = [(across.place(figure.training_photos), up.place(100 * figure.mean)) for figure in own]
        told = [f"{label}, {figure.training_photos} photos: {percentage(figure)}" for figure in own]
        marks = tuple(
            Mark(x, y, *_whisker(figure, up), title) for (x, y), figure, title in zip(places, own, told, strict=True)
        )
        lines.append(Line(label, order.index(method), marks, path_through(places)))
        words += told
    return Chart(
        f"{collection}, {test}",
        "Mean over the splits, with one standard deviation.",
        f"Percent recognized against training photos a person. {'; '.join(words)}.",
        "training photos a person",
        "recognized (%)",
        tuple(Tick(across.place(count), str(count)) for count in counts),
        up.ticks(),
        None,
        tuple(lines),
    )


def _percent_axis(figures: Sequence[Recognized]) -> Axis:
    lowest = min(100 * (figure.mean - (figure.deviation or 0)) for figure in figures)
    return Axis(max(0.0, lowest - 3), 100.5, BOTTOM, TOP)


def _whisker(figure: Recognized, up: Axis) -> tuple[float | None, float | None]:
    if figure.deviation is None:
        return None, None
    low, high = (100 * (figure.mean + way * figure.deviation) for way in (-1, 1))
    return up.place(max(low, up.low)), up.place(min(high, up.high))
