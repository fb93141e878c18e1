"""Of several answers around one face, make one."""

import numpy as np

from clearface.arrays import DoubleArray
from clearface.faces import Box, Face


def merge_duplicates(faces: list[Face], largest_overlap: float = 0.3, voting_overlap: float = 0.5) -> list[Face]:
    """Greedy non-maximum suppression with voting (Gidaris and Komodakis 2015), most certain first.

    largest_overlap: the intersection over union, in [0, 1], up to which two boxes count as two faces.
    voting_overlap: answers that overlap the best one by more than this share in its box and landmarks, weighted by their
    scores. Averaged over scales, the landmarks of blurred faces are nearer the truth than those of any one scale.
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
        overlaps = _overlaps(corners[best], corners[waiting])
        voters = waiting[overlaps > voting_overlap] if overlaps[0] > 0 else waiting[:1]
        weights = np.maximum(scores[voters], 1e-9)
        weights /= weights.sum()
        left, top, right, bottom = (float(side) for side in weights @ corners[voters])
        points = np.tensordot(weights, landmarks[voters], axes=1)
        merged.append(Face(Box(left, top, right, bottom), float(scores[best]), points))
        waiting = waiting[1:][overlaps[1:] <= largest_overlap]
    return merged


def _overlaps(corners: DoubleArray, others: DoubleArray) -> DoubleArray:
    """Intersection over union of one box `(4,)` with others `(N, 4)`, all left, top, right, bottom."""
    sides = np.minimum(corners[2:], others[:, 2:]) - np.maximum(corners[:2], others[:, :2])
    shared = np.prod(np.maximum(sides, 0), axis=1)
    together = np.prod(corners[2:] - corners[:2]) + np.prod(others[:, 2:] - others[:, :2], axis=1) - shared
    overlaps: DoubleArray = np.divide(shared, together, out=np.zeros_like(shared), where=together > 0)
    return overlaps
