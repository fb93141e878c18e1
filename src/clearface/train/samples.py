"""Aligned faces mapped into memory, and random framings of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from clearface.arrays import AnyArray, ByteImage, DoubleArray, FloatArray
from clearface.faces import compose_transforms, resize_transform, transform_scale
from clearface.masks import UNKNOWN, ByteMask

WIDE_FRAMING = 1.3
"""Side of a stored crop divided by the side of the FFHQ square inside it, or a little more."""

LARGEST_ENLARGEMENT = 1.1
"""Beyond the size a face is sharp at, it is never enlarged by more: a small photo is no sharp target for a large sample."""

_REDUCE_BELOW = 0.75
_LEVEL = np.float32(1 / 255)


def wide_side(square: int) -> int:
    """Side of the crop that holds an FFHQ square of `square` pixels and its surroundings; even as the square is."""
    return 2 * int(np.ceil(WIDE_FRAMING * square / 2))


@dataclass(frozen=True, eq=False)
class FaceSet:
    """Faces of one size, upright, the FFHQ square in the middle. Raises ValueError where the arrays do not fit together."""

    crops: ByteImage
    """RGB uint8 `(N, C, C, 3)`, C being `wide_side(square)`."""

    square: int
    """Side of the FFHQ square in pixels: the size these faces are sharp at."""

    boxes: FloatArray
    """The face boxes: left, top, right, bottom in pixels of the crops, `(N, 4)`."""

    masks: ByteMask | None = None
    """Classes `(N, C, C)`; None where no face has a mask."""

    def __post_init__(self) -> None:
        side = wide_side(self.square)
        if self.crops.shape[1:] != (side, side, 3) or self.boxes.shape != (len(self.crops), 4):
            raise ValueError(
                f"crops {self.crops.shape} and boxes {self.boxes.shape} are none of a square of {self.square}"
            )
        if self.masks is not None and self.masks.shape != self.crops.shape[:3]:
            raise ValueError(f"masks {self.masks.shape} do not fit crops {self.crops.shape}")


@dataclass(frozen=True)
class Framing:
    """How a face is cut out: as the pipeline aligns it most of the time, otherwise freely. Shares are chances for each sample."""

    whole: float = 0.55
    """Share of samples that show the whole FFHQ square, as the pipeline aligns it."""

    tight: float = 0.2
    """Share cropped to the face box, as pictures from other tools are; the rest shows anything from `farthest` to `closest`."""

    tilted: float = 0.25
    """Share turned by any angle up to `widest_tilt`."""

    widest_tilt: float = 25.0
    """Degrees."""

    tilt: float = 4.0
    """Standard deviation of the angle of all others in degrees: what landmarks are off by."""

    whole_scale: tuple[float, float] = (0.9, 1.1)
    """Side of the FFHQ square in sides of the sample, where the whole square is shown."""

    tight_margin: tuple[float, float] = (0.9, 1.15)
    """Side of a tight sample in longer sides of the face box."""

    farthest: float = 0.75
    closest: float = 2.0
    """Side of the FFHQ square in sides of the sample, at least and at most: 1 is the whole face, 2 a quarter of it."""

    shift: float = 0.04
    """How far the face lies off the middle at most, in sides of the sample."""

    mirrored: float = 0.5


@dataclass(frozen=True, eq=False)
class Samples:
    """Framed faces."""

    faces: FloatArray
    """RGB float32 `(N, 3, S, S)` in [0, 1]."""

    masks: ByteMask | None
    """Classes `(N, S, S)` uint8 under the same framing, `UNKNOWN` where a face has no mask; None where none were asked for."""


@dataclass(frozen=True)
class _Wish:
    """What one sample is to show, before a face is chosen."""

    tight: bool
    scale: float
    """Side of the FFHQ square in sides of the sample (for tight samples about that)."""


_TIGHT_SCALE = 1.42
"""Side of the FFHQ square in longer sides of the face box: the median over three collections of portraits."""


def draw_samples(
    sets: Sequence[FaceSet],
    generator: np.random.Generator,
    count: int,
    size: int,
    framing: Framing | None = None,
    *,
    rim: int = 0,
    with_masks: bool = False,
) -> Samples:
    """`count` random faces under random framings, every face of the sets that can be shown so being equally likely.

    size: side in pixels of what is framed. rim: pixels more on every side, for a blur to reach into; the samples have
    `size + 2 * rim` a side. Faces come from sets that are sharp at `size` and more; for close framings from those large enough
    not to be enlarged, as far as there are any. Beyond a crop its pixels are mirrored.
    Raises ValueError where no set is sharp at `size`.
    """
    settings = framing or Framing()
    squares = np.array([faces.square for faces in sets])
    amounts = np.array([len(faces.crops) for faces in sets])
    if not ((squares * LARGEST_ENLARGEMENT >= size) & (amounts > 0)).any():
        raise ValueError(f"no faces sharp at {size} pixels are among the sets")
    side = size + 2 * rim
    faces = np.empty((count, 3, side, side), np.float32)
    masks = np.empty((count, side, side), np.uint8) if with_masks else None
    for index in range(count):
        wish = _draw_wish(generator, settings)
        able = _able(squares, amounts, size, wish.scale)
        chosen = int(generator.choice(len(sets), p=able / able.sum()))
        which, row = sets[chosen], int(generator.integers(amounts[chosen]))
        transform = _draw_transform(which, row, generator, size, rim, wish, settings)
        for plane, channel in zip(faces[index], cv2.split(_framed(which.crops[row], transform, side)), strict=True):
            np.multiply(channel, _LEVEL, out=plane, casting="same_kind")
        if masks is not None:
            masks[index] = UNKNOWN if which.masks is None else _framed_mask(which.masks[row], transform, side)
    return Samples(faces, masks)


def _draw_wish(generator: np.random.Generator, framing: Framing) -> _Wish:
    kind = generator.random()
    if kind < framing.whole:
        return _Wish(False, generator.uniform(*framing.whole_scale))
    if kind < framing.whole + framing.tight:
        return _Wish(True, _TIGHT_SCALE / generator.uniform(*framing.tight_margin))
    return _Wish(False, float(np.exp(generator.uniform(np.log(framing.farthest), np.log(framing.closest)))))


def _able(squares: AnyArray, amounts: AnyArray, size: int, scale: float) -> DoubleArray:
    """How many faces of each set can be shown at a scale; if none can, those of the largest set that is sharp at `size`."""
    enough = squares * LARGEST_ENLARGEMENT >= size * max(scale, 1.0)
    if not (amounts * enough).any():
        enough = squares == squares[amounts > 0].max()
    return np.asarray(amounts * enough, np.float64)


def _draw_transform(
    faces: FaceSet, row: int, generator: np.random.Generator, size: int, rim: int, wish: _Wish, framing: Framing
) -> DoubleArray:
    """`(2, 3)` from pixels of the crop to those of the sample."""
    zoom = wish.scale * size / faces.square
    centre = np.full(2, (faces.crops.shape[1] - 1) / 2)
    slack = framing.shift * size
    if wish.tight:
        left, top, right, bottom = faces.boxes[row].astype(np.float64)
        zoom = wish.scale / _TIGHT_SCALE * size / max(right - left, bottom - top, 1.0)
        centre = np.array([(left + right) / 2, (top + bottom) / 2])
    elif wish.scale > framing.whole_scale[1]:  # a part of the face: any part
        slack += (wish.scale - framing.whole_scale[1]) * size / 2
    zoom = min(zoom, LARGEST_ENLARGEMENT)
    tilted = generator.random() < framing.tilted
    degrees = (
        generator.uniform(-framing.widest_tilt, framing.widest_tilt) if tilted else generator.normal(0, framing.tilt)
    )
    angle = np.radians(degrees)
    linear = zoom * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    if generator.random() < framing.mirrored:
        linear[:, 0] *= -1
    target = (size - 1) / 2 + rim + generator.uniform(-slack, slack, 2)
    return np.column_stack([linear, target - linear @ centre])


def _framed(crop: ByteImage, transform: DoubleArray, side: int) -> ByteImage:
    """Reduces by area as far as plain interpolation would alias; halving whole pixels is many times faster than the rest."""
    source: ByteImage = crop
    zoom = transform_scale(transform)
    while zoom <= 0.5 and source.shape[0] % 2 == 0:
        source, transform = _reduced(source, source.shape[0] // 2, transform)
        zoom *= 2
    if zoom < _REDUCE_BELOW:
        source, transform = _reduced(source, max(2, round(source.shape[0] * zoom * 1.15)), transform)
    framed = cv2.warpAffine(source, transform, (side, side), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(framed, np.uint8)


def _reduced(source: ByteImage, side: int, transform: DoubleArray) -> tuple[ByteImage, DoubleArray]:
    reduced = cv2.resize(source, (side, side), interpolation=cv2.INTER_AREA)
    return np.asarray(reduced, np.uint8), compose_transforms(resize_transform(source.shape[0] / side), transform)


def _framed_mask(mask: ByteMask, transform: DoubleArray, side: int) -> ByteMask:
    framed = cv2.warpAffine(mask, transform, (side, side), flags=cv2.INTER_NEAREST, borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(framed, np.uint8)
