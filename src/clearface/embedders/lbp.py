"""Histograms of local binary patterns (Ahonen, Hadid and Pietikainen 2006): texture, wherever on the face it is."""

import hashlib
from dataclasses import asdict, dataclass
from functools import cached_property

import cv2
import numpy as np

from clearface.arrays import DoubleArray, FloatArray
from clearface.embedders.alignment import eye_chip
from clearface.embedders.photometry import Photometry, in_even_light

_POINTS, _RADIUS = 8, 2
_LABELS = _POINTS * (_POINTS - 1) + 3
"""Uniform patterns, each with a label of its own, and one for all others."""

_CHIP_SIZE = 112


@dataclass(frozen=True)
class LbpOptions:
    """How histograms are taken."""

    grid: int = 8
    """Cells across and down."""

    weighted: bool = True
    """Whether cells count the more the nearer they are to the middle of the face; in the paper, too, the rim counts least."""

    photometry: Photometry = Photometry.TAN_TRIGGS
    """Without, patterns hold against brightness, but not against light from a side: 98% to 82% are recognized under it."""


def lbp_histograms(pictures: FloatArray, options: LbpOptions | None = None) -> FloatArray:
    """Unit vectors `(N, grid * grid * 59)` float32 for grey pictures `(N, H, W)` in [0, 1], rounded to 8 bits.

    In each cell of the grid the histogram of uniform patterns of 8 points at a distance of 2 pixels. Each number is the square
    root of a share: so the product of two vectors is the mean, over the cells, of the Bhattacharyya coefficient of their
    histograms, and the cosine distance their squared Hellinger distance, which for like ones is a quarter of the chi-square
    distance of the paper. Raises ValueError where a picture has less than a pixel for each cell.
    """
    from skimage.feature import local_binary_pattern

    own = options or LbpOptions()
    if min(pictures.shape[1:]) < own.grid:
        raise ValueError(f"pictures of {pictures.shape[2]}x{pictures.shape[1]} have no {own.grid}x{own.grid} cells")
    even = np.rint(np.clip(in_even_light(pictures, own.photometry), 0, 1) * 255).astype(np.uint8)
    rows, columns = (np.arange(side) * own.grid // side for side in pictures.shape[1:])
    cells = rows[:, None] * own.grid + columns
    weights = cell_weights(own.grid) if own.weighted else np.ones(own.grid**2)
    weights = weights / weights.sum()
    vectors = np.empty((len(pictures), own.grid**2 * _LABELS), np.float32)
    for place, picture in enumerate(even):
        labels = local_binary_pattern(picture, _POINTS, _RADIUS, "nri_uniform").astype(np.intp)
        counts = np.bincount((cells * _LABELS + labels).ravel(), minlength=vectors.shape[1]).reshape(
            own.grid**2, _LABELS
        )
        shares = counts / counts.sum(1, keepdims=True)
        vectors[place] = np.sqrt(shares * weights[:, None]).ravel()
    return vectors


def cell_weights(grid: int) -> DoubleArray:
    """`(grid * grid)` in (0, 1]: a Gaussian about the middle whose deviation is a third of the side."""
    away = ((np.arange(grid) + 0.5) / grid - 0.5) * 3
    along = np.exp(-(away**2) / 2)
    return np.asarray(np.outer(along, along).ravel(), np.float64)


class LbpEmbedder:
    """Histograms of chips of 112 pixels, framed as dlib frames faces. Nothing is learned, so that there is no file."""

    dimension = LbpOptions().grid ** 2 * _LABELS

    def __init__(self) -> None:
        self._options = LbpOptions()
        self._chip = eye_chip(_CHIP_SIZE)
        self.name = f"local binary patterns ({self.checksum[:8]})"

    @cached_property
    def checksum(self) -> str:
        """SHA-256 of all that decides what a vector is."""
        told = f"clearface lbp 1 {_POINTS} {_RADIUS} {_CHIP_SIZE} {sorted(asdict(self._options).items())}"
        return hashlib.sha256(told.encode()).hexdigest()

    def embed(self, faces: FloatArray) -> FloatArray:
        """See `clearface.embedders.base.Embedder`."""
        chips = [cv2.cvtColor(self._chip.cut(face), cv2.COLOR_RGB2GRAY) for face in faces]
        pictures = np.asarray(np.reshape(chips, (len(faces), _CHIP_SIZE, _CHIP_SIZE)), np.float32) / np.float32(255)
        return lbp_histograms(pictures, self._options)
