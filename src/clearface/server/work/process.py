"""A process that works on photos, ended and replaced where it takes too long, takes too much or dies."""

import json
import logging
import multiprocessing
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path

from clearface.errors import ClearfaceError
from clearface.server.dispatchers.base import Progress
from clearface.server.orders import Fault, Outcome, PhotoOrder
from clearface.server.settings import ServerSettings
from clearface.server.work.child import ChildSettings, Message, run_child
from clearface.server.work.words import as_json, from_json
from clearface.steps import Step

_LOG = logging.getLogger(__name__)

_START_SECONDS = 120.0
"""Loading the networks takes under a second on an idle machine."""

_SHARES = {
    Step.READING: (0.0, 0.1),
    Step.FINDING: (0.1, 0.4),
    Step.RESTORING: (0.4, 0.9),
    Step.IDENTIFYING: (0.4, 0.9),
    Step.HIDING: (0.4, 0.9),
    Step.WRITING: (0.9, 1.0),
}
"""Which part of the work each step is, from where to where."""


class PhotoProcess:
    """One process, for one photo at a time. Not for several threads at once, but for `stop` and `drop`, which any may call."""

    def __init__(self, settings: ServerSettings, threads: int) -> None:
        self._bounds = settings.bounds
        self._settings = ChildSettings(
            settings.limits, settings.networks, settings.gallery, threads, settings.bounds.memory
        )
        self._process: SpawnProcess | None = None
        self._connection: Connection | None = None
        self._stopped = False

    @property
    def pid(self) -> int | None:
        """Of the process at work; None while there is none."""
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        """Starts the process and waits until its networks are loaded. Raises ClearfaceError where it does not come up."""
        context = multiprocessing.get_context("spawn")
        here, there = context.Pipe()
        process = context.Process(target=run_child, args=(there, self._settings), daemon=True, name="clearface-photo")
        process.start()
        there.close()
        self._process, self._connection = process, here
        if self._stopped:  # by another thread, which saw no process yet
            process.kill()
        if _receive(here, time.monotonic() + _START_SECONDS) is None:
            self._end()
            raise ClearfaceError("the process that works on photos does not start: `clearface demo` may show why")

    def work(self, folder: Path, order: PhotoOrder, tell: Callable[[Progress], None]) -> Outcome:
        """The outcome of the order, whose photo lies in the folder as `upload` and whose results appear there.

        tell: told how far it is. Never raises for anything a photo does. Raises ClearfaceError where no process can be started.
        """
        message = json.dumps([str(folder), as_json(order).decode()]).encode()
        connection = self._ready_connection()
        try:
            connection.send_bytes(message)
        except OSError:  # it died while it had nothing to do
            self._end()
            connection = self._ready_connection()
            connection.send_bytes(message)
        began = time.monotonic()
        reading, deadline = True, began + min(self._bounds.read_seconds, self._bounds.seconds)
        while True:
            answer = _receive(connection, deadline)
            if answer is None:
                reason = self._why_silent(began, time.monotonic() >= deadline, reading)
                self._end()
                fault = Fault.SERVER if self._stopped else Fault.LIMIT
                return Outcome(None, f"{order.name}: {reason}", fault, revision=order.revision)
            if answer.outcome is not None:
                if answer.trace is not None:
                    _LOG.error("a photo could not be worked on: %s", answer.trace)
                return answer.outcome
            if answer.step is not None:
                if answer.step is not Step.READING and reading:
                    reading, deadline = False, began + self._bounds.seconds
                start, end = _SHARES[answer.step]
                tell(Progress(answer.step.value, start + (end - start) * answer.done))

    def stop(self) -> None:
        """Ends the process, whatever it does, for good."""
        self._stopped = True
        self.drop()

    def drop(self) -> None:
        """Ends the process, whatever it does; the photo at hand fails, and the next one gets a new process."""
        process = self._process
        if process is not None:
            process.kill()
            process.join()

    def _ready_connection(self) -> Connection:
        if self._process is None or not self._process.is_alive() or self._connection is None:
            self._end()
            self.start()
        assert self._connection is not None
        return self._connection

    def _why_silent(self, began: float, too_slow: bool, reading: bool) -> str:
        if self._stopped:
            return "clearface was stopped while it worked on this photo"
        if too_slow and time.monotonic() - began >= self._bounds.seconds:
            return f"this photo takes longer than {self._bounds.seconds:g} s, which is the limit"
        if too_slow and reading:
            return f"reading this photo takes longer than {self._bounds.read_seconds:g} s, which is the limit"
        return "this photo takes more memory than there is, or is damaged in a way no program survives"

    def _end(self) -> None:
        process, connection = self._process, self._connection
        self._process = self._connection = None
        if process is not None:
            process.kill()
            process.join()
        if connection is not None:
            connection.close()


def _receive(connection: Connection, deadline: float) -> Message | None:
    """The next message; None where none came in time, the process is gone, or it does not say what it should."""
    try:
        if not connection.poll(max(deadline - time.monotonic(), 0)):
            return None
        return from_json(Message, connection.recv_bytes())
    except (EOFError, OSError, ValueError):
        return None
