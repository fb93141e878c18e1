"""Tiny ONNX networks with the signatures of those in circulation."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

Dimension = int | str | None


@dataclass(frozen=True)
class TinyNetwork:
    """A network that scales what it is fed, and nothing else: what comes back tells how it was fed."""

    shape: tuple[Dimension, ...] = ("batch", 3, "height", "width")
    output_shape: tuple[Dimension, ...] | None = None
    """The declared one; as the input's without."""

    input_name: str = "input"
    output_name: str = "output"
    number_type: int = TensorProto.FLOAT
    gains: tuple[float, float, float] = (1.0, 1.0, 1.0)
    """What the channels are multiplied with, in the network's own order."""

    offset: float = 0.0
    weight_name: str | None = None
    """Of an input whose value is added, halved, to every pixel."""

    weight_type: int = TensorProto.DOUBLE
    weight_shape: tuple[Dimension, ...] = (1,)
    confidence_name: str | None = None
    """Of an output with the mean over the channels, `(N, 1, H, W)`."""

    crop: bool = False
    """Whether the last row is lost."""

    blocks: bool = False
    """Whether it only runs where the number of pixels is a multiple of 256."""

    metadata: dict[str, object] | None = field(default=None)

    def save(self, path: Path) -> Path:
        """Writes the network and hands back where."""
        nchw = self.shape[1] == 3
        gain_shape = (1, 3, 1, 1) if nchw else (1, 1, 1, 3)
        floating = helper.tensor_dtype_to_np_dtype(self.number_type)
        constants = {
            "gains": np.array(self.gains, floating).reshape(gain_shape),
            "offset": np.array(self.offset, floating),
            "half": np.array(0.5, floating),
            "last": np.array([-1]),
            "first": np.array([0]),
            "rows": np.array([2]),
            "block": np.array([0, 3, -1, 256]),
        }
        inputs = [helper.make_tensor_value_info(self.input_name, self.number_type, self.shape)]
        outputs = [helper.make_tensor_value_info(self.output_name, self.number_type, self.output_shape or self.shape)]
        nodes = [
            helper.make_node("Mul", [self.input_name, "gains"], ["scaled"]),
            helper.make_node("Add", ["scaled", "offset"], ["moved"]),
        ]
        last = "moved"
        if self.blocks:
            nodes += [
                helper.make_node("Shape", [last], ["whole"]),
                helper.make_node("Reshape", [last, "block"], ["in_blocks"]),
                helper.make_node("Reshape", ["in_blocks", "whole"], ["put_together"]),
            ]
            last = "put_together"
        if self.weight_name is not None:
            inputs.append(helper.make_tensor_value_info(self.weight_name, self.weight_type, self.weight_shape))
            nodes += [
                helper.make_node("Cast", [self.weight_name], ["as_float"], to=self.number_type),
                helper.make_node("Mul", ["as_float", "half"], ["halved"]),
                helper.make_node("Add", [last, "halved"], ["weighted"]),
            ]
            last = "weighted"
        if self.confidence_name is not None:
            outputs.append(helper.make_tensor_value_info(self.confidence_name, self.number_type, None))
            nodes.append(helper.make_node("ReduceMean", [last], [self.confidence_name], axes=[1], keepdims=1))
        if self.crop:
            nodes.append(helper.make_node("Slice", [last, "first", "last", "rows"], [self.output_name]))
        else:
            nodes.append(helper.make_node("Identity", [last], [self.output_name]))
        used = {name for node in nodes for name in node.input}
        tensors = [numpy_helper.from_array(value, name) for name, value in constants.items() if name in used]
        graph = helper.make_graph(nodes, "tiny", inputs, outputs, tensors)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        if self.metadata is not None:
            helper.set_model_props(model, {"clearface": json.dumps(self.metadata)})
        onnx.save(model, path)
        return path


@pytest.fixture
def tiny_network() -> Callable[..., TinyNetwork]:
    """The maker of tiny networks."""
    return TinyNetwork
