"""Why a photo or a face stays out of a training set."""

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Each with the words the summary uses."""

    UNREADABLE = "unreadable"
    """The photo, or its mask, is damaged or of another kind, or the two do not fit."""

    NO_FACE = "no face"

    TOO_SMALL = "too small"
    """The square around the face has fewer pixels than the least working size."""

    CUT = "cut by the border"

    BLURRED = "blurred"
    """Not sharp at any working size."""

    DUPLICATE = "near-duplicate"


@dataclass(frozen=True)
class Drop:
    """One photo, or one face in it, that was left out."""

    photo: str

    face: int
    """The number of the face in its photo, from 1; 0 for the whole photo."""

    reason: Reason

    detail: str
    """A sentence or the numbers that decided."""
