"""A picture over the face."""

from pathlib import Path

import cv2
import numpy as np

from clearface.arrays import DoubleArray, FloatArray
from clearface.faces import Face
from clearface.hiders.base import Hider
from clearface.hiders.shapes import eye_direction

_LONGEST_SIDE = 2048
_SHORTEST_SIDE = 16
_EMPTY = 1e-3


class Picture:
    """A picture turned with the eyes and large enough to cover the shape; what is clear in it shows the ground."""

    name = "picture"

    def __init__(self, path: Path, ground: Hider) -> None:
        """path: a photo of any kind that is read, transparency included. ground: hides the face below.

        Raises PhotoError, naming the file, where it cannot be read.
        """
        self._sizes = _halved(_read_premultiplied(path))
        self._ground = ground

    def hide(self, crop: FloatArray, face: Face, mask: FloatArray, random: np.random.Generator) -> FloatArray:
        """See `clearface.hiders.base.Hider`."""
        ground = self._ground.hide(crop, face, mask, random)
        across = np.array(eye_direction(face))
        reach = _reach(mask, np.array(face.box.centre), across)
        if not reach.min() > 0:
            return ground
        picture, scale = _nearest_size(self._sizes, 2 * reach)
        height, width = picture.shape[:2]
        if scale < 1:  # interpolation alone would alias
            smaller = (max(1, round(width * scale)), max(1, round(height * scale)))
            picture = np.asarray(cv2.resize(picture, smaller, interpolation=cv2.INTER_AREA), np.float32)
            scale = scale * width / smaller[0]
        laid = _laid(picture, np.array(face.box.centre), across * scale, crop.shape[:2])
        covered = laid[..., 3:]
        hidden = laid[..., :3] + ground * (1 - covered)
        return np.clip(hidden, 0, 1, out=hidden)


def _halved(picture: FloatArray) -> tuple[FloatArray, ...]:
    """A picture `(h, w, 4)` and every halving of it, so that little is left to reduce for each face."""
    sizes = [picture]
    while min(sizes[-1].shape[:2]) >= 2 * _SHORTEST_SIDE:
        height, width = sizes[-1].shape[:2]
        smaller = cv2.resize(sizes[-1], ((width + 1) // 2, (height + 1) // 2), interpolation=cv2.INTER_AREA)
        sizes.append(np.asarray(smaller, np.float32))
    return tuple(sizes)


def _nearest_size(sizes: tuple[FloatArray, ...], covers: DoubleArray) -> tuple[FloatArray, float]:
    """The smallest that need not be enlarged to cover so many pixels `(2,)` across and down, or the largest; and its scale."""
    scales = [float(max(covers[0] / size.shape[1], covers[1] / size.shape[0])) for size in sizes]
    place = max((place for place, scale in enumerate(scales) if scale <= 1), default=0)
    return sizes[place], scales[place]


def _laid(picture: FloatArray, centre: DoubleArray, across: DoubleArray, shape: tuple[int, ...]) -> FloatArray:
    """A premultiplied picture `(h, w, 4)` with its middle at `centre` and its rows along `across`, one of its pixels as long as
    that: `(H, W, 4)`.
    """
    height, width = picture.shape[:2]
    linear = np.array([[across[0], -across[1]], [across[1], across[0]]])
    middle = np.array([(width - 1) / 2, (height - 1) / 2])
    to_crop = np.column_stack([linear, centre - linear @ middle])
    laid = cv2.warpAffine(
        picture, to_crop, (shape[1], shape[0]), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(laid, np.float32)


def _reach(mask: FloatArray, centre: DoubleArray, across: DoubleArray) -> DoubleArray:
    """How far the mask reaches from the centre along `across` and across that, `(2,)`, in pixels; 0 where it is empty."""
    reached = mask > _EMPTY
    rows = np.flatnonzero(reached.any(axis=1))
    if not rows.size:
        return np.zeros(2)
    first = reached[rows].argmax(axis=1)
    last = mask.shape[1] - 1 - reached[rows][:, ::-1].argmax(axis=1)
    ends = np.column_stack([np.concatenate([first, last]), np.concatenate([rows, rows])]) - centre
    down = np.array([-across[1], across[0]])
    reach: DoubleArray = np.abs(np.column_stack([ends @ across, ends @ down])).max(axis=0) + 0.5
    return reach


def _read_premultiplied(path: Path) -> FloatArray:
    """RGBA float32 `(h, w, 4)` in [0, 1], colours times alpha: the first frame."""
    from clearface.files.explanations import shown
    from clearface.files.inputs import read_bytes
    from clearface.photos.decode import read_photo
    from clearface.photos.photo import to_bytes

    frame = read_photo(read_bytes(path), shown(path)).frames[0]
    height, width = frame.pixels.shape[:2]
    level = np.float32(1 / 255)
    alpha = np.ones((height, width), np.float32) if frame.alpha is None else to_bytes(frame.alpha) * level
    picture = np.dstack([to_bytes(frame.pixels) * level * alpha[..., None], alpha]).astype(np.float32)
    longest = max(height, width)
    if longest > _LONGEST_SIDE:
        size = tuple(max(1, round(side * _LONGEST_SIDE / longest)) for side in (width, height))
        picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.float32)
    return picture
