"""The embedders by name. Nothing heavy is imported before one is built."""

from dataclasses import dataclass
from pathlib import Path

from clearface.embedders.base import Embedder
from clearface.errors import UsageError
from clearface.registry import RegistryEntry, build_by_name

DEFAULT_EMBEDDER = "fusion"
"""What is used unless another is asked for."""


@dataclass(frozen=True)
class EmbedderOptions:
    """Everything an embedder can be told; None leaves it to the embedder."""

    model: Path | None = None
    """A network file of one's own, or that of a fitted model."""

    preset: str | None = None
    """What kind of network that is: one of `clearface.embedders.presets.PRESETS`."""


EmbedderEntry = RegistryEntry[EmbedderOptions, Embedder]
"""One embedder as it is listed."""


def build_embedder(name: str, options: EmbedderOptions | None = None) -> Embedder:
    """The embedder of that name.

    Raises UsageError for an unknown name or an option the embedder does not use, ModelError for a network or model that does not
    load, DependencyError where a package is missing.
    """
    return build_by_name("embedder", EMBEDDERS, name, options or EmbedderOptions())


def _build_fusion(options: EmbedderOptions) -> Embedder:
    from clearface.embedders.fusion import FusionEmbedder

    return FusionEmbedder(options.model)


def _build_dlib(_: EmbedderOptions) -> Embedder:
    from clearface.embedders.dlib_resnet import DlibResNet

    return DlibResNet()


def _build_onnx(options: EmbedderOptions) -> Embedder:
    from clearface.embedders.onnx_embedder import OnnxEmbedder
    from clearface.embedders.presets import find_preset

    if options.model is None:
        raise UsageError("the embedder onnx needs a model: the path of an ONNX file")
    return OnnxEmbedder(options.model, None if options.preset is None else find_preset(options.preset))


def _build_eigenfaces(options: EmbedderOptions) -> Embedder:
    return _build_fitted("eigenfaces", options)


def _build_fisherfaces(options: EmbedderOptions) -> Embedder:
    return _build_fitted("fisherfaces", options)


def _build_lpp(options: EmbedderOptions) -> Embedder:
    return _build_fitted("lpp", options)


def _build_fitted(kind: str, options: EmbedderOptions) -> Embedder:
    from clearface.embedders.fitted import FittedEmbedder, FittedKind

    if options.model is None:
        raise UsageError(f"the embedder {kind} needs a model: the path of the file it was fitted into")
    return FittedEmbedder(options.model, FittedKind(kind))


def _build_lbp(_: EmbedderOptions) -> Embedder:
    from clearface.embedders.lbp import LbpEmbedder

    return LbpEmbedder()


EMBEDDERS: tuple[EmbedderEntry, ...] = (
    EmbedderEntry("fusion", "clearface's own network, taught to see through blur", ("model",), _build_fusion),
    EmbedderEntry("dlib", 'dlib\'s ResNet; needs pip install "clearface[dlib]"', (), _build_dlib),
    EmbedderEntry(
        "onnx", "any network in an ONNX file that takes faces as ArcFace does", ("model", "preset"), _build_onnx
    ),
    EmbedderEntry("eigenfaces", "principal components, fitted on photos of one's own", ("model",), _build_eigenfaces),
    EmbedderEntry("fisherfaces", "linear discriminants, fitted on photos of one's own", ("model",), _build_fisherfaces),
    EmbedderEntry("lpp", "locality preserving projections, fitted on photos of one's own", ("model",), _build_lpp),
    EmbedderEntry("lbp", "histograms of local binary patterns; nothing is learned", (), _build_lbp),
)
"""In the order they are listed."""
