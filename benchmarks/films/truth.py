"""What is known of the faces of the made clip, frame by frame."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class TrueFace:
    """One face of one frame."""

    person: int
    """The same throughout a scene, from 1."""

    box: tuple[float, float, float, float]
    """Left, top, right, bottom of the upright face before it was turned, in pixels."""

    angle: float
    """Against the clock, in degrees."""

    inner: list[list[float]]
    """A convex polygon of `[x, y]` around eyes, nose and mouth."""

    visible: float
    """How much of that lies in the frame and behind nothing, in [0, 1]."""

    @property
    def size(self) -> float:
        return float(np.sqrt((self.box[2] - self.box[0]) * (self.box[3] - self.box[1])))


@dataclass(frozen=True)
class TrueFrame:
    """All of one frame."""

    number: int
    """From 1."""

    scene: str
    posts: list[tuple[int, int]]
    """Columns, from and to, in front of everybody."""

    faces: tuple[TrueFace, ...]
    """Those in front last."""


def owners(frame: TrueFrame, shape: tuple[int, int]) -> NDArray[np.uint8]:
    """Whose inner face shows at each pixel, as 1 + its place in `faces`; 0 for nobody's. `shape` is `(H, W)`."""
    owner = np.zeros(shape, np.uint8)
    for index, face in enumerate(frame.faces):
        left, top, right, bottom = face.box
        axes = (round(0.6 * (right - left)), round(0.6 * (bottom - top)))
        cv2.ellipse(owner, (round((left + right) / 2), round((top + bottom) / 2)), axes, -face.angle, 0, 360, 0, -1)
        cv2.fillConvexPoly(owner, np.round(np.array(face.inner)).astype(np.int32), index + 1)
    for start, end in frame.posts:
        owner[:, start:end] = 0
    return owner


def line(frame: TrueFrame) -> str:
    """One line of JSON."""
    return json.dumps(asdict(frame))


def read_truth(path: Path) -> Iterator[TrueFrame]:
    """The frames in order."""
    with path.open() as lines:
        for text in lines:
            told = json.loads(text)
            faces = tuple(TrueFace(**face) for face in told.pop("faces"))
            yield TrueFrame(faces=faces, **told)
