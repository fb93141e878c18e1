"""How many may be served at once, and by how many threads."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from clearface.server.http.errors import ApiError
from clearface.server.settings import MEBIBYTE, ServerSettings

_QUICK = 8
"""Threads that neither wait for a photo nor follow a job are left for pages, pictures, uploads and questions about health."""

_BODY_BYTES = 1024 * MEBIBYTE
"""Of requests that are read at once; photos are held in memory until they are answered."""

OVERHEAD = MEBIBYTE
"""Of a request: room for the names and options around photos."""

_MOST_STREAMS = 32
_MOST_CALLERS = 64
"""Beyond, a thread each would cost more than it brings, however long the queue is."""


@dataclass(frozen=True)
class Capacity:
    """A caller who waits for a photo, and one who follows a job, holds a thread all the time; the others but for a moment."""

    callers: int
    streams: int
    longest_body: int

    @classmethod
    def of(cls, settings: ServerSettings) -> "Capacity":
        """As many callers may wait as photos may, up to a bound."""
        callers = max(1, min(settings.queue_length + _QUICK, _MOST_CALLERS))
        return cls(callers, _MOST_STREAMS, longest_body(settings))

    @property
    def threads(self) -> int:
        """Enough that those who wait and those who follow can never take the last."""
        return _QUICK + self.callers + self.streams

    @property
    def body_bytes(self) -> int:
        """How much of requests is held in memory at once."""
        return max(_BODY_BYTES, 2 * self.longest_body)


class Places:
    """So many at once and no more. Safe to use from many threads."""

    def __init__(self, count: int) -> None:
        self._free = threading.BoundedSemaphore(count)

    def take(self, sentence: str) -> None:
        """Takes a place, to be given back by `leave`. Raises ApiError 429 with the sentence where there is none."""
        if not self._free.acquire(blocking=False):
            raise ApiError(429, sentence, retry_after=5)

    def leave(self) -> None:
        """Gives a place back."""
        self._free.release()

    @contextmanager
    def taken(self, sentence: str) -> Iterator[None]:
        """Holds a place meanwhile. Raises as `take`."""
        self.take(sentence)
        try:
            yield
        finally:
            self.leave()


class Room:
    """Bytes that may be held at once. Safe to use from many threads."""

    def __init__(self, count: int) -> None:
        self._free = count
        self._lock = threading.Lock()

    def take(self, count: int) -> None:
        """Takes so many, to be given back by `leave`. Raises ApiError 429 where there are not."""
        with self._lock:
            if count > self._free:
                raise ApiError(429, "too many photos come in right now: try again later", retry_after=5)
            self._free -= count

    def leave(self, count: int) -> None:
        """Gives them back."""
        with self._lock:
            self._free += count


def longest_body(settings: ServerSettings) -> int:
    """Of a request in bytes: all photos that it may hold in base64, which is a third longer, and what is around them."""
    return (settings.limits.request_bytes + 2) // 3 * 4 + OVERHEAD
