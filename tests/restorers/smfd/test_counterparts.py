"""What runs without PyTorch is what was trained with it."""

import numpy as np
import pytest
import torch

from clearface.arrays import FloatArray
from clearface.nets import filtering as trained_filtering
from clearface.nets import kernel_estimator as trained
from clearface.point_spread import box, gaussian, motion
from clearface.restorers.smfd.description import DeblurringSettings, KernelSettings
from clearface.restorers.smfd.estimator import quarter_windows
from clearface.restorers.smfd.evidence import kernel_evidence, whole_window
from clearface.restorers.smfd.filtering import (
    fast_taps,
    field_shares,
    filtered_by_field,
    filtered_faces,
    padding_of,
)

CONFIG = trained.KernelEstimatorConfig()
SETTINGS = KernelSettings(CONFIG.taps, CONFIG.size, CONFIG.transform, CONFIG.strengths)
FILTERS = trained_filtering.FilterConfig()
DEBLURRING = DeblurringSettings(FILTERS.strengths, FILTERS.flat, 2.3)


def smooth_pictures(count: int, height: int, width: int, seed: int = 0) -> FloatArray:
    noise = torch.from_numpy(np.random.default_rng(seed).random((count, 3, height + 4, width + 4), dtype=np.float32))
    return torch.nn.functional.avg_pool2d(noise, 5, 1).numpy()


def kernels_of(taps: int) -> FloatArray:
    framed = np.zeros((3, taps, taps), np.float32)
    for index, kernel in enumerate((motion(15, 30), gaussian(1.5), box(5))):
        down, across = ((taps - side) // 2 for side in kernel.shape)
        framed[index, down : taps - down, across : taps - across] = kernel
    return framed


@pytest.mark.parametrize("quarter", [None, 0, 3])
def test_evidence(quarter: int | None) -> None:
    blurred, guess = smooth_pictures(3, 128, 128, 1), smooth_pictures(3, 128, 128, 2)
    window = whole_window(128) if quarter is None else quarter_windows(128)[quarter]
    ours = kernel_evidence(blurred, guess, SETTINGS, window)
    told = None if quarter is None else torch.from_numpy(window)
    expected = trained.kernel_evidence(torch.from_numpy(blurred), torch.from_numpy(guess), CONFIG, told).numpy()
    assert ours.dtype == np.float32
    assert ours.shape == (3, 5, 37, 37)
    np.testing.assert_allclose(ours, expected, atol=1e-4)


def test_the_window_is_that_of_training() -> None:
    np.testing.assert_allclose(whole_window(128), trained.edge_window(128).numpy(), atol=1e-6)


@pytest.mark.parametrize(("height", "width", "taps"), [(128, 128, 37), (96, 160, 25), (64, 64, 21)])
def test_filtering(height: int, width: int, taps: int) -> None:
    faces, kernels = smooth_pictures(3, height, width), kernels_of(taps)
    expected = trained_filtering.filtered_faces(torch.from_numpy(faces), torch.from_numpy(kernels), FILTERS).numpy()
    ours = filtered_faces(faces, kernels, DEBLURRING)
    assert ours.dtype == np.float32
    np.testing.assert_allclose(ours, expected, atol=1e-5 * max(1.0, float(np.abs(expected).max())) * 5)


def test_filtering_undoes_a_blur() -> None:
    sharp = smooth_pictures(1, 200, 200)
    kernel = kernels_of(37)[2:]
    blurred = torch.nn.functional.conv2d(
        torch.from_numpy(sharp).transpose(0, 1), torch.from_numpy(kernel)[:, None]
    ).transpose(0, 1)
    inside = sharp[..., 18:-18, 18:-18]
    answer = filtered_faces(np.ascontiguousarray(blurred.numpy()), kernel, DEBLURRING)[:, :3]
    middle = (..., slice(30, -30), slice(30, -30))
    assert np.abs(answer - inside)[middle].mean() < 0.5 * np.abs(blurred.numpy() - inside)[middle].mean()


def test_a_field_of_equal_kernels_is_one_kernel() -> None:
    faces, kernels = smooth_pictures(3, 96, 96), kernels_of(21)
    fields = np.broadcast_to(kernels[:, None, None], (3, 2, 2, 21, 21))
    np.testing.assert_allclose(
        filtered_by_field(faces, fields, DEBLURRING), filtered_faces(faces, kernels, DEBLURRING), atol=1e-4
    )


def test_each_kernel_of_a_field_counts_in_its_own_corner() -> None:
    shares = field_shares(64, 96)
    np.testing.assert_allclose(shares.sum((0, 1)), 1, atol=1e-6)
    for row, column in np.ndindex(2, 2):
        assert shares[row, column, -row, -column] == 1
    assert np.abs(np.diff(shares, axis=2)).max() <= 1 / 32 + 1e-6


@pytest.mark.parametrize("size", [96, 128, 160, 256, 320, 448, 512])
@pytest.mark.parametrize("least", [3, 37, 74, 148])
def test_fast_taps_are_enough_and_odd(size: int, least: int) -> None:
    taps = fast_taps(size, least)
    assert taps >= least
    assert taps % 2 == 1
    rest = size + 2 * padding_of(taps)
    for prime in (2, 3, 5, 7, 11):
        while rest % prime == 0:
            rest //= prime
    assert rest == 1


def test_the_trained_sizes_need_no_more_taps() -> None:
    assert fast_taps(128, 37) == 37
