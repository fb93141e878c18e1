"""Small ONNX embedders of the signatures in circulation."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

Dimension = int | str


@dataclass(frozen=True)
class TinyEmbedder:
    """A network whose embedding is the mean of each channel, and of the left and the upper half of the first."""

    shape: tuple[Dimension, ...] = ("batch", 3, 112, 112)
    number_type: int = TensorProto.FLOAT
    gain: float = 1.0
    flat: bool = False
    """Whether it answers with one number for each face and dimension, or with a map."""

    def save(self, path: Path) -> Path:
        """Writes the network and hands back where."""
        floating = helper.tensor_dtype_to_np_dtype(self.number_type)
        last = "input"
        nodes = []
        if self.shape[1] != 3:
            nodes.append(helper.make_node("Transpose", [last], ["nchw"], perm=[0, 3, 1, 2]))
            last = "nchw"
        nodes += [
            helper.make_node("Slice", [last, "zero", "half", "columns"], ["left"]),
            helper.make_node("Slice", [last, "zero", "half", "rows"], ["upper"]),
            helper.make_node("ReduceMean", [last], ["means"], axes=[2, 3], keepdims=0),
            helper.make_node("ReduceMean", ["left"], ["left_means"], axes=[2, 3], keepdims=0),
            helper.make_node("ReduceMean", ["upper"], ["upper_means"], axes=[2, 3], keepdims=0),
            helper.make_node("Concat", ["means", "left_means", "upper_means"], ["all"], axis=1),
            helper.make_node("Mul", ["all", "gain"], ["scaled"]),
        ]
        if self.flat:
            nodes.append(helper.make_node("ReduceMean", ["scaled"], ["output"], axes=[1], keepdims=0))
        else:
            nodes.append(helper.make_node("Identity", ["scaled"], ["output"]))
        constants: dict[str, np.ndarray] = {
            "zero": np.array([0]),
            "half": np.array([56]),
            "rows": np.array([2]),
            "columns": np.array([3]),
            "gain": np.array(self.gain, floating),
        }
        graph = helper.make_graph(
            nodes,
            "tiny",
            [helper.make_tensor_value_info("input", self.number_type, self.shape)],
            [helper.make_tensor_value_info("output", self.number_type, None)],
            [numpy_helper.from_array(value, name) for name, value in constants.items()],
        )
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
        return path


@pytest.fixture
def tiny_embedder() -> Callable[..., TinyEmbedder]:
    """The maker of small embedders."""
    return TinyEmbedder
