"""What a server answers, typed. Names and meanings are those of `clearface restore --json`."""

from dataclasses import dataclass
from datetime import datetime

from clearface.server.jobs.states import Stage
from clearface.server.orders import FaceKey, Fault, Task


@dataclass(frozen=True)
class BlurAnswer:
    """How a face was blurred; lengths in pixels of the photo, the angle in degrees counter-clockwise from the right."""

    words: str
    kind: str
    length: float
    angle: float | None
    certainty: float
    varies: bool


@dataclass(frozen=True)
class ShortAnswer:
    """Who a face is said to be."""

    decision: str
    """`named`, `tied` or `unknown`."""

    name: str | None
    """None unless somebody is named."""

    probability: float | None
    """Of the most likely person, in [0, 1]."""

    distance: float | None
    """Cosine distance to that person, 0 to 2."""


@dataclass(frozen=True)
class CandidateAnswer:
    """Somebody a face may be."""

    name: str
    description: str
    link: str | None
    probability: float
    distance: float
    photo: str
    """The photo of this person it is nearest to."""


@dataclass(frozen=True)
class RateAnswer:
    """A share that was measured, with its interval of 95%."""

    value: float
    low: float
    high: float
    count: int
    """Of how many trials."""


@dataclass(frozen=True)
class ExpectedErrorsAnswer:
    """How often such answers are wrong, for faces of this blur and size."""

    condition: str
    """The faces that were measured."""

    words: str
    """All of this in one clause."""

    missed: RateAnswer
    strangers_named: RateAnswer


@dataclass(frozen=True)
class IdentityAnswer:
    """Who a face is said to be, and how far that can be trusted."""

    decision: str
    """`named`, `tied` or `unknown`."""

    name: str | None
    probability: float | None
    distance: float | None
    candidates: tuple[CandidateAnswer, ...]
    """The most likely first."""

    threshold: float
    """Greatest distance at which somebody is named."""

    size: float
    """Side of the face's square in pixels of the photo."""

    blur: float | None
    """How far a point is spread, in sides of that square; None where nothing can be told of it."""

    expected: ExpectedErrorsAnswer
    before: ShortAnswer | None = None
    """For the face as it is, where it was looked at restored too."""

    after: ShortAnswer | None = None
    restored: str | None = None
    """What the restorer decided about it: `restored`, `sharp`, `too-far-gone`; None where nothing was restored."""

    disagreement: str | None = None
    """How both contradict each other: then nobody is named."""


@dataclass(frozen=True)
class FaceAnswer:
    """One face of one frame, in pixels of the upright photo."""

    frame: int
    number: int
    box: tuple[float, float, float, float]
    """Left, top, right, bottom."""

    landmarks: tuple[tuple[float, float], ...]
    """Left and right eye as seen in the picture, nose, left and right mouth corner: x and y of each."""

    score: float
    working_size: int | None = None
    """Side of the square it was restored at."""

    verdict: str | None = None
    """`restored`, `sharp`, `too-far-gone` or `left-on-request`; None where faces were only found."""

    left_as_it_was: bool | None = None
    explained: float | None = None
    blur: BlurAnswer | None = None
    hidden: bool | None = None
    """Whether it was hidden; None where that was not the task."""

    identity: IdentityAnswer | None = None
    """Who it is; None where that was not the task."""


@dataclass(frozen=True)
class PhotoReport:
    """What became of one photo."""

    input: str
    status: str
    """`restored`, `unchanged`, `converted`, `detected`, `hidden`, `identified` or `failed`."""

    faces: tuple[FaceAnswer, ...]
    left_out: int
    """Faces that were found but not selected."""

    seconds: dict[str, float]
    """Of each step."""

    notes: tuple[str, ...]
    """What the photo lost or gained on the way."""

    error: str | None = None
    """Why it failed: one sentence."""


@dataclass(frozen=True)
class Extra:
    """One more picture beside the result, such as `photo_face1_before.png`."""

    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True)
class RestoredPhoto:
    """A photo that was restored, and what was done to it."""

    image: bytes
    """The encoded picture."""

    media_type: str
    """Its kind, such as `image/jpeg`."""

    report: PhotoReport
    extras: tuple[Extra, ...] = ()


@dataclass(frozen=True)
class HiddenPhoto:
    """A photo whose faces were hidden."""

    image: bytes
    """The encoded picture."""

    media_type: str
    """Its kind, such as `image/jpeg`."""

    report: PhotoReport


@dataclass(frozen=True)
class DetectedPhoto:
    """The faces of a photo, in `report.faces`."""

    report: PhotoReport


@dataclass(frozen=True)
class IdentifiedPhoto:
    """Who the faces of a photo are: the `identity` of each of `report.faces`."""

    report: PhotoReport


@dataclass(frozen=True)
class ResultFile:
    """The result of one photo of a job."""

    url: str
    name: str
    """As it may be saved."""

    media_type: str
    bytes: int


@dataclass(frozen=True)
class ExtraFile:
    """One more picture beside the result of one photo of a job."""

    name: str
    url: str


@dataclass(frozen=True)
class JobPhoto:
    """Where one photo of a job stands."""

    number: int
    """From 1, in the order they were handed in."""

    name: str
    state: Stage
    fraction: float
    """How much of the work is done, 0 to 1."""

    revision: int
    """Counts how often the result was made anew."""

    step: str | None = None
    error: str | None = None
    """Why it failed: one sentence."""

    fault: Fault | None = None
    """Whose fault that was; with `SERVER` trying again may help."""

    report: PhotoReport | None = None
    left: tuple[FaceKey, ...] = ()
    """Faces left as they were on request."""

    result: ResultFile | None = None
    extras: tuple[ExtraFile, ...] = ()


@dataclass(frozen=True)
class Job:
    """Photos that were handed in together, and where they stand."""

    id: str
    task: Task
    state: Stage
    created: datetime
    done: int
    failed: int
    photos: tuple[JobPhoto, ...]
    expires: datetime | None = None
    """When the server deletes it; None while it is worked on."""


@dataclass(frozen=True)
class RestorerAnswer:
    """A restorer the server offers."""

    name: str
    summary: str
    default: bool
    takes: tuple[str, ...]
    """Options of `Client.restore` that mean something to it."""


@dataclass(frozen=True)
class DetectorAnswer:
    """A detector the server offers."""

    name: str
    summary: str


@dataclass(frozen=True)
class LimitsAnswer:
    """What the server refuses."""

    bytes: int
    """Of one photo."""

    request_bytes: int
    """Of all photos handed in together."""

    files: int
    pixels: int
    """Width times height times frames."""

    frames: int


@dataclass(frozen=True)
class About:
    """What a server can do."""

    version: str
    tasks: tuple[str, ...]
    restorers: tuple[RestorerAnswer, ...]
    detectors: tuple[DetectorAnswer, ...]
    kinds: tuple[str, ...]
    limits: LimitsAnswer
    keep_minutes: float
    token_required: bool
