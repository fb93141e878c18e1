"""Blur by FFT against direct convolution."""

import numpy as np
import pytest
import scipy.ndimage
import scipy.signal
import torch

from clearface.degrade.bank import make_bank
from clearface.degrade.blurring import blur_circular, blur_field, blur_reflecting, blur_within, mirrored


def kernels_of(count: int, taps: int) -> torch.Tensor:
    return make_bank(np.random.default_rng(9), count, taps).kernels


def test_circular_blur_equals_direct_convolution() -> None:
    faces, kernels = np.random.default_rng(0).random((3, 3, 40, 48)), kernels_of(3, 21).double()
    blurred = blur_circular(torch.from_numpy(faces), kernels).numpy()
    for face, kernel, answer in zip(faces, kernels.numpy(), blurred, strict=True):
        for channel, expected in zip(face, answer, strict=True):
            np.testing.assert_allclose(scipy.ndimage.convolve(channel, kernel, mode="wrap"), expected, atol=1e-5)


@pytest.mark.parametrize(("height", "width"), [(61, 47), (40, 40), (22, 53)])
def test_blur_within_equals_direct_convolution(height: int, width: int) -> None:
    faces = np.random.default_rng(1).random((4, 3, height, width), dtype=np.float32)
    kernels = kernels_of(4, 21)
    blurred = blur_within(torch.from_numpy(faces), kernels).numpy()
    assert blurred.shape == (4, 3, height - 20, width - 20)
    for face, kernel, answer in zip(faces, kernels.numpy(), blurred, strict=True):
        for channel, expected in zip(face, answer, strict=True):
            direct = scipy.signal.convolve2d(channel, kernel, mode="valid")
            np.testing.assert_allclose(direct, expected, atol=1e-5)


def test_reflecting_blur_equals_direct_convolution() -> None:
    faces, kernels = np.random.default_rng(1).random((2, 3, 32, 40)), kernels_of(2, 15).double()
    blurred = blur_reflecting(torch.from_numpy(faces), kernels).numpy()
    for face, kernel, answer in zip(faces, kernels.numpy(), blurred, strict=True):
        for channel, expected in zip(face, answer, strict=True):
            np.testing.assert_allclose(scipy.ndimage.convolve(channel, kernel, mode="mirror"), expected, atol=1e-5)


def test_mirroring_goes_on_beyond_the_picture() -> None:
    faces = torch.rand(1, 3, 5, 7)
    for rim in (0, 3, 4, 19):
        np.testing.assert_array_equal(mirrored(faces, rim)[0, 0], np.pad(faces[0, 0], rim, mode="reflect"))
    np.testing.assert_array_equal(mirrored(torch.ones(1, 3, 1, 1), 4), np.ones((1, 3, 9, 9)))


@pytest.mark.parametrize("places", [(1, 1), (2, 2), (3, 2)])
def test_a_field_of_equal_kernels_is_plain_convolution(places: tuple[int, int]) -> None:
    wide, kernels = torch.rand(2, 3, 60, 51), kernels_of(2, 15)
    fields = kernels[:, None, None].expand(2, *places, 15, 15)
    torch.testing.assert_close(blur_field(wide, fields), blur_within(wide, kernels), atol=1e-5, rtol=0)


def test_fields_mix_bilinearly() -> None:
    wide, fields = torch.rand(1, 3, 35, 45), kernels_of(4, 15).view(1, 2, 2, 15, 15)
    answer = blur_field(wide, fields)[0]
    corners = [[blur_within(wide, fields[:, row, column])[0] for column in (0, 1)] for row in (0, 1)]
    for row, y in ((0, 0.0), (7, 0.35), (20, 1.0)):
        for column, x in ((0, 0.0), (15, 0.5), (30, 1.0)):
            top = (1 - x) * corners[0][0][:, row, column] + x * corners[0][1][:, row, column]
            bottom = (1 - x) * corners[1][0][:, row, column] + x * corners[1][1][:, row, column]
            torch.testing.assert_close(answer[:, row, column], (1 - y) * top + y * bottom, atol=1e-5, rtol=0)


def test_fields_keep_a_level_picture() -> None:
    level = torch.full((1, 3, 40, 40), 0.37)
    answer = blur_field(level, kernels_of(9, 15).view(1, 3, 3, 15, 15))
    torch.testing.assert_close(answer, torch.full_like(answer, 0.37), atol=1e-5, rtol=0)
