"""Photos are sent to `clearface worker` by way of Redis and RQ."""

import logging
import threading
import time
from collections.abc import Sequence

import redis
from redis.client import Pipeline
from redis.exceptions import RedisError, WatchError
from rq import worker_registration
from rq.job import JobStatus
from rq.utils import as_text
from rq.worker import WorkerStatus

from clearface.server.dispatchers.base import PhotoKey, Progress
from clearface.server.dispatchers.redis_connection import connect, why_away
from clearface.server.dispatchers.redis_jobs import (
    PhotoQueue,
    enqueue_data,
    photo_queue,
    rq_key,
)
from clearface.server.dispatchers.redis_leases import LEASE_SECONDS, Leases, lease_key
from clearface.server.dispatchers.redis_pace import Pace
from clearface.server.dispatchers.redis_recovery import Recovery
from clearface.server.jobs.base import Load, QueueAway, QueueFull
from clearface.server.settings import ServerSettings
from clearface.server.stores.base import Store

_LOG = logging.getLogger("clearface.server.queue")

_ASK_AGAIN_SECONDS = 1.0
"""How long a queue that was away is taken to be so."""

_TRIES = 50
"""How often sending is begun anew because the queue changed meanwhile."""


class RedisDispatcher:
    """See `clearface.server.dispatchers.base.Dispatcher`. Safe to use from many threads, and on many machines at once.

    The queue holds no more of a photo than the number of its job and its own; all else is in the store. lease_seconds: how
    long a worker may be silent before its photo goes to another; workers are to be told the same. Raises UsageError for an
    address that cannot be one; nothing is sent until the first call.
    """

    def __init__(self, settings: ServerSettings, store: Store, lease_seconds: float = LEASE_SECONDS) -> None:
        if settings.queue_url is None:
            raise ValueError("settings.queue_url is None")
        self._connection: redis.Redis = connect(settings.queue_url)
        self._queue: PhotoQueue = photo_queue(self._connection)
        self._longest = settings.queue_length
        self._timeout = round(settings.bounds.seconds) + 60
        self._leases = Leases(self._connection, lease_seconds)
        self._pace = Pace(self._connection)
        self._recovery = Recovery(self._connection, self._queue, store, self._leases, self._timeout)
        self._absence = _Absence()

    def send(self, photos: Sequence[PhotoKey]) -> None:
        """All of them, or none: raises QueueFull, QueueAway. Photos that are sent already are not sent twice."""
        if not photos:
            return
        for _ in range(_TRIES):
            try:
                self._send(photos)
            except WatchError:  # others send, or a worker took a photo
                continue
            except RedisError as error:
                raise QueueAway(self._absence.note(error)) from error
            self._absence.end()
            return
        raise QueueAway("the queue is too busy to take photos in")

    def progress(self, job_id: str) -> dict[int, Progress]:
        """Of the photos that are being worked on. Empty where the queue is away."""
        if self._absence.now() is not None:
            return {}
        try:
            told = self._leases.progress(job_id)
        except RedisError as error:
            self._absence.note(error)
            return {}
        self._absence.end()
        return told

    def recover(self, photos: Sequence[PhotoKey]) -> None:
        """Photos that are not over: those that nobody will work on any more are sent again, or get an outcome that says why not.

        Does nothing while the queue is away. Raises StoreAway.
        """
        if self._absence.now() is not None:
            return
        try:
            self._recovery.recover(photos)
        except RedisError as error:
            self._absence.note(error)
        else:
            self._absence.end()

    def revoke(self, job_id: str) -> None:
        """Nothing more of the job is begun; where the queue is away, workers find that the job was deleted."""
        if self._absence.now() is not None:
            return
        try:
            waiting = [name for name in self._queue.get_job_ids() if name.rpartition("_")[0] == job_id]
            with self._connection.pipeline() as pipeline:
                for name in waiting:
                    pipeline.lrem(self._queue.key, 0, name)
                    pipeline.delete(self._queue.job_class.key_for(name))
                pipeline.execute()
        except RedisError as error:
            self._absence.note(error)

    def load(self) -> Load:
        """Workers count while their heartbeats are heard."""
        if reason := self._absence.now():
            return Load(0, 0, 0, ready=False, reason=reason)
        try:
            waiting, states = self._waiting_and_workers()
        except RedisError as error:
            return Load(0, 0, 0, ready=False, reason=self._absence.note(error))
        self._absence.end()
        working = states.count(WorkerStatus.BUSY.value)
        if not states:
            return Load(waiting, 0, 0, ready=False, reason="no worker is there: start one with clearface worker")
        return Load(waiting, working, len(states), ready=True)

    def close(self) -> None:
        """Photos that were sent are worked on nevertheless."""
        self._connection.close()

    def _send(self, photos: Sequence[PhotoKey]) -> None:
        keys = [rq_key(photo) for photo in photos]
        with self._connection.pipeline() as pipeline:
            pipeline.watch(self._queue.key, *keys)  # type: ignore[no-untyped-call]
            waiting: int = pipeline.llen(self._queue.key)
            new = list(photos)
            if pipeline.exists(*keys):
                new = [photo for photo in photos if not _sent_already(pipeline, photo)]
            too_many = waiting + len(new) - self._longest
            if waiting and new and too_many > 0:  # an empty queue takes what one request may bring
                raise self._full(waiting, too_many)
            pipeline.multi()
            for photo in new:
                pipeline.delete(rq_key(photo))
            self._queue.enqueue_many([enqueue_data(photo, 1, self._timeout) for photo in new], pipeline=pipeline)
            pipeline.execute()

    def _full(self, waiting: int, too_many: int) -> QueueFull:
        _, states = self._waiting_and_workers()
        sentence = f"{waiting} photos wait already: try again a little later"
        return QueueFull(sentence, self._pace.seconds_until_free(too_many, len(states)))

    def _waiting_and_workers(self) -> tuple[int, list[str]]:
        """How many photos wait, and the states of the workers that are heard."""
        workers = sorted(worker_registration.get_keys(self._queue))
        with self._connection.pipeline() as pipeline:
            pipeline.llen(self._queue.key)
            for worker in workers:
                pipeline.hget(worker, "state")
            waiting, *states = pipeline.execute()
        return waiting, [as_text(state) for state in states if state is not None]


def _sent_already(pipeline: Pipeline, photo: PhotoKey) -> bool:
    """In a pipeline that watches. A photo that was begun counts while a worker has it."""
    status = as_text(pipeline.hget(rq_key(photo), "status") or "")
    if status == JobStatus.STARTED.value:
        return bool(pipeline.exists(lease_key(photo)))
    return status == JobStatus.QUEUED.value


class _Absence:
    """Says once in the log that the queue is away, and once that it is back; meanwhile it is asked only now and then, since
    every question may take seconds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._reason: str | None = None
        self._ask_again = 0.0

    def now(self) -> str | None:
        """Why the queue is away; None where it is worth asking it."""
        with self._lock:
            return self._reason if time.monotonic() < self._ask_again else None

    def note(self, error: RedisError) -> str:
        """Answers with the reason."""
        reason = f"the queue is away: {why_away(error)}"
        with self._lock:
            first, self._reason = self._reason is None, reason
            self._ask_again = time.monotonic() + _ASK_AGAIN_SECONDS
        if first:
            _LOG.warning("%s", reason)
        return reason

    def end(self) -> None:
        """The queue answered."""
        with self._lock:
            was_away, self._reason = self._reason is not None, None
            self._ask_again = 0.0
        if was_away:
            _LOG.warning("the queue is back")
