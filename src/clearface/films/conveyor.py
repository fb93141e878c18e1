"""A bounded queue between two threads that can be closed from one end and stopped from outside."""

from collections import deque
from collections.abc import Iterator
from threading import Condition
from typing import Generic, TypeVar

ItemT = TypeVar("ItemT")


class Stopped(Exception):
    """The work was stopped: whoever puts or takes things ends."""


class Conveyor(Generic[ItemT]):
    """Things on their way from one thread to the next, at most `room` at a time, in order."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._items: deque[ItemT] = deque()
        self._changed = Condition()
        self._closed = False
        self._stopped = False

    def put(self, item: ItemT) -> None:
        """Waits until there is room. Raises Stopped, also where it was closed meanwhile."""
        with self._changed:
            self._changed.wait_for(lambda: self._stopped or self._closed or len(self._items) < self._room)
            if self._stopped or self._closed:
                raise Stopped
            self._items.append(item)
            self._changed.notify_all()

    def close(self) -> None:
        """Says that nothing more will come."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def stop(self) -> None:
        """Lets go of all that is under way and of everybody who waits."""
        with self._changed:
            self._stopped = True
            self._items.clear()
            self._changed.notify_all()

    def take(self, count: int = 1) -> list[ItemT]:
        """The next `count` things, at most as many as there is room for; fewer at the end, then none. Raises Stopped."""
        with self._changed:
            self._changed.wait_for(lambda: self._stopped or self._closed or len(self._items) >= count)
            if self._stopped:
                raise Stopped
            taken = [self._items.popleft() for _ in range(min(count, len(self._items)))]
            self._changed.notify_all()
            return taken

    def __iter__(self) -> Iterator[ItemT]:
        """One thing after the other, until it is closed. Raises Stopped."""
        while taken := self.take():
            yield from taken
