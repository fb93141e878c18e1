"""Eigenfaces (Turk and Pentland 1991): the plainest way to recognize a person, which needs nothing but the photos."""

from dataclasses import dataclass

import cv2
import numpy as np

from clearface.arrays import AnyArray, DoubleArray, FloatArray
from clearface.blending import face_mask

COMPONENTS = 100
"""Directions kept, or as many as there are."""

_SIDE = 64
_NOTHING = 1e-9


def face_vectors(faces: FloatArray) -> FloatArray:
    """The brightness of RGB FFHQ squares `(N, S, S, 3)` in [0, 1], reduced to 64x64 and weighted by `face_mask`: `(N, 4096)`.

    The weights keep surroundings from telling who it is, as the Gaussian window of the paper does.
    """
    weights = face_mask(_SIDE)
    vectors = np.empty((len(faces), _SIDE * _SIDE), np.float32)
    for place, face in enumerate(faces):
        brightness = np.ascontiguousarray(face).mean(2)
        vectors[place] = (cv2.resize(brightness, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA) * weights).ravel()
    return vectors


@dataclass(frozen=True, eq=False)
class Eigenfaces:
    """The directions in which the faces of a gallery differ most; `fitted` anew for each split of the photos."""

    mean: DoubleArray
    """`(D,)`."""

    axes: DoubleArray
    """`(K, D)`, orthonormal, the one of greatest variance first."""

    @classmethod
    def fitted(cls, gallery: AnyArray, components: int = COMPONENTS) -> "Eigenfaces":
        """Principal components of `(M, D)` vectors, M >= 2. Raises ValueError where the vectors are all the same."""
        from scipy import linalg

        wide = np.asarray(gallery, np.float64)
        mean = wide.mean(0)
        _, spreads, axes = linalg.svd(wide - mean, full_matrices=False)
        count = min(components, int(np.count_nonzero(spreads > _NOTHING * max(spreads[0], 1.0))))
        if not count:
            raise ValueError("vectors that are all the same have no principal components")
        return cls(mean, axes[:count])

    def project(self, vectors: AnyArray) -> DoubleArray:
        """The coordinates `(N, K)` of `(N, D)` vectors along the axes, from the mean."""
        return np.asarray((np.asarray(vectors, np.float64) - self.mean) @ self.axes.T, np.float64)
