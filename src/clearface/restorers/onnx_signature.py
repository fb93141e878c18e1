"""Which input and output of an ONNX network is what."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from clearface.arrays import AnyArray
from clearface.errors import ModelError
from clearface.restorers.network_description import NetworkDescription
from clearface.suggestions import did_you_mean

if TYPE_CHECKING:
    import onnxruntime

_FLOATS: dict[str, type[np.floating]] = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(double)": np.float64,
}


@dataclass(frozen=True)
class WeightInput:
    """The input that takes how faithful to stay."""

    name: str
    number_type: type[np.floating]
    shape: tuple[int | str | None, ...]
    """As declared: `()`, `(1,)`, or one with names for lengths left open."""

    def filled(self, weight: float, batch_symbol: int | str | None, batch: int) -> AnyArray:
        """The weight in the shape and type the network wants; a length named as that of the batch follows the batch."""
        lengths = [
            length if isinstance(length, int) else batch if length is not None and length == batch_symbol else 1
            for length in self.shape
        ]
        return np.full(lengths, weight, dtype=self.number_type)


@dataclass(frozen=True)
class Signature:
    """The names, types and sizes a network is run by."""

    face_input: str
    face_type: type[np.floating]
    batch: int | str | None
    """Length of the batch: fixed, or named, or open."""

    size: int | None
    """Side of the square, None where any multiple of the stride will do."""

    weight_input: WeightInput | None
    outputs: tuple[str, ...]
    """The faces, then the confidence where there is one."""


def read_signature(session: "onnxruntime.InferenceSession", description: NetworkDescription, path: Path) -> Signature:
    """What a network declares, held against its description. Raises ModelError where they disagree."""
    inputs, outputs = session.get_inputs(), session.get_outputs()
    face = _face_input(inputs, description, path)
    channels, height, width = _channels_and_sides(face.shape, description.layout)
    other_layout = "nchw" if description.layout == "nhwc" else "nhwc"
    if channels != 3 and _channels_and_sides(face.shape, other_layout)[0] == 3:
        raise ModelError(
            f'{path}: the channels of the input "{face.name}" lie elsewhere: its layout is "{other_layout}"'
        )
    if isinstance(channels, int) and channels != 3:
        raise ModelError(f'{path}: a face has 3 channels, and the input "{face.name}" takes {channels}')
    size = _size(height, width, description, path)
    output = _named(outputs, description.output_name, "output", path) if description.output_name else outputs[0]
    _check_output(output, description, size, path)
    names = [output.name]
    if description.confidence_output is not None:
        names.append(_named(outputs, description.confidence_output, "output", path).name)
    others = [node for node in inputs if node.name != face.name]
    return Signature(
        face.name,
        _FLOATS[face.type],
        face.shape[0],
        size,
        _weight_input(others, description, path),
        tuple(names),
    )


def _face_input(
    inputs: "list[onnxruntime.NodeArg]", description: NetworkDescription, path: Path
) -> "onnxruntime.NodeArg":
    if description.input_name is not None:
        face = _named(inputs, description.input_name, "input", path)
        if len(face.shape) != 4 or face.type not in _FLOATS:
            raise ModelError(f'{path}: the input "{face.name}" takes no batch of pictures: {_declared(face)}')
        return face
    pictures = [node for node in inputs if len(node.shape) == 4 and node.type in _FLOATS]
    if len(pictures) != 1:
        declared = ", ".join(f'"{node.name}" ({_declared(node)})' for node in inputs) or "none"
        raise ModelError(f"{path}: no face restorer, it wants one input of four dimensions; its inputs are {declared}")
    return pictures[0]


def _size(height: int | str | None, width: int | str | None, description: NetworkDescription, path: Path) -> int | None:
    fixed = {side for side in (height, width) if isinstance(side, int)}
    if len(fixed) > 1:
        raise ModelError(f"{path}: it takes faces of {width}x{height}, which are not square")
    if not fixed:
        return description.size
    size = fixed.pop()
    if description.size not in (None, size):
        raise ModelError(
            f"{path}: it takes faces of {size} pixels,"
            f' and "{description.name}" is described as taking {description.size}'
        )
    return size


def _check_output(output: "onnxruntime.NodeArg", description: NetworkDescription, size: int | None, path: Path) -> None:
    problem = ModelError(f'{path}: the output "{output.name}" is no picture as large as the face: {_declared(output)}')
    # A shape of no dimensions is one that was left out.
    if output.type not in _FLOATS or len(output.shape) not in (0, 4):
        raise problem
    if len(output.shape) == 4:
        channels, height, width = _channels_and_sides(output.shape, description.layout)
        if isinstance(channels, int) and channels != 3:
            raise problem
        if size is not None and any(isinstance(side, int) and side != size for side in (height, width)):
            raise problem


def _weight_input(
    others: "list[onnxruntime.NodeArg]", description: NetworkDescription, path: Path
) -> WeightInput | None:
    if description.weight_input is not None:
        chosen = _named(others, description.weight_input, "input", path)
    elif others:
        chosen = others[0]
    else:
        return None
    unknown = [node.name for node in others if node.name != chosen.name]
    if unknown:
        raise ModelError(f'{path}: nothing says what to feed into the input "{unknown[0]}"')
    if (
        chosen.type not in _FLOATS
        or len(chosen.shape) > 2
        or any(isinstance(length, int) and length != 1 for length in chosen.shape)
    ):
        raise ModelError(f'{path}: the input "{chosen.name}" takes no single weight: {_declared(chosen)}')
    return WeightInput(chosen.name, _FLOATS[chosen.type], tuple(chosen.shape))


def _named(nodes: "list[onnxruntime.NodeArg]", name: str, what: str, path: Path) -> "onnxruntime.NodeArg":
    for node in nodes:
        if node.name == name:
            return node
    raise ModelError(f'{path}: it has no {what} "{name}": {did_you_mean(name, [node.name for node in nodes])}')


def _channels_and_sides(
    shape: list[int | str | None], layout: str
) -> tuple[int | str | None, int | str | None, int | str | None]:
    if layout == "nhwc":
        return shape[3], shape[1], shape[2]
    return shape[1], shape[2], shape[3]


def _declared(node: "onnxruntime.NodeArg") -> str:
    lengths = " x ".join("?" if length is None else str(length) for length in node.shape) or "one number"
    return f"{node.type.removeprefix('tensor(').removesuffix(')')}, {lengths}"
