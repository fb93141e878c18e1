"""A desk with everything it needs, and everything gone at the end."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from clearface.cores import usable_cores
from clearface.errors import UsageError
from clearface.server.dispatchers.base import Dispatcher
from clearface.server.dispatchers.local import LocalDispatcher
from clearface.server.dispatchers.redis_opening import open_queue
from clearface.server.jobs.desk import JobDesk
from clearface.server.jobs.janitor import Janitor
from clearface.server.private_folder import PrivateFolder
from clearface.server.settings import ServerSettings
from clearface.server.stores.base import Store
from clearface.server.stores.folder import FolderStore
from clearface.server.stores.opening import open_store

_MOST_WORKERS = 4

_ROUNDS, _SHARED_ROUNDS = 3.0, 10.0
"""Seconds between two rounds of the janitor; a store that is shared may be dear to look through."""


@dataclass(frozen=True)
class Workforce:
    """How work is spread over the cores."""

    workers: int
    """Processes."""

    threads: int
    """Of each network in each process."""


def workforce(settings: ServerSettings, cores: int | None = None) -> Workforce:
    """A process for every two cores, at most four, unless the settings say how many; the cores are shared out among them."""
    there = cores or usable_cores()
    workers = settings.workers or max(1, min(there // 2, _MOST_WORKERS))
    return Workforce(workers, max(1, there // workers))


@contextmanager
def open_desk(settings: ServerSettings) -> Iterator[JobDesk]:
    """A desk at work. Raises ClearfaceError where a folder, the queue or the store cannot be used."""
    private = PrivateFolder(settings.folder)
    try:
        store = _store(settings, private)
        desk = JobDesk(settings, store, _dispatcher(settings, store, private), private.folder("scratch"))
        janitor = Janitor(desk, _ROUNDS if settings.queue_url is None else _SHARED_ROUNDS)
        try:
            yield desk
        finally:
            janitor.close()
            desk.close()
    finally:
        private.close()


def _store(settings: ServerSettings, private: PrivateFolder) -> Store:
    if settings.queue_url is None:
        if settings.store is not None:
            raise UsageError(
                "a shared store is of use with a queue alone: name one with CLEARFACE_QUEUE, or leave it out"
            )
        return FolderStore(private.folder("jobs"))
    if settings.store is None:
        raise UsageError(
            "with a queue the workers need a place all machines share: name a folder or s3://bucket/prefix with CLEARFACE_STORE"
        )
    store = open_store(settings.store)
    store.check()
    return store


def _dispatcher(settings: ServerSettings, store: Store, private: PrivateFolder) -> Dispatcher:
    if settings.queue_url is None:
        force = workforce(settings)
        return LocalDispatcher(settings, store, private.folder("scratch"), force.workers, force.threads)
    return open_queue(settings, store)
