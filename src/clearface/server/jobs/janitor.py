"""Tidies up every few seconds, in a thread of its own."""

import logging
import threading

from clearface.errors import ClearfaceError
from clearface.server.jobs.base import QueueAway
from clearface.server.jobs.desk import JobDesk

_LOG = logging.getLogger(__name__)


class Janitor:
    """Deletes what has waited long enough and sends again what was lost, until it is closed."""

    def __init__(self, desk: JobDesk, seconds: float) -> None:
        """seconds: between two rounds, which is about how long lost work stays unnoticed."""
        self._desk = desk
        self._seconds = seconds
        self._closing = threading.Event()
        self._away = False
        self._thread = threading.Thread(target=self._run, name="clearface-janitor", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Ends after the round at hand."""
        self._closing.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._closing.wait(self._seconds):
            try:
                self._desk.tidy()
                self._away = False
            except QueueAway as error:
                if not self._away:
                    _LOG.warning("%s", error)
                self._away = True
            except (ClearfaceError, OSError, ValueError) as error:
                _LOG.error("tidying up failed: %s", error)
