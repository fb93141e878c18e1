"""From the FFHQ square to the framing an embedder was trained with."""

from dataclasses import dataclass

import numpy as np

from clearface.arrays import ByteImage, DoubleArray, FloatArray, as_bytes
from clearface.faces import FFHQ_TEMPLATE, TEMPLATE_SIZE, compose_transforms, resize_transform, similarity_transform
from clearface.squares import Square, square_from_region, square_region

ARCFACE_SIZE = 112
ARCFACE_TEMPLATE: DoubleArray = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]]
)
"""The points of `FFHQ_TEMPLATE` in the 112x112 chip of ArcFace (Deng et al. 2019), as its authors' library has them."""

_PADDING = 0.25
_EYE_CORNERS: DoubleArray = np.array(
    [[[0.1205750620789, 0.2137274526848], [0.3340850613712, 0.2290642403242]],
     [[0.8595674595992, 0.2134981538014], [0.6460604764104, 0.2289674387677]]]
)  # fmt: skip
"""Outer and inner corner of the left and the right eye (as seen in the picture) in a chip of side 1 without padding: where
dlib's `get_face_chip` puts four of its five points. The fifth, below the nose, then lies where it does on FFHQ squares."""


@dataclass(frozen=True, eq=False)
class Chip:
    """A smaller square inside the FFHQ square."""

    from_template: DoubleArray
    """`(2, 3)` similarity from pixels of the 512x512 FFHQ square to pixels of the chip."""

    size: int
    """Side of the chip in pixels."""

    def cut(self, face: FloatArray) -> ByteImage:
        """The chip RGB uint8 `(size, size, 3)` of one FFHQ square `(S, S, 3)` in [0, 1], rounded to the 8 bits of a photo."""
        return as_bytes(self.cut_values(face))

    def cut_values(self, face: FloatArray) -> FloatArray:
        """The chip RGB float32 `(size, size, 3)` in [0, 1] of one FFHQ square `(S, S, 3)`, taken from pixels of 8 bits.

        Only what the chip shows of the square is touched.
        """
        to_template = resize_transform(TEMPLATE_SIZE / face.shape[0])
        square = Square(compose_transforms(to_template, self.from_template), self.size)
        region = square_region(square, face.shape)
        return square_from_region(as_bytes(face[region.slices]), region, square)


def arcface_chip(size: int = ARCFACE_SIZE) -> Chip:
    """The chip of ArcFace, scaled to `size` pixels a side."""
    to_chip = similarity_transform(FFHQ_TEMPLATE, ARCFACE_TEMPLATE)
    return Chip(compose_transforms(to_chip, resize_transform(size / ARCFACE_SIZE)), size)


def eye_chip(size: int) -> Chip:
    """The chip of dlib's networks, aligned by the eyes and padded by a quarter, `size` pixels a side.

    The eyes of the FFHQ template are the middles between their corners.
    """
    eyes = (_EYE_CORNERS.mean(1) + _PADDING) / (1 + 2 * _PADDING) * size
    return Chip(similarity_transform(FFHQ_TEMPLATE[:2], eyes), size)
