"""PSNR, SSIM, gradient and FFT error against their formulas, and what holds of all that compare two pictures."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torchmetrics.functional.image import peak_signal_noise_ratio, structural_similarity_index_measure

from clearface.arrays import FloatArray
from clearface.evaluate.metrics.gradients import gradient_error
from clearface.evaluate.metrics.ms_ssim import ms_ssim
from clearface.evaluate.metrics.psnr_ssim import HIGHEST_PSNR, psnr, ssim
from clearface.evaluate.metrics.spectra import fft_error

Comparison = Callable[[FloatArray, FloatArray], float]
ALIKE: tuple[tuple[Comparison, float], ...] = (
    (psnr, HIGHEST_PSNR),
    (ssim, 1.0),
    (ms_ssim, 1.0),
    (gradient_error, 0.0),
    (fft_error, 0.0),
)


def tensor(picture: FloatArray) -> torch.Tensor:
    return torch.from_numpy(picture.astype(np.float64)).permute(2, 0, 1)[None]


def blurred(picture: FloatArray, sigma: float) -> FloatArray:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.float32)


def test_psnr_is_that_of_torchmetrics(sharp: FloatArray, spoiled: FloatArray) -> None:
    expected = float(peak_signal_noise_ratio(tensor(spoiled), tensor(sharp), data_range=1.0))
    assert psnr(sharp, spoiled) == pytest.approx(expected, abs=1e-5)


def test_psnr_of_one_level_is_the_textbooks() -> None:
    """An error of 1 in 255 everywhere: 20 log10(255) dB."""
    dark = np.zeros((16, 16, 3), np.float32)
    assert psnr(dark, dark + np.float32(1 / 255)) == pytest.approx(48.1308, abs=1e-3)


def test_psnr_stays_below_its_cap() -> None:
    grey = np.full((16, 16, 3), 0.5, np.float32)
    almost = grey.copy()
    almost[0, 0, 0] = np.nextafter(np.float32(0.5), np.float32(1))
    assert psnr(grey, almost) == HIGHEST_PSNR


def test_ssim_is_that_of_torchmetrics(sharp: FloatArray, spoiled: FloatArray) -> None:
    """Which keeps a rim of mirrored pixels in its mean; so the picture is compared without."""
    index, whole = structural_similarity_index_measure(
        tensor(spoiled), tensor(sharp), data_range=1.0, return_full_image=True
    )
    assert ssim(sharp, spoiled) == pytest.approx(float(whole[..., 5:-5, 5:-5].mean()), abs=1e-5)
    assert float(index) == pytest.approx(ssim(sharp, spoiled), abs=0.05)


def test_gradient_error_by_loops() -> None:
    generator = np.random.default_rng(0)
    first, second = generator.random((2, 4, 5, 3)).astype(np.float32)
    across, down = [], []
    for row in range(4):
        for column in range(5):
            for channel in range(3):
                if column < 4:
                    steps = [
                        float(picture[row, column + 1, channel]) - picture[row, column, channel]
                        for picture in (first, second)
                    ]
                    across.append(abs(steps[0] - steps[1]))
                if row < 3:
                    steps = [
                        float(picture[row + 1, column, channel]) - picture[row, column, channel]
                        for picture in (first, second)
                    ]
                    down.append(abs(steps[0] - steps[1]))
    expected = (sum(across) / len(across) + sum(down) / len(down)) / 2
    assert gradient_error(first, second) == pytest.approx(expected, rel=1e-6)


def test_fft_error_by_the_transform_written_out() -> None:
    generator = np.random.default_rng(0)
    first, second = generator.random((2, 6, 4, 3))
    rows, columns = np.arange(6), np.arange(4)
    by_row = np.exp(-2j * np.pi * np.outer(rows, rows) / 6) / np.sqrt(6)
    by_column = np.exp(-2j * np.pi * np.outer(columns, columns) / 4) / np.sqrt(4)
    spectra = [np.einsum("ij,jkc,kl->ilc", by_row, picture, by_column) for picture in (first, second)]
    expected = np.abs(spectra[0] - spectra[1]).mean()
    assert fft_error(first.astype(np.float32), second.astype(np.float32)) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("side", [64, 128])
def test_white_noise_has_the_fft_error_of_its_strength_at_any_size(side: int) -> None:
    noise = np.random.default_rng(1).normal(0, 0.05, (side, side, 3)).astype(np.float32)
    assert fft_error(np.full_like(noise, 0.5), 0.5 + noise) == pytest.approx(0.05 * np.sqrt(np.pi) / 2, rel=0.02)


@pytest.mark.parametrize(("metric", "best"), ALIKE)
def test_equal_pictures_are_best_and_blur_makes_it_worse(metric: Comparison, best: float, sharp: FloatArray) -> None:
    values = [metric(sharp, blurred(sharp, sigma)) for sigma in (0.6, 1.2, 2.4)]
    assert metric(sharp, sharp.copy()) == pytest.approx(best, abs=1e-9)
    worse = np.diff([best, *values])
    assert (worse < 0).all() or (worse > 0).all()
    assert worse[0] * (1 if best == 0 else -1) > 0


@given(
    seed=st.integers(0, 2**32 - 1),
    metric=st.sampled_from([metric for metric, _ in ALIKE]),
    height=st.integers(22, 40),
    width=st.integers(22, 40),
)
@settings(max_examples=40)
def test_order_turns_and_mirrors_make_no_difference(seed: int, metric: Comparison, height: int, width: int) -> None:
    first, second = np.random.default_rng(seed).random((2, height // 2 * 2, width // 2 * 2, 3)).astype(np.float32)
    value = metric(first, second)
    for one, other in ((second, first), (first[::-1], second[::-1]), (np.rot90(first), np.rot90(second))):
        assert metric(np.ascontiguousarray(one), np.ascontiguousarray(other)) == pytest.approx(value, abs=1e-5)


@pytest.mark.parametrize("metric", [metric for metric, _ in ALIKE])
def test_pictures_of_two_sizes_cannot_be_compared(metric: Comparison) -> None:
    with pytest.raises(ValueError, match=r"compared|dimensions|broadcast"):
        metric(np.zeros((32, 32, 3), np.float32), np.zeros((32, 31, 3), np.float32))


def test_the_number_of_threads_changes_no_bit(sharp: FloatArray, spoiled: FloatArray) -> None:
    threads = cv2.getNumThreads()
    try:
        values = []
        for count in (1, 4):
            cv2.setNumThreads(count)
            values.append([metric(sharp, spoiled) for metric, _ in ALIKE])
    finally:
        cv2.setNumThreads(threads)
    assert values[0] == values[1]
