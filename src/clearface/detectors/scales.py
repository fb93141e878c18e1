"""A detector that looks at one small picture at a time, led over a photo of any size, at every scale."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from clearface.arrays import ByteImage
from clearface.faces import Face, carried_face, moved_face

Search = Callable[[ByteImage], list[Face]]
"""Finds the faces of one small RGB uint8 `(H, W, 3)` picture, in pixels of that picture."""

_CUT_MARGIN = 4
"""Pixels: half a face at the edge of a tile is answered by a box that ends there, give or take one cell of the network."""


@dataclass(frozen=True)
class ScalePyramid:
    """At which sizes, and in which parts, a photo is searched.

    The finest level is the photo itself, enlarged or reduced to keep within the limits; each further level has half the
    side. Levels larger than a tile are cut into overlapping tiles, so that time and memory are bounded for any photo.

    Small faces answer on the fine levels. Large and blurred ones answer on the coarse levels, where their blur is smaller.
    """

    enlarged_to: int = 1_000_000
    """Smaller photos are enlarged to this many pixels for the finest level, at most `largest_enlargement` times."""

    largest_enlargement: float = 2.0
    """Greatest factor on the side of a small photo."""

    reduced_to: int = 14_000_000
    """Larger photos are reduced to this many pixels for the finest level: 24 megapixels by 0.76, so that faces of 24 pixels
    keep 18, most of which CenterFace still finds."""

    coarsest_side: int = 80
    """No level has a long side shorter than this, in pixels."""

    tile: int = 576
    """Longest side of a tile, in pixels: what bounds the memory of a search. At 1024 one megapixel takes 200 MB more."""

    overlap: int = 64
    """Pixels that neighbouring tiles share: a face 8 pixels smaller lies whole in one of them."""


_FEWEST_ROWS = 4
"""No face shows in fewer rows or columns; a strip millions of pixels long would be searched for minutes."""


def search_at_scales(image: ByteImage, search: Search, pyramid: ScalePyramid) -> list[Face]:
    """Every answer of `search` over all levels and tiles, in pixels of `image`; one face may be among them many times.

    A tile answers only for faces smaller than the overlap that keep clear of its cut sides. Larger ones might be halves; they
    are left to a coarser level, where they lie whole.
    """
    scale = _finest_scale(image, pyramid)
    if min(image.shape[:2]) * scale < _FEWEST_ROWS:
        return []
    faces = []
    level = _resized(image, scale)
    while True:
        faces += [_carried(face, level, image) for face in _search_level(level, search, pyramid)]
        if max(level.shape[:2]) < 2 * pyramid.coarsest_side:
            return faces
        level = _resized(level, 0.5)


def _finest_scale(image: ByteImage, pyramid: ScalePyramid) -> float:
    pixels = image.shape[0] * image.shape[1]
    if pixels > pyramid.reduced_to:
        return float(np.sqrt(pyramid.reduced_to / pixels))
    return float(np.clip(np.sqrt(pyramid.enlarged_to / pixels), 1.0, pyramid.largest_enlargement))


def _resized(image: ByteImage, scale: float) -> ByteImage:
    if scale == 1:
        return image
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return cv2.resize(image, size, interpolation=interpolation)  # type: ignore[return-value]


def _search_level(level: ByteImage, search: Search, pyramid: ScalePyramid) -> list[Face]:
    height, width = level.shape[:2]
    if max(height, width) <= pyramid.tile:
        return search(level)
    faces = []
    for top, bottom in tile_spans(height, pyramid.tile, pyramid.overlap):
        for left, right in tile_spans(width, pyramid.tile, pyramid.overlap):
            for face in search(level[top:bottom, left:right]):
                moved = moved_face(face, left, top)
                box = moved.box
                beside_cut = _beside_cut(box.left, box.right, left, right, width)
                beside_cut |= _beside_cut(box.top, box.bottom, top, bottom, height)
                if box.size <= pyramid.overlap and not beside_cut:
                    faces.append(moved)
    return faces


def _beside_cut(face_start: float, face_end: float, start: int, end: int, length: int) -> bool:
    """Whether a face comes too near to where a tile was cut out of a level, along one side."""
    return (start > 0 and face_start < start + _CUT_MARGIN) or (end < length and face_end > end - _CUT_MARGIN)


def tile_spans(length: int, tile: int, overlap: int) -> list[tuple[int, int]]:
    """Start and end of the fewest equal parts, none longer than `tile`, that cover a side and share `overlap` or more.

    Raises ValueError where the overlap is no smaller than the tile.
    """
    if overlap >= tile:
        raise ValueError("tiles must be longer than what they share")
    if length <= tile:
        return [(0, length)]
    count = -(-(length - overlap) // (tile - overlap))
    part = -(-(length + (count - 1) * overlap) // count)
    starts = [index * (length - part) // (count - 1) for index in range(count)]
    return [(start, start + part) for start in starts]


def _carried(face: Face, level: ByteImage, image: ByteImage) -> Face:
    """From pixels of a level to pixels of the photo, pixel areas (not centres) kept in register."""
    scale = np.array([image.shape[1] / level.shape[1], image.shape[0] / level.shape[0]])
    transform = np.column_stack([np.diag(scale), (scale - 1) / 2])
    return carried_face(face, transform)
