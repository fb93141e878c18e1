"""Making pictures smaller and larger with the filters other programs use, on any device."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from clearface.arrays import DoubleArray

Places = NDArray[np.int64]

REDUCING = ("area", "bilinear", "bicubic", "lanczos")
ENLARGING = ("bilinear", "bicubic", "lanczos")

_REACH = {"bilinear": 1.0, "bicubic": 2.0, "lanczos": 3.0}
_BLOCK = 64
"""Rows of a result worked out together from the part of the source they need."""


@dataclass(frozen=True, eq=False)
class _Band:
    """What a block of rows takes of the source, from row `first` on."""

    first: int
    weights: Tensor


def resample(picture: Tensor, height: int, width: int, filter_name: str) -> Tensor:
    """`(..., H, W)` brought to `(..., height, width)`.

    Filters are widened where they reduce, so that nothing aliases; at the edges weights are normalized over what there is.
    `area` averages exactly the source pixels that each new one covers, and is meant for reducing.
    """
    brought = _rows_resampled(picture, height, filter_name)
    return _rows_resampled(brought.transpose(-1, -2), width, filter_name).transpose(-1, -2)


def _rows_resampled(picture: Tensor, size: int, filter_name: str) -> Tensor:
    if picture.shape[-2] == size:
        return picture
    parts = []
    for band in _bands(picture.shape[-2], size, filter_name):
        weights = band.weights.to(picture)
        parts.append(weights @ picture[..., band.first : band.first + weights.shape[1], :])
    return torch.cat(parts, -2)


@lru_cache(maxsize=512)
def _bands(source: int, size: int, filter_name: str) -> tuple[_Band, ...]:
    bands = []
    scale = source / size
    reach = scale if filter_name == "area" else _REACH[filter_name] * max(scale, 1.0)
    for start in range(0, size, _BLOCK):
        targets = np.arange(start, min(start + _BLOCK, size), dtype=np.int64)
        first = max(0, int((targets[0] + 0.5) * scale - reach - 1))
        last = min(source, int((targets[-1] + 0.5) * scale + reach + 2))
        weights = _weights(targets, np.arange(first, last, dtype=np.int64), scale, filter_name)
        bands.append(_Band(first, torch.from_numpy(weights / weights.sum(1, keepdims=True))))
    return tuple(bands)


def _weights(targets: Places, sources: Places, scale: float, filter_name: str) -> DoubleArray:
    if filter_name == "area":
        ends = np.minimum((targets[:, None] + 1) * scale, sources + 1)
        return np.maximum(ends - np.maximum(targets[:, None] * scale, sources), 0)
    distance = np.abs((sources + 0.5 - (targets[:, None] + 0.5) * scale) / max(scale, 1.0))
    if filter_name == "bilinear":
        return np.maximum(1 - distance, 0)
    if filter_name == "bicubic":  # Keys' cubic with a = -1/2
        near = (1.5 * distance - 2.5) * distance**2 + 1
        far = ((-0.5 * distance + 2.5) * distance - 4) * distance + 2
        return np.where(distance < 1, near, np.where(distance < 2, far, 0.0))
    return np.where(distance < 3, np.sinc(distance) * np.sinc(distance / 3), 0.0)
