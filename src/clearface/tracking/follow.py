"""Faces followed through a film: each with its number, gaps closed, paths steadied, a little ahead of what is told."""

from collections import deque
from dataclasses import dataclass

import numpy as np

from clearface.errors import UsageError
from clearface.faces import Box
from clearface.tracking.base import FoundFaces, TrackedFace, TrackedFrame
from clearface.tracking.paths import PathOptions, face_at
from clearface.tracking.spans import Sighting, Span
from clearface.tracking.trackers import TRACKERS, TrackerOptions, build_tracker

_ROUNDING = 1e-6
_STEADYING_SECONDS = 0.5
"""How far back sightings matter to those after them."""


@dataclass(frozen=True)
class FollowOptions:
    """How faces are followed. Raises UsageError where a time is no time, or the tracker is unknown."""

    fill_seconds: float = 1.0
    """A face found before and after a gap as long as this or shorter is told in the gap as well. Frames wait as long."""

    hold: bool = True
    """A face is told for `fill_seconds` before it is found first and after it is found last, as far as the scene goes."""

    smooth: bool = True
    """Boxes and landmarks are steadied over time."""

    shortest_seconds: float = 0.0
    """What is seen for less is no face: it is not told at all."""

    least_score: float = 0.0
    """What never scores as much is no face, however often it is found: half the threshold is enough where a face is expected."""

    least_small_score: float = 0.0
    """The same for what is never larger than `small`: specks look like faces more often than large things do."""

    small: float = 16.0
    """Pixels."""

    tracker: str = TRACKERS[0].name
    ahead: int = 90
    """Frames that wait at most, however fast the film; longer gaps are filled no more, only held."""

    def __post_init__(self) -> None:
        for name, seconds in (("filling gaps", self.fill_seconds), ("the shortest face", self.shortest_seconds)):
            if not (np.isfinite(seconds) and seconds >= 0):
                raise UsageError(f"the time for {name} is a number of seconds from 0 up, not {seconds}")
        if self.ahead < 1:
            raise UsageError(f"at least one frame is looked ahead, not {self.ahead}")


class FaceFollower:
    """Takes what is found frame by frame and tells, some frames later, which face is where.

    size: width and height of the upright frame; held faces then stay in it. Memory is bounded by the frames that wait.
    Raises what `build_tracker` does.
    """

    def __init__(self, options: FollowOptions | None = None, size: tuple[int, int] | None = None) -> None:
        self.options = options or FollowOptions()
        chosen = self.options
        # Times are sums of fractions: a gap of a second may come out as a little more.
        self._fill = chosen.fill_seconds + _ROUNDING
        self._tracker = build_tracker(chosen.tracker, TrackerOptions(self._fill))
        self._paths = PathOptions(self._fill, chosen.hold, chosen.smooth, size)
        self._ahead = self._fill + chosen.shortest_seconds if chosen.hold else max(self._fill, chosen.shortest_seconds)
        self._waiting: deque[FoundFaces] = deque()
        self._spans: dict[int, Span] = {}
        self._numbers = 0
        self._seconds = 0.0
        self._interval = 0.0

    def push(self, found: FoundFaces) -> list[TrackedFrame]:
        """Takes the next frame. Returns those now decided, in order."""
        decided = self.finish() if found.new_scene else []
        self._interval = max(found.seconds - self._seconds, 0.0)
        self._seconds = found.seconds
        for key, face in zip(self._tracker.assign(found), found.faces, strict=True):
            sighting = Sighting(found.number, found.seconds, face)
            self._spans.setdefault(key, Span(sighting)).add(sighting)
        self._waiting.append(found)
        while found.seconds - self._waiting[0].seconds > self._ahead or len(self._waiting) > self.options.ahead:
            decided.append(self._decide(self._waiting.popleft()))
        return decided

    def finish(self) -> list[TrackedFrame]:
        """At the end of the film: the frames that still wait. What comes after is another scene."""
        decided = [self._decide(frame) for frame in self._waiting]
        self._waiting.clear()
        self._spans.clear()
        return decided

    def expected(self) -> tuple[Box, ...]:
        """Where faces should be in the next frame, those surest to be there first."""
        return self._tracker.expected(self._seconds + self._interval)

    def _decide(self, frame: FoundFaces) -> TrackedFrame:
        faces = []
        for span in sorted(self._spans.values(), key=_appearance):
            known_face = None if self._no_face(span) else face_at(span, frame.number, frame.seconds, self._paths)
            if known_face is not None:
                faces.append(TrackedFace(self._number(span), *known_face))
        self._forget(frame)
        faces.sort(key=lambda tracked: tracked.track)
        return TrackedFrame(frame.number, frame.seconds, tuple(faces), frame.new_scene)

    def _no_face(self, span: Span) -> bool:
        """Whether it was seen too rarely or too doubtfully, up to the last frame that came; what was told once is told on."""
        if not span.count:
            return True
        if span.number is not None:
            return False
        options = self.options
        least = options.least_score if span.largest > options.small else options.least_small_score
        return span.best_score < least or span.last.seconds - span.first.seconds < options.shortest_seconds

    def _number(self, span: Span) -> int:
        if span.number is None:
            self._numbers += 1
            span.number = self._numbers
        return span.number

    def _forget(self, frame: FoundFaces) -> None:
        """What no later frame asks for."""
        oldest = frame.seconds - self._fill
        for key, span in list(self._spans.items()):
            if span.last.seconds < oldest and span.last.number < frame.number:
                del self._spans[key]
            else:
                span.forget_before(oldest - _STEADYING_SECONDS)


def _appearance(span: Span) -> tuple[int, float, float]:
    box = span.first.face.box
    return span.first.number, box.left, box.top
