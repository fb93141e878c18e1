"""What every way to hide a face is."""

from typing import Protocol

import numpy as np

from clearface.arrays import FloatArray
from clearface.faces import Face


class Hider(Protocol):
    """Replaces a face by something that does not tell whose it is."""

    @property
    def name(self) -> str: ...

    def hide(self, crop: FloatArray, face: Face, mask: FloatArray, random: np.random.Generator) -> FloatArray:
        """A crop of a frame with its face replaced.

        crop: RGB float32 `(H, W, 3)` in [0, 1], left as it is. face: in pixels of the crop. mask: `(H, W)` float32 in [0, 1], 1
        over the face. random: noise is drawn from it; the same state gives the same result. Returns RGB float32 `(H, W, 3)` in
        [0, 1]; the caller lays it over the crop under the mask. Under the mask it tells no more of the crop than is meant to be
        told, also where the mask fades.
        """
        ...
