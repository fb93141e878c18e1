"""The variance of the Laplacian."""

import cv2
import numpy as np
import pytest
from scipy import ndimage

from clearface.arrays import FloatArray, as_bytes
from clearface.evaluate.metrics.grey import grey_levels
from clearface.evaluate.metrics.sharpness import laplacian_variance


def test_it_is_that_of_scipys_laplacian_inside_the_picture(sharp: FloatArray) -> None:
    expected = ndimage.laplace(grey_levels(sharp))[1:-1, 1:-1].var()
    assert laplacian_variance(sharp) == pytest.approx(expected, rel=1e-9)


def test_a_chequerboard_by_hand() -> None:
    """Every neighbour is 255 away: the Laplacian is 1020 or -1020."""
    board = np.indices((10, 10)).sum(0) % 2
    picture = np.repeat(board[..., None], 3, 2).astype(np.float32)
    assert laplacian_variance(picture) == pytest.approx(1020.0**2)


def test_blur_takes_from_it_and_noise_adds(sharp: FloatArray) -> None:
    noise = np.random.default_rng(0).normal(0, 0.05, sharp.shape)
    noisy = np.clip(sharp + noise, 0, 1).astype(np.float32)
    blurred = np.asarray(cv2.GaussianBlur(sharp, (0, 0), 1.0), np.float32)
    assert laplacian_variance(blurred) < laplacian_variance(sharp) < laplacian_variance(noisy)


def test_a_ramp_and_a_flat_picture_have_none() -> None:
    ramp = np.repeat(np.repeat(np.arange(32)[:, None] * 8 / 255, 32, 1)[..., None], 3, 2).astype(np.float32)
    assert laplacian_variance(ramp) == 0
    assert np.isnan(laplacian_variance(ramp[:2]))


def test_grey_is_luma_in_whole_levels(sharp: FloatArray) -> None:
    exact = as_bytes(sharp).astype(np.float64) @ [0.299, 0.587, 0.114]
    grey = grey_levels(sharp)
    assert np.abs(grey - exact).max() < 0.51
    assert np.array_equal(grey, np.rint(grey))
