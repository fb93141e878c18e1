"""Classical embedders fitted on photos of one's own, and the files they are kept in."""

import io
import zipfile
import zlib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np

from clearface.arrays import FloatArray
from clearface.embedders.base import network_checksum, network_name, unit_vectors
from clearface.embedders.face_vectors import SIDE, face_vectors
from clearface.embedders.photometry import Photometry
from clearface.embedders.projections import LinearProjection
from clearface.errors import ModelError
from clearface.files.atomic import write_atomically
from clearface.files.explanations import reason, shown

FORMAT = "clearface fitted embedder 1"
"""Raised where an older reader would misunderstand a newer file."""

_LARGEST_FILE = 1 << 28
_LONGEST_WORD = 64


class FittedKind(StrEnum):
    """Which method fits it; the name of the embedder."""

    EIGENFACES = "eigenfaces"
    FISHERFACES = "fisherfaces"
    LPP = "lpp"


@dataclass(frozen=True, eq=False)
class FittedModel:
    """What a method learned, and what of a face it looks at."""

    kind: FittedKind
    photometry: Photometry
    projection: LinearProjection
    """Of `clearface.embedders.face_vectors.face_vectors`."""


class FittedEmbedder:
    """The direction of a face's `face_vectors` in the space a method found."""

    def __init__(self, path: Path, kind: FittedKind) -> None:
        """Raises ModelError where the file is missing, damaged, something else, or of another method."""
        self._path = path
        self._model = read_fitted_model(path)
        if self._model.kind is not kind:
            raise ModelError(f"{shown(path)}: this is a model of {self._model.kind}, and one of {kind} is wanted")
        self.checksum = network_checksum(path)
        self.name = network_name(path, self.checksum)
        self.dimension = len(self._model.projection.axes)

    def embed(self, faces: FloatArray) -> FloatArray:
        """See `clearface.embedders.base.Embedder`."""
        vectors = face_vectors(faces, self._model.photometry)
        # One by one: a product of matrices may round otherwise beside other faces.
        projected = [self._model.projection.project(vector[None])[0] for vector in vectors]
        return unit_vectors(np.reshape(projected, (len(faces), self.dimension)), self._path)


def write_fitted_model(model: FittedModel, path: Path, *, overwrite: bool = False) -> None:
    """Writes a model as `.npz` of plain arrays. Raises PhotoError where it cannot be written or exists already."""
    stream = io.BytesIO()
    np.savez(
        stream,
        format=np.array(FORMAT),
        kind=np.array(model.kind.value),
        photometry=np.array(model.photometry.value),
        mean=model.projection.mean,
        axes=model.projection.axes,
    )
    write_atomically(path, stream.getvalue(), overwrite=overwrite)


def read_fitted_model(path: Path) -> FittedModel:
    """What `write_fitted_model` wrote, to the last bit. Raises ModelError, naming the file, for any other or a damaged one."""
    try:
        if not path.is_file():
            raise ModelError(f"{shown(path)}: there is no such file of a fitted embedder")
        if path.stat().st_size > _LARGEST_FILE:
            raise ModelError(f"{shown(path)}: too large for a fitted embedder")
        with zipfile.ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _LARGEST_FILE:
                raise ModelError(f"{shown(path)}: too large for a fitted embedder")
        with np.load(path, allow_pickle=False) as stored:
            words = {name: _word(stored[name]) for name in ("format", "kind", "photometry")}
            mean, axes = stored["mean"], stored["axes"]
    except OSError as error:
        raise ModelError(f"{shown(path)}: cannot be read: {reason(error)}") from error
    except (ValueError, KeyError, EOFError, NotImplementedError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
        raise ModelError(f"{shown(path)}: no model of a fitted embedder, or a damaged one") from error
    if words["format"] != FORMAT:
        raise ModelError(f"{shown(path)}: this clearface reads {FORMAT!r}, not {words['format']!r}")
    known = words["kind"] in list(FittedKind) and words["photometry"] in list(Photometry)
    right = mean.dtype == axes.dtype == np.float64 and mean.shape == (SIDE * SIDE,) and axes.shape[1:] == mean.shape
    if not known or not right or not len(axes) or not (np.isfinite(mean).all() and np.isfinite(axes).all()):
        raise ModelError(f"{shown(path)}: a damaged model of a fitted embedder")
    return FittedModel(FittedKind(words["kind"]), Photometry(words["photometry"]), LinearProjection(mean, axes))


def _word(stored: np.ndarray) -> str:
    if stored.dtype.kind != "U" or stored.shape or stored.dtype.itemsize > 4 * _LONGEST_WORD:
        raise ValueError("a word was expected")
    return str(stored)
