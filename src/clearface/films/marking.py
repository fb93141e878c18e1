"""Faces marked on the frames of a film: boxes, landmarks, numbers, scores."""

from collections.abc import Sequence

import numpy as np

from clearface.arrays import Pixels
from clearface.faces import moved_face
from clearface.films.base import Canvas, FilmFrame
from clearface.films.transform import FaceOutcome
from clearface.photos.photo import byte_view
from clearface.pictures import line_width, mark_face
from clearface.squares import Region
from clearface.tracking.base import TrackedFace, TrackedFrame

_LABEL_ROOM = (90, 320)
"""Rows above a box, and columns to its right, that its label may need at its largest, in pixels."""


class FilmMarking:
    """A `FilmTransform` that draws every face on its frame, with the number it has throughout the film."""

    together = 1

    def apply(self, frames: Sequence[tuple[FilmFrame, TrackedFrame]]) -> list[tuple[FaceOutcome, ...]]:
        """See `FilmTransform.apply`."""
        return [
            tuple(FaceOutcome(face, changed=_mark(frame.canvas, face)) for face in tracked.faces)
            for frame, tracked in frames
        ]


def _mark(canvas: Canvas, tracked: TrackedFace) -> bool:
    line = line_width((canvas.height, canvas.width))
    box, margin = tracked.face.box, 3 * line + 2
    rows, columns = _LABEL_ROOM
    region = Region(
        max(int(box.left) - margin, 0),
        max(int(box.top) - margin - rows, 0),
        min(max(int(box.right) + margin, int(box.left) + columns), canvas.width),
        min(max(int(box.bottom) + margin, rows), canvas.height),
    )
    if region.empty:
        return False
    taken = canvas.take(region)
    plain = byte_view(taken)
    drawn = plain.copy()
    mark_face(drawn, moved_face(tracked.face, -region.left, -region.top), tracked.track, line)
    where = (drawn != plain).any(2)
    levels: Pixels = drawn if taken.dtype == np.uint8 else drawn.astype(np.uint16) * np.uint16(257)
    canvas.put(region, levels, where)
    return bool(where.any())
