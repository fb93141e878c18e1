"""Finds photos that nobody will work on any more, and sends them again."""

from collections.abc import Sequence
from enum import Enum, auto

from redis import Redis
from redis.client import Pipeline
from redis.exceptions import WatchError
from rq.exceptions import NoSuchJobError
from rq.job import JobStatus
from rq.utils import as_text

from clearface.server.dispatchers.base import PhotoKey
from clearface.server.dispatchers.redis_jobs import (
    PhotoJob,
    PhotoQueue,
    enqueue_data,
    photo_of,
    rq_id,
    rq_key,
)
from clearface.server.dispatchers.redis_leases import Leases, forget_progress, lease_key
from clearface.server.dispatchers.stored_photos import StoredPhotos
from clearface.server.stores.base import Store

ATTEMPTS = 3
"""How often work on a photo is begun before it is given up."""

_GIVEN_UP = f"work on this photo was broken off {ATTEMPTS} times, so it was given up: a smaller photo may work"


class _Fate(Enum):
    """What will become of a photo if nothing is done."""

    FINE = auto()
    """It waits, or is worked on."""

    LOST = auto()
    """Redis does not know it: nothing of it was begun, as far as anyone can tell."""

    ASTRAY = auto()
    """A worker took it off the queue and was not heard of since; or it did so just now."""

    BROKEN_OFF = auto()
    """A worker began it and died, or failed."""


class Recovery:
    """Sends photos again. Two servers may do so at once: each photo is sent once. Raises what Redis raises, and StoreAway."""

    def __init__(self, connection: Redis, queue: PhotoQueue, store: Store, leases: Leases, timeout: int) -> None:
        self._connection = connection
        self._queue = queue
        self._stored = StoredPhotos(store)
        self._patience = leases.seconds
        self._timeout = timeout

    def recover(self, photos: Sequence[PhotoKey]) -> None:
        """Those that need it, of photos without an outcome. Costs one question to Redis where all is well."""
        if not photos:
            return
        with self._connection.pipeline() as pipeline:  # one transaction, so that no photo is seen between two places
            fates = _fates(pipeline, self._queue.key, photos)
        for photo, fate in zip(photos, fates, strict=True):
            if fate is not _Fate.FINE:
                self._rescue(photo)

    def _rescue(self, photo: PhotoKey) -> None:
        if not self._stored.wanted(photo):
            return
        with self._connection.pipeline() as pipeline:
            pipeline.watch(rq_key(photo), lease_key(photo))  # type: ignore[no-untyped-call]
            fate = _fate_now(pipeline, self._queue.key, photo)
            if fate is _Fate.FINE or (fate is _Fate.ASTRAY and not self._overdue(photo)):
                return
            attempt = self._next_attempt(photo, fate)
            # looked at after Redis, where the photo is forgotten only once its outcome is in the store
            if self._stored.over(photo):
                return
            pipeline.multi()
            self._clear(pipeline, photo)
            if attempt <= ATTEMPTS:
                again = enqueue_data(photo, attempt, self._timeout, at_front=True)
                self._queue.enqueue_many([again], pipeline=pipeline)
            else:
                self._stored.give_up(photo, _GIVEN_UP)
            try:
                pipeline.execute()
            except WatchError:  # another server was faster, or the worker was only slow
                return

    def _next_attempt(self, photo: PhotoKey, fate: _Fate) -> int:
        """That Redis lost a photo, or a worker never began it, says nothing about the photo and is no attempt."""
        try:
            _, attempt = photo_of(PhotoJob.fetch(rq_id(photo), connection=self._connection))
        except (NoSuchJobError, ValueError):
            return 1
        return attempt + 1 if fate is _Fate.BROKEN_OFF else attempt

    def _overdue(self, photo: PhotoKey) -> bool:
        """Whether a photo has been astray for as long as a worker may be silent."""
        name = _astray_key(photo)
        patience = round(1000 * self._patience)
        if self._connection.set(name, 1, nx=True, px=4 * patience):
            return False
        left: int = self._connection.pttl(name)
        return left < 3 * patience

    def _clear(self, pipeline: Pipeline, photo: PhotoKey) -> None:
        pipeline.delete(rq_key(photo), _astray_key(photo))
        pipeline.lrem(self._queue.intermediate_queue_key, 0, rq_id(photo))
        forget_progress(pipeline, [photo])


def _astray_key(photo: PhotoKey) -> str:
    return f"clearface:astray:{rq_id(photo)}"


def _fates(pipeline: Pipeline, queue_key: str, photos: Sequence[PhotoKey]) -> list[_Fate]:
    pipeline.lrange(queue_key, 0, -1)
    for photo in photos:
        pipeline.hget(rq_key(photo), "status")
        pipeline.exists(lease_key(photo))
    queued, *answers = pipeline.execute()
    waiting = {as_text(name) for name in queued}
    return [
        _fate(None if status is None else as_text(status), bool(leased), rq_id(photo) in waiting)
        for photo, status, leased in zip(photos, answers[::2], answers[1::2], strict=True)
    ]


def _fate_now(pipeline: Pipeline, queue_key: str, photo: PhotoKey) -> _Fate:
    """In a pipeline that watches the photo, so that the answer still holds when it is acted on."""
    waiting = [as_text(name) for name in pipeline.lrange(queue_key, 0, -1)]
    status = as_text(pipeline.hget(rq_key(photo), "status") or "") or None
    leased = bool(pipeline.exists(lease_key(photo)))
    return _fate(status, leased, rq_id(photo) in waiting)


def _fate(status: str | None, leased: bool, waiting: bool) -> _Fate:
    if leased:
        return _Fate.FINE
    if status is None:
        return _Fate.LOST
    if status == JobStatus.QUEUED.value:
        return _Fate.FINE if waiting else _Fate.ASTRAY
    return _Fate.BROKEN_OFF
