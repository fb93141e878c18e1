"""A photo that is waited for."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from clearface.server.http.context import ServerContext
from clearface.server.http.errors import RETRY_AWAY, ApiError
from clearface.server.http.events import client_gone
from clearface.server.http.job_access import forget_job
from clearface.server.jobs.base import Upload
from clearface.server.jobs.states import JobState, PhotoState, Stage
from clearface.server.orders import Fault, Outcome, PhotoTask

_LOOK = 1.0
"""Seconds between two looks at whether anybody still waits."""

_PATIENCE = 2.0
"""How many times as long as work on a photo may take one is waited for."""

_STATUS_OF_FAULT = {Fault.PHOTO: 422, Fault.USAGE: 422, Fault.LIMIT: 413, Fault.SERVER: 500}


@dataclass(frozen=True)
class WorkedPhoto:
    """A photo that was worked on without fault, as long as its job is there."""

    job: JobState
    photo: PhotoState
    outcome: Outcome
    report: dict[str, object]


@contextmanager
def worked_photo(context: ServerContext, task: PhotoTask, upload: Upload) -> Iterator[WorkedPhoto]:
    """Hands a photo in, waits for it, and forgets it afterwards, whatever happens.

    Raises ApiError where it failed, where the server goes down, and where too many wait already; what the desk raises.
    """
    with context.callers.taken("too many photos are waited for right now: try again later, or make a job"):
        job = context.desk.submit(task, [upload])
        try:
            yield _result(context, _finished(context, job.job_id))
        finally:
            forget_job(context, job.job_id)


def _finished(context: ServerContext, job_id: str) -> JobState:
    gone = client_gone()
    until = time.monotonic() + _PATIENCE * context.settings.bounds.seconds
    while True:
        job = context.desk.wait(job_id, _LOOK)
        if job.stage.over:
            context.metrics.seen(job)
            return job
        if context.stopping.is_set():
            raise ApiError(503, "the server is going down: try again later", retry_after=RETRY_AWAY)
        if gone():
            raise ApiError(503, "nobody waits for the photo any more", retry_after=RETRY_AWAY)
        if time.monotonic() > until:
            raise ApiError(503, "the photo has to wait too long: try again later, or make a job", retry_after=60)


def _result(context: ServerContext, job: JobState) -> WorkedPhoto:
    (photo,) = job.photos
    outcome = photo.outcome
    if photo.stage is Stage.FAILED or outcome is None or outcome.report is None:
        sentence = outcome.error if outcome is not None else None
        fault = outcome.fault if outcome is not None else None
        raise ApiError(_STATUS_OF_FAULT[fault or Fault.SERVER], sentence or "the photo could not be worked on")
    return WorkedPhoto(job, photo, outcome, outcome.report)
