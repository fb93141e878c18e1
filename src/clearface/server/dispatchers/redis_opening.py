"""The queue in Redis, where its packages are installed."""

from importlib.util import find_spec

from clearface.errors import DependencyError
from clearface.server.dispatchers.base import Dispatcher
from clearface.server.settings import ServerSettings
from clearface.server.stores.base import Store


def open_queue(settings: ServerSettings, store: Store) -> Dispatcher:
    """Sends photos to `clearface worker` by way of `settings.queue_url`. Redis need not be there yet.

    Raises UsageError for an address that cannot be one, DependencyError where packages are missing.
    """
    check_packages()
    from clearface.server.dispatchers.redis_queue import RedisDispatcher

    return RedisDispatcher(settings, store)


def check_packages() -> None:
    """Raises DependencyError, naming what to install."""
    if find_spec("redis") is None or find_spec("rq") is None:
        raise DependencyError('a queue in Redis needs two packages: pip install "clearface[queue]"')
