"""Multiplications and parameters of a network, counted in its ONNX file."""

import math
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from clearface.sessions import open_session, run_session

if TYPE_CHECKING:
    from onnx import GraphProto, ModelProto, NodeProto

_COUNTED = ("Conv", "ConvTranspose", "Gemm", "MatMul")

_COUNTLESS = frozenset(
    {
        "Attention",
        "ConvInteger",
        "DeformConv",
        "Einsum",
        "GRU",
        "If",
        "LSTM",
        "Loop",
        "MatMulInteger",
        "QLinearConv",
        "QLinearMatMul",
        "RNN",
        "Scan",
    }
)
"""What multiplies too, in ways that are not counted here."""

_SHAPE_OF = "clearface-shape-of-"


@dataclass(frozen=True)
class NetworkCount:
    """What one run of a network takes, and what it holds."""

    multiplications: int | None
    """Multiply-accumulates of its convolutions and matrix products; None where it has layers that are not counted."""

    parameters: int
    """Floating-point numbers that the file holds: weights, biases, and what norms have learned."""


def count_network(path: Path, inputs: Mapping[str, tuple[int, ...]]) -> NetworkCount:
    """Counts an ONNX file for inputs of these shapes, by their names.

    The shapes in between are those of a run on zeros: in networks of free size they are often worked out on the way, where
    inference from the file alone gives up. A convolution of weights `(out, in / groups, ...)` takes the numbers of its answer
    times in / groups times the taps, a transposed one the numbers of its input times out / groups times the taps, a matrix
    product those of its answer times the length that is summed over. Biases, norms, activations and resizing are not counted.

    Raises ModelError where the file is missing, no network, or fails on such inputs.
    """
    import onnx

    open_session(path)  # says what is wrong with the file
    model = onnx.load(path)
    counted = [node for node in model.graph.node if node.op_type in _COUNTED]
    parameters = _parameters(model.graph, counted)
    if any(node.op_type in _COUNTLESS or node.domain not in ("", "ai.onnx") for node in model.graph.node):
        return NetworkCount(None, parameters)
    shapes = _shapes(model, counted, inputs, path)
    return NetworkCount(sum(_multiplications(node, shapes) for node in counted), parameters)


def _parameters(graph: "GraphProto", counted: Sequence["NodeProto"]) -> int:
    """Initializers, and the constants that some exporters write for weights and biases instead."""
    from onnx import TensorProto

    weights = {name for node in counted for name in node.input}
    tensors = list(graph.initializer)
    for node in graph.node:
        if node.op_type == "Constant" and node.output[0] in weights:
            tensors += [attribute.t for attribute in node.attribute if attribute.name == "value"]
    floating = (TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.DOUBLE, TensorProto.BFLOAT16)
    return sum(math.prod(tensor.dims) for tensor in tensors if tensor.data_type in floating)


def _shapes(
    model: "ModelProto", nodes: Sequence["NodeProto"], inputs: Mapping[str, tuple[int, ...]], path: Path
) -> dict[str, tuple[int, ...]]:
    """Of what goes into and comes out of some nodes, by its name."""
    import onnx
    from onnx import TensorProto, helper

    names = sorted({name for node in nodes for name in (*node.input[:2], node.output[0])})
    types = {
        value.name: helper.tensor_dtype_to_np_dtype(value.type.tensor_type.elem_type) for value in model.graph.input
    }
    if not names:
        return {}
    for name in names:
        model.graph.node.append(helper.make_node("Shape", [name], [_SHAPE_OF + name]))
        model.graph.output.append(helper.make_tensor_value_info(_SHAPE_OF + name, TensorProto.INT64, None))
    feed = {name: np.zeros(shape, types.get(name)) for name, shape in inputs.items()}
    with tempfile.TemporaryDirectory(prefix="clearface-") as folder:
        telling = Path(folder, path.name)
        onnx.save(model, telling)
        answers = run_session(open_session(telling), path, [_SHAPE_OF + name for name in names], feed)
    return {name: tuple(answer.tolist()) for name, answer in zip(names, answers, strict=True)}


def _multiplications(node: "NodeProto", shapes: Mapping[str, tuple[int, ...]]) -> int:
    first, second, answer = (shapes[name] for name in (*node.input[:2], node.output[0]))
    if node.op_type == "Conv":
        return math.prod(answer) * math.prod(second[1:])
    if node.op_type == "ConvTranspose":
        return math.prod(first) * math.prod(second[1:])
    turned = any(attribute.name == "transA" and attribute.i for attribute in node.attribute)
    return math.prod(answer) * first[0 if turned else -1]
