"""The network that ships with clearface."""

from pathlib import Path

from clearface.restorers.onnx_network import OnnxNetwork
from clearface.weights import weight_path


def default_restorer(path: Path | None = None) -> OnnxNetwork:
    """The shipped U-Net, or another network that carries its own description.

    Raises ModelError where the file is missing or damaged.
    """
    return OnnxNetwork(path or weight_path("restorer.onnx"))
