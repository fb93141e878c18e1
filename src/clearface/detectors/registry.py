"""The detectors by name. Nothing heavy is imported before one is built."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from clearface.detectors.base import Detector
from clearface.errors import UsageError
from clearface.registry import RegistryEntry, build_by_name

if TYPE_CHECKING:
    from clearface.detectors.scales import ScalePyramid


@dataclass(frozen=True)
class DetectorOptions:
    """Everything a detector can be told; None leaves it to the detector."""

    threshold: float | None = None
    """Least score, in (0, 1], at which something counts as a face."""

    model: Path | None = None
    """A network file of one's own."""

    pyramid: "ScalePyramid | None" = None
    """The sizes at which a picture is searched."""


GivenT = TypeVar("GivenT")

DetectorEntry = RegistryEntry[DetectorOptions, Detector]
"""One detector as it is listed."""


def build_detector(name: str, options: DetectorOptions | None = None) -> Detector:
    """The detector of that name.

    Raises UsageError for an unknown name, an option the detector does not use or a threshold outside (0, 1], ModelError for a
    network that does not load, DependencyError where a package is missing.
    """
    given = options or DetectorOptions()
    if given.threshold is not None:
        check_threshold(given.threshold)
    return build_by_name("detector", DETECTORS, name, given)


def check_threshold(threshold: float) -> None:
    """Raises UsageError outside (0, 1]."""
    if not 0 < threshold <= 1:
        raise UsageError(f"the threshold of a detector lies above 0 and at most at 1, not at {threshold}")


def _or(given: GivenT | None, usual: GivenT) -> GivenT:
    return usual if given is None else given


def _build_centerface(options: DetectorOptions) -> Detector:
    from clearface.detectors.centerface import CenterFace, CenterFaceOptions

    usual = CenterFaceOptions()
    return CenterFace(
        CenterFaceOptions(_or(options.threshold, usual.threshold), _or(options.pyramid, usual.pyramid)), options.model
    )


def _build_mtcnn(options: DetectorOptions) -> Detector:
    from clearface.detectors.mtcnn import Mtcnn, MtcnnOptions

    return Mtcnn(MtcnnOptions() if options.threshold is None else MtcnnOptions(options.threshold))


def _build_yunet(options: DetectorOptions) -> Detector:
    from clearface.detectors.yunet import YuNet, YuNetOptions

    if options.model is None:
        raise UsageError("the detector yunet needs a model: the path of a YuNet ONNX file from the OpenCV model zoo")
    usual = YuNetOptions()
    chosen = YuNetOptions(_or(options.threshold, usual.threshold), _or(options.pyramid, usual.pyramid))
    return YuNet(options.model, chosen)


DETECTORS: tuple[DetectorEntry, ...] = (
    DetectorEntry(
        "centerface",
        "CenterFace, which ships with clearface (the default)",
        ("threshold", "model", "pyramid"),
        _build_centerface,
    ),
    DetectorEntry(
        "mtcnn",
        'MTCNN on TensorFlow; needs pip install "clearface[mtcnn]"',
        ("threshold",),
        _build_mtcnn,
    ),
    DetectorEntry(
        "yunet",
        "YuNet, run by OpenCV on a network file of your own",
        ("threshold", "model", "pyramid"),
        _build_yunet,
    ),
)
"""In the order they are listed; the first is the default."""
