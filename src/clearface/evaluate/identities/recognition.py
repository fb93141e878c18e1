"""Whether people are recognized: by sharp photos, on photos that are sharp, blurred or restored."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from clearface.arrays import AnyArray, DoubleArray
from clearface.evaluate.gauges.base import Better, Metric
from clearface.evaluate.identities.people_faces import IndexArray
from clearface.evaluate.identities.splits import Split
from clearface.evaluate.results import Interval
from clearface.evaluate.statistics import mean_intervals


class Space(Protocol):
    """Where vectors are compared."""

    def project(self, vectors: AnyArray) -> DoubleArray:
        """`(N, D)` to `(N, K)`."""
        ...


class _SameSpace:
    def project(self, vectors: AnyArray) -> DoubleArray:
        return np.asarray(vectors, np.float64)


def _as_they_are(_: AnyArray) -> Space:
    return _SameSpace()


def recognition_metric(embedder: str, gallery_photos: int, splits: int, short_name: str) -> Metric:
    """The column of rank-1 recognition. embedder: its full name, for the variant; short_name: what ends the key."""
    return Metric(
        f"recognition_{short_name}",
        f"Recognized, {short_name}",
        "",
        Better.HIGHER,
        f"rank 1, nearest by cosine, up to {gallery_photos} sharp photos a person, mean of {splits} random splits, by {embedder};"
        " photos without a face count as not recognized; interval by bootstrap over people",
        "Phillips et al. 2000 (FERET: closed-set identification)",
    )


def recognition_rates(
    sharp: AnyArray,
    probes: Mapping[str, AnyArray],
    people: IndexArray,
    splits: Sequence[Split],
    seed: int,
    people_without_face: IndexArray | None = None,
    fit: Callable[[AnyArray], Space] = _as_they_are,
) -> dict[str, Interval]:
    """Rank-1 rates in [0, 1] by name, higher is better: how many probes lie nearest to a photo of the same person.

        mean over people of hits / (probes + photos without a face), a hit where the person of argmax_g cos(p, g) is that of p

    sharp: a vector of each photo as it was, `(N, D)`, of which the gallery is taken. probes: by name, vectors of the same
    photos as a method left them, `(N, D)`. people: `(N,)`, whose each is. people_without_face: `(M,)`, whose the photos
    are that no face was found in; in every split they are probes nobody is recognized on. fit: makes the space to compare in
    from the gallery of a split. Each person counts the same, over all splits together. Intervals are of 95%, by bootstrap over
    the people, as many as `count` says, for photos of one person stand or fall together and splits share photos. Raises
    ValueError where the numbers of vectors differ.
    """
    if any(len(vectors) != len(people) for vectors in (sharp, *probes.values())):
        raise ValueError("there is one vector for each photo")
    lost = np.zeros(0, np.intp) if people_without_face is None else people_without_face
    count = int(max(people.max(initial=0), lost.max(initial=0))) + 1
    hits = {name: np.zeros(count) for name in probes}
    asked = np.zeros(count)
    for split in splits:
        space = fit(sharp[split.gallery])
        asked += np.bincount(np.concatenate([people[split.probes], lost]), minlength=count)
        gallery, known = space.project(sharp[split.gallery]), people[split.gallery]
        for name, vectors in probes.items():
            right = recognized(gallery, known, space.project(vectors[split.probes]), people[split.probes])
            hits[name] += np.bincount(people[split.probes], right, minlength=count)
    rates = [own[asked > 0] / asked[asked > 0] for own in hits.values()]
    return dict(zip(hits, mean_intervals(rates, seed), strict=True))


def recognized(gallery: AnyArray, known: IndexArray, probes: AnyArray, people: IndexArray) -> NDArray[np.bool_]:
    """Whether each probe `(P, K)` lies nearest, by cosine, to a vector of the gallery `(G, K)` of its own person: `(P,)`.

    known: `(G,)` and people: `(P,)`, whose each is. Of several as near the first counts. What has no direction, zeros or NaN, is
    near nothing.
    """
    cosines = _unit(probes) @ _unit(gallery).T
    cosines[np.isnan(cosines)] = -np.inf
    nearest = cosines.argmax(1)
    return np.asarray((known[nearest] == people) & np.isfinite(cosines.max(1)))


def _unit(vectors: AnyArray) -> DoubleArray:
    lengths = np.linalg.norm(np.asarray(vectors, np.float64), axis=1, keepdims=True)
    directions: DoubleArray = np.divide(vectors, lengths, out=np.full(vectors.shape, np.nan), where=lengths > 0)
    return directions
