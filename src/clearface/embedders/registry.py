"""The embedders by name. Nothing heavy is imported before one is built."""

from dataclasses import dataclass
from pathlib import Path

from clearface.embedders.base import Embedder
from clearface.errors import UsageError
from clearface.registry import RegistryEntry, build_by_name


@dataclass(frozen=True)
class EmbedderOptions:
    """Everything an embedder can be told; None leaves it to the embedder."""

    model: Path | None = None
    """A network file of one's own."""


EmbedderEntry = RegistryEntry[EmbedderOptions, Embedder]
"""One embedder as it is listed."""


def build_embedder(name: str, options: EmbedderOptions | None = None) -> Embedder:
    """The embedder of that name.

    Raises UsageError for an unknown name or an option the embedder does not use, ModelError for a network that does not load,
    DependencyError where a package is missing.
    """
    return build_by_name("embedder", EMBEDDERS, name, options or EmbedderOptions())


def _build_dlib(_: EmbedderOptions) -> Embedder:
    from clearface.embedders.dlib_resnet import DlibResNet

    return DlibResNet()


def _build_onnx(options: EmbedderOptions) -> Embedder:
    from clearface.embedders.onnx_embedder import OnnxEmbedder

    if options.model is None:
        raise UsageError("the embedder onnx needs a model: the path of an ONNX file")
    return OnnxEmbedder(options.model)


EMBEDDERS: tuple[EmbedderEntry, ...] = (
    EmbedderEntry("dlib", 'dlib\'s ResNet; needs pip install "clearface[dlib]"', (), _build_dlib),
    EmbedderEntry("onnx", "any network in an ONNX file that takes faces as ArcFace does", ("model",), _build_onnx),
)
"""In the order they are listed."""
