"""Near faces found by the server itself: pgvector's HNSW graph (Malkov and Yashunin 2018) over a copy of the vectors."""

from collections.abc import Sequence
from typing import Self

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from clearface.arrays import FloatArray
from clearface.gallery.databases import Database
from clearface.gallery.schema import NEAREST_TABLE

_INDEX = "clearface_nearest_hnsw"
LARGEST_DIMENSION = 2_000
"""pgvector builds no graph of longer vectors."""


class NearestIndex:
    """A table beside that of the faces, which is made where the server has pgvector and lets it be used."""

    @classmethod
    def of(cls, database: Database) -> Self | None:
        """That of a database, made and filled where it is missing; None where it cannot be, and all search is exact."""
        if database.place.path is not None:
            return None
        with database.reading() as connection:
            if _there(connection):
                return cls()
            if not connection.execute(text("SELECT 1 FROM pg_available_extensions WHERE name = 'vector'")).first():
                return None
        with database.writing() as connection:
            try:
                with connection.begin_nested():
                    index = cls()
                    index._make(connection)
                    return index
            except DBAPIError as error:
                if error.connection_invalidated:
                    raise
                return None  # this user may not add extensions or tables

    def _make(self, connection: Connection) -> None:
        if _there(connection):
            return
        connection.execute(text("CREATE EXTENSION IF NOT EXISTS vector"))
        connection.execute(
            text(
                f"CREATE TABLE {NEAREST_TABLE} (face_id INTEGER PRIMARY KEY REFERENCES clearface_faces (id) "
                "ON DELETE CASCADE, vector vector NOT NULL)"
            )
        )
        self._fill(connection)

    def _fill(self, connection: Connection) -> None:
        import numpy as np

        rows = connection.execute(text("SELECT id, vector FROM clearface_faces")).all()
        self.add(connection, [(row.id, np.frombuffer(row.vector, "<f4")) for row in rows])
        if rows:
            self.index(connection, len(rows[0].vector) // 4)

    def add(self, connection: Connection, vectors: Sequence[tuple[int, FloatArray]]) -> None:
        """Takes vectors in, each with the number of its face."""
        if vectors:
            connection.execute(
                text(f"INSERT INTO {NEAREST_TABLE} (face_id, vector) VALUES (:number, CAST(:vector AS vector))"),  # noqa: S608
                [{"number": number, "vector": _written(vector)} for number, vector in vectors],
            )

    def drop(self, connection: Connection) -> None:
        """Forgets the graph, which is built faster anew than grown by many faces."""
        connection.execute(text(f"DROP INDEX IF EXISTS {_INDEX}"))

    def clear(self, connection: Connection) -> None:
        """Forgets all vectors."""
        self.drop(connection)
        connection.execute(text(f"TRUNCATE {NEAREST_TABLE}"))  # rows merely deleted would go into the next graph too

    def index(self, connection: Connection, dimension: int) -> None:
        """Builds the graph where there is none."""
        if dimension <= LARGEST_DIMENSION:
            connection.execute(
                text(
                    f"CREATE INDEX IF NOT EXISTS {_INDEX} ON {NEAREST_TABLE} USING hnsw "
                    f"((vector::vector({dimension:d})) vector_cosine_ops)"
                )
            )

    def people(self, connection: Connection, near: FloatArray, count: int) -> list[int]:
        """Numbers of the people among whose faces are the `count` nearest to one of `(M, D)`, D up to `LARGEST_DIMENSION`."""
        dimension = near.shape[1]
        connection.execute(text(f"SET LOCAL hnsw.ef_search = {max(2 * count, 40):d}"))
        sought = text(
            "SELECT DISTINCT person_id FROM clearface_faces WHERE id IN (SELECT face_id FROM "  # noqa: S608
            f"{NEAREST_TABLE} ORDER BY (vector::vector({dimension:d})) <=> CAST(:vector AS vector({dimension:d})) LIMIT :count)"
        )
        found: set[int] = set()
        for vector in near:
            found |= set(connection.execute(sought, {"vector": _written(vector), "count": count}).scalars())
        return sorted(found)


def _there(connection: Connection) -> bool:
    return connection.execute(text("SELECT to_regclass(:name)"), {"name": NEAREST_TABLE}).scalar_one() is not None


def _written(vector: FloatArray) -> str:
    return "[" + ",".join(repr(value) for value in vector.tolist()) + "]"
