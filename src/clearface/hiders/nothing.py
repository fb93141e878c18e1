"""No hiding."""

import numpy as np

from clearface.arrays import FloatArray
from clearface.faces import Face


class Nothing:
    """Leaves faces as they are: for looking at what would be hidden."""

    name = "none"

    def hide(self, crop: FloatArray, face: Face, mask: FloatArray, random: np.random.Generator) -> FloatArray:
        """A copy of the crop."""
        return crop.copy()
