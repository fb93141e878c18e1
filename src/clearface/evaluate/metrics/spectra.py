"""How far the frequencies of a picture are off."""

import numpy as np

from clearface.arrays import FloatArray


def fft_error(sharp: FloatArray, picture: FloatArray) -> float:
    """Mean absolute difference of the complex spectra, from 0 for equal pictures up; lower is better.

    `mean |F(picture) - F(sharp)|` over all frequencies and channels, F the orthonormal discrete Fourier transform of each
    channel: amplitude and phase both count, and every frequency counts the same. White noise of standard deviation s gives 0.89 s
    whatever the size. sharp, picture: RGB `(H, W, 3)` float in [0, 1]. Raises ValueError where the two differ in shape.
    (After the frequency loss of Cho, Ji, Hong, Jung, Ko: Rethinking coarse-to-fine approach in single image deblurring, 2021, who
    take real and imaginary parts apart, not orthonormal.)
    """
    from scipy.fft import fft2

    if sharp.shape != picture.shape:
        raise ValueError(f"pictures of {sharp.shape} and {picture.shape} cannot be compared")
    difference = picture.astype(np.float64) - sharp
    return float(np.abs(fft2(difference, axes=(0, 1), norm="ortho", workers=1)).mean())
