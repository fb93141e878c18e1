"""SSIM over several scales."""

import cv2
import numpy as np

from clearface.arrays import DoubleArray, FloatArray

SCALE_WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
"""Of the scales, the finest first, as Wang et al. found them."""

_WINDOW = 11
_SIGMA = 1.5
_LUMINANCE_CONSTANT = 0.01**2
_CONTRAST_CONSTANT = 0.03**2


def scale_count(height: int, width: int) -> int:
    """How many scales fit: as many halvings, at most four, as leave both sides the 11 pixels of the window; 0 below 11 pixels."""
    side = min(height, width)
    return sum(side >> halvings >= _WINDOW for halvings in range(len(SCALE_WEIGHTS)))


def ms_ssim(sharp: FloatArray, picture: FloatArray) -> float:
    """Structural similarity over several scales, in [0, 1], 1 for equal pictures; higher is better.

    `product over scales of max(mean(contrast and structure), 0)^weight`, the coarsest scale with luminance too, of each channel;
    then the mean of the channels. The window is that of `ssim`; from scale to scale blocks of 2x2 pixels are averaged. Five
    scales fit from 176 pixels a side; of a smaller picture the finest that fit are taken (four from 88, three from 44), their
    weights made to sum to 1, which the paper knows nothing of. NaN below 11 pixels.
    sharp, picture: RGB `(H, W, 3)` float in [0, 1]. Raises ValueError where the two differ in shape.
    (Wang, Simoncelli, Bovik: Multi-scale structural similarity for image quality assessment, 2003.)
    """
    if sharp.shape != picture.shape:
        raise ValueError(f"pictures of {sharp.shape} and {picture.shape} cannot be compared")
    scales = scale_count(*sharp.shape[:2])
    if scales == 0:
        return float("nan")
    weights = np.array(SCALE_WEIGHTS[:scales])
    if scales < len(SCALE_WEIGHTS):
        weights /= weights.sum()
    first, second = sharp.astype(np.float64), picture.astype(np.float64)
    product = np.ones(sharp.shape[2])
    for scale, weight in enumerate(weights):
        if scale > 0:
            first, second = _halved(first), _halved(second)
        similarity = _similarity(first, second, with_luminance=scale == scales - 1)
        product *= np.maximum(similarity, 0) ** weight
    return float(product.mean())


def _similarity(first: DoubleArray, second: DoubleArray, with_luminance: bool) -> DoubleArray:
    """The mean over the pixels, `(3,)`."""
    first_mean, second_mean = _windowed(first), _windowed(second)
    shared = _windowed(first * second) - first_mean * second_mean
    # of one sum: the same for both orders of the pictures
    both = first_mean**2 + second_mean**2
    spread = _windowed(first**2 + second**2) - both
    values = (2 * shared + _CONTRAST_CONSTANT) / (spread + _CONTRAST_CONSTANT)
    if with_luminance:
        values *= (2 * first_mean * second_mean + _LUMINANCE_CONSTANT) / (both + _LUMINANCE_CONSTANT)
    return np.asarray(values.mean((0, 1)), np.float64)


def _windowed(values: DoubleArray) -> DoubleArray:
    """Means under the window, where it lies inside the picture."""
    taps = cv2.getGaussianKernel(_WINDOW, _SIGMA)
    rim = _WINDOW // 2
    return np.asarray(cv2.sepFilter2D(values, -1, taps, taps)[rim:-rim, rim:-rim], np.float64)


def _halved(values: DoubleArray) -> DoubleArray:
    """Means of 2x2 pixels; an odd last row or column is left out."""
    even = values[: values.shape[0] // 2 * 2, : values.shape[1] // 2 * 2]
    return (even[::2, ::2] + even[1::2, ::2] + even[::2, 1::2] + even[1::2, 1::2]) / 4
