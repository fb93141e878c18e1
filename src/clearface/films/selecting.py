"""Which of the faces of a film are meant."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from clearface.detectors.selection import FaceSelection
from clearface.films.base import FilmFrame, Mark
from clearface.films.engine import DecidedFrame, FaceFinder
from clearface.tracking.base import TrackedFace, TrackedFrame

_CHALLENGE = 1.25
"""How many times as large, or as near the centre, another face must be to take the place of the one chosen so far."""


class SelectingFinder:
    """A `FaceFinder` that leaves out the faces a `FaceSelection` leaves out.

    The largest face and the one nearest the centre stay chosen until another is clearly larger or nearer, so that two of a
    size do not take turns.
    """

    def __init__(self, finder: FaceFinder, selection: FaceSelection) -> None:
        self._finder = finder
        self._selection = selection
        self._chosen: int | None = None

    def follow(self, frames: Iterable[FilmFrame], done: Mark | None) -> Iterator[DecidedFrame]:
        """See `FaceFinder.follow`."""
        size = (0.0, 0.0)
        for frame, tracked in self._finder.follow(frames, done):
            if frame is not None:
                size = (frame.canvas.width, frame.canvas.height)
            yield frame, self._selected(tracked, size)

    def _selected(self, tracked: TrackedFrame, size: tuple[float, float]) -> TrackedFrame:
        selection = self._selection
        faces = tuple(face for face in tracked.faces if face.face.box.size >= selection.minimum_size)
        if selection.largest_only:
            faces = self._one(faces, {face.track: 1 / max(face.face.box.size, 1e-6) for face in faces})
        elif selection.centre_only:
            centre = (np.array(size) - 1) / 2
            away = {face.track: float(np.linalg.norm(np.array(face.face.box.centre) - centre)) for face in faces}
            faces = self._one(faces, away)
        return replace(tracked, faces=faces)

    def _one(self, faces: tuple[TrackedFace, ...], badness: dict[int, float]) -> tuple[TrackedFace, ...]:
        if not faces:
            return ()
        best = min(badness, key=lambda track: badness[track])
        if self._chosen not in badness or badness[best] * _CHALLENGE < badness[self._chosen]:
            self._chosen = best
        return tuple(face for face in faces if face.track == self._chosen)
