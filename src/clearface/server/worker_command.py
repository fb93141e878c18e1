"""What `clearface worker` does."""

import logging
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from clearface.errors import UsageError
from clearface.exit_codes import FAILED, INTERRUPTED
from clearface.server.dispatchers.redis_opening import check_packages
from clearface.server.opening import workforce
from clearface.server.private_folder import PrivateFolder
from clearface.server.settings import ServerSettings
from clearface.server.stores.base import Store
from clearface.server.stores.opening import open_store

if TYPE_CHECKING:
    from clearface.server.dispatchers.redis_worker import Heart, PhotoWorker, Work

_LOG = logging.getLogger("clearface.server.worker")

_LOOK_SECONDS = 0.1
"""How often the main thread looks whether it was told to stop."""

_BEAT_SECONDS = 2.0
_BEATS_A_LEASE = 4
"""So that a few may be lost."""

_LAST_SECONDS = 5.0
"""What workers have to put their photo back once they are told to stop at once."""


def run_worker(
    settings: ServerSettings,
    make_work: "Callable[[Store, Path], Work] | None" = None,
    lease_seconds: float | None = None,
) -> int:
    """Works on the photos of `settings.queue_url`, which lie in `settings.store`, until SIGINT or SIGTERM; returns the exit code.

    Photos under way are finished first; after a second signal they are left to other workers. While Redis or the store is away
    it waits. make_work: what is done with photos, called once for each that are worked on at a time; None restores them in
    processes. lease_seconds: how long a worker may be silent before its photo goes to another; as the server has it.
    Raises UsageError, DependencyError where packages are missing, ClearfaceError where no private folder can be made.
    """
    check_packages()
    if settings.queue_url is None or settings.store is None:
        raise UsageError("a worker needs a queue and a store: name them with CLEARFACE_QUEUE and CLEARFACE_STORE")
    from clearface.server.dispatchers.redis_connection import connect
    from clearface.server.dispatchers.redis_leases import LEASE_SECONDS, Leases
    from clearface.server.dispatchers.redis_worker import Heart, PhotoWorker

    logging.getLogger("rq").setLevel(logging.WARNING)  # it tells which job it works on
    logging.getLogger("rq.worker").setLevel(logging.WARNING)
    connection = connect(settings.queue_url)
    leases = Leases(connection, lease_seconds or LEASE_SECONDS)
    store = open_store(settings.store)
    force = workforce(settings)
    private = PrivateFolder(settings.folder)
    try:
        scratch, stopping, news = private.folder("scratch"), threading.Event(), threading.Event()
        make = make_work or _restoring(settings, force.threads)
        works = [make(store, scratch) for _ in range(force.workers)]
        workers = [PhotoWorker(connection, leases, work, stopping, news) for work in works]
        heart = Heart(workers, min(_BEAT_SECONDS, leases.seconds / _BEATS_A_LEASE), news)
        return _Crew(works, workers, heart, stopping).run()
    finally:
        connection.close()
        private.close()


def _restoring(settings: ServerSettings, threads: int) -> "Callable[[Store, Path], Work]":
    from clearface.server.dispatchers.redis_work import StoredPhotoWork

    return lambda store, scratch: StoredPhotoWork(settings, store, scratch, threads)


class _Crew:
    """Workers, each in a thread of its own, and one heart for all."""

    def __init__(
        self,
        works: "Sequence[Work]",
        workers: "Sequence[PhotoWorker]",
        heart: "Heart",
        stopping: threading.Event,
    ) -> None:
        self._works = works
        self._workers = workers
        self._heart = heart
        self._stopping = stopping
        self._broken = False

    def run(self) -> int:
        """Until the last worker has ended."""
        threads = [
            threading.Thread(target=self._serve, args=(worker,), name=f"clearface-worker-{number}", daemon=True)
            for number, worker in enumerate(self._workers, start=1)
        ]
        with _signals() as told:
            for thread in threads:
                thread.start()
            self._heart.start()
            at_once = self._watch(threads, told)
        for work in self._works:
            work.stop()
        self._heart.stop()
        if at_once:
            return INTERRUPTED
        return FAILED if self._broken else 0

    def _watch(self, threads: Sequence[threading.Thread], told: list[int]) -> bool:
        """Whether they were ended before their photos were."""
        while any(thread.is_alive() for thread in threads):
            if told and not self._stopping.is_set():
                _LOG.info("finishing the photos under way; a second signal leaves them to other workers")
                self._stopping.set()
            if len(told) > 1:
                for work in self._works:
                    work.stop()
                deadline = time.monotonic() + _LAST_SECONDS
                for thread in threads:
                    thread.join(max(0.0, deadline - time.monotonic()))
                return True
            time.sleep(_LOOK_SECONDS)
        return False

    def _serve(self, worker: "PhotoWorker") -> None:
        try:
            worker.serve()
        except Exception as error:  # noqa: BLE001 - one that breaks ends all, so that whoever started them can start them anew
            from clearface.server.dispatchers.redis_worker import where

            _LOG.error("a worker broke: %s", where(error))
            self._broken = True
            self._stopping.set()


@contextmanager
def _signals() -> Iterator[list[int]]:
    """SIGINT and SIGTERM, as they come in."""
    told: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        told.append(number)

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield told
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
