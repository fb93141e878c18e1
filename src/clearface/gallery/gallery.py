"""People and their faces, and everything that is done with them, each thing in one transaction."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from sqlalchemy import Connection, select

from clearface.arrays import FloatArray
from clearface.embedders.base import Embedder
from clearface.errors import GalleryError
from clearface.gallery import changes
from clearface.gallery.base import GalleryFace, GalleryPerson, GalleryStatistics, ImportPolicy, Model, NewFace
from clearface.gallery.databases import Database
from clearface.gallery.embedding_anew import Vectors, embedded, replace_vectors
from clearface.gallery.models import EmbedderChoice, model_of, other_model, same_model
from clearface.gallery.names import checked_name
from clearface.gallery.nearest import NearestIndex
from clearface.gallery.places import Place
from clearface.gallery.portable import read_portable
from clearface.gallery.queries import (
    count_of,
    everybody,
    face_numbers,
    face_of,
    face_rows,
    in_parts,
    model_in,
    named,
    others_with,
    people_of,
    person_row,
    picture_of,
    pictures_of,
)
from clearface.gallery.schema import SCHEMA_VERSION, faces, people, state
from clearface.gallery.searching import EXACT_UP_TO, Search
from clearface.gallery.transfer import take_in, write_everybody
from clearface.gallery.vectors import joined_vectors
from clearface.recognition.base import KnownFaces
from clearface.suggestions import one_of

_BATCH = 64


class Gallery:
    """A gallery that is open, as `clearface.gallery.opening.open_gallery` gives it; use it in a `with` block, or close it.

    Names are compared in Unicode's form NFC, upper and lower case alike: "Zoë" finds "ZOË", and no two people are called so.
    Every method is one transaction: it is done wholly, or not at all, whatever else happens; all raise GalleryError where the
    database cannot be reached or is damaged, and nothing is kept of them then.
    """

    def __init__(self, database: Database, exact_up_to: int = EXACT_UP_TO) -> None:
        self._database = database
        self._search = Search(database.place, NearestIndex.of(database), exact_up_to)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Lets go of the database."""
        self._database.close()

    @property
    def place(self) -> Place:
        """Where it lies."""
        return self._database.place

    @property
    def model(self) -> Model | None:
        """The embedder its faces were embedded with; None where it holds none."""
        with self._database.reading() as connection:
            return model_in(connection)

    def revision(self) -> str:
        """Another one after every change, so that what was read of the gallery is known to be of today."""
        with self._database.reading() as connection:
            return str(connection.execute(select(state.c.revision)).scalar_one())

    def people(self) -> tuple[GalleryPerson, ...]:
        """Everybody, in the order of their names."""
        with self._database.reading() as connection:
            return everybody(connection)

    def person(self, name: str) -> GalleryPerson:
        """One person. Raises GalleryError, with the nearest name, where there is nobody of that name."""
        with self._database.reading() as connection:
            (found,) = people_of(connection, [person_row(connection, name, self.place)])
            return found

    def has(self, name: str) -> bool:
        """Whether there is somebody of that name."""
        with self._database.reading() as connection:
            return connection.execute(named(name)).first() is not None

    def faces_of(self, name: str) -> tuple[tuple[GalleryFace, ...], FloatArray]:
        """The faces of a person and their vectors `(N, D)`; none where there is nobody of that name, `(0, 0)`."""
        with self._database.reading() as connection:
            model = model_in(connection)
            rows = face_rows(connection, name)
        if model is None or not rows:
            return (), np.zeros((0, 0), np.float32)
        vectors = joined_vectors([row.vector for row in rows], model.dimension, self.place.shown)
        return tuple(map(face_of, rows)), vectors

    def others_with_photos(self, name: str, checksums: Sequence[str]) -> dict[str, str]:
        """Who else has photos of these checksums: the checksum and a name."""
        with self._database.reading() as connection:
            return others_with(connection, name, checksums)

    def thumbnail(self, number: int) -> bytes:
        """What a face looks like, as a WebP file. Raises GalleryError where there is no face of that number."""
        with self._database.reading() as connection:
            picture = picture_of(connection, number)
        if picture is None:
            raise GalleryError(f"{self.place.shown}: there is no face of number {number} in this gallery")
        return picture

    def thumbnails(self, numbers: Sequence[int]) -> Iterator[tuple[int, bytes]]:
        """What faces look like, each after its number; those that are there no more are left out."""
        for part in in_parts(numbers):
            with self._database.reading() as connection:
                pictures = pictures_of(connection, part)
            yield from pictures

    @property
    def finds_near(self) -> bool:
        """Whether `known_faces` answers with the neighbourhoods of what it is asked for, and not with all it has."""
        with self._database.reading() as connection:
            return self._search.finds_near(connection)

    def known_faces(self, near: FloatArray | None = None) -> KnownFaces:
        """The faces of the gallery, ready to be compared with.

        near: `(M, D)` unit vectors. Where the gallery has more than 100,000 faces, and lies in PostgreSQL with pgvector, only the
        people some of whose faces are near one of them come, with all their faces. Raises GalleryError where it is empty, or a
        vector is damaged.
        """
        with self._database.reading() as connection:
            return self._search.known_faces(connection, near)

    def statistics(self) -> GalleryStatistics:
        """What it holds. Raises GalleryError where the file is damaged: all of it is looked at."""
        self._database.check()
        size = self._database.size()
        with self._database.reading() as connection:
            return GalleryStatistics(
                people=count_of(connection, people),
                faces=count_of(connection, faces),
                model=model_in(connection),
                bytes=size,
                schema_version=str(SCHEMA_VERSION),
                search=self._search.in_words(connection),
            )

    def add_faces(
        self,
        name: str,
        found: Sequence[NewFace],
        embedder: Embedder,
        description: str | None = None,
        link: str | None = None,
        choice: EmbedderChoice | None = None,
    ) -> tuple[GalleryFace, ...]:
        """Keeps faces of a person, who is made where there is nobody of that name; those of photos there already are passed over.

        description, link: replace what was told before; None leaves it. Returns the faces that were kept.
        `clearface.gallery.adding` makes faces of photos. choice: how the embedder was named, for the sentence. Raises UsageError
        for a name, description or link that cannot be kept, GalleryError where the gallery was made with another embedder.
        """
        told, model = changes.checked_told(description, link), model_of(embedder)
        with self._changing() as connection:
            kept = model_in(connection)
            if kept is None:
                self._search.forget_all(connection)
            elif not same_model(kept, model):
                raise other_model(self.place.shown, self.place.option, kept, embedder, choice)
            number = changes.keep_model(connection, kept or model)
            person = changes.keep_person(connection, checked_name(name), told)
            new = changes.keep_faces(connection, person, number, found, self._search)
            changes.forget_models(connection)
            self._search.finish(connection)
            return new

    def describe(self, name: str, description: str | None = None, link: str | None = None) -> None:
        """Tells something else of a person; None leaves what is told, "" takes it away.

        Raises as `add_faces`, and GalleryError for a name unknown.
        """
        told = changes.checked_told(description, link)
        with self._changing() as connection:
            changes.tell(connection, person_row(connection, name, self.place).id, told)

    def rename(self, name: str, new_name: str) -> None:
        """Calls a person otherwise. Raises GalleryError where there is nobody of that name, or somebody of the new one."""
        kept = checked_name(new_name)
        with self._changing() as connection:
            changes.rename(connection, self.place, name, kept)

    def merge(self, name: str, others: Sequence[str]) -> int:
        """Gives a person the faces of others, who are gone then; photos that both have are kept once.

        What is told of the person stays; where nothing is, that of the first other counts. Returns how many faces came.
        Raises GalleryError for a name unknown or told twice.
        """
        with self._changing() as connection:
            moved = changes.merge(connection, self.place, name, others)
        self._database.erase_traces()
        return moved

    def remove(self, name: str, numbers: Sequence[int] | None = None) -> int:
        """Removes a person, or some faces of one, so that no trace is left in the files of the database.

        numbers: of the faces; None for the person with all of them. Returns how many faces are gone. Raises GalleryError for a
        name or number unknown, and where traces cannot be erased yet since another program has the gallery open.
        """
        with self._changing() as connection:
            gone = changes.remove(connection, self.place, name, numbers)
        self._database.erase_traces()
        return gone

    def reembed(self, embedder: Embedder, size: int = _BATCH, done: Callable[[int], None] = lambda _: None) -> int:
        """Embeds every face anew, with another embedder, from the pictures that are kept.

        The gallery can be used meanwhile, and changes at the end at once. size: faces embedded together. done: called with the
        number of faces after each batch. Returns how many faces there are. Raises ModelError where the network fails,
        GalleryError where a picture is damaged; the gallery stays as it was then.
        """
        with self._database.reading() as connection:
            numbers = face_numbers(connection)
        vectors: Vectors = {}
        for start in range(0, len(numbers), size):
            batch = embedded(self.thumbnails(numbers[start : start + size]), embedder, self.place)
            vectors |= batch
            done(len(batch))
        with self._changing() as connection:
            return replace_vectors(connection, vectors, embedder, self.place, self._search)

    def export(self, path: Path, *, overwrite: bool = False) -> int:
        """Writes all of it into one file that any gallery takes in. Returns how many people are in it.

        See `clearface.gallery.portable` for what the file is. Raises PhotoError where it cannot be written, or exists already.
        """
        with self._database.reading() as connection:
            return write_everybody(connection, self.place, path, overwrite=overwrite)

    def import_(self, path: Path, existing: str = "fail") -> int:
        """Adds everybody of a file that `export` wrote, in one transaction. Returns how many people were added or got faces.

        existing: what happens with people whose name is in the gallery already: "fail" refuses the whole file, "skip" passes them
        over, "add" gives them the faces they lack. Raises GalleryError where the file is damaged, or was made with another
        embedder than the gallery.
        """
        policy = one_of("--existing", existing, ImportPolicy)
        with read_portable(path) as portable, self._changing() as connection:
            return take_in(connection, portable, path, policy, self._search)

    @contextmanager
    def _changing(self) -> Iterator[Connection]:
        with self._database.writing() as connection:
            yield connection
            changes.new_revision(connection)
