"""`clearface worker`, but for the restoring: URL STORE FOLDER LEASE SLOTS.

What is begun and ended is written into FOLDER/ledger; while there is FOLDER/holdN, work on photo N does not end.
"""

import logging
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from clearface.server.dispatchers.base import PhotoKey, Progress
from clearface.server.dispatchers.redis_worker import Dropped
from clearface.server.dispatchers.stored_photos import StoredPhotos
from clearface.server.jobs import layout
from clearface.server.orders import Outcome
from clearface.server.settings import ServerSettings
from clearface.server.stores.base import Store
from clearface.server.work.words import as_json
from clearface.server.worker_command import run_worker


class CountingWork:
    """Work that says what it does."""

    def __init__(self, store: Store, folder: Path) -> None:
        self._store = store
        self._folder = folder
        self._stopped = False

    def __call__(self, photo: PhotoKey, tell: Callable[[Progress], None]) -> None:
        stored = StoredPhotos(self._store)
        if not stored.wanted(photo) or stored.over(photo):
            return
        self._note("begin", photo)
        tell(Progress("restoring", 0.5))
        time.sleep(0.02)
        while (self._folder / f"hold{photo.number}").exists():
            time.sleep(0.01)
            if self._stopped:
                raise Dropped
        self._store.put(layout.result(photo), b"the result")
        self._store.put(layout.outcome(photo), as_json(Outcome({"status": "restored"})))
        self._note("end", photo)

    def check(self) -> None:
        self._store.check()

    def stop(self) -> None:
        self._stopped = True

    def _note(self, what: str, photo: PhotoKey) -> None:
        with (self._folder / "ledger").open("a") as ledger:
            ledger.write(f"{what} {photo.job_id} {photo.number} {os.getpid()}\n")


def main() -> int:
    url, store, folder, lease, slots = sys.argv[1:]
    logging.basicConfig(level=logging.DEBUG)
    settings = ServerSettings(queue_url=url, store=store, folder=Path(folder), workers=int(slots))
    return run_worker(settings, lambda opened, _: CountingWork(opened, Path(folder)), float(lease))


if __name__ == "__main__":
    sys.exit(main())
