"""How far a picture is from what natural pictures look like, without a sharp twin: NIQE."""

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

from clearface.arrays import DoubleArray, FloatArray
from clearface.evaluate.metrics.grey import grey_levels

PATCH = 96
"""Side of a patch in pixels, as in the paper."""

FEATURES = 36
"""Of a patch: 18 at its own size, 18 at half of it."""

_SCALES = 2
_WINDOW = 7
_SIGMA = 7 / 6
_NEIGHBOURS = ((0, 1), (1, 0), (1, 1), (1, -1))
"""Rows and columns to the neighbour that a coefficient is multiplied with."""

_HALF_BAND = np.array([-3, -9, 29, 111, 111, 29, -9, -3]) / 256
"""Cubic convolution (Keys 1981) stretched to twice its width, for halving without aliasing."""

_SHAPES = np.arange(0.2, 10.001, 0.001)


@dataclass(frozen=True, eq=False)
class PristineModel:
    """The Gaussian of the features of patches of good pictures."""

    name: str
    """What it was fitted on, in a few words."""

    mean: DoubleArray
    """`(36,)`."""

    covariance: DoubleArray
    """`(36, 36)`."""


@dataclass(frozen=True, eq=False)
class PatchStatistics:
    """What NIQE sees of one picture."""

    features: DoubleArray
    """`(P, 36)`, NaN for a patch that is flat."""

    contrast: DoubleArray
    """`(P,)`: mean local standard deviation, in levels of 255, by which sharp patches are chosen for a model."""


def niqe(picture: FloatArray, model: PristineModel) -> float:
    """Naturalness image quality evaluator: 0 for a picture just like those of the model, more the farther off; lower is better.

    `sqrt((m - n)' ((C + D) / 2)^-1 (m - n))` with mean m and covariance C of the model, n and D of the patches of the picture
    (`patch_statistics`). A single patch has no covariance, C stands in for D. It grows with blur, noise and the traces of
    compression, and cannot tell true detail from invented. picture: RGB `(H, W, 3)` float in [0, 1]. NaN for a picture with a
    side below 96 pixels or without texture.
    (Mittal, Soundararajan, Bovik: Making a "completely blind" image quality analyzer, 2013.)
    """
    features = patch_statistics(picture).features
    usable = features[np.isfinite(features).all(1)]
    if not len(usable):
        return float("nan")
    covariance = np.cov(usable, rowvar=False) if len(usable) > 1 else model.covariance
    offset = model.mean - usable.mean(0)
    inverse = np.linalg.pinv((model.covariance + covariance) / 2, hermitian=True)
    return float(np.sqrt(offset @ inverse @ offset))


def patch_statistics(picture: FloatArray) -> PatchStatistics:
    """The 36 features of each patch of a picture, RGB `(H, W, 3)` float in [0, 1].

    The grey picture is freed of local brightness and contrast, at its own size and at half of it; to the coefficients of each
    patch, and to the products of neighbours in four directions, an asymmetric generalized Gaussian is fitted by its moments.
    Patches are 96x96, as few as cover the picture, evenly spread: side by side and as in the paper where both sides are multiples
    of 96; elsewhere they overlap, while the paper leaves out the rest of the picture. None of a picture with a side below 96.
    """
    grey = grey_levels(picture)
    places = [(top, left) for top in _spread(grey.shape[0]) for left in _spread(grey.shape[1])]
    if not places:
        return PatchStatistics(np.empty((0, FEATURES)), np.empty(0))
    features: list[DoubleArray] = []
    contrast = np.empty(0)
    for scale in range(_SCALES):
        grey = _halved(grey) if scale else grey
        mean = _smoothed(grey)
        deviation = np.sqrt(np.abs(_smoothed(grey**2) - mean**2))
        features.append(_features(_patches((grey - mean) / (deviation + 1), places, scale)))
        if scale == 0:
            contrast = _patches(deviation, places, scale).mean((1, 2))
    return PatchStatistics(np.concatenate(features, 1), contrast)


def _spread(side: int) -> list[int]:
    """Where patches begin along a side: even pixels, so that they are whole at half the size too."""
    if side < PATCH:
        return []
    count = -(-side // PATCH)
    return [2 * int(place) for place in np.linspace(0, (side - PATCH) // 2, count)]


def _patches(values: DoubleArray, places: list[tuple[int, int]], scale: int) -> DoubleArray:
    """`(P, S, S)`, S being 96 or half of it."""
    size = PATCH >> scale
    return np.stack([values[top >> scale :, left >> scale :][:size, :size] for top, left in places])


def _smoothed(grey: DoubleArray) -> DoubleArray:
    blurred = cv2.GaussianBlur(grey, (_WINDOW, _WINDOW), _SIGMA, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(blurred, np.float64)


def _halved(grey: DoubleArray) -> DoubleArray:
    """Half the size, as MATLAB's imresize makes it."""
    even = grey[: grey.shape[0] // 2 * 2, : grey.shape[1] // 2 * 2]
    filtered = cv2.sepFilter2D(even, -1, _HALF_BAND, _HALF_BAND, anchor=(3, 3), borderType=cv2.BORDER_REFLECT)
    return np.asarray(filtered[::2, ::2], np.float64)


def _features(patches: DoubleArray) -> DoubleArray:
    """18 of each patch of coefficients `(P, S, S)`."""
    shape, left, right, _ = _fitted(patches)
    columns = [shape, (left + right) / 2]
    for shift in _NEIGHBOURS:
        shape, left, right, mean = _fitted(patches * np.roll(patches, shift, (1, 2)))
        columns += [shape, mean, left, right]
    return np.stack(columns, 1)


def _fitted(patches: DoubleArray) -> tuple[DoubleArray, DoubleArray, DoubleArray, DoubleArray]:
    """Shape, left and right scale and mean of the asymmetric generalized Gaussian of each patch, `(P,)`, by its moments.

    (Lasmar, Stitou, Berthoumieu: Multiscale skewed heavy tailed model for texture analysis, 2009.) NaN for a patch that has no
    value below or none above 0.
    """
    from scipy.special import gamma

    values = patches.reshape(len(patches), -1)
    squares = values**2
    below, above = values < 0, values > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        left = np.sqrt((squares * below).sum(1) / below.sum(1))
        right = np.sqrt((squares * above).sum(1) / above.sum(1))
        ratio = left / right
        flatness = np.abs(values).mean(1) ** 2 / squares.mean(1)
    skewed = flatness * (ratio**3 + 1) * (ratio + 1) / (ratio**2 + 1) ** 2
    shape = _shape_of(skewed)
    to_scale = np.sqrt(gamma(1 / shape) / gamma(3 / shape))
    left, right = left * to_scale, right * to_scale
    return shape, left, right, (right - left) * gamma(2 / shape) / gamma(1 / shape)


def _shape_of(moments: DoubleArray) -> DoubleArray:
    """The shape in [0.2, 10], to a thousandth, whose moments are nearest; NaN for NaN."""
    table = _moments_of_shapes()
    after = np.searchsorted(table, moments).clip(1, len(table) - 1)
    nearest = np.where(moments - table[after - 1] <= table[after] - moments, after - 1, after)
    return np.where(np.isfinite(moments), _SHAPES[nearest], np.nan)


@cache
def _moments_of_shapes() -> DoubleArray:
    """`gamma(2/a)^2 / (gamma(1/a) gamma(3/a))` of each of `_SHAPES`, rising."""
    from scipy.special import gamma

    return np.asarray(gamma(2 / _SHAPES) ** 2 / (gamma(1 / _SHAPES) * gamma(3 / _SHAPES)), np.float64)
