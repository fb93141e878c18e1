"""What is known of the faces of a film, frame by frame."""

from dataclasses import dataclass
from enum import StrEnum

from clearface.faces import Face


class Known(StrEnum):
    """How it is known where a face is."""

    FOUND = "found"
    """The detector found it in this frame."""

    FILLED = "filled"
    """It was found before and after."""

    HELD = "held"
    """It was found up to a second before, or will be up to a second later, and may be there still or already."""

    TOLD = "told"
    """A person said so."""

    MARKED = "marked"
    """It is a rectangle that somebody wants hidden, face or not."""


@dataclass(frozen=True, eq=False)
class FoundFaces:
    """What the search of one frame gave."""

    number: int
    """Of the frame, from 1."""

    seconds: float
    faces: tuple[Face, ...]
    """In pixels of the upright frame, most certain first. One of score 0 the detector did not find: it looks as it did before."""

    new_scene: bool = False
    """The picture before was another: faces do not go on across it."""


@dataclass(frozen=True, eq=False)
class TrackedFace:
    """One face of one frame, with the number it has throughout the film."""

    track: int
    """From 1, in the order faces appear; never used again for another face."""

    face: Face
    """Smoothed over time."""

    known: Known = Known.FOUND
    name: str | None = None
    """Of the person, where somebody was asked for and is known for certain."""


@dataclass(frozen=True, eq=False)
class TrackedFrame:
    """The faces of one frame, decided with what came before and after."""

    number: int
    seconds: float
    faces: tuple[TrackedFace, ...]
    """In the order of their numbers."""

    new_scene: bool = False
