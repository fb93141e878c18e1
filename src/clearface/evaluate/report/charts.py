"""Charts as plain geometry; the templates draw them as SVG that follows the colours of the page."""

from dataclasses import dataclass

from clearface.evaluate.report.axes import Axis, Tick

WIDTH, HEIGHT = 400, 290
"""Of a chart, in the units of its geometry; about pixels on a desk."""

LEFT, RIGHT, TOP, BOTTOM = 46, 392, 10, 246
"""Where the plotting area begins and ends."""

STYLES = 8
"""How many colours there are, and how many markers."""


@dataclass(frozen=True)
class Mark:
    """One point."""

    x: float
    y: float
    low: float | None
    high: float | None
    """Places of the ends of its interval along y."""

    title: str
    """What it stands for, in words."""


@dataclass(frozen=True)
class Line:
    """One method in a chart: its points, joined or not."""

    name: str
    style: int | None
    """Number of the method among those of the test, which decides colour, marker and dashes; None for the input."""

    marks: tuple[Mark, ...]
    path: str
    """The line through the points as SVG path data; empty where they are not joined."""

    band: str = ""
    """The outline of the middle half of the faces as SVG path data; empty where there is none."""


@dataclass(frozen=True)
class Chart:
    """One chart."""

    title: str
    caption: str
    """How it is read."""

    description: str
    """What it shows, for whoever cannot see it."""

    x_label: str
    y_label: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    zero: float | None
    """Where along y nothing is gained; None where that lies outside, or means nothing."""

    lines: tuple[Line, ...]


def path_through(places: list[tuple[float, float]]) -> str:
    """SVG path data of a line through the places."""
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in places) if places else ""


def band_between(xs: list[float], lows: list[float], highs: list[float]) -> str:
    """SVG path data of the area between two lines over the same x."""
    outline = [*zip(xs, highs, strict=True), *reversed(list(zip(xs, lows, strict=True)))]
    return path_through(outline) + "Z"


def zero_line(along: Axis) -> float | None:
    """Where zero lies, if it does."""
    return along.place(0.0) if along.low < 0 < along.high else None
