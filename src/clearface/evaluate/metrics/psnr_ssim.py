"""Distances of one picture to its sharp twin, pixel by pixel: PSNR and SSIM."""

import numpy as np

from clearface.arrays import FloatArray

HIGHEST_PSNR = 99.0
"""In dB. Equal pictures have an infinite PSNR, with which no mean could be taken."""

_WINDOW = 11


def psnr(sharp: FloatArray, picture: FloatArray) -> float:
    """Peak signal-to-noise ratio in dB, `-10 log10(mean((picture - sharp)^2))`, at most 99; higher is better.

    sharp, picture: RGB `(H, W, 3)` float in [0, 1]; the mean goes over all pixels and channels, the data range is 1.
    Raises ValueError where the two differ in shape. (Huynh-Thu, Ghanbari: Scope of
    validity of PSNR in image/video quality assessment, 2008.)
    """
    from skimage.metrics import peak_signal_noise_ratio

    if np.array_equal(sharp, picture):
        return HIGHEST_PSNR
    return min(float(peak_signal_noise_ratio(sharp, picture, data_range=1)), HIGHEST_PSNR)


def ssim(sharp: FloatArray, picture: FloatArray) -> float:
    """Structural similarity, in [-1, 1], 1 for equal pictures; higher is better.

    `(2 m n + c)(2 s + d) / ((m^2 + n^2 + c)(v + w + d))` at every pixel whose window lies inside the picture, with means m, n,
    variances v, w and covariance s of the two under a Gaussian of 1.5 pixels cut to 11x11, c = 0.01^2 and d = 0.03^2; the mean
    over the pixels of each channel, then over the channels. NaN below 11 pixels. sharp, picture: RGB `(H, W, 3)` float in [0, 1].
    Raises ValueError where the two differ in shape.
    (Wang, Bovik, Sheikh, Simoncelli: Image quality assessment: from error visibility to structural similarity, 2004.)
    """
    from skimage.metrics import structural_similarity

    if sharp.shape == picture.shape and min(sharp.shape[:2]) < _WINDOW:
        return float("nan")
    return float(
        structural_similarity(
            sharp,
            picture,
            data_range=1,
            channel_axis=2,
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
        )
    )
