"""Galleries on three real databases, and faces to put into them."""

import hashlib
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import numpy as np
import psycopg
import pytest
from tests.files.conftest import open_folder as open_folder
from tests.files.conftest import unprivileged as unprivileged
from tests.gallery.servers import PostgresqlServer

from clearface.arrays import FloatArray
from clearface.gallery.base import NewFace
from clearface.gallery.opening import Gallery, open_gallery
from clearface.gallery.thumbnails import read_thumbnail, thumbnail_file

REQUIRE_POSTGRESQL = "CLEARFACE_REQUIRE_POSTGRESQL"
POSTGRESQL = os.environ.get("CLEARFACE_TEST_POSTGRESQL", "postgresql://localhost/test")
"""A database of a server of the system's, whose user may make databases."""


@dataclass(frozen=True)
class ToyEmbedder:
    """Mean colours of 4 x 4 cells, thrown about by a matrix that the seed makes."""

    seed: int = 0
    dimension: int = 16

    @property
    def name(self) -> str:
        return f"toy-{self.seed}"

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.name.encode()).hexdigest()

    def embed(self, faces: FloatArray) -> FloatArray:
        count, side = faces.shape[:2]
        cells = faces.reshape(count, 4, side // 4, 4, side // 4, 3).mean((2, 4)).reshape(count, -1) - 0.5
        thrown = cells @ np.random.default_rng(self.seed).normal(size=(48, self.dimension))
        return np.asarray(thrown / np.linalg.norm(thrown, axis=1, keepdims=True), np.float32)


@pytest.fixture
def toy() -> Callable[..., ToyEmbedder]:
    return ToyEmbedder


def make_face(number: int, embedder: ToyEmbedder | None = None, quality: float = 0.5) -> NewFace:
    """The face of a photo, another one for every number."""
    picture, square = _picture(number)
    vector = (embedder or ToyEmbedder()).embed(square[None])[0]
    checksum = hashlib.sha256(str(number).encode()).hexdigest()
    return NewFace(f"photos/{number}.jpg", checksum, quality, vector, picture, datetime.now(UTC))


@cache
def _picture(number: int) -> tuple[bytes, FloatArray]:
    picture = thumbnail_file(np.random.default_rng(number).random((32, 32, 3), dtype=np.float32))
    return picture, read_thumbnail(picture, "")


@pytest.fixture
def new_face() -> Callable[..., NewFace]:
    """Makes the face of a photo, another one for every number."""
    return make_face


@pytest.fixture(scope="session")
def pgvector_server() -> Iterator[PostgresqlServer]:
    """A server with pgvector. It is never skipped: all it takes comes with the tests."""
    server = PostgresqlServer()
    yield server
    server.stop()


@contextmanager
def _database(url: str, within: Callable[[str], str]) -> Iterator[str]:
    name = f"clearface_{secrets.token_hex(6)}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    try:
        yield within(name)
    finally:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _emptied(place: str) -> str:
    """A database as it was made: far cheaper than making another one."""
    with psycopg.connect(place, autocommit=True) as connection:
        connection.execute("SET client_min_messages = warning")
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
        connection.execute("GRANT USAGE ON SCHEMA public TO PUBLIC")
    return place


@pytest.fixture(scope="session")
def postgresql_database() -> Iterator[str]:
    """A database on the system's server; skipped where there is none, unless the environment requires it."""
    try:
        psycopg.connect(POSTGRESQL, connect_timeout=5).close()
    except psycopg.Error as error:
        sentence = f"no PostgreSQL at {POSTGRESQL}: {error}"
        if os.environ.get(REQUIRE_POSTGRESQL):
            pytest.fail(f"{sentence} ({REQUIRE_POSTGRESQL} is set)")
        pytest.skip(sentence)
    with _database(POSTGRESQL, lambda name: POSTGRESQL.rpartition("/")[0] + f"/{name}") as place:
        yield place


@pytest.fixture
def postgresql_place(postgresql_database: str) -> str:
    """An empty database on the system's server."""
    return _emptied(postgresql_database)


@pytest.fixture(scope="session")
def pgvector_database(pgvector_server: PostgresqlServer) -> Iterator[str]:
    """A database on the server with pgvector."""
    with _database(pgvector_server.url("postgres"), pgvector_server.url) as place:
        yield place


@pytest.fixture
def pgvector_place(pgvector_database: str) -> str:
    """An empty database on the server with pgvector."""
    return _emptied(pgvector_database)


@pytest.fixture(scope="module")
def pgvector_module_place(pgvector_server: PostgresqlServer) -> Iterator[str]:
    """A database on the server with pgvector that the tests of one file share; empty for the first of them."""
    with _database(pgvector_server.url("postgres"), pgvector_server.url) as place:
        yield place


@pytest.fixture(params=["sqlite", "postgresql", "pgvector"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where no gallery is yet, on each kind of database."""
    if request.param == "sqlite":
        return str(tmp_path / "gallery.sqlite")
    made: str = request.getfixturevalue(f"{request.param}_place")
    return made


@pytest.fixture
def gallery(place: str) -> Iterator[Gallery]:
    """A new gallery on each kind of database."""
    with open_gallery(place, must_exist=False) as opened:
        yield opened
