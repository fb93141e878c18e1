"""What the HTTP layer asks of whatever does the work."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from clearface.errors import ClearfaceError
from clearface.server.jobs.states import JobState, PhotoState
from clearface.server.orders import FaceKey, Fault, PhotoTask


class UnknownJob(ClearfaceError):
    """There is no such job, or no longer; or no such photo or picture in it."""


class QueueFull(ClearfaceError):
    """Too much waits already."""

    def __init__(self, sentence: str, retry_after: int) -> None:
        super().__init__(sentence)
        self.retry_after = retry_after
        """Seconds until it is worth trying again, at least 1."""


class QueueAway(ClearfaceError):
    """The queue or the store cannot be reached now; trying again later helps."""


class StillWorking(ClearfaceError):
    """What is asked for is not ready yet."""


@dataclass(frozen=True)
class Upload:
    """One photo as it came in."""

    name: str
    """As the client calls it, for people; cleaned of control characters, at most 200 characters."""

    data: bytes

    refusal: str | None = None
    """Why it is not even begun, one sentence: too large, or no kind of photo. It fails with that; the others are done."""

    fault: Fault = Fault.PHOTO
    """Whose fault that is."""


@dataclass(frozen=True)
class Load:
    """How busy it is."""

    waiting: int
    """Photos."""

    working: int
    workers: int
    ready: bool
    """Whether photos would be worked on now: workers are there and have loaded their networks, the queue answers."""

    reason: str | None = None
    """Why it is not ready."""


class Desk(Protocol):
    """Takes jobs in and hands results out. Safe to use from many threads."""

    def submit(self, task: PhotoTask, uploads: Sequence[Upload], view: bool = False) -> JobState:
        """Takes photos in. Raises QueueFull, QueueAway; UsageError where the task cannot be meant (unknown restorer ...)."""
        ...

    def state(self, job_id: str) -> JobState:
        """Raises UnknownJob, QueueAway."""
        ...

    def wait(self, job_id: str, seconds: float) -> JobState:
        """The state once the job is over, or after that many seconds. Raises as `state`."""
        ...

    def leave(self, job_id: str, photo: int, left: Sequence[FaceKey]) -> PhotoState:
        """Pastes the faces of a restored photo anew, all but those left as they were; answers when that is done.

        Raises UnknownJob, StillWorking, QueueFull, QueueAway, UsageError for a face that is not there.
        """
        ...

    def result(self, job_id: str, photo: int) -> bytes:
        """The result of a photo. Raises UnknownJob, StillWorking, QueueAway."""
        ...

    def picture(self, job_id: str, photo: int, name: str) -> bytes:
        """One of the pictures: `before.webp`, `after.webp`, `frame1_face2_before.webp`, `..._after.webp`, `..._confidence.webp`,
        `..._kernel.png` of a view, or an entry of `Outcome.extras`. Raises UnknownJob, StillWorking, QueueAway.
        """
        ...

    def archive(self, job_id: str, folder: Path) -> Path:
        """A zip of all results and extras in a new file in `folder`, named after the photos, each name once; `not-done.txt` in it
        says which photos failed, and why.

        Raises UnknownJob, StillWorking, QueueAway.
        """
        ...

    def delete(self, job_id: str) -> None:
        """Forgets the job and all its files; work not begun is not begun, and what is under way is dropped. Raises UnknownJob."""
        ...

    @property
    def scratch(self) -> Path:
        """A private folder for files that are made to be sent, such as archives; gone with the server."""
        ...

    def load(self) -> Load: ...

    def close(self) -> None:
        """Stops working, and deletes what only this server can hand out."""
        ...
