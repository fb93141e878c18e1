"""What a verification found, as tables that people and programs read."""

import csv
import io
import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from clearface.evaluate.recognition.roc import Bounds, Roc
from clearface.evaluate.recognition.svg import chart_as_svg
from clearface.evaluate.report.axes import Axis
from clearface.evaluate.report.charts import BOTTOM, LEFT, RIGHT, TOP, Chart, Line, Mark, path_through
from clearface.evaluate.report.words import MISSING

FORMAT = "clearface verification 1"
"""Raised where an older reader would misunderstand newer results."""

_MOST_POINTS = 400


@dataclass(frozen=True)
class MatchRate:
    """How many pairs of one person are told at a false-match rate."""

    false_match_rate: float
    true_match_rate: float | None
    """In [0, 1]; None where the pairs of two people are too few to tell that rate by: below 3 of them."""

    bounds: Bounds | None


@dataclass(frozen=True)
class Verified:
    """One way the first photos of pairs were treated."""

    condition: str
    restored: bool
    genuine: int
    """Pairs of one person."""

    impostors: int
    """Of two."""

    match_rates: tuple[MatchRate, ...]
    equal_error_rate: float
    equal_error_bounds: Bounds
    curve: tuple[tuple[float, float, float], ...]
    """Distance, false-match rate and true-match rate, some hundred points of the ROC."""

    @property
    def name(self) -> str:
        """In tables and plots."""
        return f"{self.condition}, restored" if self.restored else self.condition


@dataclass(frozen=True)
class VerificationResults:
    """Everything that is written down."""

    command: str
    version: str
    started: str
    embedder: str
    photos: int
    without_face: tuple[str, ...]
    people: int | None
    """None where nobody told them."""

    settings: dict[str, Any]
    verified: tuple[Verified, ...]


def curve_points(roc: Roc) -> tuple[tuple[float, float, float], ...]:
    """Points of the ROC, those at both ends and those where the false-match rate grows by a fiftieth or so."""
    chosen, level, count = list[int](), -math.inf, len(roc.distances)
    for place, rate in enumerate(roc.false_matches.tolist()):
        at = math.log10(rate) if rate > 0 else -math.inf
        following = roc.false_matches[place + 1] if place + 1 < count else 1.0
        if place + 1 == count or (following > rate and at >= level):
            chosen.append(place)
            level = at + 6 / _MOST_POINTS if rate > 0 else level
    return tuple(
        (float(roc.distances[place]), float(roc.false_matches[place]), float(roc.true_matches[place]))
        for place in chosen
    )


def verification_json(results: VerificationResults) -> bytes:
    """Everything."""
    values = {"format": FORMAT, **asdict(results)}
    return (json.dumps(values, ensure_ascii=False, allow_nan=False, indent=1) + "\n").encode(
        "utf-8", "backslashreplace"
    )


def verification_csv(results: VerificationResults) -> bytes:
    """The points of every ROC (RFC 4180)."""
    table = io.StringIO(newline="")
    writer = csv.writer(table, lineterminator="\r\n")
    writer.writerow(["condition", "restored", "distance", "false_match_rate", "true_match_rate"])
    for verified in results.verified:
        for point in verified.curve:
            writer.writerow([verified.condition, "yes" if verified.restored else "no", *point])
    return table.getvalue().encode("utf-8", "backslashreplace")


def verification_markdown(results: VerificationResults, plot: str) -> bytes:
    """A table, a row for each condition."""
    over = "people" if results.people is not None else "pairs, since nobody told the people"
    lost = f" Without a face, and left out: {len(results.without_face)} photos." if results.without_face else ""
    of = "" if results.people is None else f" of {results.people:,} people"
    rates = [rate.false_match_rate for rate in results.verified[0].match_rates]
    told = (
        f"{results.photos:,} photos{of}, compared by {results.embedder}: the first photo of a pair degraded, and restored, the"
        f" second as it is.{lost} Percent of the pairs of one person that are told at each false-match rate, and the equal error"
        f" rate, with intervals of 95% by bootstrap over {over}. {MISSING}: too few pairs of strangers to tell."
        f" clearface {results.version}: `{results.command}`"
    )
    lines = [
        "# Verification",
        "",
        told,
        "",
        "| condition | pairs, same / different | " + " | ".join(f"at {rate:g}" for rate in rates) + " | equal errors |",
        "|---|---:|" + "---:|" * (len(rates) + 1),
    ]
    for verified in results.verified:
        cells = [_told(rate.true_match_rate, rate.bounds) for rate in verified.match_rates]
        errors = _told(verified.equal_error_rate, verified.equal_error_bounds)
        pairs = f"{verified.genuine:,} / {verified.impostors:,}"
        lines.append(f"| {verified.name} | {pairs} | {' | '.join(cells)} | {errors} |")
    return "\n".join([*lines, "", f"![ROC]({plot})", ""]).encode("utf-8", "backslashreplace")


def verification_lines(results: VerificationResults) -> list[str]:
    """For the terminal."""
    lines = [f"{results.photos:,} photos, by {results.embedder}"]
    width = max(len(verified.name) for verified in results.verified)
    for verified in results.verified:
        told = [rate for rate in verified.match_rates if rate.true_match_rate is not None]
        rates = ", ".join(f"{100 * (rate.true_match_rate or 0):.1f}% at {rate.false_match_rate:g}" for rate in told)
        lines.append(
            f"  {verified.name:<{width}}  equal errors {100 * verified.equal_error_rate:.2f}%; matched {rates}"
        )
    return lines


def roc_plot(results: VerificationResults) -> bytes:
    """The ROC of every condition as SVG, false-match rates by orders of magnitude."""
    least = min(1 / verified.impostors for verified in results.verified)
    across = Axis(min(least, 0.1), 1.0, LEFT, RIGHT, logarithmic=True)
    up = Axis(0.0, 100.0, BOTTOM, TOP)
    lines = [_line(verified, across, up, style) for style, verified in enumerate(results.verified)]
    words = [f"{verified.name}: equal errors {100 * verified.equal_error_rate:.2f}%" for verified in results.verified]
    return chart_as_svg(
        Chart(
            f"Verification by {results.embedder}",
            "",
            f"True-match rate against false-match rate. {'; '.join(words)}.",
            "false-match rate",
            "true-match rate (%)",
            across.ticks(),
            up.ticks(),
            None,
            tuple(lines),
        )
    )


def _line(verified: Verified, across: Axis, up: Axis, style: int) -> Line:
    points = [(across.place(fmr), up.place(100 * tmr)) for _, fmr, tmr in verified.curve if fmr >= across.low]
    marks = tuple(
        Mark(
            across.place(rate.false_match_rate),
            up.place(100 * rate.true_match_rate),
            None if rate.bounds is None else up.place(100 * rate.bounds.low),
            None if rate.bounds is None else up.place(100 * rate.bounds.high),
            f"{verified.name}: {100 * rate.true_match_rate:.1f}% at {rate.false_match_rate:g}",
        )
        for rate in verified.match_rates
        if rate.true_match_rate is not None
    )
    return Line(verified.name, style, marks, path_through(points))


def _told(value: float | None, bounds: Bounds | None) -> str:
    if value is None:
        return MISSING
    between = "" if bounds is None else f" ({100 * bounds.low:.1f} to {100 * bounds.high:.1f})"
    return f"{100 * value:.1f}{between}"


def match_rates(
    roc: Roc, impostors: int, rates: Sequence[float], bounds: Sequence[Bounds], least_false_matches: int
) -> tuple[MatchRate, ...]:
    """True-match rates at the false-match rates that so many pairs of two people can tell."""
    return tuple(
        MatchRate(rate, roc.true_match_rate(rate), own)
        if rate * impostors >= least_false_matches - 1e-6
        else MatchRate(rate, None, None)
        for rate, own in zip(rates, bounds, strict=True)
    )
