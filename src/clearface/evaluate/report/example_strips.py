"""The best, the median and the worst faces as strips of pictures."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from clearface.arrays import ByteImage
from clearface.evaluate.report.findings import Findings
from clearface.evaluate.report.pictures import LARGEST_SIDE, data_uri, error_map, shown_bytes
from clearface.evaluate.report.words import fixed, signed
from clearface.evaluate.results import INPUT, Example

BUDGET = 12_000_000
"""The most letters of a page that pictures may take."""

_RANKS = ("best", "median", "worst")


@dataclass(frozen=True)
class ShownPicture:
    """One picture of a strip."""

    role: str
    """`input`, `result`, `truth` or `error`."""

    alternative: str
    uri: str
    width: int
    height: int
    """In pixels of the face."""


@dataclass(frozen=True)
class Strip:
    """One face: what went in, what came out, how it should look, and how far off it is."""

    test: str
    method: str
    rank: str
    face: str
    figure: str
    """Its value and gain, in words; empty where there is none."""

    pictures: tuple[ShownPicture, ...]
    shrunk: bool
    """Whether the pictures are shown smaller than they are."""


@dataclass(frozen=True)
class StripSet:
    """All strips of a page."""

    strips: tuple[Strip, ...]
    lossless: bool
    left_out: int
    """Faces not shown since the page would grow too large."""

    def of(self, test: str, method: str) -> tuple[Strip, ...]:
        """The best face first."""
        return tuple(strip for strip in self.strips if (strip.test, strip.method) == (test, method))


def example_strips(findings: Findings, examples: Sequence[Example], budget: int = BUDGET) -> StripSet:
    """Pictures without loss while they fit into so many letters, with a little loss where they do not; then no more of them."""
    ordered = sorted(
        examples, key=lambda example: _RANKS.index(example.rank) if example.rank in _RANKS else len(_RANKS)
    )
    for lossless in (True, False):
        strips, spent = [], 0
        for example in ordered:
            strip = _strip(findings, example, lossless)
            spent += sum(len(picture.uri) for picture in strip.pictures)
            if spent > budget:
                break
            strips.append(strip)
        if len(strips) == len(ordered):
            return StripSet(tuple(strips), lossless, 0)
    return StripSet(tuple(strips), False, len(ordered) - len(strips))


def _strip(findings: Findings, example: Example, lossless: bool) -> Strip:
    pictures = []
    if example.before is not None:
        pictures.append(_picture("input", f"The face as {example.method} was given it", shown_bytes(example.before)))
    pictures.append(_picture("result", f"The face as {example.method} left it", shown_bytes(example.after)))
    if example.sharp is not None:
        pictures.append(_picture("truth", "The sharp face", shown_bytes(example.sharp)))
        wrong = error_map(example.after, example.sharp)
        pictures.append(_picture("error", "How far the result is from the truth", wrong))
    encoded = [(picture, data_uri(pixels, lossless=lossless)) for picture, pixels in pictures]
    return Strip(
        example.test,
        example.method,
        example.rank,
        example.face,
        _figure(findings, example),
        tuple(replace(picture, uri=uri) for picture, uri in encoded),
        max(example.after.shape[:2]) > LARGEST_SIDE,
    )


def _picture(role: str, alternative: str, pixels: ByteImage) -> tuple[ShownPicture, ByteImage]:
    return ShownPicture(role, alternative, "", pixels.shape[1], pixels.shape[0]), pixels


def _figure(findings: Findings, example: Example) -> str:
    metric = findings.judged_by(example.test)
    if metric is None:
        return ""
    after = findings.value(example.test, example.method, example.face, metric.key)
    before = findings.value(example.test, INPUT, example.face, metric.key)
    unit = f" {metric.unit}" if metric.unit else ""
    if after is None:
        return ""
    if before is None:
        return f"{metric.label} {fixed(after, metric.digits)}{unit}"
    gain = signed(after - before, metric.digits)
    return f"{metric.label} {gain}{unit}, from {fixed(before, metric.digits)} to {fixed(after, metric.digits)}"
