"""Point spread functions: how one point of a sharp picture is spread over a blurred one.

Every function returns float64 `(K, L)`, K and L odd, non-negative, summing to 1, centred on the middle tap. Angles are
in degrees, counter-clockwise from the x axis as seen in the picture (y points down in the array).
"""

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from clearface.arrays import DoubleArray
from clearface.errors import PhotoError, UsageError
from clearface.suggestions import did_you_mean

LARGEST_SIDE = 501
"""Most taps along a side of a point spread function that `parse` and `from_image` hand out."""

_SUBSAMPLES = 11
_LARGEST_IMAGE_SIDE = 8192
_LUMA = (0.2126, 0.7152, 0.0722)
"""Rec. 709 weights of red, green and blue."""


def box(width: int, height: int | None = None) -> DoubleArray:
    """Equal weight over `width` by `height` taps (a square without `height`).

    An even side straddles half a tap at both ends. Raises ValueError below 1.
    """
    height = width if height is None else height
    return np.outer(_box_profile(height), _box_profile(width))


def gaussian(sigma: float, sigma_across: float | None = None, angle: float = 0.0) -> DoubleArray:
    """A Gaussian of standard deviation `sigma` pixels along `angle` and `sigma_across` across it (round without).

    Sampled at tap centres out to four deviations. Raises ValueError unless both are positive.
    """
    across = sigma if sigma_across is None else sigma_across
    if not (sigma > 0 and across > 0):
        raise ValueError("a Gaussian needs a positive standard deviation")
    radius = int(np.ceil(4 * max(sigma, across)))
    y, x = np.mgrid[-radius : radius + 1, -radius : radius + 1].astype(np.float64)
    cosine, sine = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    along_axis, across_axis = x * cosine - y * sine, x * sine + y * cosine
    return normalized(np.exp(-0.5 * ((along_axis / sigma) ** 2 + (across_axis / across) ** 2)))


def motion(length: float, angle: float = 0.0) -> DoubleArray:
    """Straight, even motion over `length` pixels along `angle`. Raises ValueError for a negative length."""
    if not length >= 0:
        raise ValueError("a motion cannot be shorter than nothing")
    reach = max(length - 1, 0.0) / 2
    steps = np.linspace(-reach, reach, max(2, int(np.ceil(length)) * _SUBSAMPLES))
    return splat(np.cos(np.radians(angle)) * steps, -np.sin(np.radians(angle)) * steps)


def disc(radius: float) -> DoubleArray:
    """A lens out of focus: an even disc, each tap weighted by the part of it the disc covers.

    Raises ValueError unless the radius is positive.
    """
    if not radius > 0:
        raise ValueError("a disc needs a positive radius")
    taps = int(np.ceil(radius - 0.5)) if radius > 0.5 else 0
    side = 2 * taps + 1
    # How much of each tap's height the disc covers, along eleven columns of each tap.
    columns = (np.arange(side * _SUBSAMPLES) - (side * _SUBSAMPLES - 1) / 2) / _SUBSAMPLES
    half_heights = np.sqrt(np.maximum(radius**2 - columns**2, 0))
    edges = np.arange(side + 1) - side / 2
    covered = np.diff(np.clip(edges[:, None], -half_heights, half_heights), axis=0)
    quarter = covered.reshape(side, side, _SUBSAMPLES).sum(2)
    upright = quarter + quarter[::-1]
    upright = upright + upright[:, ::-1]
    return normalized(upright + upright.T)  # added in this order the taps are equal to the last bit


def from_image(path: Path) -> DoubleArray:
    """The point spread function drawn in an image file: bright where light goes, on a black background.

    Grey or colour (its luma is taken; transparent counts as black), 8 or 16 bits, any size up to 8192 pixels a side.
    Pixel values are taken as amounts of light. The black rim is cut off, and the tap nearest the centre of mass becomes
    the middle one, so that a photo restored with it stays in place. Raises PhotoError where the file cannot be read, is
    black, or spreads over more than `LARGEST_SIDE` taps.
    """
    luma = _read_luma(path)
    rows, columns = np.flatnonzero(luma.any(1)), np.flatnonzero(luma.any(0))
    if not len(rows):
        raise PhotoError(f"{path}: a kernel image needs something bright on black, and this one is all black")
    kernel = centred(luma[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    if max(kernel.shape) > LARGEST_SIDE:
        raise PhotoError(
            f"{path}: the kernel in this image is more than {LARGEST_SIDE} pixels wide or high around its centre"
        )
    return kernel


def parse(text: str) -> DoubleArray:
    """The point spread function a text names.

    `box:5`, `box:5x3` (width x height), `gaussian:2`, `gaussian:2,1,30` (along, across, angle), `motion:15`,
    `motion:15,30` (length, angle), `disc:4`, or the path of a kernel image. Raises UsageError where the text is none of
    these, PhotoError where the image is no good.
    """
    kind, colon, numbers = text.partition(":")
    recipe = _recipe_of(kind)
    if recipe is not None:
        return _make(recipe, text, numbers)
    if Path(text).is_file():
        return from_image(Path(text))
    if not colon and (Path(text).suffix or len(Path(text).parts) > 1):
        raise UsageError(f"{text}: there is no such kernel image")
    raise _unknown(text, f"{_examples()} or the path of a kernel image")


def parse_written(text: str) -> DoubleArray:
    """As `parse`, but never a kernel image: no text of anybody's makes it look for a file. Raises UsageError."""
    kind, _, numbers = text.partition(":")
    recipe = _recipe_of(kind)
    if recipe is None:
        raise _unknown(text, _examples())
    return _make(recipe, text, numbers)


def splat(x: DoubleArray, y: DoubleArray, weights: DoubleArray | None = None) -> DoubleArray:
    """A path of points `(N,)`, in pixels around the centre, each shared bilinearly among its four nearest taps."""
    radius = int(np.ceil(max(np.abs(x).max(), np.abs(y).max()) - 1e-9))
    kernel = np.zeros((2 * radius + 3, 2 * radius + 3))
    weights = np.ones_like(x) if weights is None else weights
    column, row = np.floor(x), np.floor(y)
    for step_y in (0, 1):
        for step_x in (0, 1):
            share = (1 - np.abs(x - column - step_x)) * (1 - np.abs(y - row - step_y)) * weights
            indices = (row.astype(int) + step_y + radius + 1, column.astype(int) + step_x + radius + 1)
            np.add.at(kernel, indices, share)
    return normalized(_trimmed(kernel))


def normalized(kernel: DoubleArray) -> DoubleArray:
    """The kernel divided by its sum. Raises ValueError where it is negative, not finite, or sums to nothing."""
    total = float(kernel.sum())
    if not np.isfinite(kernel).all() or kernel.min() < 0 or total <= 0:
        raise ValueError("a point spread function is non-negative, finite and not empty")
    return kernel / total


def centred(kernel: DoubleArray) -> DoubleArray:
    """A kernel of any sides, padded with zeros so that the tap nearest its centre of mass is the middle one, summing to 1.

    Raises ValueError where it is negative, not finite, or sums to nothing.
    """
    kernel = normalized(kernel)
    padding = []
    for axis in (0, 1):
        profile = kernel.sum(1 - axis)
        # Half way between two taps the earlier one is taken, whichever way the sums are rounded.
        middle = math.ceil(float(profile @ np.arange(len(profile)) / profile.sum()) - 0.5 - 1e-6)
        before, after = middle, len(profile) - 1 - middle
        padding.append((max(after - before, 0), max(before - after, 0)))
    return np.pad(kernel, padding)


def check(kernel: DoubleArray) -> None:
    """Raises ValueError unless the kernel is as every function here returns it."""
    if kernel.ndim != 2 or kernel.shape[0] % 2 == 0 or kernel.shape[1] % 2 == 0:
        raise ValueError(f"a point spread function has two odd sides, not the shape {kernel.shape}")
    if not np.isfinite(kernel).all() or kernel.min() < 0 or abs(kernel.sum() - 1) > 1e-6:
        raise ValueError("a point spread function is non-negative, finite, and sums to 1")


@dataclass(frozen=True)
class _Recipe:
    """One kind of point spread function as `parse` reads it."""

    kind: str
    example: str
    separator: str
    least: int
    """Fewest numbers it takes."""

    most: int
    make: Callable[[list[float]], DoubleArray]
    reach: Callable[[list[float]], float]
    """About how many taps it spans, known before it is made."""


def _box_of(numbers: list[float]) -> DoubleArray:
    if any(number != int(number) for number in numbers):
        raise ValueError("a box spans whole pixels")
    return box(*(int(number) for number in numbers))


def _gaussian_of(numbers: list[float]) -> DoubleArray:
    return gaussian(*numbers)


def _motion_of(numbers: list[float]) -> DoubleArray:
    return motion(*numbers)


def _disc_of(numbers: list[float]) -> DoubleArray:
    return disc(*numbers)


def _longest(numbers: list[float]) -> float:
    return max(numbers)


def _gaussian_reach(numbers: list[float]) -> float:
    return 8 * max(numbers[:2]) + 3


def _first(numbers: list[float]) -> float:
    return numbers[0]


def _diameter(numbers: list[float]) -> float:
    return 2 * numbers[0]


_RECIPES = (
    _Recipe("box", "box:5", "x", 1, 2, _box_of, _longest),
    _Recipe("gaussian", "gaussian:2", ",", 1, 3, _gaussian_of, _gaussian_reach),
    _Recipe("motion", "motion:15,30", ",", 1, 2, _motion_of, _first),
    _Recipe("disc", "disc:4", ",", 1, 1, _disc_of, _diameter),
)


def _recipe_of(kind: str) -> _Recipe | None:
    return next((recipe for recipe in _RECIPES if recipe.kind == kind.strip().lower()), None)


def _examples() -> str:
    return ", ".join(recipe.example for recipe in _RECIPES)


def _unknown(text: str, writable: str) -> UsageError:
    kind = text.partition(":")[0].strip()
    nearest = did_you_mean(kind, [recipe.kind for recipe in _RECIPES])
    return UsageError(f'"{text}" names no point spread function: {nearest} (write {writable})')


def _make(recipe: _Recipe, text: str, numbers: str) -> DoubleArray:
    try:
        values = [float(number) for number in numbers.lower().split(recipe.separator)]
    except ValueError as error:
        raise UsageError(
            f'"{text}" is not a {recipe.kind} with its numbers: write for example {recipe.example}'
        ) from error
    if not recipe.least <= len(values) <= recipe.most:
        counts = f"{recipe.least}" if recipe.least == recipe.most else f"{recipe.least} to {recipe.most}"
        raise UsageError(f'"{text}" has {len(values)} numbers, and a {recipe.kind} takes {counts}: {recipe.example}')
    if not all(math.isfinite(value) for value in values):
        raise UsageError(f'"{text}" has a number that is not finite: write for example {recipe.example}')
    if recipe.reach(values) > LARGEST_SIDE:
        raise UsageError(f'"{text}" spreads a point over more than {LARGEST_SIDE} pixels, which no face survives')
    try:
        return recipe.make(values)
    except ValueError as error:
        raise UsageError(f'"{text}": {error}') from error


def _read_luma(path: Path) -> DoubleArray:
    from PIL import Image

    try:
        with warnings.catch_warnings():
            # The size is checked here, more strictly than Pillow's warning does.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path) as image:
                if max(image.size) > _LARGEST_IMAGE_SIDE:
                    raise PhotoError(f"{path}: a kernel image is at most {_LARGEST_IMAGE_SIDE} pixels wide and high")
                if image.mode.startswith(("I", "F")):
                    luma = np.asarray(image, dtype=np.float64)
                else:
                    pixels = np.asarray(image.convert("RGBA"), dtype=np.float64)
                    luma = pixels[..., :3] @ np.array(_LUMA) * (pixels[..., 3] / 255)
    except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError) as error:
        raise PhotoError(f"{path}: this kernel image cannot be read ({error})") from error
    if not np.isfinite(luma).all() or luma.min() < 0:
        raise PhotoError(f"{path}: a kernel image has no negative or infinite pixels")
    return luma


def _box_profile(side: int) -> DoubleArray:
    if side < 1:
        raise ValueError("a box is at least one pixel wide")
    profile = np.ones(side) if side % 2 else np.r_[0.5, np.ones(side - 1), 0.5]
    return profile / side


def _trimmed(kernel: DoubleArray) -> DoubleArray:
    """Without the empty rim, the middle tap kept in the middle."""
    while kernel.shape[0] > 1 and not (kernel[[0, -1]].any() or kernel[:, [0, -1]].any()):
        kernel = kernel[1:-1, 1:-1]
    return kernel
