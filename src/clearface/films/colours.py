"""RGB to YUV and back as films store it: matrices of ITU-R BT.601, BT.709, BT.2020 and SMPTE 240M, limited and full range."""

from dataclasses import dataclass

import numpy as np

from clearface.arrays import DoubleArray

# The numbers of ITU-T H.273, which FFmpeg uses too.
_UNSPECIFIED_MATRIX = 2
_FULL_RANGE = 2
_LIMITED_RANGE = 1

_LUMA_WEIGHTS = {
    1: (0.2126, 0.0722),  # BT.709
    4: (0.30, 0.11),  # FCC
    5: (0.299, 0.114),  # BT.601, 625 lines
    6: (0.299, 0.114),  # BT.601, 525 lines
    7: (0.212, 0.087),  # SMPTE 240M
    9: (0.2627, 0.0593),  # BT.2020
    10: (0.2627, 0.0593),  # BT.2020, constant luminance, which players show by the matrix of the other
}
"""The shares of red and blue in the luma, by number of the matrix."""

_SWSCALE_MATRICES = {1: 1, 4: 4, 5: 5, 6: 5, 7: 7, 9: 9, 10: 9}
"""What FFmpeg's scaler calls them."""


@dataclass(frozen=True)
class ColourModel:
    """How the samples of a film stand for colours."""

    matrix: int
    """Number of the matrix by ITU-T H.273, never "unspecified"."""

    full_range: bool
    bits: int
    """Of a sample: 8 to 16."""

    @property
    def swscale_matrix(self) -> int:
        """The number by which FFmpeg's scaler knows the matrix."""
        return _SWSCALE_MATRICES[self.matrix]

    @property
    def swscale_range(self) -> int:
        """The number by which FFmpeg knows the range."""
        return _FULL_RANGE if self.full_range else _LIMITED_RANGE

    def to_rgb(self, top: float) -> DoubleArray:
        """`(3, 4)`: what makes of stored Y, Cb, Cr, 1 the colours R, G, B in [0, top]; beyond it where they lie outside."""
        return np.vstack([np.linalg.inv(self._from_rgb(top)), [0, 0, 0, 1]])[:3]

    def from_rgb(self, top: float) -> DoubleArray:
        """`(3, 4)`: what makes of R, G, B in [0, top] and 1 the samples Y, Cb, Cr, not rounded."""
        return self._from_rgb(top)[:3]

    def _from_rgb(self, top: float) -> DoubleArray:
        red, blue = _LUMA_WEIGHTS[self.matrix]
        luma = np.array([red, 1 - red - blue, blue])
        unit = np.eye(3)
        rows = np.stack([luma, (unit[2] - luma) / (2 * (1 - blue)), (unit[0] - luma) / (2 * (1 - red))]) / top
        deep = float(1 << (self.bits - 8))
        most = float((1 << self.bits) - 1)
        spans = [most] * 3 if self.full_range else [219 * deep, 224 * deep, 224 * deep]
        zeros = [0.0 if self.full_range else 16 * deep, 128 * deep, 128 * deep]
        matrix = np.eye(4)
        matrix[:3, :3] = rows * np.array(spans)[:, None]
        matrix[:3, 3] = zeros
        return matrix


def colour_model(matrix: int, full_range: bool, bits: int, size: tuple[int, int]) -> ColourModel:
    """The colours of a film by its tags, and as players guess where these are missing.

    matrix: by ITU-T H.273, as a frame names it; where it names none, BT.709 is taken from 1280 by 720 on, and below BT.601.
    size: width and height as stored.
    """
    if matrix not in _LUMA_WEIGHTS:
        matrix = 1 if size[0] >= 1280 or size[1] >= 720 else 6
    return ColourModel(matrix, full_range, bits)


def is_full_range(colour_range: int, pixel_format: str) -> bool:
    """Whether samples use all levels: by the tag of the range, or by a format that stands for it (yuvj420p, untagged grey)."""
    if pixel_format.startswith("yuvj"):
        return True
    return colour_range == _FULL_RANGE or (pixel_format.startswith("gray") and colour_range != _LIMITED_RANGE)
