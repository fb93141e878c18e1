"""The faces of a gallery embedded with another embedder, from the pictures that are kept of them."""

from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, update

from clearface.arrays import FloatArray
from clearface.embedders.base import Embedder
from clearface.errors import GalleryError, PhotoError
from clearface.gallery.changes import forget_models, keep_model
from clearface.gallery.models import model_of
from clearface.gallery.places import Place
from clearface.gallery.queries import face_numbers, in_parts, pictures_of
from clearface.gallery.schema import faces
from clearface.gallery.searching import Search
from clearface.gallery.thumbnails import read_thumbnail
from clearface.gallery.vectors import vector_bytes
from clearface.recognition.identify_squares import embed_squares

Vectors = dict[int, FloatArray]
"""`(D,)` each, by the number of its face."""


def embedded(pictures: Iterable[tuple[int, bytes]], embedder: Embedder, place: Place) -> Vectors:
    """The vectors of faces. pictures: each after the number of its face. Raises GalleryError for one that is damaged."""
    numbers, squares = [], []
    try:
        for number, picture in pictures:
            squares.append(read_thumbnail(picture, f"{place.shown}, face {number}"))
            numbers.append(number)
    except PhotoError as error:
        raise GalleryError(str(error)) from error
    return dict(zip(numbers, embed_squares(embedder, squares), strict=True))


def replace_vectors(connection: Connection, vectors: Vectors, embedder: Embedder, place: Place, search: Search) -> int:
    """Gives every face of the gallery its new vector. Returns how many there are.

    vectors: of the faces that were there when it began; those another program added meanwhile are embedded now.
    """
    now = face_numbers(connection)
    for late in in_parts([number for number in now if number not in vectors]):
        vectors = vectors | embedded(pictures_of(connection, late), embedder, place)
    model = keep_model(connection, model_of(embedder))
    search.forget_all(connection)
    change = (
        update(faces)
        .where(faces.c.id == bindparam("number"))
        .values(model_id=bindparam("new_model"), vector=bindparam("new_vector"))
    )
    for part in in_parts(now):
        connection.execute(
            change,
            [{"number": number, "new_model": model, "new_vector": vector_bytes(vectors[number])} for number in part],
        )
        search.take_in(connection, [(number, vectors[number]) for number in part])
    forget_models(connection)
    search.finish(connection)
    return len(now)
