"""Collections of people as they are looked at: which photos show a face, where, and how large the photos are."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from clearface.arrays import DoubleArray
from clearface.detectors.base import Detector
from clearface.errors import UsageError
from clearface.evaluate.identities.people import PersonPhoto
from clearface.evaluate.identities.people_faces import IndexArray
from clearface.evaluate.looking import LookJob, read_pixels, stamps_of
from clearface.evaluate.recognition.settings import Framing
from clearface.faces import Box, Face, native_size
from clearface.files.explanations import shown

_HARDLY_MORE = 0.75
"""Of a photo's area, the least that the FFHQ square has where the photo is hardly more than the face."""

_WHOLE_AREA = 112 * 92
"""Pixels that whole photos are looked at with: those of ORL."""

ALIGNED_SIDE = 96
"""Pixels a side that aligned faces are looked at with."""


@dataclass(frozen=True, eq=False)
class PhotoUnit:
    """Some photos of a collection that are looked at together."""

    collection: str
    start: int
    """Place of the first among all."""

    photos: tuple[PersonPhoto, ...]

    @property
    def faces(self) -> tuple[PersonPhoto, ...]:
        """What is counted: one for each photo."""
        return self.photos

    @property
    def key(self) -> str:
        """A name that changes with the photos."""
        return hashlib.sha256(f"faces {told(self.collection, self.photos)}".encode()).hexdigest()[:32]


def told(collection: str, photos: Sequence[PersonPhoto]) -> str:
    """The photos with their sizes in bytes and times of change, as text that is another where one is another."""
    return repr([(collection, photo.name, stamps_of(LookJob(photo.name, photo.path))) for photo in photos])


def find_faces(photos: Sequence[PersonPhoto], detector: Detector, max_pixels: int) -> DoubleArray:
    """`(N, 17)`: height and width of each photo and its largest face, NaN where none is found, as `face_from` reads it.

    Raises PhotoError, naming it, for a photo that cannot be read.
    """
    rows = np.full((len(photos), 17), np.nan)
    for row, photo in zip(rows, photos, strict=True):
        pixels = read_pixels(photo.path, max_pixels)
        row[:2] = pixels.shape[:2]
        face = max(detector.detect(pixels), key=lambda face: face.box.size, default=None)
        if face is not None:
            row[2:] = (
                *(face.box.left, face.box.top, face.box.right, face.box.bottom),
                face.score,
                *face.landmarks.ravel(),
            )
    return rows


def face_from(row: DoubleArray) -> Face | None:
    """The face of a row `(17,)` of `find_faces`."""
    if not np.isfinite(row).all():
        return None
    left, top, right, bottom, score = (float(value) for value in row[2:7])
    return Face(Box(left, top, right, bottom), score, row[7:].reshape(5, 2))


@dataclass(frozen=True, eq=False)
class Collection:
    """The photos of a collection that show a face."""

    name: str
    photos: tuple[PersonPhoto, ...]
    faces: tuple[Face, ...]
    """One for each photo."""

    people: IndexArray
    """`(N,)`: whose each is, a place in `names`."""

    names: tuple[str, ...]
    without_face: tuple[str, ...]
    """Names of the photos that show none, and are left out."""

    framing: Framing
    """Whole or aligned."""

    shape: tuple[int, int]
    """Height and width, in pixels, of the grey pictures that classical methods look at."""


def collection_of(name: str, photos: Sequence[PersonPhoto], rows: DoubleArray, framing: Framing) -> Collection:
    """From what was found in each photo. Raises UsageError where too few show a face."""
    faces = [face_from(row) for row in rows]
    kept = [(photo, face) for photo, face in zip(photos, faces, strict=True) if face is not None]
    names = tuple(dict.fromkeys(photo.person for photo, _ in kept))
    people = np.array([names.index(photo.person) for photo, _ in kept], np.intp)
    if len(names) < 2 or np.bincount(people).max() < 2:
        raise UsageError(
            f"{shown(name)}: faces are found in {len(kept)} of {len(photos)} photos;"
            " recognition takes two people with a face, and two photos of one of them"
        )
    sides = np.median(rows[:, :2], axis=0)
    if framing is Framing.AUTO:
        share = float(np.median([native_size(face) ** 2 for _, face in kept])) / float(sides[0] * sides[1])
        framing = Framing.WHOLE if share >= _HARDLY_MORE else Framing.ALIGNED
    shape = whole_shape(float(sides[0]), float(sides[1])) if framing is Framing.WHOLE else (ALIGNED_SIDE, ALIGNED_SIDE)
    return Collection(
        name,
        tuple(photo for photo, _ in kept),
        tuple(face for _, face in kept),
        people,
        names,
        tuple(photo.name for photo, face in zip(photos, faces, strict=True) if face is None),
        framing,
        shape,
    )


def whole_shape(height: float, width: float) -> tuple[int, int]:
    """Height and width, both even and 32 at least, of photos of these sides brought to about as many pixels as those of ORL."""
    scale = (_WHOLE_AREA / (height * width)) ** 0.5
    rows, columns = (max(32, 2 * round(side * scale / 2)) for side in (height, width))
    return rows, columns
