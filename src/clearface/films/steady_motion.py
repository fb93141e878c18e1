"""By how much a square of a film moved since the one before, and where it shows something else."""

import cv2
import numpy as np

from clearface.arrays import DoubleArray, FloatArray
from clearface.blending import face_mask
from clearface.faces import compose_transforms, invert_transform, resize_transform

_SIDE = 96
"""Squares are compared at this side, if they are larger."""

_ROUNDS = 8
_FARTHEST = 0.08
"""Of the side: squares further apart than this are not of one face, or too far apart to tell."""

_CAUCHY = 2.0
"""Differences of so many times the median count half: a mouth that moved does not take the face along."""


def motion_between(reference: FloatArray, seen: FloatArray) -> DoubleArray | None:
    """The `(2, 3)` similarity that carries pixels of one grey square `(S, S)` to the same places of the other.

    By inverse compositional alignment (Baker and Matthews 2004) with Cauchy weights and a common change of brightness. None
    where none is found that moves the face by less than a twelfth of the side.
    """
    size = reference.shape[0]
    side = min(size, _SIDE)
    fixed, moving = (
        np.asarray(cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA), np.float32)
        for picture in (reference, seen)
    )
    down, across = np.gradient(fixed)
    places = np.arange(side, dtype=np.float32) - (side - 1) / 2
    rows, columns = places[:, None], places[None, :]
    slopes = np.stack(
        [
            across * columns + down * rows,
            down * columns - across * rows,
            across,
            down,
            np.ones_like(fixed),
        ]
    ).reshape(5, -1)
    mask = face_mask(side)
    found = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    apart = max(1, side // 32)
    for _ in range(_ROUNDS):
        warped = cv2.warpAffine(moving, found, (side, side), flags=flags, borderMode=cv2.BORDER_REPLICATE)
        off = np.asarray(warped, np.float32) - fixed
        scale = _CAUCHY * float(np.median(np.abs(off[::apart, ::apart]))) + 1e-4
        weighted = slopes * (mask / (1 + (off / scale) ** 2)).reshape(-1)
        normal = (weighted @ slopes.T).astype(np.float64)
        normal[np.diag_indices(5)] += 1e-9 * np.trace(normal) + 1e-12
        step = np.linalg.solve(normal, (weighted @ off.reshape(-1)).astype(np.float64))
        found = compose_transforms(invert_transform(_around_middle(step, side)), found)
        if farthest(found, side) > _FARTHEST * side:
            return None
        if float(np.abs(step[2:4]).max()) < 0.01 and float(np.abs(step[:2]).max()) * side < 0.01:
            break
    shrunk = resize_transform(side / size)
    return compose_transforms(compose_transforms(shrunk, found), invert_transform(shrunk))


def farthest(transform: DoubleArray, size: int) -> float:
    """By how many pixels a similarity moves what lies on the face within a square of `size` pixels, at most."""
    near, far = 0.25 * size, 0.75 * size
    corners = np.array([[near, near], [far, near], [far, far], [near, far]])
    moved = corners @ transform[:, :2].T + transform[:, 2] - corners
    return float(np.hypot(moved[:, 0], moved[:, 1]).max())


def _around_middle(step: DoubleArray, side: int) -> DoubleArray:
    """Identity plus a small similarity about the middle of a square."""
    linear = np.array([[1 + step[0], -step[1]], [step[1], 1 + step[0]]])
    middle = np.full(2, (side - 1) / 2)
    return np.column_stack([linear, middle - linear @ middle + step[2:4]])
