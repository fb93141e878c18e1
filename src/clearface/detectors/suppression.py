"""Of several answers around one face, make one."""

import numpy as np

from clearface.arrays import DoubleArray
from clearface.faces import Box, Face

_DOUBTFUL = 0.5
"""An answer with less than this share of another's score may be a part of that face."""


def merge_duplicates(
    faces: list[Face], largest_overlap: float = 0.3, voting_overlap: float = 0.5, largest_part: float = 0.6
) -> list[Face]:
    """Greedy non-maximum suppression with voting (Gidaris and Komodakis 2015), most certain first.

    largest_overlap: the intersection over union, in [0, 1], up to which two boxes count as two faces.
    voting_overlap: answers that overlap the best one by more than this share in its box and landmarks, weighted by their
    scores. Averaged over scales, the landmarks of blurred faces are nearer the truth than those of any one scale.
    largest_part: how much of a doubtful answer, in [0, 1], may lie in the box of a face far more certain, before it counts as a
    part of that face: half a face that answers by itself hardly overlaps the whole one by union. 1 for all of it.
    """
    if not faces:
        return []
    corners = np.array([[face.box.left, face.box.top, face.box.right, face.box.bottom] for face in faces], np.float64)
    landmarks = np.array([face.landmarks for face in faces])
    scores = np.array([face.score for face in faces])
    waiting = np.argsort(-scores, kind="stable")
    merged = []
    while waiting.size:
        best = waiting[0]
        overlaps, inside = _overlaps(corners[best], corners[waiting])
        voters = waiting[overlaps > voting_overlap] if overlaps[0] > 0 else waiting[:1]
        weights = np.maximum(scores[voters], 1e-9)
        weights /= weights.sum()
        left, top, right, bottom = (float(side) for side in weights @ corners[voters])
        points = np.tensordot(weights, landmarks[voters], axes=1)
        merged.append(Face(Box(left, top, right, bottom), float(scores[best]), points))
        part = (inside > largest_part) & (scores[waiting] < _DOUBTFUL * scores[best])
        waiting = waiting[1:][(overlaps[1:] <= largest_overlap) & ~part[1:]]
    return merged


def _overlaps(corners: DoubleArray, others: DoubleArray) -> tuple[DoubleArray, DoubleArray]:
    """Of one box `(4,)` and others `(N, 4)`, all left, top, right, bottom: intersection over union, and how much of each of the
    others lies inside the one, both `(N,)` in [0, 1].
    """
    sides = np.minimum(corners[2:], others[:, 2:]) - np.maximum(corners[:2], others[:, :2])
    shared = np.prod(np.maximum(sides, 0), axis=1)
    areas = np.prod(others[:, 2:] - others[:, :2], axis=1)
    together = np.prod(corners[2:] - corners[:2]) + areas - shared
    overlaps: DoubleArray = np.divide(shared, together, out=np.zeros_like(shared), where=together > 0)
    inside: DoubleArray = np.divide(shared, areas, out=np.zeros_like(shared), where=areas > 0)
    return overlaps, inside
