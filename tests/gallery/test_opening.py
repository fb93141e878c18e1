"""Galleries that are missing, damaged, somebody else's, older, newer, or out of reach."""

import os
import sqlite3
import stat
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from pathlib import Path

import numpy as np
import psycopg
import pytest
from sqlalchemy import create_engine, inspect
from tests.gallery.conftest import ToyEmbedder

from clearface.errors import GalleryError, UsageError
from clearface.gallery import migrating, schema
from clearface.gallery.base import NewFace
from clearface.gallery.opening import open_gallery

MakeFace = Callable[..., NewFace]
TOY = ToyEmbedder()

VERSION_1 = """
CREATE TABLE clearface_schema_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY);
CREATE TABLE clearface_people (id {key}, name TEXT NOT NULL, name_key TEXT NOT NULL UNIQUE, description TEXT NOT NULL, link TEXT);
CREATE TABLE clearface_models (id {key}, name TEXT NOT NULL, checksum VARCHAR(64) NOT NULL, dimension INTEGER NOT NULL,
    UNIQUE (name, checksum));
CREATE TABLE clearface_faces (id {key}, person_id INTEGER NOT NULL REFERENCES clearface_people (id) ON DELETE CASCADE,
    model_id INTEGER NOT NULL REFERENCES clearface_models (id), photo TEXT NOT NULL, photo_checksum VARCHAR(64) NOT NULL,
    quality FLOAT NOT NULL, added {moment} NOT NULL, vector {bytes} NOT NULL, UNIQUE (person_id, photo_checksum));
CREATE TABLE clearface_thumbnails (face_id INTEGER NOT NULL PRIMARY KEY REFERENCES clearface_faces (id) ON DELETE CASCADE,
    picture {bytes} NOT NULL);
CREATE TABLE clearface_state (id INTEGER NOT NULL PRIMARY KEY, revision VARCHAR(32) NOT NULL);
INSERT INTO clearface_schema_version VALUES ('1');
INSERT INTO clearface_state VALUES (1, 'a');
INSERT INTO clearface_people (name, name_key, description, link) VALUES ('Zoë', 'zoë', 'told', 'https://example.org');
INSERT INTO clearface_models (name, checksum, dimension) VALUES ('toy', '{checksum}', 2);
INSERT INTO clearface_faces (person_id, model_id, photo, photo_checksum, quality, added, vector)
    VALUES (1, 1, 'a.jpg', '{photo}', 0.5, '2026-01-02 03:04:05.000006', {vector});
INSERT INTO clearface_thumbnails VALUES (1, {picture});
"""
"""As version 1 was released; never to be changed."""

VECTOR = np.array([0.6, 0.8], "<f4").tobytes().hex()


def write_version_1(place: str) -> None:
    told = {"checksum": "c" * 64, "photo": "d" * 64}
    if place.startswith("postgresql"):
        script = VERSION_1.format(
            key="SERIAL PRIMARY KEY",
            moment="TIMESTAMP",
            bytes="BYTEA",
            vector=f"'\\x{VECTOR}'",
            picture="'\\x00'",
            **told,
        )
        with psycopg.connect(place) as connection:
            connection.execute(script.encode())
    else:
        script = VERSION_1.format(
            key="INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT",
            moment="DATETIME",
            bytes="BLOB",
            vector=f"X'{VECTOR}'",
            picture="X'00'",
            **told,
        )
        with closing(sqlite3.connect(place)) as connection:
            connection.executescript(script)


def test_a_gallery_of_version_1_is_read_and_written(place: str, new_face: MakeFace) -> None:
    write_version_1(place)
    with open_gallery(place) as gallery:
        (person,) = gallery.people()
        assert (person.name, person.description, person.link) == ("Zoë", "told", "https://example.org")
        (face,) = person.faces
        assert face.added.isoformat() == "2026-01-02T03:04:05.000006+00:00"
        np.testing.assert_array_equal(gallery.known_faces().vectors, np.array([[0.6, 0.8]], np.float32))
        gallery.rename("ZOË", "Ann")
        assert gallery.statistics().schema_version == str(schema.SCHEMA_VERSION)
        assert gallery.remove("ann") == 1


def test_the_tables_made_are_the_tables_used(place: str) -> None:
    open_gallery(place, must_exist=False).close()
    with_driver = place.replace("postgresql:", "postgresql+psycopg:")
    engine = create_engine(with_driver if "://" in place else f"sqlite:///{place}")
    try:
        seen = inspect(engine)
        for table in schema.tables.sorted_tables:
            columns = {column["name"]: column["nullable"] for column in seen.get_columns(table.name)}
            assert columns == {column.name: column.nullable for column in table.columns}
            assert {index["name"] for index in seen.get_indexes(table.name)} >= {index.name for index in table.indexes}
            assert len(seen.get_foreign_keys(table.name)) == len(table.foreign_keys)
    finally:
        engine.dispose()


def test_a_revision_that_is_missing_is_run_and_keeps_what_is_there(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_version_1(place)
    folder = tmp_path / "revisions"
    (folder / "versions").mkdir(parents=True)
    for path in (migrating.REVISIONS / "versions").glob("*.py"):
        (folder / "versions" / path.name).write_text(path.read_text())
    (folder / "versions" / "later.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\nrevision = '2'\ndown_revision = '1'\n"
        "def upgrade():\n    op.add_column('clearface_people', sa.Column('later', sa.Text, server_default='x'))\n"
    )
    monkeypatch.setattr("clearface.gallery.opening.SCHEMA_VERSION", 2)
    monkeypatch.setattr(migrating.migrate, "__defaults__", (folder,))
    with open_gallery(place) as gallery:
        assert [person.name for person in gallery.people()] == ["Zoë"]
    monkeypatch.undo()
    with pytest.raises(
        GalleryError, match=r"was made by a newer clearface \(version 2 of the tables, and this one knows 1\)"
    ):
        open_gallery(place)


def test_a_revision_that_fails_leaves_the_older_gallery(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_version_1(place)
    folder = tmp_path / "revisions"
    (folder / "versions").mkdir(parents=True)
    for path in (migrating.REVISIONS / "versions").glob("*.py"):
        (folder / "versions" / path.name).write_text(path.read_text())
    (folder / "versions" / "later.py").write_text(
        "from alembic import op\nrevision = '2'\ndown_revision = '1'\n"
        "def upgrade():\n    op.execute('DELETE FROM clearface_thumbnails')\n    op.execute('DELETE FROM nowhere')\n"
    )
    monkeypatch.setattr("clearface.gallery.opening.SCHEMA_VERSION", 2)
    monkeypatch.setattr(migrating.migrate, "__defaults__", (folder,))
    with pytest.raises(GalleryError, match="nowhere"):
        open_gallery(place)
    monkeypatch.undo()
    with open_gallery(place) as gallery:
        assert gallery.thumbnail(1) == b"\0"


def test_the_newest_revision_is_the_version_of_the_schema() -> None:
    from alembic.script import ScriptDirectory

    assert ScriptDirectory(str(migrating.REVISIONS)).get_current_head() == str(schema.SCHEMA_VERSION)


def test_a_missing_gallery_is_not_made_by_looking(place: str) -> None:
    with pytest.raises(
        GalleryError, match=r"there is no gallery yet: `clearface gallery add NAME PHOTO... --gallery .*` makes"
    ):
        open_gallery(place)
    if "://" not in place:
        assert not Path(place).exists()
    else:
        with psycopg.connect(place) as connection:
            assert connection.execute("SELECT to_regclass('clearface_people')").fetchone() == (None,)


def test_only_its_owner_may_read_it(tmp_path: Path, new_face: MakeFace) -> None:
    place = tmp_path / "private" / "deeper" / "gallery.sqlite"
    umask = os.umask(0)
    try:
        with open_gallery(place, must_exist=False) as gallery:
            gallery.add_faces("Ann", [new_face(1)], TOY)
    finally:
        os.umask(umask)
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in (place.parent, place.parent.parent)} == {0o700}
    assert [path.name for path in place.parent.iterdir()] == [place.name]


@pytest.mark.parametrize("content", [b"no database at all", bytes(5000), b"SQLite format 3\0" + b"\x9c" * 5000])
def test_what_is_no_gallery_is_refused_and_left(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "gallery.sqlite"
    path.write_bytes(content)
    for must_exist in (True, False):
        with pytest.raises(GalleryError, match=r"gallery\.sqlite: .*left as it was") as caught:
            open_gallery(path, must_exist=must_exist)
        assert "\n" not in str(caught.value)
    assert path.read_bytes() == content
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_random_bytes_are_refused_and_left(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    for number in range(20):
        path = tmp_path / f"{number}.sqlite"
        content = random.bytes(int(random.integers(1, 20_000)))
        path.write_bytes(content)
        with pytest.raises(GalleryError, match="left as it was"):
            open_gallery(path, must_exist=False)
        assert path.read_bytes() == content


def test_a_gallery_cut_short_is_refused_and_left(tmp_path: Path, new_face: MakeFace) -> None:
    path = tmp_path / "gallery.sqlite"
    with open_gallery(path, must_exist=False) as gallery:
        gallery.add_faces("Ann", [new_face(number) for number in range(20)], TOY)
    whole = path.read_bytes()
    for size in (10, 100, 4096, 4097, len(whole) // 2, len(whole) - 4096):
        path.write_bytes(whole[:size])
        with pytest.raises(GalleryError, match=r"damaged|no gallery"), open_gallery(path, must_exist=False) as gallery:
            gallery.add_faces("Bob", [new_face(99)], TOY)
        assert path.read_bytes() == whole[:size]


def test_pages_of_random_bytes_are_never_taken_for_faces(tmp_path: Path, new_face: MakeFace) -> None:
    path = tmp_path / "gallery.sqlite"
    with open_gallery(path, must_exist=False) as gallery:
        gallery.add_faces("Ann", [new_face(number) for number in range(40)], TOY)
        vectors, told = gallery.known_faces().vectors, gallery.people()
    whole = path.read_bytes()
    random = np.random.default_rng(1)
    sentences: list[str] = []
    for page in range(len(whole) // 4096):
        damaged = whole[: page * 4096] + random.bytes(4096) + whole[(page + 1) * 4096 :]
        path.write_bytes(damaged)
        try:
            with open_gallery(path) as gallery:
                gallery.statistics()
                same = np.array_equal(gallery.known_faces().vectors, vectors) and gallery.people() == told
            assert same  # the page is one of a picture
        except GalleryError as error:
            sentences.append(str(error))
        assert path.read_bytes() == damaged
    assert len(sentences) >= 8
    assert not [sentence for sentence in sentences if "\n" in sentence]


def test_a_database_of_another_program_is_left(tmp_path: Path) -> None:
    path = tmp_path / "other.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE things (id INTEGER)")
    before = path.read_bytes()
    with pytest.raises(GalleryError, match="a database of another program, no gallery; it was left as it was"):
        open_gallery(path, must_exist=False)
    assert path.read_bytes()[100:] == before[100:]


def test_a_database_server_may_hold_other_things(postgresql_place: str) -> None:
    with psycopg.connect(postgresql_place) as connection:
        connection.execute("CREATE TABLE people (id INTEGER)")
    with open_gallery(postgresql_place, must_exist=False) as gallery:
        assert gallery.people() == ()


@pytest.mark.parametrize("version", ["2", "17", "abc"])
def test_versions_that_are_not_known(place: str, version: str) -> None:
    open_gallery(place, must_exist=False).close()
    statement = f"UPDATE clearface_schema_version SET version_num = '{version}'"  # noqa: S608
    if "://" in place:
        with psycopg.connect(place) as connection:
            connection.execute(statement.encode())
    else:
        with closing(sqlite3.connect(place, isolation_level=None)) as connection:
            connection.execute(statement)
    sentence = "does not say its version" if version == "abc" else f"newer clearface .version {version} of the tables"
    with pytest.raises(GalleryError, match=sentence):
        open_gallery(place, must_exist=False)


def test_a_read_only_folder(
    open_folder: Path, unprivileged: Callable[[], AbstractContextManager[None]], new_face: MakeFace
) -> None:
    path = open_folder / "galleries" / "gallery.sqlite"
    with unprivileged():
        with open_gallery(path, must_exist=False) as gallery:
            gallery.add_faces("Ann", [new_face(1)], TOY)
        before = path.read_bytes()
        path.parent.chmod(0o500)
        try:
            with open_gallery(path) as gallery:  # it can be read all the same
                assert len(gallery.known_faces().vectors) == 1
                for change in (
                    lambda: gallery.remove("Ann"),
                    lambda: gallery.add_faces("Bob", [new_face(2)], TOY),
                ):
                    with pytest.raises(GalleryError, match=r"gallery\.sqlite: cannot be written to: .* read-only"):
                        change()
            with pytest.raises(GalleryError, match=r"other\.sqlite: cannot be opened: permission denied"):
                open_gallery(path.with_name("other.sqlite"), must_exist=False)
        finally:
            path.parent.chmod(0o700)
        assert path.read_bytes() == before
        path.chmod(0)
        with pytest.raises(GalleryError, match="cannot be opened: permission denied"):
            open_gallery(path)


def test_folders_and_files_in_the_way(tmp_path: Path) -> None:
    with pytest.raises(GalleryError, match="this is a folder"):
        open_gallery(tmp_path, must_exist=False)
    (tmp_path / "file").write_text("x")
    with pytest.raises(GalleryError, match="a part of the path is not a folder"):
        open_gallery(tmp_path / "file" / "gallery.sqlite", must_exist=False)


def test_a_name_with_signs_that_mean_something_in_a_url(tmp_path: Path, new_face: MakeFace) -> None:
    path = tmp_path / "a ?mode=memory#%41&x.sqlite"
    with open_gallery(path, must_exist=False) as gallery:
        gallery.add_faces("Ann", [new_face(1)], TOY)
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]
    with open_gallery(path) as gallery:
        assert gallery.has("Ann")


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(GalleryError, match="cannot be reached, or went away") as caught:
        open_gallery(f"postgresql://ann:secret@/test?host={tmp_path}", must_exist=False)
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_other_databases_are_refused() -> None:
    with pytest.raises(UsageError, match="mysql: galleries are kept in SQLite and PostgreSQL"):
        open_gallery("mysql://localhost/test")
