"""Heads cut out of portraits, to be laid over a background at any place, size and angle."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import skimage.data
import skimage.io

from clearface.arrays import ByteImage, DoubleArray, FloatArray
from clearface.detectors.centerface import CenterFace
from clearface.faces import Face, apply_transform

_SIDE = 480
_ROOM = 2.2
"""Side of what is cut out, in sizes of the face."""

_HEAD = 0.66
"""Half axes of the ellipse that is kept, in widths and heights of the face."""

_FEATHER = 0.08


@dataclass(frozen=True, eq=False)
class Head:
    """A square around a face."""

    pixels: FloatArray
    """RGB `(S, S, 3)` in [0, 255]."""

    alpha: FloatArray
    """`(S, S)` in [0, 1]."""

    face: Face
    """In pixels of the square."""


@dataclass(frozen=True)
class Pose:
    """How a head is shown at one time."""

    x: float
    """Centre of the face, in pixels of the frame."""

    y: float
    size: float
    """Geometric mean of width and height of its box, in pixels."""

    angle: float = 0.0
    """Against the clock, in degrees."""

    defocus: float = 0.0
    """Standard deviation of the blur, in sizes of the face."""

    light: float = 1.0
    smear: tuple[float, float] = (0.0, 0.0)
    """How far it moves while the shutter is open, in pixels."""


def read_heads(folder: Path | None, count: int) -> list[Head]:
    """Heads of the portraits in a folder, evenly over their names; of the astronaut without one."""
    if folder is None:
        return [_cut_out(np.ascontiguousarray(skimage.data.astronaut()))]
    paths = sorted(folder.iterdir())
    chosen = [paths[round(index)] for index in np.linspace(0, len(paths) - 1, min(count, len(paths)))]
    return [_cut_out(skimage.io.imread(path)[..., :3]) for path in chosen]


def _cut_out(portrait: ByteImage) -> Head:
    face = CenterFace().detect(portrait)[0]
    scale = _SIDE / (_ROOM * face.box.size)
    x, y = face.box.centre
    transform = np.array([[scale, 0, _SIDE / 2 - scale * x], [0, scale, _SIDE / 2 - scale * y]])
    square = cv2.warpAffine(
        portrait, transform, (_SIDE, _SIDE), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REFLECT_101
    )
    (left, top), (right, bottom) = apply_transform(
        transform, np.array([[face.box.left, face.box.top], [face.box.right, face.box.bottom]], np.float64)
    )
    moved = Face(
        type(face.box)(float(left), float(top), float(right), float(bottom)),
        face.score,
        apply_transform(transform, face.landmarks),
    )
    rows, columns = np.mgrid[:_SIDE, :_SIDE] - _SIDE / 2
    radius = np.hypot(columns / (_HEAD * moved.box.width), rows / (_HEAD * moved.box.height))
    alpha = np.clip((1 - radius) / _FEATHER + 0.5, 0, 1).astype(np.float32)
    return Head(square.astype(np.float32), alpha, moved)


def placed(head: Head, pose: Pose) -> DoubleArray:
    """The `(2, 3)` matrix from pixels of the head to pixels of the frame."""
    scale = pose.size / head.face.box.size
    radians = np.deg2rad(pose.angle)
    linear = scale * np.array([[np.cos(radians), np.sin(radians)], [-np.sin(radians), np.cos(radians)]])
    centre = np.array(head.face.box.centre)
    return np.column_stack([linear, np.array([pose.x, pose.y]) - linear @ centre])


def lay_over(frame: FloatArray, head: Head, pose: Pose) -> None:
    """Draws a head into a frame, float32 `(H, W, 3)` in [0, 255], in place."""
    reach = 1.2 * pose.size + 3 * pose.defocus * pose.size + max(abs(pose.smear[0]), abs(pose.smear[1])) + 2
    left, top = max(int(pose.x - reach), 0), max(int(pose.y - reach), 0)
    right, bottom = min(int(pose.x + reach) + 1, frame.shape[1]), min(int(pose.y + reach) + 1, frame.shape[0])
    if right <= left or bottom <= top:
        return
    # Drawn with a margin, so that blur brings in what lies beyond the edge of the frame.
    full = (int(pose.x - reach), int(pose.y - reach))
    side = 2 * int(reach) + 2
    layer = _blurred(_drawn(head, pose, full, side), pose)
    part = layer[top - full[1] : bottom - full[1], left - full[0] : right - full[0]]
    region = frame[top : top + part.shape[0], left : left + part.shape[1]]
    region *= 1 - part[..., 3:]
    region += part[..., :3]


def _drawn(head: Head, pose: Pose, corner: tuple[int, int], side: int) -> FloatArray:
    """RGB times alpha, and alpha `(side, side, 4)`."""
    layer = np.dstack([head.pixels * head.alpha[..., None] * pose.light, head.alpha])
    transform = placed(head, pose)
    shrunk = min(1.0, 1.5 * pose.size / head.face.box.size)
    if shrunk < 1:
        width = max(8, round(_SIDE * shrunk))
        layer = np.asarray(cv2.resize(layer, (width, width), interpolation=cv2.INTER_AREA), np.float32)
        factor = _SIDE / width
        transform = np.column_stack(
            [transform[:, :2] * factor, transform[:, 2] + transform[:, :2] @ np.full(2, (factor - 1) / 2)]
        )
    transform = np.column_stack([transform[:, :2], transform[:, 2] - np.array(corner)])
    return np.asarray(cv2.warpAffine(layer, transform, (side, side), flags=cv2.INTER_LINEAR), np.float32)


def _blurred(layer: FloatArray, pose: Pose) -> FloatArray:
    if pose.defocus > 0:
        layer = np.asarray(cv2.GaussianBlur(layer, (0, 0), pose.defocus * pose.size), np.float32)
    length = float(np.hypot(*pose.smear))
    if length >= 1.5:
        half = int(np.ceil(length / 2))
        kernel = np.zeros((2 * half + 1, 2 * half + 1), np.float32)
        ends = [(round(half - s * pose.smear[0] / 2), round(half - s * pose.smear[1] / 2)) for s in (-1, 1)]
        cv2.line(kernel, ends[0], ends[1], 1.0, 1, cv2.LINE_AA)
        layer = np.asarray(cv2.filter2D(layer, -1, kernel / kernel.sum(), borderType=cv2.BORDER_CONSTANT), np.float32)
    return layer
