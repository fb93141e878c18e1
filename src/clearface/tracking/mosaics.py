"""Small parts of a frame laid side by side, so that one pass of a detector searches them all."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from clearface.arrays import ByteImage
from clearface.faces import Box, Face, carried_face
from clearface.films.base import Canvas
from clearface.photos.photo import byte_view
from clearface.squares import Region

_GREY = 128
_CUT_MARGIN = 3.0
"""Pixels: what is nearer to where a part was cut out of its frame may be half a face."""


@dataclass(frozen=True)
class Part:
    """A rectangle of a frame, and its square place in a mosaic."""

    region: Region
    scale: float
    """Pixels of the mosaic for one of the frame, at most 1."""

    left: int
    """Of its place, in pixels of the mosaic."""

    top: int


def lay_out(boxes: Sequence[Box], canvas: Canvas, side: int, room: float) -> list[Part]:
    """A place of `side` pixels for the surroundings of each box: `room` times its size, but no fewer pixels than fit the place.

    Nothing is enlarged. Boxes outside the frame get none.
    """
    regions = [_surroundings(box, max(float(side), room * box.size), canvas) for box in boxes]
    regions = [region for region in regions if not region.empty]
    columns = int(np.ceil(np.sqrt(len(regions))))
    parts = []
    for index, region in enumerate(regions):
        longest = max(region.right - region.left, region.bottom - region.top)
        row, column = divmod(index, columns)
        parts.append(Part(region, min(1.0, side / longest), side * column, side * row))
    return parts


def compose(parts: Sequence[Part], canvas: Canvas, side: int) -> ByteImage:
    """The mosaic as RGB uint8 `(H, W, 3)`; at least one part."""
    width, height = max(part.left for part in parts) + side, max(part.top for part in parts) + side
    mosaic = np.full((height, width, 3), _GREY, np.uint8)
    for part in parts:
        pixels = byte_view(canvas.take(part.region))
        if part.scale < 1:
            size = (max(1, round(pixels.shape[1] * part.scale)), max(1, round(pixels.shape[0] * part.scale)))
            pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
        mosaic[part.top : part.top + pixels.shape[0], part.left : part.left + pixels.shape[1]] = pixels
    return mosaic


def carried_back(faces: Sequence[Face], parts: Sequence[Part], canvas: Canvas, side: int) -> list[Face]:
    """From pixels of the mosaic to pixels of the frame; without those at a cut edge, and those that reach over two parts."""
    carried = []
    for face in faces:
        x, y = face.box.centre
        for part in parts:
            if part.left <= x < part.left + side and part.top <= y < part.top + side:
                moved = _in_frame(face, part)
                if _whole(moved.box, part, canvas):
                    carried.append(moved)
    return carried


def _surroundings(box: Box, length: float, canvas: Canvas) -> Region:
    whole = min(round(length), max(canvas.width, canvas.height))
    x, y = box.centre
    left, top = round(x - whole / 2), round(y - whole / 2)
    return Region(max(left, 0), max(top, 0), min(left + whole, canvas.width), min(top + whole, canvas.height))


def _in_frame(face: Face, part: Part) -> Face:
    scale = 1 / part.scale
    corner = np.array([part.left - 0.5, part.top - 0.5])
    shift = np.array([part.region.left - 0.5, part.region.top - 0.5]) - scale * corner
    transform = np.column_stack([np.eye(2) * scale, shift])
    return carried_face(face, transform)


def _whole(box: Box, part: Part, canvas: Canvas) -> bool:
    margin, region = _CUT_MARGIN / part.scale, part.region
    return not (
        (region.left > 0 and box.left < region.left + margin)
        or (region.top > 0 and box.top < region.top + margin)
        or (region.right < canvas.width and box.right > region.right - margin)
        or (region.bottom < canvas.height and box.bottom > region.bottom - margin)
    )
