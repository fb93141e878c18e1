"""The faces of a collection of people, aligned."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from clearface.arrays import FloatArray
from clearface.detectors.base import Detector
from clearface.errors import UsageError
from clearface.evaluate.identities.people import PersonPhoto
from clearface.evaluate.looking import read_pixels
from clearface.files.explanations import shown
from clearface.squares import take_square, template_square

IndexArray = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class PeopleFaces:
    """Whose faces are known, and how they look."""

    faces: FloatArray
    """RGB float32 `(N, S, S, 3)` in [0, 1]: the FFHQ square around the largest face of each photo that shows one."""

    people: IndexArray
    """`(N,)`: whose each is, a place in `names`."""

    photos: tuple[PersonPhoto, ...]
    """N: where each was taken from."""

    names: tuple[str, ...]
    """Of the people."""

    people_without_face: IndexArray
    """`(M,)`: whose the photos are in which no face was found."""

    without_face: tuple[PersonPhoto, ...]
    """M: these photos."""


def cut_people(
    photos: Sequence[PersonPhoto],
    detector: Detector,
    size: int,
    max_pixels: int,
    done: Callable[[int], None] = lambda _: None,
) -> PeopleFaces:
    """The face of every photo, `size` pixels a side; what lies beyond a photo is mirrored.

    done: called with 1 after each photo. Raises PhotoError, naming it, for a photo that cannot be read, and UsageError where
    nobody has two photos with a face, or fewer than two people have one.
    """
    names = tuple(dict.fromkeys(photo.person for photo in photos))
    faces, found, without = list[FloatArray](), list[PersonPhoto](), list[PersonPhoto]()
    for photo in photos:
        pixels = read_pixels(photo.path, max_pixels)
        face = max(detector.detect(pixels), key=lambda face: face.box.size, default=None)
        if face is None:
            without.append(photo)
        else:
            faces.append(take_square(pixels, template_square(face, size)))
            found.append(photo)
        done(1)
    people = _places(found, names)
    counts = np.bincount(people, minlength=len(names))
    if counts.max() < 2 or np.count_nonzero(counts) < 2:
        raise UsageError(
            f"{shown(_common_folder(photos))}: faces are found in {len(found)} of {len(photos)} photos;"
            " recognition takes two people with a face, and two photos of one of them"
        )
    return PeopleFaces(np.stack(faces), people, tuple(found), names, _places(without, names), tuple(without))


def _places(photos: Sequence[PersonPhoto], names: Sequence[str]) -> IndexArray:
    return np.array([names.index(photo.person) for photo in photos], np.intp)


def _common_folder(photos: Sequence[PersonPhoto]) -> Path:
    """The collection, from a photo and its place below it."""
    first = photos[0]
    return first.path.parents[len(Path(first.name).parts) - 1]
