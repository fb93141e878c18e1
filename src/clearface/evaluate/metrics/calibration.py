"""Whether the errors a method states are the errors it makes."""

import numpy as np

from clearface.arrays import FloatArray

EXPECTED_SHARE = 0.9
"""Of the pixels, how many an honest method has within the error it states, since that is what it states."""


def share_within_error(sharp: FloatArray, after: FloatArray, error: FloatArray) -> float:
    """Share of the pixels whose error is at most the one stated: in [0, 1], at best `EXPECTED_SHARE`.

        mean over pixels of [mean over channels of |after - sharp| <= error]

    sharp, after: RGB `(H, W, 3)` in [0, 1]; error: `(H, W)` in the same units, what nine pixels of ten are to stay below. Less
    is overconfidence, more is caution; a method that states a large error everywhere has 1, so that the error stated is to be
    read beside it. It is the coverage of a prediction interval (Gneiting, Balabdaoui and Raftery 2007).
    """
    off = np.abs(np.subtract(after, sharp, dtype=np.float64)).mean(2)
    return float(np.mean(off <= error))


def mean_stated_error(error: FloatArray) -> float:
    """Mean over the pixels of the error stated, in levels of 255: 0 or more, and of two calibrated methods less says more.

    error: `(H, W)` in [0, 1], what nine pixels of ten are to stay below.
    """
    return float(255 * error.mean(dtype=np.float64))
