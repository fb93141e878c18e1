"""Galleries to files that any other takes in, and back."""

from pathlib import Path

from sqlalchemy import Connection, select

from clearface.errors import GalleryError
from clearface.files.explanations import shown
from clearface.gallery.base import ImportPolicy, Model
from clearface.gallery.changes import checked_told, forget_models, keep_faces, keep_model, keep_person
from clearface.gallery.models import described, same_model
from clearface.gallery.names import checked_name, name_key
from clearface.gallery.places import Place
from clearface.gallery.portable import Portable, write_portable
from clearface.gallery.queries import everybody, model_in, picture_of
from clearface.gallery.schema import faces, people
from clearface.gallery.searching import Search
from clearface.gallery.vectors import joined_vectors


def write_everybody(connection: Connection, place: Place, path: Path, *, overwrite: bool) -> int:
    """As `clearface.gallery.gallery.Gallery.export` says, within a transaction that is open."""
    whole = everybody(connection)
    model = model_in(connection)
    by_number = {row.id: row.vector for row in connection.execute(select(faces.c.id, faces.c.vector))}
    numbers = [face.number for person in whole for face in person.faces]
    dimension = model.dimension if model else 0
    vectors = joined_vectors([by_number[number] for number in numbers], dimension, place.shown)
    pictures = (_picture(connection, place, number) for number in numbers)  # one at a time, since there may be many
    write_portable(path, model, whole, vectors, pictures, overwrite=overwrite)
    return len(whole)


def _picture(connection: Connection, place: Place, number: int) -> bytes:
    picture = picture_of(connection, number)
    if picture is None:
        raise GalleryError(f"{place.shown}: the gallery is damaged: the picture of face {number} is missing")
    return picture


def take_in(connection: Connection, portable: Portable, path: Path, policy: ImportPolicy, search: Search) -> int:
    """As `clearface.gallery.gallery.Gallery.import_` says, within a transaction that is open."""
    kept = model_in(connection)
    there = set(connection.execute(select(people.c.name_key)).scalars())
    _refuse_other_model(kept, portable, path)
    if policy is ImportPolicy.FAIL:
        _refuse_known(there, portable, path)
    model, added = kept or portable.model, 0
    number = 0 if model is None else keep_model(connection, model)
    if kept is None:
        search.forget_all(connection)
    search.expect_many(connection)
    for person in portable.people:
        known = name_key(person.name) in there
        if known and policy is ImportPolicy.SKIP:
            continue
        told = {} if known else checked_told(person.description, person.link or "")
        row = keep_person(connection, checked_name(person.name), told)
        came = keep_faces(connection, row, number, portable.faces(person), search)
        added += bool(came) or not known
    forget_models(connection)
    search.finish(connection)
    return added


def _refuse_other_model(kept: Model | None, portable: Portable, path: Path) -> None:
    if kept is not None and portable.model is not None and not same_model(kept, portable.model):
        raise GalleryError(
            f"{shown(path)}: was made with {described(portable.model)}, and the gallery with {described(kept)}: "
            "embed the gallery anew with that embedder (`clearface gallery reembed`), or the one the file is from"
        )


def _refuse_known(there: set[str], portable: Portable, path: Path) -> None:
    known = [person.name for person in portable.people if name_key(person.name) in there]
    if known:
        who = f"and {len(known) - 1} more are" if len(known) > 1 else "is"
        raise GalleryError(
            f'{shown(path)}: "{known[0]}" {who} in the gallery already, so nothing was added: --existing skip '
            "passes over them, --existing add gives them the faces they lack"
        )
