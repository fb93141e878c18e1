"""How much fine detail a picture has, without a sharp twin."""

import cv2
import numpy as np

from clearface.arrays import FloatArray
from clearface.evaluate.metrics.grey import grey_levels

_SECOND_DIFFERENCES = np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]], np.float64)


def laplacian_variance(picture: FloatArray) -> float:
    """Variance of the Laplacian of the grey picture in squared levels of 255, from 0 up.

    More detail is more, and so is noise and ringing: by itself it says neither better nor worse, beside that of the sharp faces
    it says what is missing or too much. The Laplacian is that of the four neighbours, inside the picture.
    picture: RGB `(H, W, 3)` float in [0, 1]. NaN below three pixels a side.
    (Pech-Pacheco, Cristóbal, Chamorro-Martínez, Fernández-Valdivia: Diatom autofocusing in brightfield microscopy, 2000.)
    """
    if min(picture.shape[:2]) < len(_SECOND_DIFFERENCES):
        return float("nan")
    return float(cv2.filter2D(grey_levels(picture), -1, _SECOND_DIFFERENCES)[1:-1, 1:-1].var())
