"""Face restoration by any network in an ONNX file."""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from clearface.arrays import AnyArray, FloatArray
from clearface.errors import ModelError, UsageError
from clearface.faces import nearest_working_size
from clearface.restorers.base import Framing, NetworkUse, Restored, Tells, check_fidelity, faces_at_once
from clearface.restorers.network_description import NetworkDescription, find_description
from clearface.restorers.onnx_signature import read_signature
from clearface.restorers.presets import PRESETS
from clearface.sessions import open_session, run_session

if TYPE_CHECKING:
    import onnxruntime


class OnnxNetwork:
    """A network run by ONNX Runtime on the CPU."""

    framing = Framing.TEMPLATE

    def __init__(
        self,
        path: Path,
        description: NetworkDescription | None = None,
        fidelity: float | None = None,
        batch_size: int | None = None,
    ) -> None:
        """Opens the network and holds its signature against its description.

        description: without it, what `path` with the suffix `.json` says, or else the file's own metadata.
        fidelity: for a network that takes such a weight, in [0, 1]; None for the one in its description.
        batch_size: most faces at once; None for as many as fit in bounded memory.

        Raises ModelError where the file is missing, no network, of another signature or not described; UsageError where
        the fidelity or the batch size cannot be.
        """
        if fidelity is not None:
            check_fidelity(fidelity)
        if batch_size is not None and batch_size < 1:
            raise UsageError(f"at least 1 face goes through at once, not {batch_size}")
        self._path = path
        self._session = open_session(path)
        self._description = description or _find_description(path, self._session)
        self._signature = read_signature(self._session, self._description, path)
        self._weight = self._description.weight if fidelity is None else fidelity
        self._batch_size = batch_size
        if self._signature.weight_input is None and fidelity is not None:
            raise UsageError(f"{path}: this network takes no fidelity")
        if self._signature.weight_input is not None and self._weight is None:
            raise ModelError(
                f'{path}: the input "{self._signature.weight_input.name}" wants a weight:'
                f' give a fidelity, or "weight" in its description'
            )

    @property
    def name(self) -> str:
        return self._description.name

    @property
    def tells(self) -> Tells:
        """The confidence, where the network has an output for it."""
        return Tells(confidence=self._description.confidence_output is not None)

    def working_size(self, native_size: float) -> int:
        """The size the network is fixed to, or the nearest of `clearface.faces.WORKING_SIZES`."""
        return nearest_working_size(native_size) if self._signature.size is None else self._signature.size

    def networks(self, side: int) -> tuple[NetworkUse, ...]:
        """The file, once; a network of a fixed batch is fed all of it for one face."""
        signature = self._signature
        batch = signature.batch if isinstance(signature.batch, int) else 1
        sides = (side + self._padding(side),) * 2
        shape = (batch, *sides, 3) if self._description.layout == "nhwc" else (batch, 3, *sides)
        inputs = {signature.face_input: shape}
        if signature.weight_input is not None:
            inputs[signature.weight_input.name] = signature.weight_input.filled(0.0, signature.batch, batch).shape
        return (NetworkUse(self._path, inputs),)

    def restore(self, faces: FloatArray) -> Restored:
        """Sharp faces, RGB float32 `(N, S, S, 3)` clipped to [0, 1], and the confidence where the network has one.

        Faces whose side is no multiple of the stride are mirrored up to one and cut again. Raises ModelError where S is
        not the size the network is fixed to, the network fails, or its answer has another shape.
        """
        side = faces.shape[1]
        if self._signature.size not in (None, side):
            raise ModelError(f"{self._path}: it takes faces of {self._signature.size} pixels, not {side}")
        missing = self._padding(side)
        at_once = self._faces_at_once(side + missing)
        restored = np.empty_like(faces)
        confidence = np.empty(faces.shape[:3], np.float32) if self._description.confidence_output else None
        for start in range(0, len(faces), at_once):
            part = faces[start : start + at_once]
            padded = np.pad(part, ((0, 0), (0, missing), (0, missing), (0, 0)), mode="reflect") if missing else part
            answer = self._run(padded)
            restored[start : start + at_once] = self._from_network(answer[0], padded.shape)[:, :side, :side]
            if confidence is not None:
                confidence[start : start + at_once] = self._as_map(answer[1], padded.shape)[:, :side, :side]
        return Restored(restored, confidence)

    def _padding(self, side: int) -> int:
        return -side % self._description.stride if self._signature.size is None else 0

    def _faces_at_once(self, side: int) -> int:
        if isinstance(self._signature.batch, int):
            return self._signature.batch
        if not self._description.batch:
            return 1
        return self._batch_size or faces_at_once(side)

    def _run(self, faces: FloatArray) -> list[AnyArray]:
        """The network's outputs for a few faces, those it was fed only to fill a fixed batch left out."""
        signature = self._signature
        fixed = signature.batch if isinstance(signature.batch, int) else len(faces)
        filled = np.concatenate([faces, np.repeat(faces[-1:], fixed - len(faces), 0)])
        feed: dict[str, AnyArray] = {signature.face_input: self._to_network(filled)}
        if signature.weight_input is not None and self._weight is not None:
            feed[signature.weight_input.name] = signature.weight_input.filled(
                self._weight, signature.batch, len(filled)
            )
        outputs = run_session(self._session, self._path, list(signature.outputs), feed)
        return [np.asarray(output)[: len(faces)] for output in outputs]

    def _to_network(self, faces: FloatArray) -> AnyArray:
        description = self._description
        ordered = faces[..., ::-1] if description.channel_order == "bgr" else faces
        scaled = ordered * np.float32(description.high - description.low) + np.float32(description.low)
        laid_out = scaled if description.layout == "nhwc" else scaled.transpose(0, 3, 1, 2)
        return np.ascontiguousarray(laid_out, dtype=self._signature.face_type)

    def _from_network(self, answer: AnyArray, shape: tuple[int, ...]) -> FloatArray:
        description = self._description
        faces = answer.transpose(0, 2, 3, 1) if description.layout == "nchw" and answer.ndim == 4 else answer
        if faces.shape != shape:
            raise ModelError(
                f"{self._path}: the network answered with shape {answer.shape}"
                f" for {shape[0]} faces of {shape[1]} pixels"
            )
        ordered = faces[..., ::-1] if description.channel_order == "bgr" else faces
        low, span = np.float32(description.low), np.float32(description.high - description.low)
        values: FloatArray = np.clip((ordered.astype(np.float32) - low) / span, 0, 1)
        return values

    def _as_map(self, answer: AnyArray, shape: tuple[int, ...]) -> FloatArray:
        channel_axis = 3 if self._description.layout == "nhwc" else 1
        flat = answer.squeeze(channel_axis) if answer.ndim == 4 and answer.shape[channel_axis] == 1 else answer
        if flat.shape != shape[:3]:
            raise ModelError(
                f"{self._path}: the network answered with a confidence of shape {answer.shape}"
                f" for {shape[0]} faces of {shape[1]} pixels"
            )
        return np.clip(flat.astype(np.float32), 0, 1)


def _find_description(path: Path, session: "onnxruntime.InferenceSession") -> NetworkDescription:
    found = find_description(path, session)
    if found is not None:
        return _with_name(found, path)
    presets = ", ".join(preset.name for preset in PRESETS)
    raise ModelError(
        f"{path}: nothing says what values this network takes:"
        f" name a preset ({presets}) or describe it in {path.with_suffix('.json').name}"
    )


def _with_name(description: NetworkDescription, path: Path) -> NetworkDescription:
    """Named after its file where the description leaves the name out."""
    if description.name != NetworkDescription.name:
        return description
    return dataclasses.replace(description, name=path.stem)
