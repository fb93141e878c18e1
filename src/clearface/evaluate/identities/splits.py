"""Who is known by which photos."""

from dataclasses import dataclass

import numpy as np

from clearface.errors import UsageError
from clearface.evaluate.identities.people_faces import IndexArray

GALLERY_PHOTOS = 5
"""Of each person, as is usual on ORL; the rest are probes."""

SPLITS = 10


@dataclass(frozen=True, eq=False)
class Split:
    """One way to part the photos."""

    gallery: IndexArray
    """Places of the photos by which people are known, sorted."""

    probes: IndexArray
    """Places of all others, sorted."""


def draw_splits(
    people: IndexArray, seed: int, gallery_photos: int = GALLERY_PHOTOS, count: int = SPLITS
) -> tuple[Split, ...]:
    """`count` ways to choose the gallery at random, each person's photos by themselves.

    people: `(N,)`, whose each photo is. A person with too few photos has all but one in the gallery; one with a single photo is
    known and never asked for. Raises UsageError where the numbers cannot be, or no photo is left as a probe.
    """
    if gallery_photos < 1 or count < 1:
        raise UsageError("recognition takes at least one photo of each person and one split")
    if np.unique(people, return_counts=True)[1].max(initial=0) < 2:
        raise UsageError("recognition takes a person with two photos: one to be known by, one to be recognized on")
    return tuple(_drawn(people, np.random.default_rng([seed, number]), gallery_photos) for number in range(count))


def _drawn(people: IndexArray, generator: np.random.Generator, gallery_photos: int) -> Split:
    chosen = []
    for person in np.unique(people):
        own = np.flatnonzero(people == person)
        known = max(1, min(gallery_photos, len(own) - 1))
        chosen.append(generator.permutation(own)[:known])
    gallery = np.sort(np.concatenate(chosen))
    return Split(gallery, np.setdiff1d(np.arange(len(people)), gallery))
