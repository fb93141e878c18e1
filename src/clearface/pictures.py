"""Pictures that explain a result: side by side, boxes drawn, face crops."""

import cv2
import numpy as np

from clearface.arrays import ByteImage, as_bytes
from clearface.faces import Face
from clearface.photos.photo import byte_view
from clearface.pipeline import RestoredFrame

_BOX_COLOUR = (255, 196, 0)
_GAP = 8


def draw_faces(picture: ByteImage, faces: list[Face]) -> ByteImage:
    """A copy of an RGB uint8 `(H, W, 3)` picture with every face's box, landmarks, number and score drawn on it."""
    drawn = picture.copy()
    line = line_width(picture.shape)
    for number, face in enumerate(faces, start=1):
        mark_face(drawn, face, number, line)
    return drawn


def line_width(shape: tuple[int, ...]) -> int:
    """How thick lines are drawn on a picture of `shape` `(H, W, ...)`, in pixels."""
    return max(1, round(max(shape[:2]) / 500))


def mark_face(picture: ByteImage, face: Face, number: int, line: int) -> None:
    """Draws one face's box, landmarks, number and score on an RGB uint8 `(H, W, 3)` picture, with lines that thick."""
    box = face.box
    corners = [(round(box.left), round(box.top)), (round(box.right), round(box.bottom))]
    cv2.rectangle(picture, corners[0], corners[1], _BOX_COLOUR, line)
    for x, y in face.landmarks:
        cv2.circle(picture, (round(float(x)), round(float(y))), line + 1, _BOX_COLOUR, -1)
    scale = float(np.clip(box.size / 180, 0.35, 3.0))
    place = (corners[0][0], max(round(22 * scale), corners[0][1] - 2 * line))
    label = f"{number}: {face.score:.2f}"
    cv2.putText(picture, label, place, cv2.FONT_HERSHEY_SIMPLEX, scale, (0, 0, 0), 3 * line, cv2.LINE_AA)
    cv2.putText(picture, label, place, cv2.FONT_HERSHEY_SIMPLEX, scale, _BOX_COLOUR, line, cv2.LINE_AA)


def side_by_side(before: ByteImage, after: ByteImage) -> ByteImage:
    """Two RGB uint8 pictures of one size, the first on the left (above, where they are wider than high by half)."""
    axis = 0 if before.shape[1] > 1.5 * before.shape[0] else 1
    gap_shape = list(before.shape)
    gap_shape[axis] = _GAP
    return np.concatenate([before, np.full(gap_shape, 255, np.uint8), after], axis)


def comparison(before: ByteImage, frame: RestoredFrame, tallest: int = 320) -> ByteImage:
    """The whole photo before and after, and below it every face before and after, enlarged to one height."""
    whole = side_by_side(before, byte_view(frame.pixels))
    pairs = []
    for face in frame.faces:
        pair = side_by_side(as_bytes(face.before), as_bytes(face.after))
        width = round(pair.shape[1] * tallest / pair.shape[0])
        pairs.append(np.asarray(cv2.resize(pair, (width, tallest), interpolation=cv2.INTER_CUBIC), np.uint8))
    return _stacked(whole, pairs)


def _stacked(whole: ByteImage, pairs: list[ByteImage]) -> ByteImage:
    """Pairs in rows below a picture, on white."""
    rows: list[list[ByteImage]] = []
    width = max([whole.shape[1], *(pair.shape[1] for pair in pairs)])
    room = 0
    for pair in pairs:
        if pair.shape[1] + _GAP > room:
            rows.append([])
            room = width + _GAP
        rows[-1].append(pair)
        room -= pair.shape[1] + _GAP
    height = whole.shape[0] + sum(row[0].shape[0] + _GAP for row in rows)
    canvas = np.full((height, width, 3), 255, np.uint8)
    canvas[: whole.shape[0], : whole.shape[1]] = whole
    top = whole.shape[0]
    for row in rows:
        top += _GAP
        left = 0
        for pair in row:
            canvas[top : top + pair.shape[0], left : left + pair.shape[1]] = pair
            left += pair.shape[1] + _GAP
        top += row[0].shape[0]
    return canvas
