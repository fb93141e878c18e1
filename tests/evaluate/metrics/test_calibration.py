import numpy as np
import pytest

from clearface.evaluate.metrics.calibration import EXPECTED_SHARE, mean_stated_error, share_within_error


def test_an_honest_statement_about_laplacian_errors_is_met_by_nine_pixels_of_ten() -> None:
    generator = np.random.default_rng(3)
    scale = generator.uniform(0.01, 0.05, (300, 400))
    off = generator.exponential(scale)[..., None]
    sharp = np.full((300, 400, 3), 0.5, np.float32)
    after = (sharp + off).astype(np.float32)
    stated = (scale * np.log(10)).astype(np.float32)  # where the chance to be off by more is a tenth
    assert share_within_error(sharp, after, stated) == pytest.approx(EXPECTED_SHARE, abs=0.004)
    assert share_within_error(sharp, after, stated / 2) == pytest.approx(1 - 10**-0.5, abs=0.005)


def test_the_error_of_a_pixel_is_the_mean_of_its_channels() -> None:
    sharp = np.zeros((1, 4, 3), np.float32)
    after = np.array([[[0.3, 0, 0], [0.1, 0.1, 0.1], [-0.3, 0.3, 0], [0, 0, 0]]], np.float32)
    assert share_within_error(sharp, after, np.full((1, 4), 0.15, np.float32)) == 0.75


def test_what_is_stated_is_told_in_levels() -> None:
    assert mean_stated_error(np.array([[0.0, 0.2]], np.float32)) == pytest.approx(25.5)
