"""A gallery in one file of SQLite's."""

import errno
import os
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, create_engine, event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from clearface.errors import GalleryError
from clearface.files.explanations import reason
from clearface.gallery.databases import LONGEST_WAIT, Database, first_line
from clearface.gallery.places import Place

_SIGNATURE = b"SQLite format 3\0"
_DAMAGED = ("malformed", "not a database", "encrypted", "unsupported file format", "corrupt")


def open_sqlite(place: Place, *, must_exist: bool) -> "SqliteDatabase | None":
    """The database in a file that is there, or that is made, readable by its owner alone.

    None where there is none and `must_exist`. Raises GalleryError for a file that is no database; it is left as it is.
    """
    path = place.path
    assert path is not None
    try:
        if not _looks_at(path):
            if must_exist:
                return None
            _make_private(path)
        frozen = not _is_writable(path.parent)
        if frozen and _has_pages(_log(path)):
            raise GalleryError(
                f"{place.shown}: cannot be opened: it was not closed, and its folder cannot be written to"
            )
    except OSError as error:
        raise GalleryError(f"{place.shown}: cannot be opened: {reason(error)}") from error
    except ValueError as error:
        raise GalleryError(f"{place.shown}: {error}") from error
    return SqliteDatabase(place, path, frozen)


class SqliteDatabase(Database):
    """One file, and beside it, while it is written, a log of what is not in it yet."""

    def __init__(self, place: Place, path: Path, frozen: bool) -> None:
        """frozen: nothing can be written beside it, so it is read as something nobody changes."""
        super().__init__(place, _engine(path, frozen))
        self._path = path

    def _begin_alone(self, connection: Connection) -> Connection:
        return connection.execution_options(alone=True)

    def _begin_reading(self, connection: Connection) -> None:
        pass

    def _begin_writing(self, connection: Connection) -> None:
        pass

    def _explain(self, error: SQLAlchemyError) -> str:
        said = first_line(error)
        if any(word in said for word in _DAMAGED):
            return f"the gallery is damaged and was left as it was ({said}): put a copy or an export back"
        if "readonly" in said or "read-only" in said:
            return "cannot be written to: the file or its folder is read-only"
        if "unable to open" in said:
            return "cannot be opened: permission denied, or it is no file"
        if "locked" in said:
            return f"another program has been writing to it for {LONGEST_WAIT} seconds: try again when it is done"
        if "full" in said:
            return "cannot be written to: the disk is full; nothing of this step was kept"
        return f"the database refused: {said}"

    def check(self) -> None:
        with self.reading() as connection:
            found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
        if found != "ok":
            found = str(found).splitlines()[-1]
            raise GalleryError(
                f"{self.place.shown}: the gallery is damaged and was left as it was ({found}): put a copy or an export back"
            )

    def erase_traces(self) -> None:
        with self._alone() as connection:
            connection.exec_driver_sql("VACUUM")
            busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]
        if busy:
            raise GalleryError(
                f"{self.place.shown}: removed, but another program has the gallery open, so traces are left in "
                f"{_log(self._path).name} until it is closed"
            )

    def size(self) -> int:
        return sum(path.stat().st_size for path in (self._path, _log(self._path)) if path.exists())


def _engine(path: Path, frozen: bool) -> Any:  # noqa: ANN401 - SQLAlchemy's engine
    query = {"uri": "true"} | ({"immutable": "1", "mode": "ro"} if frozen else {"mode": "rw"})
    database = f"file:{path.as_posix().replace('%', '%25').replace('?', '%3f').replace('#', '%23')}"
    engine = create_engine(
        URL.create("sqlite", database=database, query=query),
        poolclass=NullPool,  # the file is closed after each transaction, and its log with it
        connect_args={"timeout": LONGEST_WAIT},
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: object) -> None:  # noqa: ANN401 - SQLite's own connection
        connection.isolation_level = None  # transactions begin below
        for pragma in ("foreign_keys = ON", "secure_delete = ON", "synchronous = FULL"):
            connection.execute(f"PRAGMA {pragma}")
        if not frozen:
            connection.execute("PRAGMA journal_mode = WAL")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if not options.get("alone", False):
            connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writing", False) else "BEGIN")

    return engine


def _looks_at(path: Path) -> bool:
    """Whether there is a database, by its first bytes; an empty file is none. Raises ValueError for another kind of file."""
    try:
        with path.open("rb") as stream:
            start = stream.read(len(_SIGNATURE))
    except FileNotFoundError:
        return False
    except IsADirectoryError as error:
        raise ValueError("this is a folder, and a gallery is a file") from error
    if start and start != _SIGNATURE:
        raise ValueError("this is no gallery, or a damaged one; it was left as it was")
    return bool(start)


def _make_private(path: Path) -> None:
    missing = []
    for folder in path.parents:
        if folder.exists():
            break
        missing.append(folder)
    for folder in reversed(missing):
        folder.mkdir(mode=0o700, exist_ok=True)
    if not path.parent.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # SQLite gives its log the permissions of the file


def _is_writable(folder: Path) -> bool:
    return os.access(folder, os.W_OK, effective_ids=os.access in os.supports_effective_ids)


def _log(path: Path) -> Path:
    return path.with_name(path.name + "-wal")


def _has_pages(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0
