"""Hiding the faces of films."""

from collections.abc import Callable, Sequence

from clearface.films.base import FilmFrame
from clearface.films.transform import FaceOutcome
from clearface.hiding import FaceHider
from clearface.tracking.base import Known, TrackedFace, TrackedFrame


class FilmHiding:
    """A `FilmTransform` that hides the chosen faces; each track keeps its noise throughout the film.

    chosen: told the number of a frame and a face of it, says whether the face is hidden.
    """

    together = 1

    def __init__(self, hider: FaceHider, chosen: Callable[[int, TrackedFace], bool]) -> None:
        self._hider = hider
        self._chosen = chosen

    def apply(self, frames: Sequence[tuple[FilmFrame, TrackedFrame]]) -> list[tuple[FaceOutcome, ...]]:
        """See `FilmTransform.apply`."""
        return [self._apply(frame, tracked) for frame, tracked in frames]

    def _apply(self, frame: FilmFrame, tracked: TrackedFrame) -> tuple[FaceOutcome, ...]:
        chosen = [self._chosen(tracked.number, face) for face in tracked.faces]
        hidden = [face for face, wanted in zip(tracked.faces, chosen, strict=True) if wanted]
        self._hider.hide(
            frame.canvas,
            [(face.track, face.face) for face in hidden if face.known is not Known.MARKED],
            [(face.track, face.face) for face in hidden if face.known is Known.MARKED],
        )
        return tuple(
            FaceOutcome(face, changed=wanted and self._hider.hides)
            for face, wanted in zip(tracked.faces, chosen, strict=True)
        )
