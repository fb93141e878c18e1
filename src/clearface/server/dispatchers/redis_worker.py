"""A worker of RQ that works on photos, and outlives Redis and the store being away."""

import logging
import os
import socket
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import redis
from redis.exceptions import RedisError
from rq import worker_registration
from rq.exceptions import DequeueTimeout
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.utils import now
from rq.worker import SimpleWorker, WorkerStatus

from clearface.errors import ClearfaceError
from clearface.server.dispatchers.base import PhotoKey, Progress
from clearface.server.dispatchers.redis_connection import why_away
from clearface.server.dispatchers.redis_jobs import KEPT_SECONDS, PhotoJob, PhotoQueue, photo_of, photo_queue
from clearface.server.dispatchers.redis_leases import Leases
from clearface.server.dispatchers.redis_pace import Pace

_LOG = logging.getLogger("clearface.server.worker")

_LISTEN_SECONDS = 1
"""How long Redis is asked to wait for a photo before the worker looks whether it should stop."""

_FIRST_STEP = "reading"

_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.5, 15.0
"""Seconds between two tries while something is away; each pause is twice the last one."""

_LAST_SECONDS = 5.0

_REST_SECONDS = 0.2
"""Between two heartbeats, however much news there is."""


class Work(Protocol):
    """What is done with photos, one at a time."""

    def __call__(self, photo: PhotoKey, tell: Callable[[Progress], None]) -> None:
        """Writes results and, last, the outcome into the store; tell may be called from time to time.

        Does nothing where the job was deleted or the photo is over. Raises ClearfaceError (StoreAway is one) where no photo can
        be worked on now, and Dropped where it was ended from outside.
        """
        ...

    def check(self) -> None:
        """Makes ready; raises ClearfaceError while no photo can be worked on."""
        ...

    def stop(self) -> None:
        """Ends what is under way, for good. Any thread may call it."""
        ...


class Dropped(Exception):
    """The work on a photo was ended from outside, and no outcome was written."""


class PhotoWorker:
    """Takes one photo after the other off the queue. `serve` runs in a thread of its own, and a `Heart` in another.

    stopping: set when no more photos are to be taken. news: set when there is something to tell before the next heartbeat.
    """

    def __init__(
        self,
        connection: redis.Redis,
        leases: Leases,
        work: Work,
        stopping: threading.Event,
        news: threading.Event,
    ) -> None:
        self._connection = connection
        self._queue = photo_queue(connection)
        self._leases = leases
        self._pace = Pace(connection)
        self._work = work
        self._stopping = stopping
        self._news = news
        self._registration = _Registration(connection, self._queue, leases.seconds)
        self._name = self._registration.name
        self._away = _Away(stopping)
        self._lock = threading.Lock()  # a photo that is finished is not leased again by a heartbeat
        self._underway: _UnderWay | None = None
        self._troubled = True  # not until it was checked is it counted as a worker

    def serve(self) -> None:
        """Until it is to stop; a photo under way is finished before."""
        while not self._stopping.is_set():
            try:
                if self._troubled:
                    self._work.check()
                    self._troubled = False
                    self.beat()
                    _LOG.info("ready for photos")
                job = self._next_job()
                if job is not None:
                    self._take(job)
            except RedisError as error:
                self._away.pause(f"the queue is away: {why_away(error)}")
            except ClearfaceError as error:
                self._troubled = True  # no photo is taken that could not be worked on
                self._away.pause(str(error))
            else:
                self._away.end()
        self._sign_off()

    def beat(self) -> None:
        """Tells Redis that this worker lives, and keeps its photo. Raises what Redis raises."""
        with self._lock:
            underway = self._underway
            if self._troubled and underway is None:
                return
            if underway is not None:
                self._leases.renew(underway.photo, self._name, underway.progress)
            self._registration.beat(busy=underway is not None)

    def _next_job(self) -> Job | None:
        try:
            found = PhotoQueue.dequeue_any(
                [self._queue], _LISTEN_SECONDS, self._connection, job_class=PhotoJob, serializer=JSONSerializer
            )
        except DequeueTimeout:
            self._sweep()
            return None
        except RedisError:
            raise
        except Exception as error:  # RQ raises anything for what it cannot read
            job_id = getattr(error, "job_id", None)
            if job_id is None:
                raise
            self._discard(job_id)
            return None
        return None if found is None else found[0]

    def _take(self, job: Job) -> None:
        try:
            photo, _ = photo_of(job)
        except ValueError:
            self._discard(job.id)
            return
        if not self._leases.take(photo, self._name):
            self._connection.lrem(self._queue.intermediate_queue_key, 0, job.id)
            return
        underway = _UnderWay(photo)
        with self._lock:
            self._underway = underway
        try:
            self._begin(job)
            self._work_on(underway)
        finally:
            with self._lock:
                self._underway = None

    def _begin(self, job: Job) -> None:
        with self._connection.pipeline() as pipeline:
            job.prepare_for_execution(self._name, pipeline)
            pipeline.expire(job.key, KEPT_SECONDS)
            pipeline.lrem(self._queue.intermediate_queue_key, 0, job.id)
            pipeline.execute()
        self.beat()

    def _work_on(self, underway: "_UnderWay") -> None:
        photo, began = underway.photo, time.monotonic()
        try:
            self._work(photo, lambda progress: self._tell(underway, progress))
        except ClearfaceError:
            self._leave(photo, self._leases.break_off)
            raise
        except Dropped:
            self._leave(photo, self._leases.break_off)
        except Exception as error:  # noqa: BLE001 - whatever broke, the photos waiting must not suffer from it
            _LOG.error("the work on a photo broke: %s", where(error))
            self._leave(photo, self._leases.break_off)
        else:
            self._leave(photo, self._leases.finish)
            self._pace.note(time.monotonic() - began)

    def _leave(self, photo: PhotoKey, how: Callable[[PhotoKey, str], None]) -> None:
        with self._lock:
            self._underway = None
            how(photo, self._name)

    def _tell(self, underway: "_UnderWay", progress: Progress) -> None:
        """Leaves it to the heart to ask Redis, which may take its time or be away: the work must not wait."""
        news = progress.step != underway.progress.step
        underway.progress = progress
        if news:
            self._news.set()

    def _discard(self, job_id: str) -> None:
        _LOG.warning("something in the queue is no photo of clearface's, and was thrown away")
        with self._connection.pipeline() as pipeline:
            pipeline.delete(PhotoJob.key_for(job_id))
            pipeline.lrem(self._queue.intermediate_queue_key, 0, job_id)
            pipeline.execute()

    def _sweep(self) -> None:
        """RQ keeps numbers of photos that were revoked just as a worker took them."""
        for job_id in self._queue.intermediate_queue.get_job_ids():
            if not PhotoJob.exists(job_id, self._connection):
                self._queue.intermediate_queue.remove(job_id)

    def _sign_off(self) -> None:
        try:
            with self._lock:
                self._registration.end()
        except RedisError as error:
            self._away.say(f"the queue is away: {why_away(error)}")


class Heart:
    """Beats for workers in a thread of its own, every few seconds and when there is news."""

    def __init__(self, workers: Sequence[PhotoWorker], seconds: float, news: threading.Event) -> None:
        self._workers = workers
        self._seconds = seconds
        self._news = news
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="clearface-heart", daemon=True)

    def start(self) -> None:
        """Begins to beat."""
        self._thread.start()

    def stop(self) -> None:
        """After the beat at hand, for which it does not wait long."""
        self._ended.set()
        self._news.set()
        self._thread.join(_LAST_SECONDS)

    def _run(self) -> None:
        while not self._ended.is_set():
            for worker in self._workers:
                try:
                    worker.beat()
                except RedisError:  # the worker itself says that Redis is away
                    continue
            self._ended.wait(_REST_SECONDS)
            self._news.wait(self._seconds)
            self._news.clear()


class _UnderWay:
    """The photo a worker has, and how far it is."""

    def __init__(self, photo: PhotoKey) -> None:
        self.photo = photo
        self.progress = Progress(_FIRST_STEP, 0.0)


class _Registration:
    """The worker as RQ knows it, so that RQ's tools show it and the server counts it."""

    def __init__(self, connection: redis.Redis, queue: PhotoQueue, seconds: float) -> None:
        self._connection = connection
        self._seconds = seconds
        worker = SimpleWorker(
            [queue], connection=connection, serializer=JSONSerializer, prepare_for_work=False, worker_ttl=round(seconds)
        )
        worker.hostname, worker.pid, worker.birth_date = socket.gethostname(), os.getpid(), now()
        self._worker = worker
        self.name: str = worker.name
        self._ended = False

    def beat(self, busy: bool) -> None:
        """All that is known of the worker, for Redis may have lost everything since."""
        if self._ended:
            return
        worker = self._worker
        worker.last_heartbeat = now()
        with self._connection.pipeline() as pipeline:
            pipeline.hset(worker.key, mapping=worker.serialize())
            worker.set_state(WorkerStatus.BUSY.value if busy else WorkerStatus.IDLE.value, pipeline)
            pipeline.pexpire(worker.key, round(1000 * self._seconds))
            worker_registration.register(worker, pipeline)
            pipeline.execute()

    def end(self) -> None:
        """It is no longer counted."""
        self._ended = True
        with self._connection.pipeline() as pipeline:
            worker_registration.unregister(self._worker, pipeline)
            pipeline.delete(self._worker.key)
            pipeline.execute()


class _Away:
    """Pauses while something is away, and says so once in the log."""

    def __init__(self, stopping: threading.Event) -> None:
        self._stopping = stopping
        self._pause = _SHORTEST_PAUSE
        self._said: str | None = None

    def say(self, sentence: str) -> None:
        if self._said is None:
            _LOG.warning("%s; trying again until it is back", sentence)
            self._said = sentence

    def pause(self, sentence: str) -> None:
        self.say(sentence)
        self._stopping.wait(self._pause)
        self._pause = min(2 * self._pause, _LONGEST_PAUSE)

    def end(self) -> None:
        if self._said is not None:
            _LOG.warning("back at work")
        self._said, self._pause = None, _SHORTEST_PAUSE


def where(error: Exception) -> str:
    """Files and lines alone, since the message of an exception may tell of the photo."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames[::-1]]
    return f"{type(error).__name__} in " + " < ".join(places)
