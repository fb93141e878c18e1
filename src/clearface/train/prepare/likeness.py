"""Near-duplicates: faces whose small pictures are all but the same."""

import numpy as np
from numpy.typing import NDArray

from clearface.arrays import FloatArray

THUMBNAIL = 24
"""Side in pixels; aligned thumbnails of different people, and of one person on different photos, correlate less than 0.95."""

ALIKE = 0.97
"""Correlation of two thumbnails from which on two faces are one photo, saved, cut or adjusted twice."""

_BLOCK = 512


def find_duplicates(thumbnails: FloatArray, preference: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each face the one it repeats, `(N,)`, -1 for those to keep.

    thumbnails: brightness `(N, T, T)`. preference: `(N,)` indices, those to keep rather first. Brightness and contrast make no
    difference. A face is left out where a kept one before it correlates `ALIKE` or more; takes N^2 T^2 multiplications in blocks.
    """
    flat = thumbnails.reshape(len(thumbnails), -1).astype(np.float32)
    flat = flat - flat.mean(1, keepdims=True)
    flat /= np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-6)
    repeats = np.full(len(flat), -1, np.int64)
    kept = np.zeros(len(flat), np.int64)
    count = 0
    for start in range(0, len(flat), _BLOCK):
        block = preference[start : start + _BLOCK]
        before = flat[block] @ flat[kept[:count]].T
        among = flat[block] @ flat[block].T
        fresh: list[int] = []  # places within the block
        for place, face in enumerate(block):
            alike = [*kept[:count][before[place] >= ALIKE], *block[[p for p in fresh if among[place, p] >= ALIKE]]]
            if alike:
                repeats[face] = alike[0]
            else:
                fresh.append(place)
        kept[count : count + len(fresh)] = block[fresh]
        count += len(fresh)
    return repeats
