"""What is done to the faces of frames: hiding, restoring, marking."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from clearface.films.base import FilmFrame
from clearface.tracking.base import TrackedFace, TrackedFrame
from clearface.verdicts import Verdict


@dataclass(frozen=True, eq=False)
class FaceOutcome:
    """What became of one face of one frame."""

    tracked: TrackedFace
    changed: bool
    """Whether any pixel may be another."""

    verdict: Verdict | None = None
    """What a restorer decided about it."""


class FilmTransform(Protocol):
    """Changes the canvases of frames in place."""

    @property
    def together(self) -> int:
        """How many frames it is best given at once, 1 or more."""
        ...

    def apply(self, frames: Sequence[tuple[FilmFrame, TrackedFrame]]) -> list[tuple[FaceOutcome, ...]]:
        """Works on frames that follow one another, called with the frames of a film in order. One entry for each frame."""
        ...
