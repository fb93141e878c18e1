"""Faces under other light made alike, before plain methods look at them."""

from collections.abc import Callable
from enum import StrEnum

import cv2
import numpy as np

from clearface.arrays import FloatArray


class Photometry(StrEnum):
    """What is done about light."""

    NONE = "none"
    EQUALIZED = "equalized"
    """Histogram equalization."""

    TAN_TRIGGS = "tan-triggs"
    """The chain of Tan and Triggs (2010): gamma, difference of Gaussians, contrast equalization."""


_GAMMA = 0.2
_INNER, _OUTER = 1.0, 2.0
_EXPONENT = 0.1
_LARGEST = 10.0
_NOTHING = 1e-6
"""Less is rounding, which would be made as strong as a face."""


def in_even_light(pictures: FloatArray, photometry: Photometry) -> FloatArray:
    """Grey pictures `(N, H, W)` float32 in [0, 1] as they are, `equalized` or by `tan_triggs`."""
    chosen: dict[Photometry, Callable[[FloatArray], FloatArray]] = {
        Photometry.EQUALIZED: equalized,
        Photometry.TAN_TRIGGS: tan_triggs,
    }
    return chosen[photometry](pictures) if photometry in chosen else pictures


def equalized(pictures: FloatArray) -> FloatArray:
    """Grey pictures `(N, H, W)` in [0, 1], each with its 256 levels spread evenly, float32 in [0, 1]."""
    levels = np.rint(np.clip(pictures, 0, 1) * 255).astype(np.uint8)
    spread = [cv2.equalizeHist(np.ascontiguousarray(picture)) for picture in levels]
    return np.asarray(np.reshape(spread, pictures.shape), np.float32) / np.float32(255)


def tan_triggs(pictures: FloatArray) -> FloatArray:
    """Grey pictures `(N, H, W)` in [0, 1] with light and shade taken out, float32 in [0, 1], 0.5 where nothing is.

    Gamma 0.2, the difference of Gaussians of 1 and 2 pixels, contrast equalized twice with exponent 0.1 and bound 10, and bounded
    by a hyperbolic tangent (Tan and Triggs 2010, their settings).
    """
    answers = np.empty(pictures.shape, np.float32)
    for place, picture in enumerate(pictures):
        bright = np.power(np.clip(picture, 0, 1).astype(np.float32), _GAMMA)
        inner, outer = (
            cv2.GaussianBlur(bright, (0, 0), width, borderType=cv2.BORDER_REFLECT) for width in (_INNER, _OUTER)
        )
        detail = np.where(np.abs(inner - outer) < _NOTHING, 0, inner - outer)
        detail = detail / max(float(np.mean(np.abs(detail) ** _EXPONENT)) ** (1 / _EXPONENT), _NOTHING)
        bounded = np.minimum(np.abs(detail), _LARGEST) ** _EXPONENT
        detail = detail / max(float(np.mean(bounded)) ** (1 / _EXPONENT), _NOTHING)
        answers[place] = 0.5 + 0.5 * np.tanh(detail / _LARGEST)
    return answers
