"""ByteTrack's association (Zhang et al. 2022), in seconds instead of frames, and with distance for what overlap misses."""

from collections.abc import Sequence
from dataclasses import dataclass

from clearface.faces import Box
from clearface.tracking.association import pair_by_distance, pair_by_overlap
from clearface.tracking.base import FoundFaces
from clearface.tracking.motion import BoxMotion

_SURE = 0.5
"""Faces of this score or more choose first."""

_LEAST_OVERLAP = 0.15
_LARGEST_RATIO = 2.2
"""By how many times a face may have grown or shrunk where it is found again: what comes from behind a post is cut at first."""

_REACH = 0.8
"""How far a face may be from where it was expected, in its own sizes."""

_REACH_PER_SECOND = 3.0
"""The same for every second it was not seen."""

_REACH_OF_THE_NEW = 2.0
"""The same where it was seen only once, so that nobody knows its speed."""

_CONFIRMED_SIGHTINGS = 3
_CONFIRMED_SCORE = 0.45
_DOUBTED_SCORE = 0.3
"""What never scores as much is not confirmed, however often it is seen."""

_FORGOTTEN_DOUBT = 0.15
"""Seconds after which something seen once, and not surely, is looked for no more."""


@dataclass(eq=False)
class _Track:
    key: int
    motion: BoxMotion
    last_frame: int
    found: float
    """When the detector found it last: what only looks like it may have been left behind by it."""

    sightings: int = 1
    best_score: float = 0.0

    @property
    def confirmed(self) -> bool:
        often = self.sightings >= _CONFIRMED_SIGHTINGS
        return self.best_score >= (_DOUBTED_SCORE if often else _CONFIRMED_SCORE)


class TwoStepTracker:
    """First the sure faces choose among the boxes expected, then the doubtful ones, by overlap; then what is left, by distance.

    lost_seconds: how long a face may be gone and still be known. A face seen in the frame before is known however long
    ago that was. Every face found gets a key, however doubtful: what must be hidden is not left to a second sighting.
    """

    def __init__(self, lost_seconds: float = 1.0) -> None:
        self._lost_seconds = lost_seconds
        self._tracks: list[_Track] = []
        self._frames = 0
        self._keys = 0

    def assign(self, found: FoundFaces) -> tuple[int, ...]:
        """See `Tracker.assign`."""
        if found.new_scene:
            self._tracks = []
        self._frames += 1
        self._tracks = [track for track in self._tracks if self._remembered(track, found.seconds)]
        # Sorted by place, so that the order in which a detector names its faces decides nothing.
        order = sorted(range(len(found.faces)), key=lambda index: _place(found.faces[index].box))
        sure = [index for index in order if found.faces[index].score >= _SURE]
        doubtful = [index for index in order if 0 < found.faces[index].score < _SURE]
        alike = [index for index in order if found.faces[index].score == 0]
        keys: dict[int, int] = {}
        for chosen in (sure, doubtful):
            self._choose(found, chosen, keys, by_overlap=True)
        self._choose(found, [*sure, *doubtful], keys, by_overlap=False)
        self._choose(found, alike, keys, by_overlap=True)
        for index in order:
            if index not in keys:
                keys[index] = self._begin(found, index)
        return tuple(keys[index] for index in range(len(found.faces)))

    def expected(self, seconds: float) -> tuple[Box, ...]:
        """See `Tracker.expected`."""
        tracks = [track for track in self._tracks if self._looked_for(track, seconds)]
        tracks.sort(key=lambda track: (-track.last_frame, -track.sightings, track.key))
        return tuple(track.motion.at(seconds) for track in tracks)

    def _remembered(self, track: _Track, seconds: float) -> bool:
        return track.last_frame == self._frames - 1 or seconds - track.motion.seen <= self._lost_seconds

    def _looked_for(self, track: _Track, seconds: float) -> bool:
        recent = seconds - track.motion.seen <= _FORGOTTEN_DOUBT
        return (track.confirmed or recent) and (
            track.last_frame == self._frames or seconds - track.motion.seen <= self._lost_seconds
        )

    def _choose(self, found: FoundFaces, among: Sequence[int], keys: dict[int, int], *, by_overlap: bool) -> None:
        """Gives the keys of tracks nobody chose yet in this frame to faces that have none."""
        free = [track for track in self._tracks if track.last_frame < self._frames]
        waiting = [index for index in among if index not in keys]
        if not free or not waiting:
            return
        expected = [track.motion.at(found.seconds) for track in free]
        boxes = [found.faces[index].box for index in waiting]
        if by_overlap:
            pairs = pair_by_overlap(expected, boxes, _LEAST_OVERLAP)
        else:
            pairs = pair_by_distance(expected, boxes, [_reach(track, found.seconds) for track in free], _LARGEST_RATIO)
        for row, column in pairs:
            track, face = free[row], found.faces[waiting[column]]
            track.motion.tell(face.box, found.seconds)
            track.last_frame = self._frames
            track.found = found.seconds if face.score > 0 else track.found
            track.sightings += 1
            track.best_score = max(track.best_score, face.score)
            keys[waiting[column]] = track.key

    def _begin(self, found: FoundFaces, index: int) -> int:
        self._keys += 1
        face = found.faces[index]
        motion = BoxMotion(face.box, found.seconds)
        self._tracks.append(_Track(self._keys, motion, self._frames, found.seconds, best_score=face.score))
        return self._keys


def _reach(track: _Track, seconds: float) -> float:
    still = _REACH_OF_THE_NEW if track.sightings == 1 else _REACH
    return still + _REACH_PER_SECOND * (seconds - track.found)


def _place(box: Box) -> tuple[float, float, float, float]:
    return box.left, box.top, box.right, box.bottom
