"""Who is removed leaves no bytes behind."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from tests.gallery.conftest import ToyEmbedder
from tests.gallery.servers import PostgresqlServer

from clearface.errors import GalleryError
from clearface.gallery.base import NewFace
from clearface.gallery.opening import Gallery, open_gallery
from clearface.gallery.vectors import vector_bytes

TOY = ToyEmbedder()
NAME = "Quintessa Xylander"
DESCRIPTION = "known for unmistakable words"


def fill(gallery: Gallery, new_face: Callable[..., NewFace]) -> list[bytes]:
    """Three people; what must not be found once the second is gone."""
    gallery.add_faces("Ann", [new_face(number) for number in range(5)], TOY)
    gone = [new_face(number) for number in range(5, 10)]
    gallery.add_faces(NAME, gone, TOY, DESCRIPTION, "https://example.org/quintessa")
    gallery.add_faces("Bob", [new_face(number) for number in range(10, 15)], TOY)
    needles = [NAME.encode(), NAME.casefold().encode(), DESCRIPTION.encode(), b"example.org/quintessa"]
    for face in gone:
        middle = len(face.thumbnail) // 2
        needles += [face.photo_checksum.encode(), vector_bytes(face.vector)[:24]]
        needles += [face.thumbnail[start : start + 16] for start in (0x30, middle, len(face.thumbnail) - 32)]
    return needles


def found_in(folder: Path, needles: list[bytes]) -> set[bytes]:
    content = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    return {needle for needle in needles if any(needle in each for each in content)}


def test_no_byte_is_left_in_the_files_of_sqlite(tmp_path: Path, new_face: Callable[..., NewFace]) -> None:
    with open_gallery(tmp_path / "gallery.sqlite", must_exist=False) as gallery:
        needles = fill(gallery, new_face)
        assert found_in(tmp_path, needles) == set(needles)  # the search finds what is there
        gallery.remove(NAME)
        assert found_in(tmp_path, needles) == set()
        assert [person.name for person in gallery.people()] == ["Ann", "Bob"]
    assert found_in(tmp_path, needles) == set()


def test_nothing_of_name_vectors_and_pictures_is_left_in_the_log(
    tmp_path: Path, new_face: Callable[..., NewFace]
) -> None:
    path = tmp_path / "gallery.sqlite"
    files = {path, tmp_path / "gallery.sqlite-wal", tmp_path / "gallery.sqlite-shm"}
    gone = [new_face(number) for number in range(5)]
    needles = [NAME.encode(), NAME.casefold().encode()]
    for face in gone:
        for whole in (vector_bytes(face.vector), face.thumbnail[0x20:]):  # pictures begin alike
            needles += [whole[start : start + 12] for start in range(0, len(whole) - 11, 12)]
    with open_gallery(path, must_exist=False) as gallery, closing(sqlite3.connect(path)) as other:
        gallery.add_faces("Ann", [new_face(9)], TOY)
        other.execute("SELECT count(*) FROM clearface_faces").fetchone()  # another program, so that the log stays
        gallery.add_faces(NAME, gone, TOY, DESCRIPTION)
        assert set(tmp_path.iterdir()) == files
        content = b"".join(file.read_bytes() for file in files)
        assert len([needle for needle in needles if needle in content]) > 0.95 * len(needles)  # the search finds them
        gallery.remove(NAME)
        assert set(tmp_path.iterdir()) == files
        assert found_in(tmp_path, needles) == set()
    assert set(tmp_path.iterdir()) == {path}
    assert found_in(tmp_path, needles) == set()


def test_no_byte_of_a_single_face_is_left(tmp_path: Path, new_face: Callable[..., NewFace]) -> None:
    with open_gallery(tmp_path / "gallery.sqlite", must_exist=False) as gallery:
        fill(gallery, new_face)
        face = gallery.person(NAME).faces[0]
        picture = gallery.thumbnail(face.number)
        gallery.remove(NAME, [face.number])
        assert found_in(tmp_path, [face.photo_checksum.encode(), picture[100:130]]) == set()
        assert found_in(tmp_path, [NAME.encode()])


def test_another_program_that_reads_keeps_traces_and_that_is_said(
    tmp_path: Path, new_face: Callable[..., NewFace], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clearface.gallery.sqlite.LONGEST_WAIT", 0.2)
    path = tmp_path / "gallery.sqlite"
    with open_gallery(path, must_exist=False) as gallery:
        needles = fill(gallery, new_face)
        with closing(sqlite3.connect(path, isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM clearface_faces").fetchone()
            with pytest.raises(
                GalleryError, match=r"removed, but another program has the gallery open.*gallery\.sqlite-wal"
            ):
                gallery.remove(NAME)
            reader.execute("COMMIT")
        assert not gallery.has(NAME)
        gallery.people()  # whoever closes it last
    assert found_in(tmp_path, needles) == set()


def test_no_byte_is_left_in_the_tables_of_a_server(
    pgvector_server: PostgresqlServer, pgvector_place: str, new_face: Callable[..., NewFace]
) -> None:
    with psycopg.connect(pgvector_place) as connection:
        row = connection.execute("SELECT oid FROM pg_database WHERE datname = current_database()").fetchone()
    assert row is not None
    tables = pgvector_server.data / "base" / str(row[0])  # the server's own log is the server's
    with open_gallery(pgvector_place, must_exist=False) as gallery:
        needles = fill(gallery, new_face)
        _checkpoint(pgvector_place)
        assert {NAME.encode(), DESCRIPTION.encode()} <= found_in(tables, needles)
        gallery.remove(NAME)
        _checkpoint(pgvector_place)
        assert found_in(tables, needles) == set()
        assert gallery.has("Ann")


def _checkpoint(place: str) -> None:
    with psycopg.connect(place, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
