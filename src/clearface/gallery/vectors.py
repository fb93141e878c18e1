"""Vectors as bytes, and back."""

from collections.abc import Sequence

import numpy as np

from clearface.arrays import FloatArray
from clearface.errors import GalleryError

_LITTLE_ENDIAN = np.dtype("<f4")
_OFF_UNIT = 1e-3


def vector_bytes(vector: FloatArray) -> bytes:
    """A vector `(D,)` as float32, little-endian whatever the machine."""
    return np.ascontiguousarray(vector, _LITTLE_ENDIAN).tobytes()


def joined_vectors(kept: Sequence[bytes], dimension: int, place: str) -> FloatArray:
    """`(N, D)` float32 of what `vector_bytes` made. Raises GalleryError, naming the place, where they are no unit vectors."""
    if any(len(vector) != dimension * _LITTLE_ENDIAN.itemsize for vector in kept):
        raise damaged_vectors(place)
    joined = np.frombuffer(b"".join(kept), _LITTLE_ENDIAN).reshape(len(kept), dimension)
    return checked_units(joined, place)


def checked_units(vectors: FloatArray, place: str) -> FloatArray:
    """The same. Raises GalleryError where they are no unit vectors."""
    squares = np.einsum("nd,nd->n", vectors, vectors)
    if not (np.abs(squares - 1) <= _OFF_UNIT).all():  # false for NaN too
        raise damaged_vectors(place)
    return np.asarray(vectors, np.float32)


def damaged_vectors(place: str) -> GalleryError:
    """What is said of vectors that cannot be those that were kept."""
    return GalleryError(f"{place}: an embedding is damaged: embed the faces anew with `clearface gallery reembed`")
