"""Names for the arrays that travel through clearface, and the step from floats to bytes."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

ByteImage = NDArray[np.uint8]
"""RGB `(H, W, 3)` in [0, 255]."""

Pixels = NDArray[np.uint8] | NDArray[np.uint16]
"""RGB `(H, W, 3)`, 8 or 16 bits a channel."""

FloatArray = NDArray[np.float32]
"""float32 of any shape; pictures are RGB in [0, 1]."""

DoubleArray = NDArray[np.float64]
"""float64 of any shape: geometry and point spread functions."""

AnyArray = NDArray[Any]


def as_bytes(picture: FloatArray) -> ByteImage:
    """float32 of any shape in [0, 1], beyond it clipped, as uint8 in [0, 255], rounded."""
    return np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8)
