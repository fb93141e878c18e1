"""A blur nobody can undo."""

import cv2
import numpy as np

from clearface.arrays import FloatArray
from clearface.faces import Face
from clearface.hiders.cells import CellSettings, check_strength, lay_cells, tell_cells

_POINTS_IN_CELL = 32
"""The surface is worked out at every so many pixels that at least these lie in the side of a cell, and enlarged."""

BLUR_CELLS = CellSettings(across=3.0, contrast=0.35)
"""Chosen by `benchmarks/hiding.py`: the finest whose faces are as good as never recognized."""


class Blur:
    """A smooth surface through few cells: cubic B-splines, as smooth as a Gaussian, and within the range of the cells."""

    name = "blur"

    def __init__(self, strength: float = 1.0) -> None:
        """strength: how many times as large as usual the cells are. Raises UsageError where that would not hide."""
        check_strength(strength)
        self._settings = BLUR_CELLS.at(strength)

    def hide(self, crop: FloatArray, face: Face, mask: FloatArray, random: np.random.Generator) -> FloatArray:
        """See `clearface.hiders.base.Hider`."""
        height, width = crop.shape[:2]
        cells = lay_cells(face, self._settings.across, height, width)
        colours = tell_cells(crop, cells, self._settings, random)
        step = max(1, int(cells.side / _POINTS_IN_CELL))
        down = _spline_weights(height, step, cells.middle[1], cells.side, cells.first[1], colours.shape[0])
        right = _spline_weights(width, step, cells.middle[0], cells.side, cells.first[0], colours.shape[1])
        rows, columns = colours.shape[:2]
        across = _product(right, colours.transpose(1, 0, 2).reshape(columns, rows * 3)).reshape(len(right), rows, 3)
        smooth = _product(down, across.transpose(1, 0, 2).reshape(rows, -1)).reshape(len(down), len(right), 3)
        if step == 1:
            return smooth
        larger = cv2.resize(smooth, (len(right) * step, len(down) * step), interpolation=cv2.INTER_LINEAR)
        return np.asarray(larger[:height, :width], np.float32)


def _product(left: FloatArray, right: FloatArray) -> FloatArray:
    """Of two matrices, without the threads of NumPy's BLAS, which take a core from others for a while after each."""
    product: FloatArray = np.einsum("ij,jk->ik", left, right)
    return product


def _spline_weights(length: int, step: int, middle: float, side: float, first: int, count: int) -> FloatArray:
    """`(ceil(length / step), count)`: how much each cell tells every so many pixels; cells beyond the ends are as the last.

    middle: where the middle of the grid lies, the edge of the first pixel at 0. first: number of the first cell from the middle.
    """
    points = (np.arange(-(-length // step)) + 0.5) * step
    places = (points - middle) / side - 0.5 - first  # 0 at the middle of the first cell
    below = np.floor(places).astype(np.intp)
    part = places - below
    cubic = (
        (1 - part) ** 3 / 6,
        2 / 3 - part**2 + part**3 / 2,
        2 / 3 - (1 - part) ** 2 + (1 - part) ** 3 / 2,
        part**3 / 6,
    )
    weights = np.zeros((len(points), count), np.float32)
    for offset, weight in enumerate(cubic, start=-1):
        weights[np.arange(len(points)), np.clip(below + offset, 0, count - 1)] += weight
    return weights
