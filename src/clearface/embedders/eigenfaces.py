"""Eigenfaces (Turk and Pentland 1991): the plainest way to recognize a person, which needs nothing but the photos."""

from clearface.arrays import AnyArray
from clearface.embedders.projections import LinearProjection, principal_components

COMPONENTS = 100
"""Directions kept, or as many as there are."""


def fit_eigenfaces(vectors: AnyArray, components: int = COMPONENTS) -> LinearProjection:
    """The directions in which the faces of a gallery, `(N, D)` vectors of brightness, N >= 2, differ most.

    Raises ValueError where the vectors are all the same.
    """
    return principal_components(vectors, components)
