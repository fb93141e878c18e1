"""Photos as jobs of RQ: JSON, and nothing that Redis could name is ever called."""

from collections.abc import Sequence
from typing import Any

from redis import Redis
from rq import Queue
from rq.exceptions import DeserializationError
from rq.job import Job
from rq.queue import EnqueueData
from rq.serializers import JSONSerializer

from clearface.server.dispatchers.base import PhotoKey

QUEUE_NAME = "clearface"
"""What RQ calls the queue."""

KEPT_SECONDS = 86_400
"""How long Redis keeps what is known of a photo that nobody asks for any more."""

_FUNCTION = "clearface.photo"
"""What RQ's own tools show as the function; there is none, and workers of clearface look for none."""


class PhotoJob(Job):
    """A job of RQ that is JSON, whatever serializer RQ believes in."""

    def __init__(self, id: str | None = None, connection: Redis | None = None, serializer: object = None) -> None:  # noqa: A002
        super().__init__(id, connection, JSONSerializer)

    def perform(self) -> Any:  # noqa: ANN401
        """Refused: a photo is worked on by `clearface worker`, which calls nothing by a name from Redis."""
        raise NotImplementedError("photos are worked on by clearface worker")


class PhotoQueue(Queue):
    """Fetches its jobs as `PhotoJob`."""

    job_class = PhotoJob


def photo_queue(connection: Redis) -> PhotoQueue:
    """The queue of photos. Nothing is sent."""
    return PhotoQueue(QUEUE_NAME, connection=connection, serializer=JSONSerializer)


def rq_id(photo: PhotoKey) -> str:
    """The same for every attempt, so that a photo is in RQ only once."""
    return f"{photo.job_id}_{photo.number}"


def rq_key(photo: PhotoKey) -> str:
    """Where RQ keeps what it knows of the photo."""
    return PhotoJob.key_for(rq_id(photo))


def enqueue_data(photo: PhotoKey, attempt: int, timeout: int, at_front: bool = False) -> EnqueueData:
    """What RQ is told. timeout: seconds the work may take; for RQ's own tools, since workers bound the work themselves."""
    return PhotoQueue.prepare_data(
        _FUNCTION,
        args=[photo.job_id, photo.number, attempt],
        timeout=timeout,
        result_ttl=0,
        failure_ttl=KEPT_SECONDS,
        ttl=KEPT_SECONDS,
        description="a photo",
        job_id=rq_id(photo),
        at_front=at_front,
    )


def photo_of(job: Job) -> tuple[PhotoKey, int]:
    """Which photo a job means, and which attempt it is, from 1. Raises ValueError for a job of something else."""
    try:
        arguments: Sequence[object] = job.args
    except (DeserializationError, TypeError) as error:
        raise ValueError("the arguments of the job cannot be read") from error
    match arguments:
        case [str(job_id), int(number), int(attempt)] if number >= 1 and attempt >= 1:
            photo = PhotoKey(job_id, number)
            if rq_id(photo) == job.id:  # in which RQ has letters, digits, - and _ alone, so it is no path
                return photo, attempt
    raise ValueError("the job is none of a photo")
