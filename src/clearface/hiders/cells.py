"""Squares over a face, and the little of it that is told in each: what blur and mosaic are made of.

Nothing of a crop passes but one of few colours a cell. Noise is added before the levels are counted, so that even which level it
is cannot be relied on; it comes from a secret, since a blur alone, linear as it is, can be undone (McPherson, Shokri and
Shmatikov 2016).
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from clearface.arrays import FloatArray
from clearface.errors import UsageError
from clearface.faces import Face

LEAST_STRENGTH = 0.5
"""Below it faces begin to be recognized again; `benchmarks/hiding.py` tells what is left at any strength."""

_NOISE_SIDE = 64
_LEAST_SIDE = 2.0
_INNER_PART = 0.9
"""Of the side of a face, what its colour is taken from."""

# ITU-R BT.601 luma, and colour differences of the same range.
_TO_LUMA = np.array([[0.299, 0.587, 0.114], [-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]], np.float32)
_FROM_LUMA = np.array([[1.0, 0.0, 1.402], [1.0, -0.344136, -0.714136], [1.0, 1.772, 0.0]], np.float32)
_LOWEST, _HIGHEST = np.array([0, -0.5, -0.5], np.float32), np.array([1, 0.5, 0.5], np.float32)


@dataclass(frozen=True)
class CellSettings:
    """How coarse the cells are."""

    across: float
    """Cells in the side of a square as large as the box of the face."""

    contrast: float
    """How much of the difference between a cell and the whole face is told, in [0, 1]. The more is told, the stronger the
    noise has to be."""

    luma_step: float = 1 / 16
    """Between two levels of brightness, which run from 0 to 1."""

    colour_step: float = 1 / 32
    """Between two levels of a colour difference, which run from -0.5 to 0.5."""

    luma_noise: float = 0.1
    """Standard deviation in each cell, before the levels are counted."""

    colour_noise: float = 0.01
    common_noise: float = 0.08
    """Standard deviation of the brightness of the whole face."""

    def at(self, strength: float) -> "CellSettings":
        """With cells that many times as large; the noise stays, for it is what finer cells need most."""
        return replace(self, across=self.across / strength)


@dataclass(frozen=True, eq=False)
class Cells:
    """A grid of squares over a crop, its middle at the middle of the face, wherever that lies in the picture."""

    left: NDArray[np.intp]
    """`(C + 1,)`: where the columns begin and the last one ends, whole pixels, the crop's edges at both ends."""

    top: NDArray[np.intp]
    """`(R + 1,)`, the same of the rows."""

    middle: tuple[float, float]
    """The corner in the middle of the grid, in pixels of the crop (the edge of the first pixel at 0)."""

    side: float
    """Of a cell, in pixels."""

    first: tuple[int, int]
    """Number of the first column and row, counted from the middle."""

    inner_columns: NDArray[np.bool_]
    """`(C,)`: those in the middle of the face; all where none is, since the face lies beyond the picture."""

    inner_rows: NDArray[np.bool_]


def check_strength(strength: float) -> None:
    """Raises UsageError for a strength that is none, or would not hide."""
    if not np.isfinite(strength) or strength < 0:
        raise UsageError(f"strength {strength:g}: it is a number from {LEAST_STRENGTH:g} up, 1 unless told otherwise")
    if strength < LEAST_STRENGTH:
        raise UsageError(
            f"strength {strength:g}: below {LEAST_STRENGTH:g} faces could be recognized again; it is {LEAST_STRENGTH:g} or more"
        )


def lay_cells(face: Face, across: float, height: int, width: int) -> Cells:
    """Squares over a crop `(height, width)`, `across` of them in the side of the face."""
    side = max(face.box.size / across, _LEAST_SIDE)
    x, y = (position + 0.5 for position in face.box.centre)
    left, first_column = _edges(x, side, width)
    top, first_row = _edges(y, side, height)
    # By number and not by place: which they are does not change as a face moves by parts of a pixel.
    reach = max(1, int(across * _INNER_PART / 2))
    inner_columns, inner_rows = _inner(first_column, len(left) - 1, reach), _inner(first_row, len(top) - 1, reach)
    return Cells(left, top, (x, y), side, (first_column, first_row), inner_columns, inner_rows)


def tell_cells(crop: FloatArray, cells: Cells, settings: CellSettings, random: np.random.Generator) -> FloatArray:
    """The one of few colours each cell is told in: RGB float32 `(R, C, 3)` in [0, 1].

    crop: RGB float32 `(H, W, 3)` in [0, 1]. Noise belongs to the cells of the face, not to the pixels of the crop.
    """
    luma = cell_means(crop, cells) @ _TO_LUMA.T
    whole = luma[cells.inner_rows][:, cells.inner_columns].mean((0, 1))
    told = whole + (luma - whole) * np.float32(settings.contrast)
    told[..., 0] += np.float32(random.normal(0, settings.common_noise))
    told += _noise(cells, random) * np.array([settings.luma_noise, *[settings.colour_noise] * 2], np.float32)
    steps = np.array([settings.luma_step, *[settings.colour_step] * 2], np.float32)
    levels = np.clip(np.rint(told / steps) * steps, _LOWEST, _HIGHEST)
    colours: FloatArray = np.clip(levels @ _FROM_LUMA.T, 0, 1)
    return colours


def _noise(cells: Cells, random: np.random.Generator) -> FloatArray:
    """`(R, C, 3)` normal numbers, the same for a cell of the face whichever cells the crop shows."""
    noise = random.standard_normal((_NOISE_SIDE, _NOISE_SIDE, 3), np.float32)
    rows, columns = (
        np.arange(len(edges) - 1) + first
        for edges, first in zip((cells.top, cells.left), cells.first[::-1], strict=True)
    )
    return noise[rows[:, None] % _NOISE_SIDE, columns % _NOISE_SIDE]


def cell_means(crop: FloatArray, cells: Cells) -> FloatArray:
    """The mean colour of each cell, `(R, C, 3)`, of a crop `(H, W, 3)`."""
    strips = np.stack([crop[top:bottom].sum(0) for top, bottom in zip(cells.top[:-1], cells.top[1:], strict=True)])
    sums = np.add.reduceat(strips, cells.left[:-1], axis=1)
    areas = np.diff(cells.top)[:, None] * np.diff(cells.left)
    return np.asarray(sums / areas[..., None].astype(np.float32), np.float32)


def _edges(middle: float, side: float, length: int) -> tuple[NDArray[np.intp], int]:
    """Where cells begin and the last one ends, within `length` pixels, and the number of the first from the middle."""
    first = int(np.floor((0.5 - middle) / side))
    last = max(int(np.ceil((length - 0.5 - middle) / side)), first + 1)
    edges = np.rint(middle + np.arange(first, last + 1) * side).clip(0, length).astype(np.intp)
    edges[0], edges[-1] = 0, length
    kept = np.flatnonzero(np.diff(edges) > 0)
    return np.concatenate([edges[kept], [length]]), first + int(kept[0])


def _inner(first: int, count: int, reach: int) -> NDArray[np.bool_]:
    numbers = np.arange(first, first + count)
    inner = (numbers >= -reach) & (numbers < reach)
    return inner if inner.any() else np.ones_like(inner)
