"""Faces that lie on their side or stand on their head, by looking at the picture in four quarter turns."""

from dataclasses import replace

import numpy as np

from clearface.arrays import ByteImage, DoubleArray
from clearface.detectors.base import Detector
from clearface.detectors.suppression import merge_duplicates
from clearface.faces import (
    FFHQ_TEMPLATE,
    Face,
    apply_transform,
    carried_face,
    similarity_transform,
    transform_scale,
)

_SAME_FACE = 0.3
"""Intersection over union from which two answers are of one face."""

_UNLIKELY = 0.05
"""What is left of an answer whose landmarks make no upright face, for others to be preferred."""


class RotatingDetector:
    """Another detector, shown every picture in all four quarter turns, which takes four times as long."""

    def __init__(self, detector: Detector) -> None:
        self._detector = detector

    @property
    def name(self) -> str:
        """That of the detector inside."""
        return self._detector.name

    def detect(self, image: ByteImage) -> list[Face]:
        """Every face in an RGB uint8 `(H, W, 3)` picture, most certain first, whichever way up.

        The landmarks say which way: the left eye is the one at the left once the face is upright. Detectors answer to faces that
        lie on their side too, as surely, but with landmarks in the wrong places. So of several answers around one face the one
        whose landmarks look most like an upright face counts, with the best score of them all. Raises what the detector inside
        raises.
        """
        seen = []
        for turns in range(4):
            back = turned_back(turns, *image.shape[:2])
            for face in self._detector.detect(np.ascontiguousarray(np.rot90(image, turns))):
                seen.append((face.score * uprightness(face), carried_face(face, back)))
        seen.sort(key=lambda answer: -answer[0])
        kept: list[Face] = []
        for _, face in seen:
            same = [place for place, other in enumerate(kept) if other.box.overlap(face.box) > _SAME_FACE]
            for place in same:
                kept[place] = replace(kept[place], score=max(kept[place].score, face.score))
            if not same:
                kept.append(face)
        return merge_duplicates(kept)


def uprightness(face: Face) -> float:
    """How much the landmarks look like an upright face, in (0, 1].

    By how far they lie from those of `FFHQ_TEMPLATE` laid over them (root mean square, in distances of the eyes), and by how far
    that has to be turned.
    """
    try:
        transform = similarity_transform(face.landmarks, FFHQ_TEMPLATE)
    except ValueError:
        return _UNLIKELY
    apart = apply_transform(transform, face.landmarks) - FFHQ_TEMPLATE
    eyes = float(np.linalg.norm(FFHQ_TEMPLATE[1] - FFHQ_TEMPLATE[0]))
    distance = float(np.sqrt((apart**2).sum(1).mean())) / eyes
    turned = float(transform[0, 0]) / max(transform_scale(transform), 1e-12)
    return max(_UNLIKELY, 1 - 2 * distance) * max(_UNLIKELY, turned)


def turned_back(turns: int, height: int, width: int) -> DoubleArray:
    """The `(2, 3)` matrix from `np.rot90(picture, turns)` to a picture of that height and width."""
    matrices = (
        [[1, 0, 0], [0, 1, 0]],
        [[0, -1, width - 1], [1, 0, 0]],
        [[-1, 0, width - 1], [0, -1, height - 1]],
        [[0, 1, 0], [-1, 0, height - 1]],
    )
    return np.array(matrices[turns], np.float64)
