"""Faces in a picture, and the geometry that brings one upright into a square and back.

Coordinates follow OpenCV: `(x, y)` in pixels, the centre of the top left pixel at `(0, 0)`.
"""

from dataclasses import dataclass

import numpy as np

from clearface.arrays import DoubleArray

TEMPLATE_SIZE = 512

FFHQ_TEMPLATE: DoubleArray = np.array(
    [[192.98, 239.95], [318.90, 240.19], [256.63, 314.02], [201.26, 371.42], [313.09, 371.15]], dtype=np.float64
)
"""Left eye, right eye, nose, left and right mouth corner (as seen in the picture) in a 512x512 FFHQ crop."""

TEMPLATE_SIZE_PER_BOX = 1.61
"""Side of the FFHQ square divided by the geometric mean side of a face box as CenterFace gives it: the median over 240
portraits of three collections (5% to 95%: 1.58 to 1.67)."""

WORKING_SIZES = (96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512)
"""Sides of the square a face is restored at; all multiples of 16, steps of at most 1.25."""

_LARGEST_DISAGREEMENT = 1.7
_TEMPLATE_FACE_CENTRE = (256.0, 290.0)
_TEMPLATE_FACE_SIZE = TEMPLATE_SIZE / TEMPLATE_SIZE_PER_BOX


@dataclass(frozen=True)
class Box:
    """An upright rectangle in pixels, `left <= x < right` and `top <= y < bottom`; may reach beyond the picture."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def size(self) -> float:
        """Geometric mean of width and height, in pixels."""
        return float(np.sqrt(max(self.width, 0.0) * max(self.height, 0.0)))

    @property
    def centre(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    def overlap(self, other: "Box") -> float:
        """Intersection over union with another box, in [0, 1]."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        if width <= 0 or height <= 0:
            return 0.0
        shared = width * height
        return shared / (self.width * self.height + other.width * other.height - shared)


@dataclass(frozen=True, eq=False)
class Face:
    """One face found in a picture."""

    box: Box
    """Where the face is, from hairline to chin."""

    score: float
    """How sure the detector is, in [0, 1]."""

    landmarks: DoubleArray
    """`(5, 2)`: the points of `FFHQ_TEMPLATE`, in pixels of the picture."""


def upright_face(box: Box, score: float = 1.0) -> Face:
    """The face that a box stands for where nothing but the box is known: the landmarks of `FFHQ_TEMPLATE`, laid into it upright.

    They keep their proportions and are as large as in a face box of that size (its geometric mean side).
    """
    scale = box.size / _TEMPLATE_FACE_SIZE
    return Face(box, score, (FFHQ_TEMPLATE - _TEMPLATE_FACE_CENTRE) * scale + box.centre)


def moved_face(face: Face, right: float, down: float) -> Face:
    """The same face elsewhere, pixels to the right and down."""
    box = face.box
    moved_box = Box(box.left + right, box.top + down, box.right + right, box.bottom + down)
    return Face(moved_box, face.score, face.landmarks + [right, down])


def similarity_transform(source: DoubleArray, target: DoubleArray) -> DoubleArray:
    """The rotation, uniform scale and shift that carries `source` nearest to `target`, both `(N, 2)`, N >= 2.

    Least squares without reflection (Umeyama 1991, by way of the equivalent complex-number regression).
    Returns a `(2, 3)` float64 matrix for `cv2.warpAffine`. Raises ValueError where all source points coincide.
    """
    source_centre, target_centre = source.mean(0), target.mean(0)
    from_points = (source - source_centre) @ np.array([1, 1j])
    to_points = (target - target_centre) @ np.array([1, 1j])
    spread = float(np.sum(np.abs(from_points) ** 2))
    if spread < 1e-12:
        raise ValueError("the points coincide: no scale can be read off them")
    factor = np.sum(np.conj(from_points) * to_points) / spread
    linear = np.array([[factor.real, -factor.imag], [factor.imag, factor.real]])
    return np.column_stack([linear, target_centre - linear @ source_centre])


def invert_transform(transform: DoubleArray) -> DoubleArray:
    """The inverse of a `(2, 3)` affine matrix, `(2, 3)` float64."""
    linear = np.linalg.inv(transform[:, :2])
    return np.column_stack([linear, -linear @ transform[:, 2]])


def apply_transform(transform: DoubleArray, points: DoubleArray) -> DoubleArray:
    """Carries `(N, 2)` points through a `(2, 3)` affine matrix."""
    return points @ transform[:, :2].T + transform[:, 2]


def carried_face(face: Face, transform: DoubleArray) -> Face:
    """A face carried through a `(2, 3)` affine matrix; its box is the upright one around the carried corners."""
    box = face.box
    corners = apply_transform(transform, np.array([[box.left, box.top], [box.right, box.bottom]], np.float64))
    (left, top), (right, bottom) = corners.min(0), corners.max(0)
    carried_box = Box(float(left), float(top), float(right), float(bottom))
    return Face(carried_box, face.score, apply_transform(transform, face.landmarks))


def resize_transform(scale: float) -> DoubleArray:
    """The `(2, 3)` matrix that enlarges a picture by `scale`, pixel areas (not centres) kept in register."""
    shift = (scale - 1) / 2
    return np.array([[scale, 0.0, shift], [0.0, scale, shift]])


def compose_transforms(first: DoubleArray, second: DoubleArray) -> DoubleArray:
    """The `(2, 3)` matrix that applies `first`, then `second`."""
    linear = second[:, :2] @ first[:, :2]
    return np.column_stack([linear, second[:, :2] @ first[:, 2] + second[:, 2]])


def template_transform(face: Face) -> DoubleArray:
    """The `(2, 3)` matrix from the picture to the 512x512 FFHQ square.

    Where the landmarks contradict the box by more than 1.7 times in scale, as those of a head in profile do, the box decides
    the scale and the place, and the face stays upright.
    """
    box_scale = TEMPLATE_SIZE / (TEMPLATE_SIZE_PER_BOX * max(face.box.size, 1.0))
    try:
        transform = similarity_transform(face.landmarks, FFHQ_TEMPLATE)
    except ValueError:
        transform = np.zeros((2, 3))
    disagreement = max(transform_scale(transform), 1e-9) / box_scale
    if 1 / _LARGEST_DISAGREEMENT <= disagreement <= _LARGEST_DISAGREEMENT:
        return transform
    x, y = face.box.centre
    return np.array(
        [
            [box_scale, 0.0, _TEMPLATE_FACE_CENTRE[0] - box_scale * x],
            [0.0, box_scale, _TEMPLATE_FACE_CENTRE[1] - box_scale * y],
        ]
    )


def transform_scale(transform: DoubleArray) -> float:
    """By how much a similarity transform enlarges."""
    return float(np.sqrt(abs(np.linalg.det(transform[:, :2]))))


def native_size(face: Face) -> float:
    """Side of the FFHQ square around the face as it lies in the picture, in pixels of the picture."""
    return TEMPLATE_SIZE / transform_scale(template_transform(face))


def nearest_working_size(size: float) -> int:
    """The entry of `WORKING_SIZES` nearest to `size` in ratio."""
    return min(WORKING_SIZES, key=lambda candidate: abs(np.log(candidate / max(size, 1.0))))
