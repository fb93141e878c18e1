"""What is kept of one face over time, and where it was between its sightings."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field

import numpy as np

from clearface.arrays import DoubleArray
from clearface.faces import Box, Face

_SIDES = 4


@dataclass(frozen=True, eq=False)
class Sighting:
    """One time a face was found."""

    number: int
    """Of the frame."""

    seconds: float
    face: Face

    @property
    def vector(self) -> DoubleArray:
        """`(14,)`: left, top, right, bottom, then the landmarks' x and y."""
        box = self.face.box
        return np.concatenate([[box.left, box.top, box.right, box.bottom], self.face.landmarks.ravel()])


def as_face(vector: DoubleArray, score: float) -> Face:
    """From what `Sighting.vector` gives."""
    left, top, right, bottom = (float(side) for side in vector[:_SIDES])
    return Face(Box(left, top, right, bottom), score, vector[_SIDES:].reshape(5, 2).copy())


@dataclass(eq=False)
class Span:
    """The sightings of one face that are still of use, and what is to be known of those forgotten."""

    first: Sighting
    sightings: list[Sighting] = field(default_factory=list)
    count: int = 0
    last_found: int = 0
    """The number of the last frame in which the detector answered."""

    best_score: float = 0.0
    largest: float = 0.0
    """Size of the largest box, in pixels."""

    number: int | None = None
    """The one it goes by, from the first frame it is told in."""

    @property
    def last(self) -> Sighting:
        return self.sightings[-1]

    def add(self, sighting: Sighting) -> None:
        self.sightings.append(sighting)
        if sighting.face.score > 0:
            self.count += 1
            self.last_found = sighting.number
        self.best_score = max(self.best_score, sighting.face.score)
        self.largest = max(self.largest, sighting.face.box.size)

    def forget_before(self, seconds: float) -> None:
        """Forgets sightings from before a time, all but the last two of them."""
        keep_from = bisect_left(self.sightings, seconds, key=lambda sighting: sighting.seconds)
        del self.sightings[: max(keep_from - 2, 0)]

    def around(self, number: int) -> tuple[Sighting | None, Sighting | None]:
        """The last sighting up to and the first from a frame on; the same twice where it was seen in that frame."""
        index = bisect_left(self.sightings, number, key=lambda sighting: sighting.number)
        after = self.sightings[index] if index < len(self.sightings) else None
        if after is not None and after.number == number:
            return after, after
        return (self.sightings[index - 1] if index else None), after

    def within(self, start: float, end: float) -> list[Sighting]:
        """The sightings of a stretch of time, both ends included."""
        low = bisect_left(self.sightings, start, key=lambda sighting: sighting.seconds)
        high = bisect_right(self.sightings, end, key=lambda sighting: sighting.seconds)
        return self.sightings[low:high]
