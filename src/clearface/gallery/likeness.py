"""Faces that are unlike the others of the person they are added to: the wrong photo, or the wrong face of it."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from clearface.arrays import FloatArray
from clearface.embedders.base import Embedder
from clearface.errors import GalleryError, ModelError
from clearface.gallery.gallery import Gallery
from clearface.gallery.names import name_key
from clearface.recognition.base import Condition, KnownFaces
from clearface.recognition.error_tables import ErrorTable, load_error_table

GENUINE_SHARE = 0.99
"""A face counts as unlike where every other of the person is further away than this share of one person's photos is."""


@dataclass(frozen=True, eq=False)
class OwnFaces:
    """The faces of one person."""

    vectors: FloatArray
    """`(N, D)` of unit length."""

    sizes: tuple[float, ...]
    """M: of the last M of them, which are new, the side of the FFHQ square in pixels of the photo."""


class LikenessJudge:
    """Says which new faces of a person are unlike the rest.

    Where the errors of the embedder were measured, it goes by how far apart photos of one person are; where not, by the
    strangers in the gallery: a face is unlike where one of them is nearer than any other of the person.
    """

    def __init__(self, errors: ErrorTable | None, known: KnownFaces | None = None) -> None:
        self._errors = errors
        self._keys = [] if known is None else [name_key(known.people[owner].name) for owner in known.owners]
        self._vectors = [] if known is None else list(known.vectors)

    @classmethod
    def of(cls, gallery: Gallery, embedder: Embedder) -> Self:
        """The judge for what is added to a gallery; its faces are read once, and only where nobody measured the embedder."""
        try:
            return cls(load_error_table(embedder))
        except ModelError:
            try:
                return cls(None, gallery.known_faces())
            except GalleryError:  # nobody is there yet
                return cls(None)

    def unlike(self, name: str, faces: OwnFaces) -> list[str | None]:
        """M sentences, one for each new face: why it is unlike, or None. A face that is the only one is like itself."""
        first = len(faces.vectors) - len(faces.sizes)
        reasons = [self._reason(name, faces.vectors, first + place, size) for place, size in enumerate(faces.sizes)]
        if self._errors is None:
            self._keys += [name_key(name)] * len(faces.sizes)
            self._vectors += list(faces.vectors[first:])
        return reasons

    def _reason(self, name: str, vectors: FloatArray, place: int, size: float) -> str | None:
        others = np.delete(vectors, place, axis=0)
        if not len(others):
            return None
        nearest = float(1 - (others @ vectors[place]).max())
        if self._errors is not None:
            reach = self._errors.cell(Condition(size, 0.0)).genuine.least_with(GENUINE_SHARE)
            if nearest <= reach:
                return None
            return (
                f"its distance to the nearest of them is {nearest:.2f}, and {GENUINE_SHARE:.0%} of one person's photos are within"
                f" {reach:.2f} of each other"
            )
        strangers = [vector for vector, key in zip(self._vectors, self._keys, strict=True) if key != name_key(name)]
        if not strangers:
            return None
        stranger = float(1 - (np.stack(strangers) @ vectors[place]).max())
        if nearest <= stranger:
            return None
        return f"its distance to the nearest of them is {nearest:.2f}, and somebody else's face is as near as {stranger:.2f}"
