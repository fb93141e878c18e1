"""What recognizing works on and what it answers: known faces, the state of a face, answers with their doubt."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from clearface.arrays import FloatArray

IndexArray = NDArray[np.intp]


@dataclass(frozen=True)
class KnownPerson:
    """Somebody in a gallery."""

    name: str
    description: str = ""
    link: str | None = None


@dataclass(frozen=True, eq=False)
class KnownFaces:
    """Faces whose people are known, as one embedder sees them."""

    vectors: FloatArray
    """`(N, D)` float32 of unit length."""

    owners: IndexArray
    """`(N,)`: whose each is, a place in `people`."""

    qualities: FloatArray
    """`(N,)` float32 in (0, 1]: how much each counts where a person's photos are pooled."""

    photos: tuple[str, ...]
    """N: where each was taken from, in words a person finds the photo by."""

    people: tuple[KnownPerson, ...]

    all_photos: int | None = None
    """How many photos the gallery has, where these are only those near the faces asked for; None where these are all."""

    all_people: int | None = None
    """How many people it has then."""

    def __post_init__(self) -> None:
        count = len(self.vectors)
        if not count == len(self.owners) == len(self.qualities) == len(self.photos):
            raise ValueError("there is one owner, one quality and one photo for each vector")


@dataclass(frozen=True)
class Condition:
    """What of a face decides how well it can be recognized."""

    size: float
    """Side of the FFHQ square in pixels of the photo."""

    blur: float | None
    """How far a point is spread, in sides of the FFHQ square: 0 where it is sharp; None where nothing can be told of it."""


@dataclass(frozen=True)
class Rate:
    """A share that was measured, with its interval of 95% (Wilson 1927)."""

    value: float
    low: float
    high: float
    count: int
    """Of how many trials."""


@dataclass(frozen=True)
class ExpectedErrors:
    """How often an answer is wrong for faces in the state of this one, as measured for its embedder."""

    condition: str
    """The faces that were measured, in words: such as "blurred over 2% to 6% of the face, 60 to 110 pixels"."""

    missed: Rate
    """Of photos of a person in the gallery, how many are not taken for that person at this threshold."""

    strangers_named: Rate
    """Of strangers, how many are taken for somebody in a gallery of this size."""


@dataclass(frozen=True)
class Candidate:
    """A person a face may be."""

    person: KnownPerson

    probability: float
    """In [0, 1], calibrated."""

    distance: float
    """Cosine distance, 0 to 2, to what it is compared with."""

    photo: str
    """The photo of this person it is nearest to."""


class Decision(StrEnum):
    """What is said of a face."""

    NAMED = "named"
    TIED = "tied"
    """Two people or more are as near as one another: none of them is named."""

    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Answer:
    """Who a face is, or that nobody can say."""

    decision: Decision

    candidates: tuple[Candidate, ...]
    """Nearest first; those named where it is tied, and the nearest few, for doubt, where it is unknown."""

    threshold: float
    """Greatest distance at which somebody is named, for a face in this condition."""

    expected: ExpectedErrors
