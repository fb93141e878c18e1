"""What is asked of one photo, in words that travel as JSON."""

from dataclasses import dataclass, field
from enum import StrEnum


class Task(StrEnum):
    """What can be done with a photo."""

    RESTORE = "restore"
    DETECT = "detect"
    HIDE = "hide"
    IDENTIFY = "identify"
    """Only where the server knows people."""


@dataclass(frozen=True)
class PhotoTask:
    """The options of `clearface restore`, `detect`, `hide` and `identify`, by the same names; None leaves it to clearface.

    Those that the task does not have are None or False.
    """

    task: Task
    restorer: str | None = None
    psf: str | None = None
    iterations: int | None = None
    tv: float | None = None
    linear_light: bool | None = None
    balance: float | None = None
    fidelity: float | None = None
    restore_anyway: bool = False
    detector: str | None = None
    threshold: float | None = None
    min_size: float = 0.0
    largest: bool = False
    centre: bool = False
    aligned: bool = False
    metadata: str = "keep"
    quality: int = 95
    save_crops: bool = False
    save_comparison: bool = False
    save_boxes: bool = False
    confidence: bool = False
    kernel: bool = False
    check: bool = False
    mode: str | None = None
    shape: str | None = None
    scale: float | None = None
    feather: float | None = None
    strength: float | None = None
    colour: str | None = None
    keep: str | None = None
    """Faces that are not hidden: numbers and rectangles `left,top,right,bottom`, parted by `;`."""

    only: str | None = None
    """None but these are hidden, written likewise."""

    also: str | None = None
    """Rectangles that are hidden too."""

    restore: str | None = None
    """Whether faces are restored before they are recognized: `first`, `never` or `both`."""

    top: int | None = None
    false_match_rate: float | None = None
    method: str | None = None
    k: int | None = None
    weights: str | None = None
    rotations: bool = False
    keep_gps: bool = False
    format: str | None = None
    """Kind of the result, such as `png`: what the command line reads off the name of the output. None keeps the photo's own.
    For `detect` and `identify` a picture with the faces marked is made where `save_boxes` is set, and is then the result."""


@dataclass(frozen=True)
class FaceKey:
    """Which face: numbers as the report tells them, from 1."""

    frame: int
    number: int


@dataclass(frozen=True)
class PhotoOrder:
    """Everything a worker has to know to work on one photo."""

    task: PhotoTask
    name: str
    """What sentences call it; never the name of a file."""

    number: int = 1
    """Its place in the job."""

    view: bool = False
    """Whether pictures for a page are made too: before, after, every face large."""

    left: tuple[FaceKey, ...] | None = None
    """None restores. Otherwise the faces restored before are pasted anew, but for these, which stay as they were."""

    revision: int = 0
    """The outcome carries the same number: one with a smaller number answers an earlier order."""


class Fault(StrEnum):
    """Whose fault it is that a photo has no result."""

    PHOTO = "photo"
    """It cannot be read."""

    USAGE = "usage"
    """The options make no sense."""

    LIMIT = "limit"
    """It is too large, or takes too long or too much memory."""

    SERVER = "server"
    """Trying again may help."""


@dataclass(frozen=True)
class FaceView:
    """What of one face can be looked at."""

    frame: int
    number: int
    confidence: bool
    kernel: bool


@dataclass(frozen=True)
class View:
    """What of a photo can be looked at."""

    width: int
    """Of the upright photo; the boxes of the faces are in these pixels."""

    height: int
    frames: int
    faces: tuple[FaceView, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What became of one photo; written when it is over, as `outcome.json` beside its results."""

    report: dict[str, object] | None
    """The line `clearface restore --json` (or `detect`, `hide`, `identify`) prints, where the photo could be worked on."""

    error: str | None = None
    """Why not: one sentence."""

    fault: Fault | None = None
    """Whose fault that was."""

    media_type: str | None = None
    """Of the result; None where there is none."""

    extension: str | None = None
    """Of the result, with the dot."""

    extras: tuple[str, ...] = ()
    """Names of further files, such as `_face1_before.png`, each the ending of the result's name."""

    view: View | None = None
    revision: int = 0
    """Counts how often the result was made anew."""

    left: tuple[FaceKey, ...] = field(default=())
    """Faces left as they were on request."""
