"""YuNet (Wu, Peng, Yu 2023), run by OpenCV, on a network file of the user's own."""

from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from clearface.arrays import ByteImage
from clearface.detectors.scales import ScalePyramid, search_at_scales
from clearface.detectors.suppression import merge_duplicates
from clearface.errors import ModelError
from clearface.faces import Box, Face

_PROBE_SIDE = 64
_MOST_CANDIDATES = 5000


@dataclass(frozen=True)
class YuNetOptions:
    """How YuNet searches a picture."""

    threshold: float = 0.6
    """Least score, in (0, 1], at which something counts as a face. OpenCV's own default of 0.9 is meant for sharp faces."""

    pyramid: ScalePyramid = field(default_factory=ScalePyramid)
    """The sizes at which the picture is searched; at one size, YuNet finds faces of about 10 to 300 pixels."""


class YuNet:
    """`cv2.FaceDetectorYN` on a network file from the OpenCV model zoo: `face_detection_yunet_2023mar.onnx` or later.

    Raises ModelError where the file is missing or no YuNet network.
    """

    name = "yunet"

    def __init__(self, model: Path, options: YuNetOptions | None = None) -> None:
        self.options = options or YuNetOptions()
        if not model.is_file():
            raise ModelError(f"{model}: there is no such network file")
        try:
            self._detector = _open(model.read_bytes(), self.options.threshold)
        except (cv2.error, OSError) as error:
            reason = (
                str(error.err if isinstance(error, cv2.error) else error.strerror)
                .strip("> \n")
                .partition(" (expected")[0]
            )
            raise ModelError(f"{model}: not a YuNet network that OpenCV can run ({reason})") from error

    def detect(self, image: ByteImage) -> list[Face]:
        """Every face in an RGB uint8 `(H, W, 3)` picture, most certain first; time and memory are bounded for any size."""
        return merge_duplicates(search_at_scales(image, self._search, self.options.pyramid))

    def _search(self, picture: ByteImage) -> list[Face]:
        self._detector.setInputSize((picture.shape[1], picture.shape[0]))
        _, rows = self._detector.detect(cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
        return [] if rows is None else [_face(row.astype(np.float64)) for row in rows]


def _open(network: bytes, threshold: float) -> cv2.FaceDetectorYN:
    """Loads a network and tries it on an empty picture, for OpenCV finds out only then whether it is a YuNet."""
    side = (_PROBE_SIDE, _PROBE_SIDE)
    level = cv2.utils.logging.getLogLevel()
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)  # its complaints are told by the exception
    try:
        weights, no_configuration = np.frombuffer(network, np.uint8), np.empty(0, np.uint8)
        detector = cv2.FaceDetectorYN.create("onnx", weights, no_configuration, side, threshold)
        detector.setTopK(_MOST_CANDIDATES)
        detector.detect(np.zeros((*side, 3), np.uint8))
    finally:
        cv2.utils.logging.setLogLevel(level)
    return detector


def _face(row: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Face:
    """From left, top, width, height, five points and the score. The first eye is the person's right: the left one as seen."""
    left, top, width, height = (float(value) for value in row[:4])
    return Face(Box(left, top, left + width, top + height), float(row[14]), row[4:14].reshape(5, 2))
