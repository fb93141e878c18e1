"""Figures, against scikit-image and counting by hand."""

import math

import numpy as np
import pytest
import torch
from skimage.metrics import peak_signal_noise_ratio

from clearface.masks import UNKNOWN
from clearface.train.smfd.measures import calibration, mean_intersection_over_union, psnr


def test_psnr_is_scikit_images() -> None:
    first, second = torch.rand(2, 3, 16, 16), torch.rand(2, 3, 16, 16)
    expected = [
        peak_signal_noise_ratio(one.numpy(), other.numpy(), data_range=1)
        for one, other in zip(first, second, strict=True)
    ]
    np.testing.assert_allclose(psnr(first, second).numpy(), expected, rtol=1e-5)


def test_the_intersection_over_union_is_counted_over_known_pixels() -> None:
    generator = np.random.default_rng(0)
    found, true = generator.integers(0, 4, (2, 2, 9, 9))
    true[0, :3] = UNKNOWN
    expected = [
        ((found == part) & (true == part)).sum() / (((found == part) | (true == part)) & (true != UNKNOWN)).sum()
        for part in range(4)
    ]
    measured = mean_intersection_over_union(torch.from_numpy(found), torch.from_numpy(true))
    assert measured == pytest.approx(np.mean(expected))


@pytest.mark.parametrize("factor", [1.0, 2.0])
def test_stated_errors_are_calibrated_by_how_far_off_they_are(factor: float) -> None:
    generator = np.random.default_rng(1)
    scale = torch.from_numpy(np.exp(generator.uniform(-5, -2, (4, 1, 64, 64)))).float()
    distance = torch.from_numpy(generator.exponential(1.0, (4, 1, 64, 64))).float() * scale * factor
    sharp = torch.full((4, 3, 64, 64), 0.5)
    found = calibration(sharp + distance, sharp, torch.log(scale))
    assert found.at_90 == pytest.approx(math.log(10) * factor, rel=0.05)
    assert found.share_within == pytest.approx(1 - 10 ** (-1 / factor), abs=0.01)
