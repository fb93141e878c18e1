"""Aligned faces with their surroundings, and their masks, taken out of a photo."""

import cv2
import numpy as np

from clearface.arrays import ByteImage, DoubleArray, FloatArray, Pixels, as_bytes
from clearface.faces import (
    TEMPLATE_SIZE,
    Face,
    apply_transform,
    compose_transforms,
    invert_transform,
    resize_transform,
    template_transform,
    transform_scale,
)
from clearface.masks import UNKNOWN, ByteMask
from clearface.squares import Square, take_square
from clearface.train.samples import wide_side

_MASK_STRETCH = 0.02
_GRID = 16


def wide_square(face: Face, square: int) -> Square:
    """The FFHQ square of a face, upright, `square` pixels a side, in the middle of `wide_side(square)` pixels."""
    side = wide_side(square)
    scale = square / TEMPLATE_SIZE
    shift = (side - 1) / 2 - scale * (TEMPLATE_SIZE - 1) / 2
    return Square(
        compose_transforms(template_transform(face), np.array([[scale, 0.0, shift], [0.0, scale, shift]])), side
    )


def wide_crop(pixels: Pixels, face: Face, square: int) -> ByteImage:
    """A face with its surroundings, RGB uint8 `(C, C, 3)`, C being `wide_side(square)`; beyond the photo it is mirrored."""
    return as_bytes(take_square(pixels, wide_square(face, square)))


def box_in_crop(face: Face, square: int) -> FloatArray:
    """Left, top, right, bottom of the face box in pixels of the wide crop, `(4,)`; sizes are kept, the tilt is not."""
    to_crop = wide_square(face, square).to_square
    scale = transform_scale(to_crop)
    x, y = apply_transform(to_crop, np.array([face.box.centre]))[0]
    half_width, half_height = face.box.width * scale / 2, face.box.height * scale / 2
    return np.array([x - half_width, y - half_height, x + half_width, y + half_height], np.float32)


def carry_mask_to_crop(mask: ByteMask, photo_shape: tuple[int, ...], taken: Square) -> ByteMask:
    """The mask `(H, W)` of a photo under the transform of a crop, `(C, C)`, each pixel the class nearest to its centre.

    The mask may be smaller or larger than the photo, `photo_shape` starting with its height and width. Beyond the photo, where
    the crop is mirrored, the class is `UNKNOWN`.
    """
    at = _photo_positions(taken)
    ratio = np.array([mask.shape[1] / photo_shape[1], mask.shape[0] / photo_shape[0]])
    columns, rows = np.floor((at + 0.5) * ratio).astype(int).T
    inside = (columns >= 0) & (columns < mask.shape[1]) & (rows >= 0) & (rows < mask.shape[0])
    carried = np.full(taken.size * taken.size, UNKNOWN, np.uint8)
    carried[inside] = mask[rows[inside], columns[inside]]
    return carried.reshape(taken.size, taken.size)


def inside_photo(photo_shape: tuple[int, ...], taken: Square) -> "np.ndarray[tuple[int, int], np.dtype[np.bool_]]":
    """Which pixels of a crop the photo really has, `(C, C)`."""
    x, y = _photo_positions(taken).T
    within = (x >= -0.5) & (x < photo_shape[1] - 0.5) & (y >= -0.5) & (y < photo_shape[0] - 0.5)
    return within.reshape(taken.size, taken.size)


def mask_fits(mask: ByteMask, photo_shape: tuple[int, ...]) -> bool:
    """Whether the two have the same proportions, within 2%."""
    stretch = (mask.shape[1] / photo_shape[1]) / (mask.shape[0] / photo_shape[0])
    return abs(np.log(stretch)) <= _MASK_STRETCH


def outside_shares(face: Face, photo_shape: tuple[int, ...]) -> tuple[float, float]:
    """Which share of the face box, and of the FFHQ square, lies beyond the photo's border."""
    height, width = photo_shape[:2]
    box = face.box
    seen_width = max(min(box.right, width) - max(box.left, 0.0), 0.0)
    seen_height = max(min(box.bottom, height) - max(box.top, 0.0), 0.0)
    whole = max(box.width * box.height, 1e-9)
    to_grid = compose_transforms(template_transform(face), resize_transform(_GRID / TEMPLATE_SIZE))
    seen_square = inside_photo(photo_shape, Square(to_grid, _GRID)).mean()
    return 1 - seen_width * seen_height / whole, 1 - float(seen_square)


def thumbnail(crop: ByteImage, square: int, side: int) -> FloatArray:
    """Brightness of the FFHQ square inside a wide crop, `(side, side)` float32, for comparison."""
    rim = (crop.shape[0] - square) // 2
    grey = cv2.cvtColor(crop[rim : rim + square, rim : rim + square], cv2.COLOR_RGB2GRAY)
    return np.asarray(cv2.resize(grey, (side, side), interpolation=cv2.INTER_AREA), np.float32)


def _photo_positions(taken: Square) -> DoubleArray:
    """Where the centres of a square's pixels lie in the photo, `(S * S, 2)`, row by row."""
    rows, columns = np.mgrid[0 : taken.size, 0 : taken.size]
    return apply_transform(
        invert_transform(taken.to_square), np.column_stack([columns.ravel(), rows.ravel()]).astype(float)
    )
