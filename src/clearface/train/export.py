"""Trained weights to ONNX: `python -m clearface.train.export averaged.safetensors -o restorer.onnx`."""

import argparse
from pathlib import Path

import numpy as np
import onnx
import torch
from safetensors.torch import load_file

from clearface.nets.unet import RestorationUNet
from clearface.restorers.network_description import NetworkDescription, write_description
from clearface.sessions import open_session

LARGEST_DIFFERENCE = 1e-4
"""How far ONNX Runtime may be from PyTorch, brightness running from 0 to 1."""

_SIZES = ((1, 128, 128), (2, 96, 160), (1, 256, 256))


class _Clamped(torch.nn.Module):
    def __init__(self, network: torch.nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, face: torch.Tensor) -> torch.Tensor:
        restored: torch.Tensor = self.network(face)
        return restored.clamp(0, 1)


def export_unet(weights: Path, output: Path, card: str) -> float:
    """Writes a network of free batch and size, with its description and model card inside; checks it against PyTorch.

    Returns the greatest difference seen, brightness running from 0 to 1. Raises RuntimeError beyond `LARGEST_DIFFERENCE`.
    """
    network = RestorationUNet()
    network.load_state_dict(load_file(weights))
    clamped = _Clamped(network).eval()
    axes = {0: "batch", 2: "height", 3: "width"}
    torch.onnx.export(
        clamped,
        (torch.zeros(2, 3, 128, 128),),
        str(output),
        input_names=["face"],
        output_names=["restored"],
        dynamic_axes={"face": axes, "restored": axes},
        opset_version=17,
        dynamo=False,
    )
    model = onnx.load(output)
    description = NetworkDescription(
        name="unet", stride=16, low=0.0, high=1.0, input_name="face", output_name="restored"
    )
    onnx.helper.set_model_props(model, {"clearface": write_description(description), "card": card})
    onnx.checker.check_model(model)
    onnx.save(model, output)
    return _compare(clamped, output)


def _compare(network: torch.nn.Module, path: Path) -> float:
    session = open_session(path)
    generator = np.random.default_rng(0)
    worst = 0.0
    for count, height, width in _SIZES:
        face = generator.random((count, 3, height, width), dtype=np.float32)
        with torch.no_grad():
            expected = network(torch.from_numpy(face)).numpy()
        worst = max(worst, float(np.abs(session.run(None, {"face": face})[0] - expected).max()))
    if worst > LARGEST_DIFFERENCE:
        raise RuntimeError(f"the exported network is off by {worst:.2e}")
    return worst


def main() -> None:
    parser = argparse.ArgumentParser(description="Exports the small restoration U-Net to ONNX.")
    parser.add_argument("weights", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--card", type=Path, required=True, help="the model card, Markdown, stored inside")
    arguments = parser.parse_args()
    difference = export_unet(arguments.weights, arguments.output, arguments.card.read_text(encoding="utf-8"))
    print(f"{arguments.output}: {arguments.output.stat().st_size} bytes, off PyTorch by {difference:.1e} at most")


if __name__ == "__main__":
    main()
