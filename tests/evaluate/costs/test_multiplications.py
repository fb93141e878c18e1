"""Counts from ONNX files against PyTorch's own counter of operations, the project's, and formulas."""

import warnings
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from clearface.errors import ModelError
from clearface.evaluate.costs.multiplications import NetworkCount, count_network
from clearface.nets.costs import count_multiplications
from clearface.nets.deblurring_unet import DeblurringUNet
from clearface.nets.kernel_estimator import KernelEstimator
from clearface.nets.mask_generator import MaskGenerator
from clearface.restorers.smfd.description import FAITHFUL_FILE, KERNEL_FILE, READER_FILE
from clearface.weights import weight_path


class Mixture(nn.Module):
    """Every kind of layer that is counted, with strides, groups and dilation."""

    def __init__(self) -> None:
        super().__init__()
        self.enter = nn.Conv2d(3, 8, 5, stride=2, padding=2)
        self.apart = nn.Conv2d(8, 8, 3, padding=2, dilation=2, groups=4)
        self.norm = nn.BatchNorm2d(8)
        self.enlarge = nn.ConvTranspose2d(8, 6, 4, stride=2, padding=1, groups=2)
        self.last = nn.Linear(6, 5)

    def forward(self, face: Tensor) -> Tensor:
        features: Tensor = self.enlarge(self.norm(self.apart(self.enter(face))).relu())
        rows = features.flatten(2)
        mixed = rows @ rows.transpose(1, 2)
        return self.last(mixed.mean(1))  # type: ignore[no-any-return]


def export(network: nn.Module, path: Path, side: int, free: bool) -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's own
        torch.onnx.export(
            network.eval(),
            (torch.zeros(1, 3, side, side),),
            str(path),
            input_names=["face"],
            output_names=["answer"],
            dynamic_axes={"face": {0: "batch", 2: "height", 3: "width"}} if free else None,
            dynamo=False,
        )
    return path


@pytest.mark.parametrize(("side", "count"), [(32, 1), (48, 2)])
def test_every_kind_of_layer_is_counted_as_pytorch_does(side: int, count: int, tmp_path: Path) -> None:
    network = Mixture()
    path = export(network, tmp_path / "net.onnx", 32, free=True)
    faces = torch.zeros(count, 3, side, side)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        network.eval()(faces)
    found = count_network(path, {"face": tuple(faces.shape)})
    # PyTorch counts a multiplication and an addition.
    assert found.multiplications == counter.get_total_flops() // 2


def test_parameters_are_those_of_the_layers(tmp_path: Path) -> None:
    """A norm that follows a convolution is folded into it, so that there is none here."""
    network = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.ConvTranspose2d(8, 4, 2), nn.Flatten(), nn.Linear(900, 2))
    path = export(network, tmp_path / "net.onnx", 16, free=False)
    found = count_network(path, {"face": (1, 3, 16, 16)})
    assert found.parameters == sum(parameter.numel() for parameter in network.parameters())


@pytest.mark.parametrize(
    ("file", "network", "inputs"),
    [
        (READER_FILE, MaskGenerator, {"face": (1, 3, 160, 160)}),
        (KERNEL_FILE, KernelEstimator, {"evidence": (1, 5, 37, 37)}),
        (FAITHFUL_FILE, DeblurringUNet, {"candidates": (1, 15, 128, 128), "masks": (1, 11, 128, 128)}),
    ],
)
def test_the_shipped_networks_are_counted_as_their_twins_in_pytorch(
    file: str, network: type[nn.Module], inputs: dict[str, tuple[int, ...]]
) -> None:
    twin = network()
    assert count_network(weight_path(file), inputs) == NetworkCount(
        count_multiplications(twin, *(torch.zeros(shape) for shape in inputs.values())),
        sum(parameter.numel() for parameter in twin.parameters()),
    )


def save(path: Path, nodes: list[onnx.NodeProto], weights: dict[str, np.ndarray], shape: tuple[int, ...]) -> Path:
    """A network of one input "face" and one output "answer"."""
    graph = helper.make_graph(
        nodes,
        "made",
        [helper.make_tensor_value_info("face", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("answer", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(value.astype(np.float32), name) for name, value in weights.items()],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return path


def test_a_turned_product_sums_over_its_first_axis(tmp_path: Path) -> None:
    node = helper.make_node("Gemm", ["face", "weights"], ["answer"], transA=1)
    path = save(tmp_path / "net.onnx", [node], {"weights": np.zeros((7, 5))}, (7, 3))
    assert count_network(path, {"face": (7, 3)}) == NetworkCount(3 * 5 * 7, 35)


def test_weights_written_as_constants_are_parameters(tmp_path: Path) -> None:
    weights = numpy_helper.from_array(np.zeros((4, 3, 3, 3), np.float32))
    nodes = [
        helper.make_node("Constant", [], ["weights"], value=weights),
        helper.make_node("Constant", [], ["half"], value=numpy_helper.from_array(np.array([0.5], np.float32))),
        helper.make_node("Conv", ["face", "weights"], ["folded"]),
        helper.make_node("Mul", ["folded", "half"], ["answer"]),
    ]
    path = save(tmp_path / "net.onnx", nodes, {}, (1, 3, 10, 12))
    assert count_network(path, {"face": (1, 3, 10, 12)}) == NetworkCount(8 * 10 * 4 * 27, 108)


def test_a_network_with_layers_that_are_not_counted_has_no_count(tmp_path: Path) -> None:
    node = helper.make_node("Einsum", ["face", "weights"], ["answer"], equation="ij,jk->ik")
    path = save(tmp_path / "net.onnx", [node], {"weights": np.zeros((3, 2))}, (4, 3))
    assert count_network(path, {"face": (4, 3)}) == NetworkCount(None, 6)


def test_a_network_without_products_takes_none(tmp_path: Path) -> None:
    path = save(tmp_path / "net.onnx", [helper.make_node("Identity", ["face"], ["answer"])], {}, (4, 3))
    assert count_network(path, {"face": (4, 3)}) == NetworkCount(0, 0)


def test_what_cannot_be_run_is_said(tmp_path: Path) -> None:
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"no network")
    for path, inputs, said in (
        (tmp_path / "no.onnx", {"face": (1,)}, r"no.onnx: there is no such network file"),
        (broken, {"face": (1,)}, r"broken.onnx: not an ONNX network"),
        (weight_path(READER_FILE), {"phase": (1, 3, 32, 32)}, r"smfd-reader.onnx: the network failed"),
    ):
        with pytest.raises(ModelError, match=said):
            count_network(path, inputs)
