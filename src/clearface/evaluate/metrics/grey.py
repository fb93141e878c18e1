"""The grey picture that measures of naturalness look at."""

import cv2
import numpy as np

from clearface.arrays import DoubleArray, FloatArray, as_bytes


def grey_levels(picture: FloatArray) -> DoubleArray:
    """RGB `(H, W, 3)` float in [0, 1] as float64 luma `(H, W)` in 0 to 255 (ITU-R BT.601), rounded to whole levels.

    Rounded as a file of 8 bits would be: a picture that never was in a file has finer shades, which would count as
    texture in flat places.
    """
    return cv2.cvtColor(as_bytes(picture), cv2.COLOR_RGB2GRAY).astype(np.float64)
