"""Any face embedder in an ONNX file, aligned and scaled as ArcFace is."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from clearface.arrays import AnyArray, ByteImage, FloatArray
from clearface.embedders.alignment import ARCFACE_SIZE, arcface_chip
from clearface.embedders.base import network_checksum, network_name, unit_vectors
from clearface.errors import ModelError
from clearface.restorers.network_description import NetworkDescription, find_description
from clearface.sessions import open_session, run_session

if TYPE_CHECKING:
    import onnxruntime

_USUAL = NetworkDescription(low=-1.0, high=1.0)
"""RGB, `(x - 127.5) / 127.5`."""

_FLOATS: dict[str, type[np.floating]] = {"tensor(float)": np.float32, "tensor(float16)": np.float16}
_THREADS = 1


@dataclass(frozen=True)
class _Signature:
    face_input: str
    output: str
    face_type: type[np.floating]
    batch: int
    """Faces it takes at once."""

    size: int
    nhwc: bool


class OnnxEmbedder:
    """A network run by ONNX Runtime, a face at a time on one thread, so that no vector depends on anything else.

    It takes RGB in [-1, 1], on the chip of ArcFace scaled to its side (112 pixels where any will do). What takes other values is
    described as a restorer's network is, by `low`, `high` and `channel_order`, in a JSON file beside it or in its metadata; a
    network that scales its input itself has `low` 0 and `high` 255.
    """

    def __init__(self, path: Path, preset: NetworkDescription | None = None) -> None:
        """preset: what the network takes, in place of what describes it.

        Raises ModelError where the file is missing, no network, no embedder, wrongly described, or not of the preset's size.
        """
        self._path = path
        self._session = open_session(path, _THREADS)
        self._description = preset or find_description(path, self._session) or _USUAL
        self._signature = _read_signature(self._session, path)
        self.checksum = network_checksum(path)
        self.name = network_name(path, self.checksum)
        size = self._signature.size
        if preset is not None and preset.size not in (None, size):
            raise ModelError(
                f"{path}: it takes faces of {size} pixels, and those of {preset.name} are of {preset.size}"
            )
        self._chip = arcface_chip(size)
        self.dimension = self._run(np.full((size, size, 3), 128, np.uint8)).shape[0]

    def embed(self, faces: FloatArray) -> FloatArray:
        """See `clearface.embedders.base.Embedder`."""
        vectors = [self._run(self._chip.cut(face)) for face in faces]
        return unit_vectors(np.reshape(vectors, (len(faces), self.dimension)), self._path)

    def _run(self, chip: ByteImage) -> AnyArray:
        """`(D,)`, not yet of unit length."""
        low, high = np.float32(self._description.low), np.float32(self._description.high)
        ordered = chip[..., ::-1] if self._description.channel_order == "bgr" else chip
        scaled = ordered.astype(np.float32) / np.float32(255) * (high - low) + low
        laid_out = scaled if self._signature.nhwc else scaled.transpose(2, 0, 1)
        batch = np.repeat(laid_out[None], self._signature.batch, 0).astype(self._signature.face_type)
        (answer,) = run_session(
            self._session, self._path, [self._signature.output], {self._signature.face_input: batch}
        )
        if answer.ndim != 2 or len(answer) != len(batch) or not answer.shape[1]:
            raise ModelError(f"{self._path}: no face embedder, it answers a face with an array of {answer.shape}")
        return np.asarray(answer[0])


def _read_signature(session: "onnxruntime.InferenceSession", path: Path) -> _Signature:
    inputs, outputs = session.get_inputs(), session.get_outputs()
    if len(inputs) != 1 or len(inputs[0].shape) != 4 or inputs[0].type not in _FLOATS or not outputs:
        raise ModelError(f"{path}: no face embedder, it wants one input of four dimensions")
    batch, *rest = inputs[0].shape
    if rest[0] == 3:
        nhwc, sides = False, rest[1:]
    elif rest[2] == 3:
        nhwc, sides = True, rest[:2]
    else:
        raise ModelError(
            f'{path}: a face has 3 channels, and the input "{inputs[0].name}" is of shape {inputs[0].shape}'
        )
    fixed = {side for side in sides if isinstance(side, int)}
    if len(fixed) > 1:
        raise ModelError(f"{path}: it takes faces of {sides[1]}x{sides[0]}, which are not square")
    return _Signature(
        inputs[0].name,
        outputs[0].name,
        _FLOATS[inputs[0].type],
        batch if isinstance(batch, int) else 1,
        fixed.pop() if fixed else ARCFACE_SIZE,
        nhwc,
    )
