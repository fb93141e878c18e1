"""Linear maps into a space of fewer dimensions, which every classical way to recognize faces is."""

from dataclasses import dataclass

import numpy as np

from clearface.arrays import AnyArray, DoubleArray

_NOTHING = 1e-9


@dataclass(frozen=True, eq=False)
class LinearProjection:
    """`(x - mean) @ axes.T`."""

    mean: DoubleArray
    """`(D,)`."""

    axes: DoubleArray
    """`(K, D)`, the one that tells most first."""

    def project(self, vectors: AnyArray) -> DoubleArray:
        """The coordinates `(N, K)` of `(N, D)` vectors along the axes, from the mean."""
        return np.asarray((np.asarray(vectors, np.float64) - self.mean) @ self.axes.T, np.float64)

    def then(self, axes: DoubleArray) -> "LinearProjection":
        """This one, followed by a linear map with axes `(L, K)`, as one."""
        return LinearProjection(self.mean, axes @ self.axes)


def principal_components(vectors: AnyArray, components: int) -> LinearProjection:
    """The directions, orthonormal, in which `(N, D)` vectors differ most, N >= 2: `components`, or as many as there are.

    Raises ValueError where the vectors are all the same.
    """
    from scipy import linalg

    wide = np.asarray(vectors, np.float64)
    mean = wide.mean(0)
    _, spreads, axes = linalg.svd(wide - mean, full_matrices=False)
    count = min(components, int(np.count_nonzero(spreads > _NOTHING * max(spreads[0], 1.0))))
    if not count:
        raise ValueError("vectors that are all the same have no principal components")
    return LinearProjection(mean, axes[:count])
