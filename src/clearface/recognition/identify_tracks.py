"""Who the people of a film are: each face followed through it is answered for once, by its best frames together."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from clearface.arrays import FloatArray, Pixels
from clearface.faces import Face, moved_face
from clearface.films.base import Canvas
from clearface.recognition.base import Answer
from clearface.recognition.identify import DescribedFace, IdentifiedFace, Identifier
from clearface.recognition.identify_squares import recognition_square
from clearface.recognition.pooling import pooled
from clearface.tracking.base import Known, TrackedFace

BEST = 8
"""Looks at each face that are pooled."""

EVERY = 0.4
"""Seconds between two looks at one face: frames that follow one another show the same."""

_SURROUNDINGS = 0.25
"""Of the side of a face's square: what some restorers look at around it."""

_FEW_PIXELS = 8

_MOMENT = 1e-9
"""Seconds: two frames are further apart."""

SEEN = frozenset({Known.FOUND, Known.TOLD})
"""Elsewhere a face is only supposed to be."""


@dataclass(frozen=True, eq=False)
class IdentifiedTrack:
    """Who one face of a film is."""

    track: int
    first_seconds: float
    """When it was looked at first."""

    last_seconds: float
    looks: int
    """How many were pooled."""

    identified: IdentifiedFace
    """The answer; face and condition are those of the best look."""

    @property
    def answer(self) -> Answer:
        """What is said."""
        return self.identified.answer

    @property
    def name(self) -> str | None:
        """Of the person, where one is named."""
        return self.identified.name

    @property
    def disagreement(self) -> str | None:
        """How the answers before and after restoring contradict each other, where they do."""
        return self.identified.disagreement


@dataclass
class _Track:
    first: float
    last: float
    best: list[DescribedFace] = field(default_factory=list)


class TrackLooks:
    """Looks at the faces of a film now and then as its frames go by, and keeps the best looks at each.

    What it holds grows with the tracks, not with the frames: `best` looks at each.
    """

    def __init__(
        self,
        describe: Callable[[Pixels, Sequence[Face]], list[DescribedFace]],
        best: int = BEST,
        every: float = EVERY,
    ) -> None:
        """describe: tells what is seen of some faces of an RGB picture, as `Identifier.describe` does. best: looks at each face
        that are kept. every: seconds between two looks at one face."""
        self._describe = describe
        self._best = best
        self._every = every
        self._tracks: dict[int, _Track] = {}

    def see(
        self, seconds: float, canvas: Canvas, faces: Sequence[TrackedFace], every: float | None = None
    ) -> list[tuple[TrackedFace, DescribedFace]]:
        """Takes in one frame and its faces, in pixels of it; what was seen of those that were looked at. Raises ModelError.

        every: another time between two looks than the usual one; a frame is looked at once all the same.
        """
        seen = []
        for tracked in self._due(seconds, faces, self._every if every is None else every):
            crop = _crop(canvas, tracked.face)
            if crop is None:
                continue
            (look,) = self._describe(*crop)
            track = self._tracks.setdefault(tracked.track, _Track(seconds, seconds))
            track.last = seconds
            track.best = sorted([*track.best, look], key=lambda each: -each.quality)[: self._best]
            seen.append((tracked, look))
        return seen

    def pooled(self, track: int) -> DescribedFace:
        """The best look at a track, with the vectors of all its best looks pooled. Raises KeyError where there was none."""
        return pooled_looks(self._tracks[track].best)

    def looks(self, track: int) -> int:
        """How many looks `pooled` is made of."""
        return len(self._tracks[track].best) if track in self._tracks else 0

    def span(self, track: int) -> tuple[float, float]:
        """When a track was looked at first and last, in seconds. Raises KeyError where it never was."""
        return self._tracks[track].first, self._tracks[track].last

    def begin_anew(self, track: int) -> None:
        """Forgets what a track looked like, but not when it was looked at."""
        if track in self._tracks:
            self._tracks[track].best = []

    def forget(self, tracks: Collection[int]) -> None:
        """Forgets tracks that are over."""
        for track in tracks:
            self._tracks.pop(track, None)

    @property
    def tracks(self) -> tuple[int, ...]:
        """The numbers of those that were looked at, in their order."""
        return tuple(sorted(self._tracks))

    def _due(self, seconds: float, faces: Sequence[TrackedFace], every: float) -> list[TrackedFace]:
        """Those to look at: there for certain, and not looked at a moment ago."""
        last = {number: track.last for number, track in self._tracks.items()}
        return [
            tracked
            for tracked in faces
            if tracked.known in SEEN
            and (tracked.track not in last or seconds - last[tracked.track] >= max(every, _MOMENT))
        ]


class TrackNamer:
    """Looks at the faces of a film as its frames go by, and answers for each at the end or whenever asked."""

    def __init__(self, identifier: Identifier, best: int = BEST, every: float = EVERY) -> None:
        """best, every: as for `TrackLooks`."""
        self._identifier = identifier
        self._looks = TrackLooks(identifier.describe, best, every)

    def see(self, seconds: float, canvas: Canvas, faces: Sequence[TrackedFace]) -> None:
        """Takes in one frame, and its faces in pixels of it. Raises ModelError."""
        self._looks.see(seconds, canvas, faces)

    def answers(self) -> list[IdentifiedTrack]:
        """Who every face is that was looked at, by the number of its track."""
        tracks = self._looks.tracks
        together = self._identifier.answer([self._looks.pooled(track) for track in tracks])
        return [
            IdentifiedTrack(track, *self._looks.span(track), self._looks.looks(track), identified)
            for track, identified in zip(tracks, together, strict=True)
        ]


def pooled_looks(looks: Sequence[DescribedFace]) -> DescribedFace:
    """The best of looks at one face, with the vectors of all, weighted by quality."""
    best = max(looks, key=lambda look: look.quality)
    qualities = np.array([look.quality for look in looks], np.float32)
    return replace(
        best,
        before=_together([look.before for look in looks], qualities),
        after=_together([look.after for look in looks], qualities),
    )


def _together(vectors: Sequence[FloatArray | None], qualities: FloatArray) -> FloatArray | None:
    given = [vector for vector in vectors if vector is not None]
    return pooled(np.stack(given), qualities) if given else None


def _crop(canvas: Canvas, face: Face) -> tuple[Pixels, list[Face]] | None:
    """As much of a frame as is needed to look at a face, and the face in pixels of that; None where it lies outside."""
    shape = (canvas.height, canvas.width)
    square = recognition_square(face)
    side = square.size / square.scale
    region = square.region(shape, side * _SURROUNDINGS + _FEW_PIXELS)
    if region.empty:
        return None
    return canvas.take(region), [moved_face(face, -region.left, -region.top)]
