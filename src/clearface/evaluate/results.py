"""What an evaluation found, as it is written to files and shown on pages."""

from dataclasses import dataclass, field
from typing import Any

from clearface.arrays import FloatArray
from clearface.evaluate.gauges.base import Metric

INPUT = "input"
"""The method that does nothing: the faces as they were given to the others."""

FEWEST_FACES = 6
"""On fewer faces no paired test can find a difference at 0.05."""

RANKED_BY = ("psnr", "niqe")
"""The first of these metrics that is measured says which face, and which method, is best."""


@dataclass(frozen=True)
class FaceResult:
    """One face of one test as one method left it: a row of `results.csv`."""

    test: str
    method: str
    face: str
    """The photo's place below its folder; where several faces of it are measured ` face 1` and so on follow it."""

    size: tuple[int, int]
    """Width and height in pixels of what was measured."""

    blur: float | None
    """How far the true kernel reaches, in pixels of the face (its larger side, 99% of its light); None where it is not known."""

    values: dict[str, float | None]
    """Of each metric by its key; None where this face has none."""


@dataclass(frozen=True)
class Interval:
    """A mean over faces, and how far it can be trusted."""

    mean: float
    low: float
    high: float
    """The bounds of a 95% confidence interval, by bootstrap over the faces; equal to the mean for one face."""

    count: int
    """Faces that have a value."""


@dataclass(frozen=True)
class Summary:
    """One metric of one method in one test."""

    test: str
    method: str
    metric: str
    value: Interval
    gain: Interval | None
    """Mean difference to the input over the faces that have both; None for the input itself, and where there is none."""

    better: float | None
    """Share of these faces that got better, in [0, 1]; None without a gain, and where neither way is better."""


@dataclass(frozen=True)
class Comparison:
    """Two methods on the same faces."""

    test: str
    metric: str
    first: str
    second: str
    difference: Interval
    """first - second, by face."""

    p_value: float
    """Two-sided, of a paired test over the faces; 1 where all are equal."""


@dataclass(frozen=True)
class Cost:
    """What one method takes for a face of one size."""

    size: int
    """Side of the square face in pixels."""

    seconds: float
    """A face, one at a time: the median of repeats after warming up."""

    peak_memory: int
    """Bytes: the most a process that only loads the method and restores holds resident."""

    multiplications: int | None
    """Multiply-accumulates a face of all its networks; None for a method without networks."""

    parameters: int | None
    file_bytes: int | None


@dataclass(frozen=True)
class MethodFacts:
    """A method that was measured."""

    name: str
    """As it stands in the rows."""

    summary: str
    """What it is, in a few words."""

    checksums: dict[str, str] = field(default_factory=dict)
    """SHA-256 of its network files by file name."""

    costs: tuple[Cost, ...] = ()
    """One for each size of the tests it ran in; empty where it did not run here."""

    told_truth: bool = False
    """It is told what nobody knows of a real photo, and no choice for one."""


@dataclass(frozen=True)
class TestFacts:
    """One way the faces came to be as they are."""

    name: str
    """As it stands in the rows, such as `shen` or `mixed@256`."""

    summary: str
    """What was done to the faces, in a few words."""

    faces: int
    has_truth: bool
    """Whether sharp faces stand beside them."""


@dataclass(frozen=True)
class SetFigure:
    """A figure that belongs to all faces of a test together, such as FID or recognition."""

    test: str
    method: str
    metric: str
    value: float
    low: float | None = None
    high: float | None = None
    """A 95% interval, where there is one."""


@dataclass(frozen=True)
class Evaluation:
    """Everything an evaluation found."""

    command: str
    """What was typed."""

    version: str
    """Of clearface."""

    started: str
    """UTC, ISO 8601."""

    settings: dict[str, Any]
    """Everything that decides the numbers: seed, protocols, sizes, restorers, files with their checksums."""

    machine: dict[str, str]
    """Processor, cores, memory, system."""

    packages: dict[str, str]
    """Versions of Python and of the packages that decide numbers."""

    sources: dict[str, str]
    """SHA-256 of every photo by its place below its folder."""

    left_out: dict[str, str]
    """Photos that were left out, with a sentence why."""

    tests: tuple[TestFacts, ...]
    methods: tuple[MethodFacts, ...]
    metrics: tuple[Metric, ...]
    """Of single faces, in the order of the columns."""

    set_metrics: tuple[Metric, ...]
    unavailable: dict[str, str]
    """Metrics that could not be measured, by label, with a sentence what they need."""

    summaries: tuple[Summary, ...]
    comparisons: tuple[Comparison, ...]
    set_figures: tuple[SetFigure, ...]
    faces: tuple[FaceResult, ...]


@dataclass(frozen=True, eq=False)
class Example:
    """One face worth looking at."""

    test: str
    method: str
    rank: str
    """`best`, `median` or `worst`: by gain in PSNR, or in the first metric where there is no truth."""

    face: str
    before: FloatArray | None
    """RGB float32 `(H, W, 3)` in [0, 1]."""

    after: FloatArray
    sharp: FloatArray | None
