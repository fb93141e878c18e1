"""Faces the detector has lost, found again by how they looked a moment ago."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from clearface.arrays import ByteImage
from clearface.faces import Box, Face, moved_face
from clearface.films.base import Canvas
from clearface.photos.photo import byte_view
from clearface.squares import Region

_SIDE = 24
"""Longer side of a remembered face in pixels: what is left of it when it is out of focus, too."""

_REACH = 1.0
"""How far from where it is expected a face is looked for, in its own sizes."""

_LEAST_LIKENESS = 0.6
_REMEMBERED = 1.0
"""Seconds after the detector was sure of it last: no look is taken from a picture that was only like it."""

_SAME_FACE = 0.2
_NEAR = 2.0


@dataclass(frozen=True, eq=False)
class _Memory:
    face: Face
    look: ByteImage
    """Grey, `(h, w)`."""

    scale: float
    """Pixels of the look for one of the frame."""

    seconds: float
    """When the detector saw it last."""


class Likenesses:
    """Remembers faces for a second and looks for them by normalised cross-correlation, which no change of brightness disturbs.

    It bridges what a detector misses while a face is blurred by motion or focus, dim, or turned away.
    """

    def __init__(self) -> None:
        self._memories: list[_Memory] = []

    def forget(self) -> None:
        """At the beginning of a new scene."""
        self._memories = []

    def look(
        self, canvas: Canvas, seconds: float, sure: Sequence[Face], doubtful: Sequence[Face], expected: Sequence[Box]
    ) -> list[Face]:
        """The faces that were not found in this frame but look as they did, with a score of 0.

        sure: those found, which are remembered from now on. doubtful: those that may be none. expected: where faces should be.
        """
        again: list[Face] = []
        kept = []
        for memory in self._memories:
            place = _nearest(memory.face.box, expected)
            if place is None or seconds - memory.seconds > _REMEMBERED or _overlaps(place, sure):
                continue
            seen = None if _overlaps(place, doubtful) else _seen_again(memory, place, canvas)
            if seen is not None and not _overlaps(seen.face.box, [*sure, *doubtful, *again]):
                again.append(seen.face)
                memory = seen
            kept.append(memory)
        self._memories = kept + [_remembered(face, canvas, seconds) for face in sure]
        return again


def _remembered(face: Face, canvas: Canvas, seconds: float) -> _Memory:
    scale = min(1.0, _SIDE / max(face.box.width, face.box.height, 1.0))
    return _Memory(replace(face, score=0.0), _grey(face.box, scale, canvas), scale, seconds)


def _seen_again(memory: _Memory, place: Box, canvas: Canvas) -> _Memory | None:
    box, look = memory.face.box, memory.look
    x, y = place.centre
    reach = _REACH * box.size
    around = Box(
        x - box.width / 2 - reach, y - box.height / 2 - reach, x + box.width / 2 + reach, y + box.height / 2 + reach
    )
    region = _region(around, canvas)
    window = _grey(around, memory.scale, canvas)
    if min(look.shape) < 4 or window.shape[0] < look.shape[0] or window.shape[1] < look.shape[1]:
        return None
    likeness = cv2.matchTemplate(window, look, cv2.TM_CCOEFF_NORMED)
    _, best, _, (column, row) = cv2.minMaxLoc(likeness)
    if best < _LEAST_LIKENESS:
        return None
    # The look begins at the edge of the frame where the face reaches beyond it.
    inside = _region(box, canvas)
    across = float(region.left + column / memory.scale - inside.left)
    down = float(region.top + row / memory.scale - inside.top)
    return replace(memory, face=moved_face(memory.face, across, down))


def _grey(box: Box, scale: float, canvas: Canvas) -> ByteImage:
    region = _region(box, canvas)
    if region.empty:
        return np.zeros((0, 0), np.uint8)
    pixels = cv2.cvtColor(byte_view(canvas.take(region)), cv2.COLOR_RGB2GRAY)
    if scale < 1:
        size = (max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale)))
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    return np.asarray(pixels, np.uint8)


def _region(box: Box, canvas: Canvas) -> Region:
    return Region(
        max(round(box.left), 0),
        max(round(box.top), 0),
        min(round(box.right), canvas.width),
        min(round(box.bottom), canvas.height),
    )


def _nearest(box: Box, expected: Sequence[Box]) -> Box | None:
    """Where a remembered face is expected, if it is."""
    distances = [float(np.hypot(*np.subtract(box.centre, other.centre))) for other in expected]
    if not distances or min(distances) > _NEAR * box.size:
        return None
    return expected[int(np.argmin(distances))]


def _overlaps(box: Box, faces: Sequence[Face]) -> bool:
    return any(box.overlap(face.box) > _SAME_FACE for face in faces)
