"""The pieces an evaluation is done in: some faces of one test, with every method."""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from clearface.arrays import FloatArray
from clearface.evaluate.gauges.base import Batch
from clearface.faces import Face

_PIXELS_AT_ONCE = 16 * 256 * 256
_FACES_AT_ONCE = 16


@dataclass(frozen=True, eq=False)
class UnitFace:
    """One photo of a unit, and the faces in it that are measured."""

    name: str
    index: int
    """Its place among all that are measured: with the seed it decides what happens to it."""

    path: Path
    twins: tuple[Path, ...]
    faces: tuple[Face, ...]
    checksum: str
    """Of the photo and its twins."""


@dataclass(frozen=True, eq=False)
class Unit:
    """A part of one test, small enough to be done again."""

    test: str
    faces: tuple[UnitFace, ...]

    @property
    def key(self) -> str:
        """A name that changes with anything the unit stands for."""
        told = [self.test, [(face.name, face.index, face.checksum) for face in self.faces]]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32]

    def only(self, face: str) -> "Unit":
        """The unit of the one photo that a face, by the name of its row, belongs to; empty where it is none of them."""
        return Unit(self.test, tuple(each for each in self.faces if face in row_names(each.name, len(each.faces))))


@dataclass(frozen=True, eq=False)
class Group:
    """Faces of one size, and how to see them as each method leaves them."""

    names: tuple[str, ...]
    sharp: FloatArray | None
    """RGB float32 `(N, H, W, 3)` in [0, 1]."""

    blurs: tuple[float | None, ...]
    """How far each true kernel reaches, in pixels."""

    shown: Callable[[], Iterator[tuple[str, Batch]]]
    """Each method by name with its faces; the input first, where there is one."""


def row_names(photo: str, faces: int) -> list[str]:
    """What the rows of a photo's faces are called: after the photo, with their number where there are several."""
    return [photo] if faces <= 1 else [f"{photo} face {number}" for number in range(1, faces + 1)]


def units_of(test: str, faces: Sequence[UnitFace], shape_of: Callable[[UnitFace], tuple[int, int]]) -> list[Unit]:
    """The faces of a test in units of bounded size, the faces of a unit of one size and in order."""
    units: list[Unit] = []
    pending: list[UnitFace] = []
    for face in faces:
        height, width = shape_of(face)
        most = max(1, min(_FACES_AT_ONCE, _PIXELS_AT_ONCE // max(1, height * width)))
        if pending and (shape_of(pending[0]) != (height, width) or len(pending) >= most):
            units.append(Unit(test, tuple(pending)))
            pending = []
        pending.append(face)
    return [*units, Unit(test, tuple(pending))] if pending else units
