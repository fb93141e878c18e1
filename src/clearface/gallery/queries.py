"""What is read of the tables, each function within a transaction that is open."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Row, Select, Table, false, func, not_, select

from clearface.errors import GalleryError
from clearface.gallery.base import LONGEST_NAME, GalleryFace, GalleryPerson, Model
from clearface.gallery.names import can_be_kept, name_key, shown_name
from clearface.gallery.places import Place
from clearface.gallery.schema import faces, models, people, thumbnails
from clearface.suggestions import did_you_mean

_Item = TypeVar("_Item")
_AT_ONCE = 500
_MOST_COMPARED = 5_000
_LONGEST_LIST = 400


def in_parts(items: Sequence[_Item]) -> Iterator[Sequence[_Item]]:
    """So many of them that one statement can name them all."""
    for start in range(0, len(items), _AT_ONCE):
        yield items[start : start + _AT_ONCE]


def count_of(connection: Connection, table: Table) -> int:
    """Rows of a table."""
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def model_in(connection: Connection) -> Model | None:
    """The embedder the faces were embedded with; None where there are none."""
    row = connection.execute(
        select(models.c.name, models.c.checksum, models.c.dimension).where(models.c.id.in_(select(faces.c.model_id)))
    ).first()
    return None if row is None else Model(row.name, row.checksum, row.dimension)


def named(name: str) -> Select[*tuple[Any, ...]]:
    """The row of whoever has a name, however it is spelt."""
    return select(people).where(_is_called(name))


def _is_called(name: str) -> ColumnElement[bool]:
    return people.c.name_key == name_key(name) if can_be_kept(name) else false()


def person_row(connection: Connection, name: str, place: Place) -> Row[*tuple[Any, ...]]:
    """That of a person. Raises GalleryError, with the nearest name, where there is nobody of that name."""
    row = connection.execute(named(name)).one_or_none()
    if row is None:
        names = connection.execute(select(people.c.name).order_by(people.c.name_key)).scalars()
        raise GalleryError(f"{place.shown}: there is nobody called {shown_name(name)}{_perhaps(name, list(names))}")
    return row


def _perhaps(name: str, names: list[str]) -> str:
    if not names:
        return ": nobody is in this gallery"
    listed = ": `clearface gallery list` tells who there is"
    if len(names) > _MOST_COMPARED or len(name) > LONGEST_NAME:  # comparing takes too long
        return listed
    meant = did_you_mean(name, names)
    return f": {meant}" if meant.startswith("did you mean") or len(meant) <= _LONGEST_LIST else listed


def everybody(connection: Connection) -> tuple[GalleryPerson, ...]:
    """All people with their faces, in the order of their names."""
    return tuple(people_of(connection, connection.execute(select(people).order_by(people.c.name_key))))


def people_of(connection: Connection, rows: Iterable[Row[*tuple[Any, ...]]]) -> Iterator[GalleryPerson]:
    """People of their rows, with their faces."""
    chosen = list(rows)
    found = select(
        faces.c.id, faces.c.person_id, faces.c.photo, faces.c.photo_checksum, faces.c.quality, faces.c.added
    ).order_by(faces.c.id)
    if len(chosen) == 1:
        found = found.where(faces.c.person_id == chosen[0].id)
    own: dict[int, list[GalleryFace]] = defaultdict(list)
    for row in connection.execute(found):
        own[row.person_id].append(face_of(row))
    for person in chosen:
        yield GalleryPerson(person.name, person.description, person.link, tuple(own[person.id]))


def face_of(row: Row[*tuple[Any, ...]]) -> GalleryFace:
    """A face of its row."""
    return GalleryFace(row.id, row.photo, row.photo_checksum, row.quality, row.added.replace(tzinfo=UTC))


def face_rows(connection: Connection, name: str) -> Sequence[Row[*tuple[Any, ...]]]:
    """Those of a person's faces; none where there is nobody of that name."""
    return connection.execute(
        select(faces).join(people, people.c.id == faces.c.person_id).where(_is_called(name)).order_by(faces.c.id)
    ).all()


def others_with(connection: Connection, name: str, checksums: Sequence[str]) -> dict[str, str]:
    """Who else has photos of these checksums: the checksum and a name."""
    others: dict[str, str] = {}
    for part in in_parts(checksums):
        rows = connection.execute(
            select(faces.c.photo_checksum, people.c.name)
            .join(people, people.c.id == faces.c.person_id)
            .where(not_(_is_called(name)), faces.c.photo_checksum.in_(part))
        )
        others |= {row.photo_checksum: row.name for row in rows}
    return others


def face_numbers(connection: Connection) -> list[int]:
    """Of all faces, from the first that was added."""
    return list(connection.execute(select(faces.c.id).order_by(faces.c.id)).scalars())


def picture_of(connection: Connection, number: int) -> bytes | None:
    """What a face looks like, as a WebP file; None where there is no face of that number."""
    picture = connection.execute(
        select(thumbnails.c.picture).where(thumbnails.c.face_id == number)
    ).scalar_one_or_none()
    return None if picture is None else bytes(picture)


def pictures_of(connection: Connection, numbers: Sequence[int]) -> list[tuple[int, bytes]]:
    """What faces look like, each after its number; those that are there no more are left out."""
    rows = connection.execute(select(thumbnails).where(thumbnails.c.face_id.in_(numbers)))
    return [(row.face_id, bytes(row.picture)) for row in rows]
