"""How far apart two embeddings are."""

import numpy as np

from clearface.arrays import AnyArray, DoubleArray


def angle_between(first: AnyArray, second: AnyArray) -> float:
    """The angle of two vectors `(D,)` in degrees: in [0, 180], lower is more alike.

        2 * atan2(|a - b|, |a + b|) for a, b of unit length

    which is arccos(a . b), the distance of ArcFace (Deng et al. 2019), without its loss of digits near 0 and 180 (Kahan 2006).
    NaN where a vector has no direction: zeros, NaN or infinity.
    """
    one, other = _unit(first), _unit(second)
    return float(np.degrees(2 * np.arctan2(np.linalg.norm(one - other), np.linalg.norm(one + other))))


def _unit(vector: AnyArray) -> DoubleArray:
    wide = np.asarray(vector, np.float64)
    length = float(np.linalg.norm(wide))
    return wide / length if np.isfinite(length) and length > 0 else np.full_like(wide, np.nan)
