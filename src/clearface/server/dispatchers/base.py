"""What every dispatcher is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from clearface.server.jobs.base import Load


@dataclass(frozen=True)
class Progress:
    """How far the work on a photo is."""

    step: str
    fraction: float


@dataclass(frozen=True)
class PhotoKey:
    """Which photo of which job."""

    job_id: str
    number: int


class Dispatcher(Protocol):
    """Has photos worked on that lie in the store: `JOB/NUMBER/order.json`, `JOB/NUMBER/upload`.

    Whoever works on a photo writes its results and, last, `JOB/NUMBER/outcome.json`, whatever happens; so the store alone tells
    what is over. Work may be done twice after an accident: it writes the same.
    """

    def send(self, photos: Sequence[PhotoKey]) -> None:
        """All of them, or none: raises QueueFull, QueueAway."""
        ...

    def progress(self, job_id: str) -> dict[int, Progress]:
        """Of the photos that are being worked on. Empty where the queue is away."""
        ...

    def recover(self, photos: Sequence[PhotoKey]) -> None:
        """Photos that are not over: those nobody will work on any more are sent again, or get an outcome that says why not."""
        ...

    def revoke(self, job_id: str) -> None:
        """Nothing more of the job is begun; what is under way may be dropped."""
        ...

    def load(self) -> Load: ...

    def close(self) -> None: ...
