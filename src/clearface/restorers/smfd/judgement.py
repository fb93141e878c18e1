"""Whether a face needs restoring, and whether it can be restored."""

from dataclasses import dataclass

import cv2
import numpy as np

from clearface.arrays import FloatArray
from clearface.blending import face_mask
from clearface.blur_estimates import BlurEstimate
from clearface.masks import FaceClass
from clearface.point_spread_geometry import share_within
from clearface.verdicts import Verdict

_POINT_RADIUS = 1.5
"""In pixels of a face of `_POINT_SIZE` pixels: what stays within it does not show as blur."""

_POINT_SIZE = 128
_POINT_SHARE = 0.85
"""Least part of the light within that radius for a kernel to count as a point."""

_NEXT_TO_NOTHING = 1.5 / 255
"""Mean change over the face, in brightness, that nobody sees."""

_LARGEST_ERROR = 0.2
"""Mean over the face of the error nine pixels of ten stay below, in brightness, from which on a face is too far gone."""

_LEAST_CERTAINTY = 0.05

_LEAST_DETAIL = 0.05
"""Least `detail_share` of a face that can be restored. Of 64 faces the least was 0.14 sharp and 0.06 after a camera shake of 13
to 27 pixels of 128; after a Gaussian blur of 8 pixels most had 0.04, and the networks were sure of faces that were not there."""

_FINE, _COARSE = 1.5 / 128, 4.0 / 128
"""Deviations, in parts of the side, of the Gaussians between which detail lies: finer is noise, coarser is shade."""

_LEAST_CONTRAST = 0.02

_INNER = (
    FaceClass.SKIN,
    FaceClass.BROWS,
    FaceClass.EYES,
    FaceClass.GLASSES,
    FaceClass.NOSE,
    FaceClass.MOUTH,
    FaceClass.UPPER_LIP,
    FaceClass.LOWER_LIP,
)
_LEAST_FACE = 0.02
"""Where the masks find less of a face than this part of the square, the middle of the square is taken for it."""


@dataclass(frozen=True, eq=False)
class Findings:
    """What is known of one face of side S, and what the networks said about it."""

    detail: float
    """Its `detail_share`."""

    estimate: BlurEstimate
    """Its kernel in pixels of this face."""

    masks: FloatArray
    """`(11, S, S)`, probabilities of the classes."""

    change: FloatArray
    """`(S, S)`: by how much restoring moved each pixel, in brightness."""

    error: FloatArray
    """`(S, S)`: the error nine pixels of ten stay below, in brightness."""


def judge(findings: Findings) -> Verdict:
    """SHARP where the blur is a point and restoring moves next to nothing; TOO_FAR_GONE where the face shows too little detail to
    go by, where the restored face may be off by too much, or where it cannot be told how it was blurred; else RESTORED.
    """
    side = findings.change.shape[-1]
    weights = _face_weights(findings.masks, side)
    point = share_within(findings.estimate.kernel, _POINT_RADIUS * side / _POINT_SIZE) >= _POINT_SHARE
    if point and float((findings.change * weights).sum()) <= _NEXT_TO_NOTHING:
        return Verdict.SHARP
    lost = findings.detail < _LEAST_DETAIL or float((findings.error * weights).sum()) > _LARGEST_ERROR
    return Verdict.TOO_FAR_GONE if lost or findings.estimate.certainty < _LEAST_CERTAINTY else Verdict.RESTORED


def detail_share(face: FloatArray) -> float:
    """How much of a face, RGB `(S, S, 3)` in [0, 1], is detail: its deviation between the fine and the coarse scale by that of
    what is coarser still, in the middle of the square.
    """
    side = face.shape[0]
    grey = face.mean(2)
    mask = face_mask(side)
    weights = mask / mask.sum()
    fine, coarse = (cv2.GaussianBlur(grey, (0, 0), part * side) for part in (_FINE, _COARSE))
    shade = float(np.sqrt((((coarse - (grey * weights).sum()) ** 2) * weights).sum()))
    return float(np.sqrt((((fine - coarse) ** 2) * weights).sum())) / (shade + _LEAST_CONTRAST)


def _face_weights(masks: FloatArray, side: int) -> FloatArray:
    """How much each pixel counts, `(S, S)` summing to 1: by how likely it shows the face itself, not hair or surroundings."""
    inner = masks[list(_INNER)].sum(0)
    if inner.mean() < _LEAST_FACE:
        inner = face_mask(side)
    return np.asarray(inner / inner.sum(), np.float32)
