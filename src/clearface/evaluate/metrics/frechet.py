"""The distance of two clouds of features: what FID is made of."""

import numpy as np

from clearface.arrays import AnyArray, DoubleArray


def frechet_distance(first: AnyArray, second: AnyArray) -> float:
    """Squared Fréchet distance of the Gaussians fitted to two sets of features, from 0 for equal ones up; lower is better.

    `|m - n|^2 + tr(C + D - 2 (C D)^(1/2))` with means m, n and covariances C, D. first, second: `(N, F)` and `(M, F)`, finite; at
    least two rows each. With N or M of the order of F or less it comes out too large, the more so the fewer there are: compare
    only figures of equal numbers. Raises ValueError for sets that cannot be compared.
    (Heusel, Ramsauer, Unterthiner, Nessler, Hochreiter: GANs trained by a two time-scale update rule converge to a local Nash
    equilibrium, 2017; Dowson, Landau 1982.)

    The trace of the root is the sum of the singular values of A B', with A'A = C and B'B = D: no root of a matrix that is
    singular whenever there are fewer faces than features, and nothing imaginary.
    """
    if first.ndim != 2 or second.ndim != 2 or first.shape[1] != second.shape[1] or min(len(first), len(second)) < 2:
        raise ValueError(
            f"the distance is one of sets of features, two or more each, not {first.shape}, {second.shape}"
        )
    (mean, root), (other_mean, other_root) = _moments(first), _moments(second)
    shared = np.linalg.svd(root @ other_root.T, compute_uv=False).sum()
    distance = ((mean - other_mean) ** 2).sum() + (root**2).sum() + (other_root**2).sum() - 2 * shared
    return float(max(distance, 0.0))  # rounding


def _moments(features: AnyArray) -> tuple[DoubleArray, DoubleArray]:
    """The mean `(F,)`, and a root A of the covariance, A'A, `(min(N, F), F)`."""
    exact = features.astype(np.float64)
    mean = exact.mean(0)
    root = (exact - mean) / np.sqrt(len(exact) - 1)
    if len(root) > root.shape[1]:
        root = np.asarray(np.linalg.qr(root, mode="r"), np.float64)
    return mean, root
