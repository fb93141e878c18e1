"""Where jobs stand, as the API tells it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from clearface.server.orders import Outcome, PhotoTask


class Stage(StrEnum):
    """Where a photo or a job stands."""

    WAITING = "waiting"
    WORKING = "working"
    DONE = "done"
    FAILED = "failed"

    @property
    def over(self) -> bool:
        """Whether nothing more happens."""
        return self in (Stage.DONE, Stage.FAILED)


@dataclass(frozen=True)
class PhotoState:
    """Where one photo stands."""

    number: int
    """From 1."""

    name: str
    """As it was handed in, for people."""

    stage: Stage
    step: str | None = None
    """What is being done: `reading`, `finding`, `restoring`, `writing`; None unless it is worked on."""

    fraction: float = 0.0
    """How much of the work is done, 0 to 1."""

    outcome: Outcome | None = None
    """Once it is over."""

    result_bytes: int | None = None
    """Size of the result, where there is one."""


@dataclass(frozen=True)
class JobState:
    """Where a job stands."""

    job_id: str
    task: PhotoTask
    created: datetime
    expires: datetime | None
    """When it is deleted; None while it is worked on."""

    photos: tuple[PhotoState, ...]

    @property
    def stage(self) -> Stage:
        """Waiting until the first photo is begun, working until the last is over; failed where every photo failed."""
        stages = {photo.stage for photo in self.photos}
        if stages <= {Stage.DONE, Stage.FAILED}:
            return Stage.FAILED if stages == {Stage.FAILED} else Stage.DONE
        return Stage.WAITING if stages == {Stage.WAITING} else Stage.WORKING
