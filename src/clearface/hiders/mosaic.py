"""Squares of one colour each."""

import numpy as np

from clearface.arrays import FloatArray
from clearface.faces import Face
from clearface.hiders.cells import CellSettings, check_strength, lay_cells, tell_cells

MOSAIC_CELLS = CellSettings(across=4.0, contrast=0.3)


class Mosaic:
    """Squares that lie to the face, not to the picture, each of one of few colours."""

    name = "mosaic"

    def __init__(self, strength: float = 1.0) -> None:
        """strength: how many times as large as usual the squares are. Raises UsageError where that would not hide."""
        check_strength(strength)
        self._settings = MOSAIC_CELLS.at(strength)

    def hide(self, crop: FloatArray, face: Face, mask: FloatArray, random: np.random.Generator) -> FloatArray:
        """See `clearface.hiders.base.Hider`."""
        cells = lay_cells(face, self._settings.across, *crop.shape[:2])
        colours = tell_cells(crop, cells, self._settings, random)
        return np.repeat(np.repeat(colours, np.diff(cells.left), axis=1), np.diff(cells.top), axis=0)
