"""Trackers of the library `trackers` (Roboflow, Apache License 2.0): ByteTrack and OC-SORT as others know them."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from clearface.errors import DependencyError
from clearface.faces import Box, Face
from clearface.system import explain_import_error
from clearface.tracking.association import pair_by_overlap
from clearface.tracking.base import FoundFaces

_BUFFER_RATE = 30.0
"""The frames a second that the library counts its buffer of lost faces in."""

_SURE = 0.5
_LEAST_OVERLAP = 0.1
_SAME_FACE = 0.3
_LEAST_STEP = 1e-3
"""Seconds: the library warns of two frames at one time."""


class LibraryTracker:
    """`ByteTrackTracker` or `OCSORTTracker`, by the name "bytetrack" or "ocsort", told the time of every frame.

    The library names a face when it is seen the second time, and faint ones not at all. Here every face has a key from its first
    frame on: one without a name is the same as the one it overlaps in the frame before, and passes its key on to the name.

    lost_seconds: how long a face may be gone and still be known. Raises DependencyError where the library is missing.
    """

    def __init__(self, name: str, lost_seconds: float = 1.0) -> None:
        self._tracker = _open(name, round(lost_seconds * _BUFFER_RATE))
        self._named: dict[int, int] = {}
        self._before: dict[int, Face] = {}
        self._seconds = -np.inf
        self._keys = 0

    def assign(self, found: FoundFaces) -> tuple[int, ...]:
        """See `Tracker.assign`."""
        if found.new_scene:
            self._tracker.reset()
            self._named, self._before, self._seconds = {}, {}, -np.inf
        self._seconds = max(found.seconds, self._seconds + _LEAST_STEP)
        names = self._names(found.faces)
        keys = {index: self._named[name] for index, name in names.items() if name in self._named}
        self._go_on(found.faces, keys)
        for index, _ in _by_place(found.faces):
            if index not in keys:
                self._keys += 1
                keys[index] = self._keys
        self._named.update({name: keys[index] for index, name in names.items()})
        self._before = {keys[index]: face for index, face in enumerate(found.faces)}
        return tuple(keys[index] for index in range(len(found.faces)))

    def expected(self, seconds: float) -> tuple[Box, ...]:
        """See `Tracker.expected`: where the library took its faces to be in the last frame; it looks no further ahead."""
        del seconds
        corners = self._tracker.tracked_objects.xyxy
        return tuple(Box(*(float(side) for side in row)) for row in corners)

    def _names(self, faces: Sequence[Face]) -> dict[int, int]:
        """What the library calls the faces it has a name for, by their place in the list."""
        import supervision

        ordered = _by_place(faces)
        detections = supervision.Detections(
            xyxy=np.array([_corners(face.box) for _, face in ordered], np.float32).reshape(-1, 4),
            confidence=np.array([face.score for _, face in ordered], np.float32),
            class_id=np.zeros(len(ordered), int),
            data={"index": np.array([index for index, _ in ordered], int)},
        )
        told = self._tracker.update(detections, timestamp=self._seconds)
        if not len(told):
            return {}
        pairs = zip(told.data["index"], told.tracker_id, strict=True)
        return {int(index): int(name) for index, name in pairs if name >= 0}

    def _go_on(self, faces: Sequence[Face], keys: dict[int, int]) -> None:
        """Gives faces without a key that of the face they overlap in the frame before, where no other has it."""
        taken = set(keys.values())
        free = [key for key in self._before if key not in taken]
        waiting = [index for index, _ in _by_place(faces) if index not in keys]
        boxes = [faces[index].box for index in waiting]
        for row, column in pair_by_overlap([self._before[key].box for key in free], boxes, _SAME_FACE):
            keys[waiting[column]] = free[row]


def _open(name: str, buffer: int) -> Any:  # noqa: ANN401
    try:
        import trackers
    except ImportError as error:
        raise DependencyError(explain_import_error(error) or f"the trackers library does not load: {error}") from error
    if name == "bytetrack":
        return trackers.ByteTrackTracker(
            lost_track_buffer=buffer,
            track_activation_threshold=_SURE,
            minimum_consecutive_frames=1,
            minimum_iou_threshold=_LEAST_OVERLAP,
            high_conf_det_threshold=_SURE,
        )
    return trackers.OCSORTTracker(
        lost_track_buffer=buffer,
        minimum_consecutive_frames=1,
        minimum_iou_threshold=_LEAST_OVERLAP,
        high_conf_det_threshold=_SURE,
    )


def _by_place(faces: Sequence[Face]) -> list[tuple[int, Face]]:
    """With their place in the list, from left to right: the order a detector names them in decides nothing."""
    return sorted(enumerate(faces), key=lambda entry: _corners(entry[1].box))


def _corners(box: Box) -> tuple[float, float, float, float]:
    return box.left, box.top, box.right, box.bottom
