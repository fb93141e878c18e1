"""Where the faces of a film are: searched for and followed, or as a person wrote them down."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from clearface.faces import Box
from clearface.films.base import FilmFrame, Mark
from clearface.films.engine import DecidedFrame
from clearface.films.journal import Journal
from clearface.tracking.base import FoundFaces, TrackedFrame


class FrameSearch(Protocol):
    """Finds the faces of one frame; frames come in order."""

    def search(self, frame: FilmFrame, expected: Sequence[Box] = ()) -> FoundFaces:
        """expected: where faces of the frames before should be by now, in pixels."""
        ...


class Follower(Protocol):
    """Makes tracks of what was found."""

    def push(self, found: FoundFaces) -> list[TrackedFrame]:
        """Takes the next frame; returns those frames that are decided by now, in order."""
        ...

    def finish(self) -> list[TrackedFrame]:
        """The frames that are left."""
        ...

    def expected(self) -> Sequence[Box]:
        """Where the faces should be in the next frame, in pixels."""
        ...


class SearchingFinder:
    """Searches every frame and follows what is found. With a journal, what an earlier run found is not searched for again."""

    def __init__(self, search: FrameSearch, follower: Follower, journal: Journal | None = None) -> None:
        self._search = search
        self._follower = follower
        self._journal = journal

    def follow(self, frames: Iterable[FilmFrame], done: Mark | None) -> Iterator[DecidedFrame]:
        """See `FaceFinder.follow`."""
        waiting: deque[FilmFrame] = deque()
        written = 0 if done is None else done.number

        def paired(decided: Iterable[TrackedFrame]) -> Iterator[DecidedFrame]:
            for tracked in decided:
                yield (None if tracked.number <= written else waiting.popleft()), tracked

        known = iter(()) if self._journal is None else self._journal.known()
        ahead = next(known, None)
        while ahead is not None and ahead.number <= written:
            yield from paired(self._follower.push(ahead))
            ahead = next(known, None)
        for frame in frames:
            waiting.append(frame)
            if ahead is not None and ahead.number == frame.number:
                found, ahead = ahead, next(known, None)
            else:
                found = self._search.search(frame, self._follower.expected())
                if self._journal is not None:
                    self._journal.write(found)
            yield from paired(self._follower.push(found))
        yield from paired(self._follower.finish())


class ToldFaces(Protocol):
    """Faces by frame, asked for in order."""

    def tracked(self, number: int, seconds: float | None) -> TrackedFrame:
        """seconds: when the frame is shown; None to take what was written down."""
        ...


class ToldFinder:
    """Takes the faces as they were told."""

    def __init__(self, told: ToldFaces) -> None:
        self._told = told

    def follow(self, frames: Iterable[FilmFrame], done: Mark | None) -> Iterator[DecidedFrame]:
        """See `FaceFinder.follow`."""
        for number in range(1, 1 if done is None else done.number + 1):
            yield None, self._told.tracked(number, None)
        for frame in frames:
            yield frame, self._told.tracked(frame.number, frame.seconds)
