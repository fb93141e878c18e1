"""Blur by FFT against direct convolution."""

import numpy as np
import scipy.ndimage
import torch

from clearface.degrade.bank import make_bank
from clearface.degrade.blurring import blur_circular, blur_reflecting


def test_circular_blur_equals_direct_convolution() -> None:
    generator = np.random.default_rng(0)
    faces = generator.random((3, 3, 40, 48))
    kernels = make_bank(generator, 3, 21).astype(np.float64)
    blurred = blur_circular(torch.from_numpy(faces), torch.from_numpy(kernels)).numpy()
    for face, kernel, answer in zip(faces, kernels, blurred, strict=True):
        for channel, expected in zip(face, answer, strict=True):
            np.testing.assert_allclose(scipy.ndimage.convolve(channel, kernel, mode="wrap"), expected, atol=1e-5)


def test_reflecting_blur_equals_direct_convolution() -> None:
    generator = np.random.default_rng(1)
    faces = generator.random((2, 3, 32, 40))
    kernels = make_bank(generator, 2, 15).astype(np.float64)
    blurred = blur_reflecting(torch.from_numpy(faces), torch.from_numpy(kernels)).numpy()
    for face, kernel, answer in zip(faces, kernels, blurred, strict=True):
        for channel, expected in zip(face, answer, strict=True):
            np.testing.assert_allclose(scipy.ndimage.convolve(channel, kernel, mode="mirror"), expected, atol=1e-5)
