"""Where a gallery lies: a file, or a database by its URL."""

import os
import shlex
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from clearface.errors import UsageError
from clearface.files.explanations import shown

PLACE_VARIABLE = "CLEARFACE_GALLERY"
"""The environment variable that names a gallery."""

_FILE = "gallery.sqlite"


@dataclass(frozen=True)
class Place:
    """Where a gallery lies."""

    url: URL
    """With the driver that is used."""

    path: Path | None
    """Of its file; None for a database server."""

    told: bool
    """It was named in the call, so that a command about it has to name it too."""

    @property
    def shown(self) -> str:
        """As people read it, without its password."""
        if self.path is not None:
            return shown(self.path)
        return self.url.set(drivername="postgresql").render_as_string(hide_password=True)

    @property
    def option(self) -> str:
        """What a command that is to work on it ends with: ` --gallery PLACE`, or nothing where it finds it by itself."""
        return f" --gallery {shlex.quote(self.shown)}" if self.told else ""


def find_place(place: str | Path | None) -> Place:
    """The place that is meant: a file, `sqlite:///FILE`, `postgresql://...`; None for CLEARFACE_GALLERY's, or the user's.

    Raises UsageError for a URL of any other kind.
    """
    if place is None:
        told, place = False, os.environ.get(PLACE_VARIABLE) or _usual()
    else:
        told = str(place) != os.environ.get(PLACE_VARIABLE)
    if not str(place).strip():
        raise UsageError("the gallery's place is empty: give a path, or postgresql://user@host/database")
    if isinstance(place, Path) or "://" not in place:
        return _file(Path(place), told)
    try:
        url = make_url(place)
    except (ArgumentError, ValueError) as error:
        raise UsageError(
            "the gallery is named by a URL that cannot be read: postgresql://user@host/database"
        ) from error
    kind = url.get_backend_name()
    if kind == "sqlite":
        if not url.database or url.database == ":memory:":
            raise UsageError(f"{place}: names no file: a gallery in SQLite is sqlite:///FILE, or simply the path")
        return _file(Path(url.database), told)
    if kind not in ("postgresql", "postgres"):
        raise UsageError(f"{kind}: galleries are kept in SQLite and PostgreSQL: give a path, or postgresql://...")
    return Place(url.set(drivername="postgresql+psycopg"), None, told)


def _file(path: Path, told: bool) -> Place:
    if "\0" in str(path) or not path.name:
        raise UsageError(f"{shown(path)!r}: this cannot be the name of a gallery")
    absolute = Path(os.path.abspath(path.expanduser()))  # noqa: PTH100 - links stay as they are
    return Place(URL.create("sqlite", database=str(absolute)), absolute, told)


def _usual() -> Path:
    from platformdirs import user_data_path

    return user_data_path("clearface", appauthor=False) / _FILE
