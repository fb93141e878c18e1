"""Locality preserving projections (He and Niyogi 2003; of faces, He et al. 2005): neighbours stay neighbours."""

from dataclasses import dataclass

import numpy as np

from clearface.arrays import AnyArray, DoubleArray
from clearface.embedders.projections import LinearProjection, principal_components
from clearface.recognition.base import IndexArray


@dataclass(frozen=True)
class LppOptions:
    """How the graph of neighbours is made."""

    supervised: bool = True
    """Neighbours are photos of one person only; otherwise whoever is near."""

    neighbours: int | None = None
    """Photos that each one is joined to; None for all of the same person, or 5 without their names."""

    heat: float | None = None
    """Weights are exp(-|x - y|^2 / (heat * s)), s the mean square distance of neighbours; None for 1, whatever the distance."""

    components: int | None = None
    """Of the principal components that come first; None for as many as photos less people, which Fisherfaces take too."""

    directions: int | None = None
    """That are kept; None for one less than there are people."""


_NEIGHBOURS = 5


def fit_lpp(vectors: AnyArray, owners: IndexArray, options: LppOptions | None = None) -> LinearProjection:
    """The directions a that minimize sum W_ij (a.x_i - a.x_j)^2 under sum D_ii (a.x_i)^2 = 1, for `(N, D)` vectors.

    Principal components first; then the solutions of X L X' a = lambda X D X' a with the least lambda, where W are the weights
    of `neighbour_weights`, D their sums and L = D - W. owners: `(N,)`, whose each is. Raises ValueError where there are fewer
    than two people, nobody has two photos, or photos do not differ.
    """
    from scipy import linalg

    own = options or LppOptions()
    people = len(np.unique(owners))
    room = len(owners) - people
    if people < 2 or room < 1:
        raise ValueError(
            "projections that keep people together take two people or more, and one of them with two photos"
        )
    reduced = principal_components(vectors, min(own.components or room, len(owners) - 1))
    points = reduced.project(vectors)
    weights = neighbour_weights(points, owners, own)
    sums = weights.sum(1)
    near = points.T @ (np.diag(sums) - weights) @ points
    size = points.T @ (points * sums[:, None])
    if np.linalg.matrix_rank(size, hermitian=True) < len(size):
        raise ValueError("photos do not differ in as many ways as directions are asked for")
    _, directions = linalg.eigh(near, size)
    count = min(own.directions or people - 1, len(size))
    return reduced.then(np.ascontiguousarray(directions[:, :count].T))


def neighbour_weights(points: DoubleArray, owners: IndexArray, options: LppOptions) -> DoubleArray:
    """The graph `(N, N)`, symmetric, in [0, 1], of points `(N, K)`: 0 for those that are no neighbours.

    Two are neighbours where one of them is among the nearest of the other. Each is its own neighbour too.
    """
    squares = (points**2).sum(1)
    apart = np.maximum(squares[:, None] + squares - 2 * points @ points.T, 0)
    np.fill_diagonal(apart, 0)
    joined = owners[:, None] == owners if options.supervised else np.ones(apart.shape, bool)
    count = options.neighbours or (None if options.supervised else _NEIGHBOURS)
    if count is not None:
        order = np.argsort(np.where(joined, apart, np.inf), axis=1, kind="stable")
        nearest = np.zeros(apart.shape, bool)
        np.put_along_axis(nearest, order[:, : count + 1], True, 1)
        joined = joined & (nearest | nearest.T)
    np.fill_diagonal(joined, True)
    if options.heat is None:
        return joined.astype(np.float64)
    others = joined & ~np.eye(len(points), dtype=bool)
    scale = float(apart[others].mean()) if others.any() else 1.0
    return np.where(joined, np.exp(-apart / max(options.heat * scale, 1e-12)), 0.0)
