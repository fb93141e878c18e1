"""Who is recognized by the nearest of those that are known."""

import numpy as np

from clearface.arrays import AnyArray, DoubleArray
from clearface.evaluate.identities.people_faces import IndexArray
from clearface.evaluate.recognition.settings import Distance


def nearest_people(
    known: AnyArray, owners: IndexArray, probes: AnyArray, neighbours: int = 1, distance: Distance = Distance.COSINE
) -> IndexArray:
    """`(P,)`: the person most of the nearest `neighbours` of each probe are of; of those as many, whose photo is nearest.

    known: `(G, K)`, whose each is in owners `(G,)`. probes: `(P, K)`. Where fewer are known, all of them vote. Of vectors equally
    near the first counts. Raises ValueError where nobody is known or no neighbour is asked.
    """
    if not len(known) or neighbours < 1:
        raise ValueError("somebody has to be known, and one neighbour asked at least")
    apart = _distances(probes, known, distance)
    order = np.argsort(apart, axis=1, kind="stable")[:, :neighbours]
    near = owners[order]
    votes = (near[:, :, None] == near[:, None, :]).sum(2)
    # argmax takes the first of the greatest, and neighbours are in the order of their distance
    return np.asarray(near[np.arange(len(near)), votes.argmax(1)], np.intp)


def _distances(probes: AnyArray, known: AnyArray, distance: Distance) -> DoubleArray:
    """`(P, G)`, in the order of the distance and not of its size."""
    left, right = np.asarray(probes, np.float64), np.asarray(known, np.float64)
    if distance is Distance.COSINE:
        return np.asarray(-_unit(left) @ _unit(right).T)
    return np.asarray((left**2).sum(1)[:, None] + (right**2).sum(1) - 2 * left @ right.T)


def _unit(vectors: DoubleArray) -> DoubleArray:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    directions: DoubleArray = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)
    return directions
