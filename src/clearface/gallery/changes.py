"""What is written into the tables, each function within a transaction that is open and that no other writes beside."""

import secrets
from collections.abc import Sequence
from datetime import UTC
from typing import Any

from sqlalchemy import Connection, Executable, delete, insert, select, update

from clearface.errors import GalleryError
from clearface.gallery.base import GalleryFace, Model, NewFace
from clearface.gallery.names import checked_description, checked_link, name_key
from clearface.gallery.places import Place
from clearface.gallery.queries import named, person_row
from clearface.gallery.schema import faces, models, people, state, thumbnails
from clearface.gallery.searching import Search
from clearface.gallery.vectors import vector_bytes

Told = dict[str, str | None]
"""Columns of what is told of a person, and what they are to hold."""


def checked_told(description: str | None, link: str | None) -> Told:
    """What replaces what is told of a person; None leaves it. Raises UsageError for what cannot be kept."""
    told: Told = {}
    if description is not None:
        told["description"] = checked_description(description)
    if link is not None:
        told["link"] = checked_link(link)
    return told


def new_revision(connection: Connection) -> None:
    """Marks the gallery as changed."""
    connection.execute(update(state).values(revision=secrets.token_hex(16)))


def keep_model(connection: Connection, model: Model) -> int:
    """The number of a model, which is kept where it was not."""
    row = connection.execute(
        select(models.c.id).where(models.c.name == model.name, models.c.checksum == model.checksum)
    ).scalar_one_or_none()
    if row is not None:
        return int(row)
    values = {"name": model.name, "checksum": model.checksum, "dimension": model.dimension}
    return _number(connection, insert(models).values(**values).returning(models.c.id))


def forget_models(connection: Connection) -> None:
    """Those that no face was embedded with any more."""
    connection.execute(delete(models).where(models.c.id.not_in(select(faces.c.model_id))))


def keep_person(connection: Connection, name: str, told: Told) -> int:
    """The number of a person, who is made where there is nobody of that name. name: checked."""
    row = connection.execute(named(name)).one_or_none()
    if row is None:
        values = {"description": "", "link": None} | told | {"name": name, "name_key": name_key(name)}
        return _number(connection, insert(people).values(**values).returning(people.c.id))
    tell(connection, row.id, told)
    return int(row.id)


def tell(connection: Connection, person: int, told: Told) -> None:
    """Tells something else of a person."""
    if told:
        connection.execute(update(people).where(people.c.id == person).values(**told))


def keep_faces(
    connection: Connection, person: int, model: int, found: Sequence[NewFace], search: Search
) -> tuple[GalleryFace, ...]:
    """Adds faces to a person; those of photos there already are passed over."""
    there = set(connection.execute(select(faces.c.photo_checksum).where(faces.c.person_id == person)).scalars())
    kept = []
    for face in found:
        if face.photo_checksum in there:
            continue
        there.add(face.photo_checksum)
        values = {
            "person_id": person,
            "model_id": model,
            "photo": face.photo,
            "photo_checksum": face.photo_checksum,
            "quality": face.quality,
            "added": face.added.astimezone(UTC).replace(tzinfo=None),
            "vector": vector_bytes(face.vector),
        }
        number = _number(connection, insert(faces).values(**values).returning(faces.c.id))
        connection.execute(insert(thumbnails).values(face_id=number, picture=face.thumbnail))
        search.take_in(connection, [(number, face.vector)])
        kept.append(GalleryFace(number, face.photo, face.photo_checksum, face.quality, face.added))
    return tuple(kept)


def rename(connection: Connection, place: Place, name: str, new_name: str) -> None:
    """As `clearface.gallery.gallery.Gallery.rename` says. new_name: checked."""
    person = person_row(connection, name, place)
    other = connection.execute(named(new_name)).one_or_none()
    if other is not None and other.id != person.id:
        raise GalleryError(
            f'{place.shown}: there is a "{other.name}" already: where both are one person, '
            "`clearface gallery merge` makes them one"
        )
    connection.execute(
        update(people).where(people.c.id == person.id).values(name=new_name, name_key=name_key(new_name))
    )


def merge(connection: Connection, place: Place, name: str, others: Sequence[str]) -> int:
    """As `clearface.gallery.gallery.Gallery.merge` says."""
    kept = person_row(connection, name, place)
    moved = 0
    description, link = kept.description, kept.link
    given = {kept.id}
    for other in others:
        row = person_row(connection, other, place)
        if row.id in given:
            raise GalleryError(f'{place.shown}: "{row.name}" cannot be merged with themselves')
        given.add(row.id)
        there = select(faces.c.photo_checksum).where(faces.c.person_id == kept.id).scalar_subquery()
        moved += connection.execute(
            update(faces)
            .where(faces.c.person_id == row.id, faces.c.photo_checksum.not_in(there))
            .values(person_id=kept.id)
        ).rowcount
        connection.execute(delete(people).where(people.c.id == row.id))
        description, link = description or row.description, link or row.link
    tell(connection, kept.id, {"description": description, "link": link})
    return moved


def remove(connection: Connection, place: Place, name: str, numbers: Sequence[int] | None) -> int:
    """As `clearface.gallery.gallery.Gallery.remove` says; traces are left in the files."""
    person = person_row(connection, name, place)
    own = set(connection.execute(select(faces.c.id).where(faces.c.person_id == person.id)).scalars())
    if numbers is None:
        connection.execute(delete(people).where(people.c.id == person.id))
        gone = len(own)
    else:
        for number in numbers:
            if number not in own:
                raise GalleryError(f'{place.shown}: "{person.name}" has no face of number {number}')
        gone = connection.execute(delete(faces).where(faces.c.id.in_(set(numbers)))).rowcount
    forget_models(connection)
    return gone


def _number(connection: Connection, inserting: Executable) -> int:
    number: Any = connection.execute(inserting).scalar_one()
    return int(number)
