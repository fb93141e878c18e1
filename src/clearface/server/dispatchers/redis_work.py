"""What a worker of the queue does with a photo: from the store, through a process, and back."""

from collections.abc import Callable
from pathlib import Path

from clearface.server.dispatchers.base import PhotoKey, Progress
from clearface.server.dispatchers.redis_worker import Dropped
from clearface.server.orders import Outcome, PhotoOrder
from clearface.server.settings import ServerSettings
from clearface.server.stores.base import Store
from clearface.server.work.process import PhotoProcess
from clearface.server.work.working import work_on


class StoredPhotoWork:
    """See `redis_worker.Work`. scratch: a private folder. threads: of each network."""

    def __init__(self, settings: ServerSettings, store: Store, scratch: Path, threads: int) -> None:
        self._store = store
        self._scratch = scratch
        self._process = _DroppingProcess(settings, threads)
        self._started = False

    def __call__(self, photo: PhotoKey, tell: Callable[[Progress], None]) -> None:
        """As `Work`."""
        work_on(self._store, photo, self._process, self._scratch, tell)

    def check(self) -> None:
        """As `Work`; starts the process first."""
        if not self._started:
            self._process.start()
            self._started = True
        self._store.check()

    def stop(self) -> None:
        """As `Work`."""
        self._process.stop()


class _DroppingProcess(PhotoProcess):
    """Tells a photo it was made to drop from one that brought it down: the first has no outcome, so another worker takes it."""

    def __init__(self, settings: ServerSettings, threads: int) -> None:
        super().__init__(settings, threads)
        self._given_up = False

    def work(self, folder: Path, order: PhotoOrder, tell: Callable[[Progress], None]) -> Outcome:
        try:
            outcome = super().work(folder, order, tell)
        except Exception as error:
            if self._given_up:  # whatever broke did so because the process was ended
                raise Dropped from error
            raise
        if self._given_up:
            raise Dropped
        return outcome

    def stop(self) -> None:
        """Ends the process, for good; the photo at hand is another worker's."""
        self._given_up = True
        super().stop()
