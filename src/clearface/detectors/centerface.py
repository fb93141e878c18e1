"""CenterFace (Xu, Yan, Yang, Li, Shen 2019): faces as points, one pass, five landmarks."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from clearface.arrays import ByteImage
from clearface.detectors.scales import ScalePyramid, search_at_scales
from clearface.detectors.suppression import merge_duplicates
from clearface.errors import ModelError
from clearface.faces import Box, Face
from clearface.sessions import open_session
from clearface.weights import weight_path

_CELL = 4
_PADDED_TO = 32
_MOST_CANDIDATES = 2000
_INPUT = "input.1"
_OUTPUTS = ["537", "538", "539", "540"]


@dataclass(frozen=True)
class CenterFaceOptions:
    """How CenterFace searches a picture."""

    threshold: float = 0.3
    """Least score, in (0, 1], at which something counts as a face. Sharp faces score 0.9; of faces smeared over a quarter of
    their width, nine in ten score 0.3 or more, and ordinary pictures without faces stay below (`benchmarks/detection.py`)."""

    pyramid: ScalePyramid = field(default_factory=ScalePyramid)
    """The sizes at which the picture is searched."""


class CenterFace:
    """CenterFace run by ONNX Runtime, by default on the network that ships with clearface.

    Raises ModelError where `model` is missing or no CenterFace network.
    """

    name = "centerface"

    def __init__(self, options: CenterFaceOptions | None = None, model: Path | None = None) -> None:
        self.options = options or CenterFaceOptions()
        self._path = model or weight_path("centerface.onnx")
        self._session = open_session(self._path)
        inputs = {entry.name for entry in self._session.get_inputs()}
        outputs = {entry.name for entry in self._session.get_outputs()}
        if inputs != {_INPUT} or not outputs.issuperset(_OUTPUTS):
            raise ModelError(f"{self._path}: not a CenterFace network (its inputs or outputs are others)")

    def detect(self, image: ByteImage) -> list[Face]:
        """Every face in an RGB uint8 `(H, W, 3)` picture, most certain first; time and memory are bounded for any size.

        Boxes and landmarks reach beyond the picture where the face does. Raises ModelError where the network answers with
        values that are no numbers.
        """
        return merge_duplicates(search_at_scales(image, self._search, self.options.pyramid))

    def _search(self, picture: ByteImage) -> list[Face]:
        """Answers in one small picture, several for a face."""
        height, width = picture.shape[:2]
        padded_height, padded_width = (-(-side // _PADDED_TO) * _PADDED_TO for side in (height, width))
        network_input = np.zeros((1, 3, padded_height, padded_width), np.float32)
        network_input[0, :, :height, :width] = picture.transpose(2, 0, 1)
        heat, scale, offset, points = self._session.run(_OUTPUTS, {_INPUT: network_input})
        if not np.isfinite(heat).all():
            raise ModelError(f"{self._path}: the network answered with values that are no numbers")
        rows, columns = np.nonzero(heat[0, 0] >= self.options.threshold)
        best = np.argsort(-heat[0, 0, rows, columns], kind="stable")[:_MOST_CANDIDATES]
        rows, columns = rows[best], columns[best]
        heights, widths = np.exp(scale[0][:, rows, columns].astype(np.float64)) * _CELL
        tops = (rows + offset[0, 0, rows, columns] + 0.5) * _CELL - heights / 2
        lefts = (columns + offset[0, 1, rows, columns] + 0.5) * _CELL - widths / 2
        # Landmarks come as (y, x) in parts of the box, from its top left corner.
        relative = points[0][:, rows, columns].T.reshape(-1, 5, 2)[:, :, ::-1].astype(np.float64)
        faces = []
        for index, score in enumerate(heat[0, 0, rows, columns]):
            left, top, box_width, box_height = (float(side[index]) for side in (lefts, tops, widths, heights))
            box = Box(left, top, left + box_width, top + box_height)
            faces.append(Face(box, float(score), relative[index] * [box_width, box_height] + [left, top]))
        return faces
