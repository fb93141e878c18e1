"""Faces that move as told, as a detector would find them."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from clearface.faces import FFHQ_TEMPLATE, Box, Face
from clearface.tracking.base import FoundFaces, TrackedFrame
from clearface.tracking.follow import FaceFollower, FollowOptions

Motion = Callable[[float], Box]
"""Where a face is at a time in seconds."""


def square(x: float, y: float, size: float) -> Box:
    return Box(x - size / 2, y - size / 2, x + size / 2, y + size / 2)


def steady(x: float, y: float, size: float, across: float = 0.0, down: float = 0.0) -> Motion:
    """Even motion, in pixels per second."""
    return lambda seconds: square(x + across * seconds, y + down * seconds, size)


def face(box: Box, score: float = 0.9) -> Face:
    """With landmarks where the template has them, the face filling the middle of the square."""
    landmarks = (FFHQ_TEMPLATE - 256) / 318 * box.size + np.array(box.centre)
    return Face(box, score, landmarks)


def film(
    motions: Sequence[Motion],
    times: Sequence[float],
    seen: Callable[[int, int], bool] = lambda _motion, _frame: True,
    cuts: Iterable[int] = (),
) -> list[FoundFaces]:
    """One frame for each time; `seen` is asked with the places of motion and frame, from 0, `cuts` are places of frames."""
    beginnings = set(cuts)
    return [
        FoundFaces(
            index + 1,
            seconds,
            tuple(face(motion(seconds)) for place, motion in enumerate(motions) if seen(place, index)),
            index in beginnings,
        )
        for index, seconds in enumerate(times)
    ]


def follow(
    frames: Sequence[FoundFaces], options: FollowOptions | None = None, size: tuple[int, int] | None = None
) -> list[TrackedFrame]:
    """All of a film at once."""
    follower = FaceFollower(options, size)
    told = [tracked for found in frames for tracked in follower.push(found)]
    return told + follower.finish()


def number_at(frame: TrackedFrame, box: Box) -> int | None:
    """The number of the face told nearest to a place, if any overlaps it."""
    near = max(frame.faces, key=lambda tracked: tracked.face.box.overlap(box), default=None)
    return near.track if near is not None and near.face.box.overlap(box) > 0.2 else None
