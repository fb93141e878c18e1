"""Several photos of one person as one vector."""

import numpy as np

from clearface.arrays import AnyArray, FloatArray
from clearface.recognition.base import IndexArray

_NOTHING = 1e-6


def pooled(vectors: AnyArray, qualities: AnyArray) -> FloatArray:
    """One unit vector `(D,)` float32 for the photos of one person: the mean of their unit vectors `(N, D)`, weighted.

    qualities: `(N,)`, above 0: how much each counts. Raises ValueError where there is no vector, a quality is not above 0, or
    they cancel each other out, so that their mean points nowhere.
    """
    if not len(vectors):
        raise ValueError("there is nothing to pool")
    (mean,) = weighted_means(vectors, np.zeros(len(vectors), np.intp), qualities, 1)
    length = float(np.linalg.norm(mean))
    if length < _NOTHING:
        raise ValueError("these vectors cancel each other out: their mean points nowhere")
    return np.asarray(mean / length, np.float32)


def weighted_means(vectors: AnyArray, owners: IndexArray, qualities: AnyArray, count: int) -> FloatArray:
    """The mean of each person's vectors `(N, D)`, weighted by quality, as it is, not of unit length: `(count, D)` float32.

    The cosine distance of a unit vector to it, 1 less their product, is the weighted mean of the distances to all vectors it is
    made of. owners: `(N,)`, whose each is, in [0, count); nobody's mean is zeros. Raises ValueError where a quality is not above
    0.
    """
    weights = np.asarray(qualities, np.float64)
    if not (np.isfinite(weights).all() and (weights > 0).all()):
        raise ValueError("a quality is a number above 0")
    order = np.argsort(owners, kind="stable")
    held, starts = np.unique(owners[order], return_index=True)
    means = np.zeros((count, vectors.shape[1]), np.float64)
    if len(held):
        weighted = vectors[order].astype(np.float64) * weights[order][:, None]
        means[held] = np.add.reduceat(weighted, starts) / np.add.reduceat(weights[order], starts)[:, None]
    return means.astype(np.float32)
