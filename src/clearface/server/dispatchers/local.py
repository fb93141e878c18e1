"""Photos worked on in processes of this very server."""

import logging
import math
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from clearface.errors import ClearfaceError
from clearface.server.dispatchers.base import PhotoKey, Progress
from clearface.server.jobs.base import Load, QueueFull
from clearface.server.settings import ServerSettings
from clearface.server.stores.base import Store
from clearface.server.work.process import PhotoProcess
from clearface.server.work.working import give_up, work_on

_LOG = logging.getLogger(__name__)

_FIRST_GUESS = 1.0
"""Seconds a photo takes, as long as none was done."""

_WORTH_ENDING = 2.0
"""Seconds after which a process is ended that works on a photo nobody wants any more; sooner, it is done as soon as a new one is
there."""

_MEMORY = 0.2
"""How much the last photo counts in the mean of seconds."""


@dataclass
class _AtWork:
    """A photo that is being worked on."""

    process: PhotoProcess
    began: float = field(default_factory=time.monotonic)
    wanted: bool = True

    def drop_unwanted(self) -> None:
        """Ends work nobody wants any more, where that has taken long and so may take long still."""
        if not self.wanted and time.monotonic() - self.began > _WORTH_ENDING:
            self.process.drop()


class LocalDispatcher:
    """A bounded queue and a few workers, each a thread with a process of its own."""

    def __init__(self, settings: ServerSettings, store: Store, scratch: Path, workers: int, threads: int) -> None:
        """scratch: a private folder. workers: processes. threads: of each network in each process."""
        self._settings = settings
        self._store = store
        self._scratch = scratch
        self._changed = threading.Condition()
        self._waiting: deque[PhotoKey] = deque()
        self._working: dict[PhotoKey, Progress] = {}
        self._at_work: dict[PhotoKey, _AtWork] = {}
        self._seconds = _FIRST_GUESS
        self._closed = False
        self._ready = 0
        self._problem: str | None = None
        self._processes = [PhotoProcess(settings, threads) for _ in range(workers)]
        self._threads = [
            threading.Thread(target=self._serve, args=(process,), name=f"clearface-worker-{index}", daemon=True)
            for index, process in enumerate(self._processes, start=1)
        ]
        for thread in self._threads:
            thread.start()

    def send(self, photos: Sequence[PhotoKey]) -> None:
        """As `Dispatcher.send`."""
        with self._changed:
            count = len(self._waiting)
            if count and count + len(photos) > self._settings.queue_length:
                waiting = "1 photo waits" if count == 1 else f"{count} photos wait"
                raise QueueFull(f"{waiting} already: try again a little later", self._retry_after(count, len(photos)))
            self._waiting.extend(photos)
            self._changed.notify(len(photos))

    def progress(self, job_id: str) -> dict[int, Progress]:
        """As `Dispatcher.progress`."""
        with self._changed:
            return {key.number: progress for key, progress in self._working.items() if key.job_id == job_id}

    def recover(self, photos: Sequence[PhotoKey]) -> None:
        """Nothing is lost inside one process; what it took down with it lies in a folder that is deleted."""

    def revoke(self, job_id: str) -> None:
        """As `Dispatcher.revoke`; what is under way is dropped, unless it will be done in a moment."""
        with self._changed:
            self._waiting = deque(key for key in self._waiting if key.job_id != job_id)
            for key, work in self._at_work.items():
                if key.job_id == job_id:
                    work.wanted = False
                    work.drop_unwanted()

    def load(self) -> Load:
        """As `Dispatcher.load`."""
        with self._changed:
            ready = self._ready > 0
            reason = None if ready else (self._problem or "the networks are still being loaded")
            return Load(len(self._waiting), len(self._working), len(self._processes), ready, reason)

    def close(self) -> None:
        """Drops what waits and ends the processes."""
        with self._changed:
            self._closed = True
            self._waiting.clear()
            self._changed.notify_all()
        for process in self._processes:
            process.stop()
        for thread in self._threads:
            thread.join()

    def _retry_after(self, waiting: int, coming: int) -> int:
        """Seconds until there will be room."""
        too_many = waiting + coming - self._settings.queue_length
        return max(1, min(math.ceil(too_many * self._seconds / len(self._processes)), 300))

    def _serve(self, process: PhotoProcess) -> None:
        """What every worker does until the end."""
        try:
            process.start()
            with self._changed:
                self._ready += 1
        except ClearfaceError as error:
            with self._changed:
                self._problem, stopped = str(error), self._closed
            if not stopped:
                _LOG.error("%s", error)
        while (key := self._next(process)) is not None:
            try:
                self._work(process, key)
            finally:
                with self._changed:
                    del self._working[key]
                    seconds = time.monotonic() - self._at_work.pop(key).began
                    self._seconds += _MEMORY * (seconds - self._seconds)

    def _next(self, process: PhotoProcess) -> PhotoKey | None:
        with self._changed:
            while not self._waiting and not self._closed:
                self._changed.wait()
            if self._closed:
                return None
            key = self._waiting.popleft()
            self._working[key] = Progress("reading", 0.0)
            self._at_work[key] = _AtWork(process)
            return key

    def _work(self, process: PhotoProcess, key: PhotoKey) -> None:
        def tell(progress: Progress) -> None:
            with self._changed:
                self._working[key] = progress
                self._at_work[key].drop_unwanted()

        try:
            work_on(self._store, key, process, self._scratch, tell)
        except (ClearfaceError, OSError) as error:
            _LOG.error("a photo could not be worked on: %s", error)
            try:
                give_up(self._store, key, "clearface could not work on this photo; its log says why")
            except ClearfaceError as store_error:
                _LOG.error("the outcome of a photo could not be written: %s", store_error)
