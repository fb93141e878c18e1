"""Whether the parts of a face can be told."""

from collections.abc import Mapping

import cv2
import numpy as np

from clearface.arrays import DoubleArray, FloatArray
from clearface.evaluate.gauges.base import Batch, Better, Measure, Metric
from clearface.evaluate.metrics.parsing import mean_intersection_over_union
from clearface.masks import ByteMask
from clearface.restorers.smfd.description import READER_FILE
from clearface.restorers.smfd.networks import Reader
from clearface.weights import weight_path

_LARGEST_SIDE = 320
"""Larger pictures are reduced to this: the network has seen faces of up to 256 pixels."""

_STRIDE = 16

PARSING_IOU = Metric(
    "parsing_iou",
    "Parts IoU",
    "",
    Better.HIGHER,
    f"parts told by {READER_FILE} in the measured and in the sharp face, mean over the classes of the latter, within each face",
    "Everingham et al. 2010 (Jaccard index)",
)


class ParsingGauge:
    """Holds the parts that the default restorer's reader tells in a face against those it tells in the sharp one.

    The truth is the network's own reading: what is measured is how much blur takes from it and how much a method gives back.
    """

    metrics = (PARSING_IOU,)

    def __init__(self) -> None:
        """Raises ModelError where the network does not load."""
        self._reader = Reader(weight_path(READER_FILE))

    def against(self, sharp: FloatArray | None) -> Measure:
        """See `clearface.evaluate.gauges.base.Gauge`."""
        true = None if sharp is None else self._parts(sharp)

        def measure(batch: Batch) -> Mapping[str, DoubleArray]:
            if true is None:
                return {PARSING_IOU.key: np.full(len(batch.after), np.nan)}
            pairs = zip(true, self._parts(batch.after), strict=True)
            return {PARSING_IOU.key: np.array([mean_intersection_over_union(*pair) for pair in pairs], np.float64)}

        return measure

    def _parts(self, pictures: FloatArray) -> ByteMask:
        """`(N, H, W)` of `FaceClass`, of pictures of any size, reduced where they are large; a face at a time."""
        return np.stack([self._parts_of_one(_reduced(picture)) for picture in pictures])

    def _parts_of_one(self, picture: FloatArray) -> ByteMask:
        height, width = picture.shape[:2]
        filled = np.pad(picture, ((0, -height % _STRIDE), (0, -width % _STRIDE), (0, 0)), mode="symmetric")
        masks, _ = self._reader.read(np.ascontiguousarray(filled.transpose(2, 0, 1)[None]))
        return np.asarray(masks[0, :, :height, :width].argmax(0), np.uint8)


def _reduced(picture: FloatArray) -> FloatArray:
    height, width = picture.shape[:2]
    scale = _LARGEST_SIDE / max(height, width)
    if scale >= 1:
        return picture
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.float32)
