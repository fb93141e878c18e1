"""clearface's own embedder: features of several depths of a small network, fused into one vector."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from clearface.arrays import FloatArray
from clearface.embedders.alignment import eye_chip
from clearface.embedders.base import network_checksum, network_name, unit_vectors
from clearface.errors import ModelError
from clearface.sessions import open_session, run_session
from clearface.weights import weight_path

if TYPE_CHECKING:
    import onnxruntime

NETWORK_FILE = "fusion-embedder.onnx"
"""The network that ships with clearface, in `weights/`."""

CHIP_SIZE = 112
_INPUT, _OUTPUT = "face", "embedding"
_FACES_AT_ONCE = 16


class FusionEmbedder:
    """A network from RGB chips of 112 pixels in [0, 1], framed as dlib frames faces, to vectors of unit length.

    Its input is `face`, `(N, 3, 112, 112)`, its output `embedding`, `(N, D)`, both float32; any N goes through at once. One that
    somebody else taught, by `clearface train embedder`, is used by its path.
    """

    def __init__(self, path: Path | None = None) -> None:
        """path: of the network; None for the one that ships with clearface.

        Raises ModelError where the file is missing, no network, or one of another signature.
        """
        self._path = weight_path(NETWORK_FILE) if path is None else path
        self._session = open_session(self._path)
        self.dimension = _read_dimension(self._session, self._path)
        self.checksum = network_checksum(self._path)
        self.name = network_name(self._path, self.checksum)
        self._chip = eye_chip(CHIP_SIZE)

    def embed(self, faces: FloatArray) -> FloatArray:
        """See `clearface.embedders.base.Embedder`; beside others a vector moves by 1e-6 at most."""
        vectors = np.empty((len(faces), self.dimension), np.float32)
        for start in range(0, len(faces), _FACES_AT_ONCE):
            some = faces[start : start + _FACES_AT_ONCE]
            chips = np.stack([self._chip.cut_values(face).transpose(2, 0, 1) for face in some])
            (answer,) = run_session(self._session, self._path, [_OUTPUT], {_INPUT: chips})
            if answer.shape != (len(some), self.dimension):
                raise ModelError(f"{self._path}: answered {len(some)} faces with an array of {answer.shape}")
            vectors[start : start + len(some)] = answer
        return unit_vectors(vectors, self._path)


def _read_dimension(session: "onnxruntime.InferenceSession", path: Path) -> int:
    inputs, outputs = session.get_inputs(), {output.name: output for output in session.get_outputs()}
    fits = (
        [each.name for each in inputs] == [_INPUT]
        and inputs[0].type == "tensor(float)"
        and list(inputs[0].shape[1:]) == [3, CHIP_SIZE, CHIP_SIZE]
        and not isinstance(inputs[0].shape[0], int)
    )
    answer = outputs.get(_OUTPUT)
    if not fits or answer is None or len(answer.shape) != 2 or not isinstance(answer.shape[1], int):
        raise ModelError(
            f"{path}: no network of clearface's own kind, from `{_INPUT}` (N, 3, {CHIP_SIZE}, {CHIP_SIZE})"
            f" to `{_OUTPUT}` (N, D); for others there is the embedder onnx"
        )
    return int(answer.shape[1])
