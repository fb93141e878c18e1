"""MTCNN (Zhang, Zhang, Li, Qiao 2016): three networks in a row, by way of the `mtcnn` package on TensorFlow."""

import os
from dataclasses import dataclass, field

import numpy as np

from clearface.arrays import ByteImage
from clearface.detectors.scales import ScalePyramid, search_at_scales
from clearface.detectors.suppression import merge_duplicates
from clearface.errors import DependencyError
from clearface.faces import Box, Face

_TENSORFLOW_SETTINGS = {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0"}
"""Quiet, and the same sums in the same order each time."""

_LEAST_SIDE = 12


@dataclass(frozen=True)
class MtcnnOptions:
    """How MTCNN searches a picture."""

    threshold: float = 0.8
    """Least score of the last network, in (0, 1], at which something counts as a face."""

    smallest_face: int = 20
    """Side of the smallest face looked for, in pixels."""

    pyramid: ScalePyramid = field(
        default_factory=lambda: ScalePyramid(largest_enlargement=1.0, reduced_to=4_000_000, tile=1280, overlap=192)
    )
    """The sizes at which the picture is searched. MTCNN is slow and looks at many scales by itself, so that here the photo is
    not enlarged, and reduced sooner."""


class Mtcnn:
    """The `mtcnn` package with the weights it brings along, which it reads by way of joblib, and so of pickle.

    Raises DependencyError where the package or TensorFlow is missing.
    """

    name = "mtcnn"

    def __init__(self, options: MtcnnOptions | None = None) -> None:
        self.options = options or MtcnnOptions()
        for variable, value in _TENSORFLOW_SETTINGS.items():  # TensorFlow reads them once, as it is imported
            os.environ.setdefault(variable, value)
        try:
            from mtcnn import MTCNN
        except ImportError as error:
            raise DependencyError('the detector "mtcnn" needs a package: pip install "clearface[mtcnn]"') from error
        self._network = MTCNN(device="CPU:0")

    def detect(self, image: ByteImage) -> list[Face]:
        """Every face in an RGB uint8 `(H, W, 3)` picture, most certain first; time and memory are bounded for any size."""
        return merge_duplicates(search_at_scales(image, self._search, self.options.pyramid))

    def _search(self, picture: ByteImage) -> list[Face]:
        if min(picture.shape[:2]) < _LEAST_SIDE:  # less than one window of the first network
            return []
        rows = self._network.detect_faces(
            picture,
            fit_to_image=False,
            box_format="xyxy",
            output_type="numpy",
            min_face_size=self.options.smallest_face,
            threshold_onet=self.options.threshold,
        )
        return [_face(row) for row in np.asarray(rows, np.float64)]


def _face(row: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Face:
    """From the picture's number, left, top, right, bottom, the score, five x and five y, left eye as seen first."""
    left, top, right, bottom = (float(value) for value in row[1:5])
    return Face(Box(left, top, right, bottom), float(row[5]), np.column_stack([row[6:11], row[11:16]]))
