"""Finding a job and its photos, and forgetting it."""

import re

from clearface.server.http.context import ServerContext
from clearface.server.http.documents import JOB_ID_PATTERN
from clearface.server.jobs.base import QueueAway, UnknownJob
from clearface.server.jobs.states import JobState, PhotoState


def check_job_id(job_id: str) -> None:
    """Raises UnknownJob for what no job can be called, so that nobody looks for it."""
    if re.fullmatch(JOB_ID_PATTERN, job_id) is None:
        raise UnknownJob("there is no such job, or no longer")


def find_job(context: ServerContext, job_id: str) -> JobState:
    """Where it stands. Raises UnknownJob, QueueAway."""
    check_job_id(job_id)
    job = context.desk.state(job_id)
    context.metrics.seen(job)
    return job


def find_photo(context: ServerContext, job_id: str, number: int) -> tuple[JobState, PhotoState]:
    """A photo and its job. Raises UnknownJob, QueueAway."""
    job = find_job(context, job_id)
    for photo in job.photos:
        if photo.number == number:
            return job, photo
    raise UnknownJob(f"the job has no photo {number}")


def forget_job(context: ServerContext, job_id: str) -> None:
    """Deletes a job that is needed no longer. Where that fails, it is deleted when its time is over."""
    context.fetched.forget(job_id)
    try:
        context.desk.delete(job_id)
    except (UnknownJob, QueueAway):
        return


def result_fetched(context: ServerContext, job_id: str, number: int) -> None:
    """The result of a photo was sent whole: forgets the job once all it has were."""
    try:
        job = context.desk.state(job_id)
    except (UnknownJob, QueueAway):
        return
    fetched = context.fetched.add(job_id, number)
    having = {
        photo.number for photo in job.photos if photo.outcome is not None and photo.outcome.media_type is not None
    }
    if job.stage.over and having <= fetched:
        forget_job(context, job_id)
