"""A program that adds people to a gallery, one after the other, and says so."""

from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np

from clearface.arrays import FloatArray
from clearface.gallery.base import NewFace
from clearface.gallery.opening import open_gallery
from clearface.gallery.thumbnails import thumbnail_file

PHOTOS = 5
"""Of each person; one more goes to somebody all programs add to."""


class OneVector:
    """Gives the same vector for every face."""

    name, checksum, dimension = "one", "1" * 64, 8

    def embed(self, faces: FloatArray) -> FloatArray:
        return np.full((len(faces), self.dimension), self.dimension**-0.5, np.float32)


def write_people(place: str, name: str, count: int, say: Callable[[int], object]) -> None:
    """Adds `count` people. say: called with the number of each as soon as they are kept."""
    square = np.zeros((32, 32, 3), np.float32)
    picture, vector = thumbnail_file(square), OneVector().embed(square[None])[0]
    with open_gallery(place, must_exist=False) as gallery:
        for number in range(count):
            faces = [
                NewFace(f"{name}/{number}/{photo}", f"{photo:064x}", 0.5, vector, picture, datetime.now(UTC))
                for photo in range(PHOTOS)
            ]
            gallery.add_faces(f"{name} {number}", faces, OneVector())
            gallery.add_faces(
                "shared",
                [NewFace("s", f"{name}{number}".ljust(64, "0"), 0.5, vector, picture, datetime.now(UTC))],
                OneVector(),
            )
            say(number)
