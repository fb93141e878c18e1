"""A network as an ONNX file, with its settings and its model card inside, checked against PyTorch."""

import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import torch
from torch import nn

from clearface.errors import ModelError
from clearface.sessions import METADATA_KEY, open_session

LARGEST_DIFFERENCE = 1e-4
"""How far ONNX Runtime may be from PyTorch, brightness and probabilities running from 0 to 1."""

CARD_KEY = "card"
"""Where a file's metadata has the model card."""

_OPSET = 17
_SIZES = ((1, 128, 128), (3, 96, 96), (2, 112, 160), (1, 256, 256))
"""Count, height and width of the pictures the two are compared on."""


@dataclass(frozen=True)
class ExportedNetwork:
    """A file that was written."""

    path: Path
    difference: float
    """The greatest seen between ONNX Runtime and PyTorch."""


@dataclass(frozen=True)
class ExportedGraph:
    """One file to be."""

    file: str
    network: nn.Module
    inputs: dict[str, tuple[int, ...]]
    """By name, an example's shape after the count; where it ends in two zeros, height and width are free."""

    outputs: dict[str, bool]
    """By name, whether height and width are free."""

    settings: str | None
    """What the one who runs it must know of it, as JSON; None where that is nothing."""

    card: str


def exported(graph: ExportedGraph) -> tuple[bytes, float]:
    """The file, and the greatest difference seen between ONNX Runtime and PyTorch. Raises ModelError where that is too much."""
    network = graph.network.eval()
    axes = {
        name: {0: "batch"} | ({2: "height", 3: "width"} if shape[-1] == 0 else {})
        for name, shape in graph.inputs.items()
    }
    axes |= {name: {0: "batch"} | ({2: "height", 3: "width"} if free else {}) for name, free in graph.outputs.items()}
    with tempfile.TemporaryDirectory(prefix="clearface-") as folder:
        path = Path(folder) / graph.file
        with warnings.catch_warnings():
            # PyTorch warns that this exporter is its older one; the newer needs packages that bring nothing else.
            warnings.simplefilter("ignore", DeprecationWarning)
            torch.onnx.export(
                network,
                tuple(torch.zeros(2, *_sized(shape, 128, 128)) for shape in graph.inputs.values()),
                str(path),
                input_names=list(graph.inputs),
                output_names=list(graph.outputs),
                dynamic_axes=axes,
                opset_version=_OPSET,
                dynamo=False,
            )
        model = onnx.load(path)
        told = {} if graph.settings is None else {METADATA_KEY: graph.settings}
        onnx.helper.set_model_props(model, told | {CARD_KEY: graph.card})
        onnx.checker.check_model(model)
        data: bytes = model.SerializeToString()
        path.write_bytes(data)
        return data, _compare(graph, path)


def _compare(graph: ExportedGraph, path: Path) -> float:
    """Raises ModelError where the two are further apart than they may be."""
    session = open_session(path)
    generator = np.random.default_rng(0)
    worst = 0.0
    for count, height, width in _SIZES:
        feed = {
            name: generator.random((count, *_sized(shape, height, width)), dtype=np.float32)
            for name, shape in graph.inputs.items()
        }
        with torch.no_grad():
            expected = graph.network(*(torch.from_numpy(values) for values in feed.values()))
        answers = session.run(list(graph.outputs), feed)
        for ours, theirs in zip(expected if isinstance(expected, tuple) else (expected,), answers, strict=True):
            worst = max(worst, float(np.abs(ours.numpy() - theirs).max()))
    if not worst <= LARGEST_DIFFERENCE:  # so that NaN is refused too
        raise ModelError(f"{graph.file}: ONNX Runtime differs from PyTorch by {worst:.1e}, so nothing was written")
    return worst


def _sized(shape: tuple[int, ...], height: int, width: int) -> tuple[int, ...]:
    return (*shape[:-2], height, width) if shape[-1] == 0 else shape
