"""How the faces that are near others are found: all are compared, or pgvector finds the neighbourhoods."""

from collections.abc import Sequence

import numpy as np
from sqlalchemy import ARRAY, Connection, Integer, any_, literal, select

from clearface.arrays import FloatArray
from clearface.errors import GalleryError
from clearface.gallery.base import Model
from clearface.gallery.nearest import LARGEST_DIMENSION, NearestIndex
from clearface.gallery.places import Place
from clearface.gallery.queries import count_of, model_in
from clearface.gallery.schema import faces, people
from clearface.gallery.vectors import joined_vectors
from clearface.recognition.base import KnownFaces, KnownPerson

EXACT_UP_TO = 100_000
"""Faces that are compared one and all, by one matrix product; among more, PostgreSQL with pgvector finds those that are near."""

_NEIGHBOURS = 100


class Search:
    """The search of one gallery, and the index of its faces where the server has one: it is told of every change to them."""

    def __init__(self, place: Place, index: NearestIndex | None, exact_up_to: int) -> None:
        self._place = place
        self._index = index
        self._exact_up_to = exact_up_to

    def finds_near(self, connection: Connection) -> bool:
        """Whether `known_faces` answers with the neighbourhoods of what it is asked for."""
        model = model_in(connection)
        if self._index is None or model is None or model.dimension > LARGEST_DIMENSION:
            return False
        return count_of(connection, faces) > self._exact_up_to

    def in_words(self, connection: Connection) -> str:
        """How it is searched."""
        if self._index is None:
            return "exact: every face is compared" + ("" if self._place.path else "; the server lacks pgvector")
        if self.finds_near(connection):
            return "the neighbourhoods that pgvector finds (HNSW)"
        return (
            f"exact: every face is compared, up to {self._exact_up_to:,} faces; those near are found by pgvector beyond"
        )

    def known_faces(self, connection: Connection, near: FloatArray | None) -> KnownFaces:
        """As `clearface.gallery.gallery.Gallery.known_faces` says."""
        model = model_in(connection)
        if model is None:
            raise GalleryError(
                f"{self._place.shown}: the gallery is empty: "
                f"`clearface gallery add NAME PHOTO...{self._place.option}` adds somebody"
            )
        chosen = None
        if near is not None and self._index is not None and self.finds_near(connection):
            chosen = self._index.people(connection, near, _NEIGHBOURS)
        return self._known(connection, model, chosen)

    def _known(self, connection: Connection, model: Model, chosen: Sequence[int] | None) -> KnownFaces:
        whole = select(faces.c.person_id, faces.c.vector, faces.c.quality, faces.c.photo).order_by(faces.c.id)
        known = select(people.c.id, people.c.name, people.c.description, people.c.link).order_by(people.c.id)
        if chosen is not None:
            among = any_(literal(list(chosen), ARRAY(Integer)))  # one parameter, however many there are
            whole, known = whole.where(faces.c.person_id == among), known.where(people.c.id == among)
        rows = connection.execute(whole).all()
        owners, vectors, qualities, photos = zip(*rows, strict=True) if rows else ((), (), (), ())
        named = connection.execute(known).all()
        places = {row.id: place for place, row in enumerate(named)}
        return KnownFaces(
            joined_vectors(vectors, model.dimension, self._place.shown),
            np.array([places[owner] for owner in owners], np.intp),
            np.array(qualities, np.float32),
            photos,
            tuple(KnownPerson(row.name, row.description, row.link) for row in named),
            all_photos=count_of(connection, faces),
            all_people=count_of(connection, people),
        )

    def take_in(self, connection: Connection, vectors: Sequence[tuple[int, FloatArray]]) -> None:
        """Faces that were added, each after its number."""
        if self._index is not None:
            self._index.add(connection, vectors)

    def expect_many(self, connection: Connection) -> None:
        """Before many faces are added: what is faster built anew is let go of until `finish`."""
        if self._index is not None:
            self._index.drop(connection)

    def forget_all(self, connection: Connection) -> None:
        """Before vectors of another length are taken in."""
        if self._index is not None:
            self._index.clear(connection)

    def finish(self, connection: Connection) -> None:
        """After faces were taken in: makes what is missing for finding them."""
        model = model_in(connection)
        if self._index is not None and model is not None:
            self._index.index(connection, model.dimension)
