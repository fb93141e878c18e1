"""dlib's face recognition ResNet (King 2017), by way of the packages dlib-bin and face_recognition_models."""

import importlib.util
from pathlib import Path

import numpy as np

from clearface.arrays import FloatArray
from clearface.embedders.alignment import eye_chip
from clearface.embedders.base import network_checksum, network_name, unit_vectors
from clearface.errors import DependencyError, ModelError

_MODELS = "face_recognition_models"
_FILE = "dlib_face_recognition_resnet_model_v1.dat"
_CHIP_SIZE = 150


class DlibResNet:
    """128 numbers a face, from chips of 150 pixels aligned by the eyes as dlib does.

    Raises DependencyError where a package is missing, ModelError where the network's file is.
    """

    dimension = 128

    def __init__(self) -> None:
        path = _network_file()
        try:
            import dlib
        except ModuleNotFoundError as error:
            raise _missing() from error
        if not path.is_file():
            raise ModelError(f"{path}: there is no such network file")
        self.checksum = network_checksum(path)
        self.name = network_name(path, self.checksum)
        self._path = path
        try:
            self._network = dlib.face_recognition_model_v1(str(path))
        except RuntimeError as error:
            raise ModelError(f"{path}: dlib cannot read this network ({error})") from error
        self._chip = eye_chip(_CHIP_SIZE)

    def embed(self, faces: FloatArray) -> FloatArray:
        """See `clearface.embedders.base.Embedder`."""
        vectors = [np.array(self._network.compute_face_descriptor(self._chip.cut(face))) for face in faces]
        return unit_vectors(np.reshape(vectors, (len(faces), self.dimension)), self._path)


def _network_file() -> Path:
    """Where the package keeps it; importing the package would need another that Python no longer brings along."""
    found = importlib.util.find_spec(_MODELS)
    if found is None or not found.submodule_search_locations:
        raise _missing()
    return Path(found.submodule_search_locations[0]) / "models" / _FILE


def _missing() -> DependencyError:
    return DependencyError('the embedder "dlib" needs two packages: pip install "clearface[dlib]"')
