"""How far the points of a face lie from where they should."""

import numpy as np

from clearface.arrays import DoubleArray


def landmark_error(true: DoubleArray, found: DoubleArray) -> float:
    """Mean distance of the points of a face, in % of the distance of its eyes: 0 or more, lower is better.

        100 * mean_k |found_k - true_k| / |true_1 - true_0|

    true, found: `(K, 2)` in pixels, the eyes first. Known as the normalized mean error by inter-ocular distance (300-W,
    Sagonas et al. 2013, who take the outer corners of the eyes; here it is their centres). NaN where the eyes coincide.
    """
    eyes = float(np.linalg.norm(true[1] - true[0]))
    return float(100 * np.linalg.norm(found - true, axis=1).mean() / eyes) if eyes > 0 else float("nan")
