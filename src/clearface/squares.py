"""Working squares: a face taken out of a photo at one size, and the change made to it carried back.

What is pasted is the change, `restored - taken`, not the restored square itself: where nothing changed the photo keeps its
own pixels to the last bit, and detail finer than the working size survives. All work is done on the crop around the face.
"""

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from clearface.arrays import AnyArray, DoubleArray, FloatArray, Pixels
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

_INTERPOLATION_REACH = 4
_REDUCE_BELOW = 0.8
_PASTE_MARGIN = 1.0


@dataclass(frozen=True)
class Region:
    """A rectangle of whole pixels inside a photo, `top <= row < bottom`, `left <= column < right`; may be empty."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def empty(self) -> bool:
        return self.right <= self.left or self.bottom <= self.top

    @property
    def slices(self) -> tuple[slice, slice]:
        return slice(self.top, self.bottom), slice(self.left, self.right)

    def intersects(self, other: "Region") -> bool:
        """Whether the two share a pixel."""
        return min(self.right, other.right) > max(self.left, other.left) and min(self.bottom, other.bottom) > max(
            self.top, other.top
        )

    def shared_with(self, other: "Region") -> tuple[tuple[slice, slice], tuple[slice, slice]]:
        """The pixels both have, as rows and columns of this region and of the other. They must share some."""
        left, top = max(self.left, other.left), max(self.top, other.top)
        right, bottom = min(self.right, other.right), min(self.bottom, other.bottom)
        here, there = (
            (slice(top - region.top, bottom - region.top), slice(left - region.left, right - region.left))
            for region in (self, other)
        )
        return here, there


@dataclass(frozen=True, eq=False)
class Square:
    """Where a working square lies in a photo."""

    to_square: DoubleArray
    """`(2, 3)` similarity from pixels of the photo to pixels of the square."""

    size: int
    """Side of the square in pixels."""

    @cached_property
    def scale(self) -> float:
        """Pixels of the square for one of the photo."""
        return transform_scale(self.to_square)

    def region(self, shape: tuple[int, ...], margin: float = 0.0) -> Region:
        """The upright rectangle of the photo, `shape` being its `(H, W, ...)`, that holds the square and a margin."""
        edge = self.size - 0.5
        corners = np.array([[-0.5, -0.5], [edge, -0.5], [edge, edge], [-0.5, edge]])
        in_photo = apply_transform(invert_transform(self.to_square), corners)
        left, top = np.floor(in_photo.min(0) - margin).astype(int)
        right, bottom = np.ceil(in_photo.max(0) + margin).astype(int) + 1
        return Region(max(left, 0), max(top, 0), min(right, shape[1]), min(bottom, shape[0]))


def template_square(face: Face, size: int) -> Square:
    """The FFHQ square of a face, upright, `size` pixels a side."""
    return Square(compose_transforms(template_transform(face), resize_transform(size / TEMPLATE_SIZE)), size)


def photo_square(face: Face, size: int) -> Square:
    """The upright square of `size` by `size` whole pixels of the photo around the same centre: nothing is resampled."""
    middle = (TEMPLATE_SIZE - 1) / 2
    centre = apply_transform(invert_transform(template_transform(face)), np.array([[middle, middle]]))[0]
    left, top = np.round(centre - (size - 1) / 2)
    return Square(np.array([[1.0, 0.0, -left], [0.0, 1.0, -top]]), size)


def take_square(pixels: Pixels, square: Square) -> FloatArray:
    """The square as RGB float32 `(S, S, 3)` in [0, 1]; beyond the photo's edge, the photo is mirrored.

    pixels: RGB `(H, W, 3)`, 8 or 16 bits. Raises ValueError where the square and the photo share no pixel.
    """
    region = square_region(square, pixels.shape)
    if region.empty:
        raise ValueError("the square lies outside the photo")
    return square_from_region(pixels[region.slices], region, square)


def square_region(square: Square, shape: tuple[int, ...]) -> Region:
    """What `square_from_region` needs of a photo, `shape` being its `(H, W, ...)`; empty where they share no pixel."""
    return square.region(shape, _INTERPOLATION_REACH / min(square.scale, 1.0))


def square_from_region(pixels: Pixels, region: Region, square: Square) -> FloatArray:
    """`take_square` with no more of the photo than its `square_region`, RGB `(h, w, 3)` of 8 or 16 bits, not empty."""
    crop: AnyArray = pixels
    to_square = compose_transforms(np.array([[1.0, 0.0, region.left], [0.0, 1.0, region.top]]), square.to_square)
    if square.scale < _REDUCE_BELOW:  # interpolation alone would alias
        width, height = (max(1, round(side * square.scale)) for side in (crop.shape[1], crop.shape[0]))
        shrink_x, shrink_y = width / crop.shape[1], height / crop.shape[0]
        crop = cv2.resize(crop, (width, height), interpolation=cv2.INTER_AREA)
        to_square = compose_transforms(_stretch(1 / shrink_x, 1 / shrink_y), to_square)
    for axis in (0, 1):
        if crop.shape[axis] == 1:  # OpenCV never ends mirroring a single row
            crop = np.repeat(crop, 2, axis)
    level = 1.0 / np.iinfo(pixels.dtype).max
    taken = cv2.warpAffine(
        crop.astype(np.float32) * np.float32(level),
        to_square,
        (square.size, square.size),
        flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REFLECT_101,
    )
    square_pixels = np.asarray(taken, np.float32)
    return np.clip(square_pixels, 0, 1, out=square_pixels)


@dataclass(frozen=True, eq=False)
class Change:
    """What a transform did to one square, and where it counts."""

    square: Square

    difference: FloatArray
    """`(S, S, 3)`: restored minus taken, in [-1, 1]."""

    mask: FloatArray
    """`(S, S)` in [0, 1]: how much of the difference is applied."""


def paste_changes(pixels: Pixels, changes: list[Change]) -> Pixels:
    """A copy of the photo with every change applied; pixels no mask reaches stay bit-identical.

    Where masks overlap and add up to more than 1, they share, so the result does not depend on the order of the faces.
    """
    pasted = pixels.copy()
    for change, region in zip(changes, changed_regions(pixels.shape, changes), strict=True):
        if not region.empty:
            moved, reached = changed_pixels(pixels[region.slices], region, change, changes)
            np.copyto(pasted[region.slices], moved, where=reached[..., None])
    return pasted


def changed_regions(shape: tuple[int, ...], changes: list[Change]) -> list[Region]:
    """Where in a photo, `shape` being its `(H, W, ...)`, each change may be seen; empty where it lies outside."""
    return [change.square.region(shape, margin=_PASTE_MARGIN) for change in changes]


def changed_pixels(
    taken: Pixels, region: Region, change: Change, changes: list[Change]
) -> tuple[Pixels, NDArray[np.bool_]]:
    """A region of the photo with all changes applied that reach into it, and where the mask of `change` does, `(h, w)`.

    taken: the region as it was, RGB `(h, w, 3)` of 8 or 16 bits; the answer is of its type. region: that of `change`.
    """
    reach = (region.bottom, region.right)
    near = [other for other in changes if other.square.region(reach, margin=_PASTE_MARGIN).intersects(region)]
    weights = [carried(other.mask, other.square, region) for other in near]
    shared = np.maximum(sum(weights[1:], start=weights[0]), 1)[..., None]
    added = np.zeros((*shared.shape[:2], 3), np.float32)
    for other, weight in zip(near, weights, strict=True):
        added += carried(other.difference, other.square, region) * (weight[..., None] / shared)
    top_level = np.float32(np.iinfo(taken.dtype).max)
    moved = np.empty_like(taken)
    np.copyto(moved, np.clip(np.rint(taken + added * top_level), 0, top_level), casting="unsafe")
    reached = weights[next(index for index, other in enumerate(near) if other is change)] > 0
    return moved, reached


def carry_mask(change: Change, shape: tuple[int, ...]) -> FloatArray:
    """The mask of one change as `(H, W)` float32 over the whole photo: where pixels may differ."""
    whole = np.zeros(shape[:2], np.float32)
    region = change.square.region(shape, margin=1.0)
    if not region.empty:
        whole[region.slices] = carried(change.mask, change.square, region)
    return whole


def carried(values: FloatArray, square: Square, region: Region) -> FloatArray:
    """`(S, S)` or `(S, S, C)` values of a square laid over a region of the photo, float32; beyond the square, its rim goes on."""
    to_square = compose_transforms(np.array([[1.0, 0.0, region.left], [0.0, 1.0, region.top]]), square.to_square)
    if square.scale > 1 / _REDUCE_BELOW:
        side = max(1, round(square.size / square.scale))
        values = np.asarray(cv2.resize(values, (side, side), interpolation=cv2.INTER_AREA), np.float32)
        to_square = compose_transforms(to_square, resize_transform(side / square.size))
    size = (region.right - region.left, region.bottom - region.top)
    interpolation = cv2.INTER_CUBIC if values.ndim == 3 else cv2.INTER_LINEAR
    laid = cv2.warpAffine(
        values, to_square, size, flags=interpolation | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(laid, np.float32)


def _stretch(scale_x: float, scale_y: float) -> DoubleArray:
    return np.array([[scale_x, 0.0, (scale_x - 1) / 2], [0.0, scale_y, (scale_y - 1) / 2]])
