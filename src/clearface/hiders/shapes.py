"""Where a face is hidden: shapes over faces, and their masks.

A mask is 1 over the whole shape and fades outside it, so that a softer rim never shows more of the face.
"""

from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np

from clearface.arrays import DoubleArray, FloatArray
from clearface.faces import (
    FFHQ_TEMPLATE,
    Face,
    apply_transform,
    invert_transform,
    similarity_transform,
    template_transform,
    transform_scale,
)
from clearface.squares import Region


class Shape(StrEnum):
    """What is laid over a face."""

    ELLIPSE = "ellipse"
    """In the box, turned with the eyes."""

    BOX = "box"
    """The box, upright."""

    FACE = "face"
    """An egg from the forehead to the chin, fitted to the five landmarks; the ellipse where these contradict the box."""


_TEMPLATE_OUTLINE_CENTRE = (256.0, 270.0)
_TEMPLATE_HALF_WIDTH = 138.0
_TEMPLATE_RISE = 128.0
_TEMPLATE_FALL = 196.0
"""The egg in the 512x512 FFHQ square: from the hairline over both cheeks to the chin, at a scale of 1."""

_LANDMARK_ROOM = 1.2
_STEPS_IN_FEATHER = 16
"""Masks are drawn at every so many pixels that at least these lie in the feather, and enlarged."""

_LEAST_SIZE = 2.0


@dataclass(frozen=True, eq=False)
class PlacedShape:
    """A shape over one face, in pixels of the frame."""

    centre: tuple[float, float]
    across: tuple[float, float]
    """The direction in which the shape is `half_width` wide: a unit vector along the line of the eyes, or to the right."""

    half_width: float
    rise: float
    """How far it reaches from the centre against `down`, in pixels."""

    fall: float
    """How far it reaches along `down`."""

    cornered: bool
    """A rectangle; otherwise two half ellipses that meet at the centre."""

    feather: float
    """Width of the rim in which the mask falls from 1 to 0, outside the shape, in pixels; 0 for a hard edge."""

    @property
    def down(self) -> tuple[float, float]:
        return -self.across[1], self.across[0]

    def region(self, width: int, height: int) -> Region:
        """The pixels of a frame the mask may reach; empty where the shape lies outside."""
        reach = max(self.rise, self.fall)
        cosine, sine = (abs(part) for part in self.across)
        if self.cornered:
            reach_x, reach_y = self.half_width * cosine + reach * sine, self.half_width * sine + reach * cosine
        else:
            reach_x = float(np.hypot(self.half_width * cosine, reach * sine))
            reach_y = float(np.hypot(self.half_width * sine, reach * cosine))
        x, y = self.centre
        reach_x, reach_y = reach_x + self.feather + 1, reach_y + self.feather + 1
        return Region(
            max(int(np.floor(x - reach_x)), 0),
            max(int(np.floor(y - reach_y)), 0),
            min(int(np.ceil(x + reach_x)) + 1, width),
            min(int(np.ceil(y + reach_y)) + 1, height),
        )

    def mask(self, region: Region) -> FloatArray:
        """`(h, w)` float32 in [0, 1] over a region that is not empty: 1 over the shape, falling smoothly to 0 outside."""
        width, height = region.right - region.left, region.bottom - region.top
        step = max(1, int(self.feather / _STEPS_IN_FEATHER))
        away = self._distance(
            _middles(region.left, width, step),
            _middles(region.top, height, step),
        )
        # Half a pixel for those the edge cuts; on a coarser grid, what enlarging it carries over the edge and the rim.
        full_until, empty_from = (0.5, self.feather) if step == 1 else (2.0 * step, self.feather - 1.5 * step)
        if empty_from <= full_until:
            return np.asarray(away <= full_until, np.float32)
        inward = np.clip((empty_from - away) / np.float32(empty_from - full_until), 0, 1)
        mask: FloatArray = inward * inward * (3 - 2 * inward)
        if step == 1:
            return mask
        size = (mask.shape[1] * step, mask.shape[0] * step)
        enlarged = cv2.resize(mask, size, interpolation=cv2.INTER_LINEAR)
        return np.asarray(enlarged[:height, :width], np.float32)

    def _distance(self, x: FloatArray, y: FloatArray) -> FloatArray:
        """How far outside the shape the points of a grid lie, `(len(y), len(x))`, about; 0 and below inside."""
        right, down = x - np.float32(self.centre[0]), (y - np.float32(self.centre[1]))[:, None]
        cosine, sine = (np.float32(part) for part in self.across)
        beside = right * cosine + down * sine
        below = down * cosine - right * sine
        if self.cornered:
            over_x = np.abs(beside) - np.float32(self.half_width)
            over_y = np.maximum(below - np.float32(self.fall), -below - np.float32(self.rise))
            return np.asarray(np.hypot(np.maximum(over_x, 0), np.maximum(over_y, 0)), np.float32)
        reach = np.where(below > 0, np.float32(1 / self.fall), np.float32(1 / self.rise))
        relative = np.hypot(beside * np.float32(1 / self.half_width), below * reach)
        # Along the ray from the centre: no less than the distance to the nearest point of the edge.
        away = np.hypot(beside, below) * (1 - 1 / np.maximum(relative, np.float32(1e-6)))
        return np.asarray(away, np.float32)


def place_shape(shape: Shape, face: Face, scale: float, feather: float) -> PlacedShape:
    """The shape over a face.

    scale: how much larger than the box as CenterFace gives it, or than the outline of the landmarks. feather: width of the rim in
    parts of the size of the face.
    """
    size = max(face.box.size, _LEAST_SIZE)
    rim = feather * size
    trusted = trusted_transform(face)
    if shape is Shape.FACE and trusted is not None:
        return _outline(trusted, scale, rim)
    width, height = max(face.box.width, _LEAST_SIZE), max(face.box.height, _LEAST_SIZE)
    if shape is Shape.BOX:
        half_height = scale * height / 2
        return PlacedShape(face.box.centre, (1.0, 0.0), scale * width / 2, half_height, half_height, True, rim)
    across = eye_direction(face)
    # Of a face on its side, the box's height is the face's width.
    level, turned = across[0] ** 2, across[1] ** 2
    half_width = scale * (width * level + height * turned) / 2
    half_height = scale * (height * level + width * turned) / 2
    if trusted is not None:
        beside, below = _in_frame_of_face(face.landmarks, face.box.centre, across)
        reach = float(np.hypot(beside / half_width, below / half_height).max()) * _LANDMARK_ROOM
        half_width, half_height = half_width * max(reach, 1.0), half_height * max(reach, 1.0)
    return PlacedShape(face.box.centre, across, half_width, half_height, half_height, False, rim)


def eye_direction(face: Face) -> tuple[float, float]:
    """A unit vector from the left eye (as seen in the picture) to the right one; to the right where the landmarks cannot be
    trusted.
    """
    x, y = invert_transform(template_transform(face))[:, 0]
    length = float(np.hypot(x, y))
    return float(x / length), float(y / length)


def trusted_transform(face: Face) -> DoubleArray | None:
    """The `(2, 3)` matrix from the picture to the FFHQ square by the landmarks; None where they contradict the box."""
    transform = template_transform(face)
    try:
        by_landmarks = similarity_transform(face.landmarks, FFHQ_TEMPLATE)
    except ValueError:
        return None
    return transform if np.array_equal(transform, by_landmarks) else None


def _outline(transform: DoubleArray, scale: float, rim: float) -> PlacedShape:
    pixel = scale / transform_scale(transform)
    to_picture = invert_transform(transform)
    x, y = apply_transform(to_picture, np.array([_TEMPLATE_OUTLINE_CENTRE]))[0]
    direction = to_picture[:, 0] / np.linalg.norm(to_picture[:, 0])
    return PlacedShape(
        (float(x), float(y)),
        (float(direction[0]), float(direction[1])),
        _TEMPLATE_HALF_WIDTH * pixel,
        _TEMPLATE_RISE * pixel,
        _TEMPLATE_FALL * pixel,
        False,
        rim,
    )


def _middles(first: int, length: int, step: int) -> FloatArray:
    """Where the middles of `step` pixels each lie that together cover `length` pixels from `first` on."""
    return np.asarray(first + (step - 1) / 2 + np.arange(-(-length // step)) * step, np.float32)


def _in_frame_of_face(
    points: DoubleArray, centre: tuple[float, float], across: tuple[float, float]
) -> tuple[DoubleArray, DoubleArray]:
    """How far `(N, 2)` points lie beside and below the centre, `(N,)` each."""
    away = points - np.array(centre)
    return away @ np.array(across), away @ np.array([-across[1], across[0]])
