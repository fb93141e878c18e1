"""Hiding the faces of a frame."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from clearface.arrays import FloatArray, Pixels
from clearface.errors import UsageError
from clearface.faces import Face, moved_face
from clearface.films.base import Canvas
from clearface.hiders.base import Hider
from clearface.hiders.cells import check_strength
from clearface.hiders.registry import DEFAULT_HIDER, HIDERS, HiderOptions, build_hider
from clearface.hiders.shapes import PlacedShape, Shape, place_shape
from clearface.registry import checked_entry
from clearface.squares import Region
from clearface.suggestions import one_of

SCALES = (1.0, 4.0)
"""How large a shape may be; below 1 a part of the face would be seen."""

FEATHERS = (0.0, 1.0)


@dataclass(frozen=True)
class HideStyle:
    """How faces are hidden. Raises UsageError for what cannot be."""

    mode: str = DEFAULT_HIDER
    """One of `clearface.hiders.registry.HIDERS`."""

    shape: str = Shape.ELLIPSE
    """One of `clearface.hiders.shapes.Shape`."""

    scale: float = 1.3
    """How much larger than the face, which the detector sees from hairline to chin, the shape is."""

    feather: float = 0.1
    """Width of the soft rim outside the shape, in parts of the size of the face; 0 for a hard edge."""

    strength: float | None = None
    """How coarse blur and mosaic are, as a multiple of what is usual."""

    colour: str | None = None
    """`#rrggbb` or a name of CSS, for `solid` and below a picture."""

    picture: Path | None = None
    """What is laid over faces by `picture`."""

    def __post_init__(self) -> None:
        checked_entry("way to hide", HIDERS, self.mode, self.options)
        one_of("shape", self.shape, Shape)
        _check_range("scale", self.scale, SCALES)
        _check_range("feather", self.feather, FEATHERS)
        if self.strength is not None:
            check_strength(self.strength)

    @property
    def options(self) -> HiderOptions:
        """What the hider itself is told."""
        return HiderOptions(self.strength, self.colour, self.picture)


@dataclass(frozen=True, eq=False)
class _Patch:
    """One face, hidden but not yet laid over the frame."""

    region: Region
    pixels: Pixels
    """The frame below."""

    hidden: Pixels
    mask: FloatArray


class FaceHider:
    """Hides faces on canvases.

    Noise is drawn by the seed and the key of a face: the same key gives the same noise in every frame, so that it does not
    flicker and cannot be averaged away. Whoever knows the seed knows the noise: where results are handed out it is to be a
    secret, such as `secrets.randbits(128)`.
    """

    def __init__(self, style: HideStyle, seed: int) -> None:
        """seed: 0 or more. Raises what `build_hider` raises."""
        self.style = style
        self._seed = seed
        self._hider: Hider = build_hider(style.mode, style.options)
        self._shape = one_of("shape", style.shape, Shape)

    @property
    def hides(self) -> bool:
        """Whether it changes anything."""
        return self._hider.name != "none"

    def hide(
        self, canvas: Canvas, faces: Sequence[tuple[int, Face]], rectangles: Sequence[tuple[int, Face]] = ()
    ) -> None:
        """Hides faces where they lie, each with its key, 0 or more; in a film the number of its track.

        rectangles: what is hidden as it was drawn: all of the box, whatever the style says of shape and scale.

        All of them are taken from the canvas before any is written, and where masks overlap both faces are hidden, whatever their
        order. No pixel outside the masks is written.
        """
        if not self.hides:
            return
        style = self.style
        placed = [(key, face, place_shape(self._shape, face, style.scale, style.feather)) for key, face in faces]
        placed += [(key, face, place_shape(Shape.BOX, face, 1.0, style.feather)) for key, face in rectangles]
        patches = [patch for key, face, shape in placed if (patch := self._patch(canvas, key, face, shape)) is not None]
        for patch in patches:
            near = [other for other in patches if other is not patch and other.region.intersects(patch.region)]
            laid = _laid_together(patch, near) if near else _mixed(patch.pixels, patch.hidden, patch.mask)
            canvas.put(patch.region, laid, patch.mask > 0)

    def _patch(self, canvas: Canvas, key: int, face: Face, shape: PlacedShape) -> _Patch | None:
        """None where the shape lies outside the frame."""
        region = shape.region(canvas.width, canvas.height)
        if region.empty:
            return None
        pixels = canvas.take(region)
        crop = np.multiply(pixels, np.float32(1 / np.iinfo(pixels.dtype).max), dtype=np.float32)
        mask = shape.mask(region)
        random = np.random.default_rng([self._seed, key])
        hidden = self._hider.hide(crop, moved_face(face, -region.left, -region.top), mask, random)
        return _Patch(region, pixels, _in_levels(hidden, pixels), mask)


def _laid_together(patch: _Patch, near: Sequence[_Patch]) -> Pixels:
    """Of the frame shows through what every mask lets through; over it lies the mean of what hides, weighted by the masks.

    So nothing depends on the order.
    """
    total = patch.mask.copy()
    through = 1 - patch.mask
    hidden = patch.hidden.astype(np.float32) * patch.mask[..., None]
    for other in near:
        ours, theirs = _shared(patch.region, other.region)
        mask = other.mask[theirs]
        total[ours] += mask
        through[ours] *= 1 - mask
        hidden[ours] += other.hidden[theirs] * mask[..., None]
    hidden /= np.maximum(total, np.finfo(np.float32).tiny)[..., None]
    return _mixed(patch.pixels, np.rint(hidden).astype(patch.pixels.dtype), 1 - through)


def _mixed(below: Pixels, above: Pixels, mask: FloatArray) -> Pixels:
    """One over the other; where the mask is 1, nothing of what is below."""
    through = np.subtract(1, mask, dtype=np.float32)
    if below.dtype == np.uint8:
        return np.asarray(cv2.blendLinear(above, below, mask, through), np.uint8)
    mixed = cv2.blendLinear(above.astype(np.float32), below.astype(np.float32), mask, through)
    return np.asarray(np.rint(mixed), np.uint16)


def _in_levels(picture: FloatArray, like: Pixels) -> Pixels:
    """RGB in [0, 1] as whole numbers of the type of a frame."""
    if like.dtype == np.uint8:
        return np.asarray(cv2.convertScaleAbs(picture, alpha=255), np.uint8)
    return np.asarray(np.rint(np.clip(picture, 0, 1) * np.float32(np.iinfo(like.dtype).max)), np.uint16)


def _shared(first: Region, second: Region) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """The pixels two regions share, as places in the first and in the second."""
    both = Region(
        max(first.left, second.left),
        max(first.top, second.top),
        min(first.right, second.right),
        min(first.bottom, second.bottom),
    )
    return _inside(both, first), _inside(both, second)


def _inside(part: Region, whole: Region) -> tuple[slice, slice]:
    return (
        slice(part.top - whole.top, part.bottom - whole.top),
        slice(part.left - whole.left, part.right - whole.left),
    )


def _check_range(name: str, value: float, allowed: tuple[float, float]) -> None:
    if not allowed[0] <= value <= allowed[1]:
        raise UsageError(f"{name} {value:g}: it is a number from {allowed[0]:g} to {allowed[1]:g}")
