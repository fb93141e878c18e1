"""How far edges are off."""

import numpy as np

from clearface.arrays import FloatArray


def gradient_error(sharp: FloatArray, picture: FloatArray) -> float:
    """Mean absolute difference of the gradients, from 0 for equal pictures up to 2; lower is better.

    `(mean |dx picture - dx sharp| + mean |dy picture - dy sharp|) / 2` over all pixels and channels, dx and dy the differences
    of neighbours across and down. sharp, picture: RGB `(H, W, 3)` float in [0, 1], at least two pixels a side. Raises ValueError
    where the two differ in shape.
    (The gradient loss of Yasarla, Perazzi, Patel: Deblurring face images using uncertainty guided multi-stream semantic networks,
    2020.)
    """
    if sharp.shape != picture.shape:
        raise ValueError(f"pictures of {sharp.shape} and {picture.shape} cannot be compared")
    difference = picture.astype(np.float64) - sharp
    across, down = np.abs(np.diff(difference, axis=1)).mean(), np.abs(np.diff(difference, axis=0)).mean()
    return float((across + down) / 2)
