"""A gallery opened: found, made where it may be, and brought to this version."""

from pathlib import Path

from sqlalchemy import Connection, func, inspect, select
from sqlalchemy.sql import column, table

from clearface.errors import GalleryError
from clearface.gallery.databases import Database
from clearface.gallery.gallery import Gallery
from clearface.gallery.migrating import migrate
from clearface.gallery.places import Place, find_place
from clearface.gallery.schema import SCHEMA_VERSION, VERSION_TABLE
from clearface.gallery.searching import EXACT_UP_TO

__all__ = ["Gallery", "open_gallery"]


def open_gallery(
    place: str | Path | None = None, *, must_exist: bool = True, exact_up_to: int = EXACT_UP_TO
) -> Gallery:
    """The gallery at a place, to be closed, or used in a `with` block.

    place: the path of a file, `sqlite:///FILE`, `postgresql://user@host/database`, or None: the environment's CLEARFACE_GALLERY,
    or else a file in the user's data folder. must_exist: where there is none, do not make it. exact_up_to: faces that are
    searched one and all; beyond, the server's own search is asked where it has pgvector.
    Tables of an older clearface are brought to this one's version. Raises GalleryError where it is missing, damaged, no
    gallery, of a newer clearface or cannot be reached; UsageError for a URL of another kind; DependencyError where PostgreSQL's
    packages are missing.
    """
    found = find_place(place)
    database = _database(found, must_exist)
    try:
        _bring_up_to_date(database, must_exist)
        return Gallery(database, exact_up_to)
    except BaseException:
        database.close()
        raise


def _database(place: Place, must_exist: bool) -> Database:
    if place.path is None:
        from clearface.gallery.postgresql import open_postgresql

        return open_postgresql(place)
    from clearface.gallery.sqlite import open_sqlite

    database = open_sqlite(place, must_exist=must_exist)
    if database is None:
        raise _missing(place)
    return database


def _bring_up_to_date(database: Database, must_exist: bool) -> None:
    place = database.place
    with database.reading() as connection:
        version = _version(connection, place)
    if version is None and must_exist:
        raise _missing(place)
    if version == SCHEMA_VERSION:
        return
    if version is not None:
        database.check()
    with database.writing() as connection:
        if _version(connection, place) != SCHEMA_VERSION:  # no other program did it meanwhile
            migrate(connection)


def _version(connection: Connection, place: Place) -> int | None:
    """Of the tables; None where there are none. Raises GalleryError where they are not those of a gallery, or of a newer one."""
    there = inspect(connection).get_table_names()
    if VERSION_TABLE not in there:
        if there and place.path is not None:
            raise GalleryError(
                f"{place.shown}: this is a database of another program, no gallery; it was left as it was"
            )
        return None
    versions = table(VERSION_TABLE, column("version_num"))
    told, count = connection.execute(select(func.max(versions.c.version_num), func.count())).one()
    if count != 1 or not str(told).isdecimal():
        raise GalleryError(
            f"{place.shown}: the gallery does not say its version, so it is damaged; it was left as it was"
        )
    if int(told) > SCHEMA_VERSION:
        raise GalleryError(
            f"{place.shown}: was made by a newer clearface (version {told} of the tables, and this one knows {SCHEMA_VERSION}): "
            "install the newer one"
        )
    return int(told)


def _missing(place: Place) -> GalleryError:
    return GalleryError(
        f"{place.shown}: there is no gallery yet: `clearface gallery add NAME PHOTO...{place.option}` makes one"
    )
