"""The differentiable Wiener filter."""

import numpy as np
import pytest
import torch
from skimage import data, restoration

from clearface import point_spread
from clearface.degrade.blurring import blur_reflecting
from clearface.nets.filtering import FilterConfig, filtered_faces, gradient_power, padding_of, taper


@pytest.fixture(scope="module")
def face() -> torch.Tensor:
    picture = torch.from_numpy(data.astronaut()[:256, 96:352].astype(np.float32) / 255).permute(2, 0, 1)[None]
    return torch.nn.functional.avg_pool2d(picture, 2)


def kernel_of(array: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(array.astype(np.float32))[None]


def psnr(first: torch.Tensor, second: torch.Tensor) -> float:
    return float(-10 * torch.log10((first - second).square().mean()))


def test_with_the_true_kernel_it_undoes_a_blur(face: torch.Tensor) -> None:
    kernel = kernel_of(point_spread.box(5))
    blurred = blur_reflecting(face, kernel)
    sharpest = filtered_faces(blurred, kernel, FilterConfig())[:, :3]
    assert psnr(sharpest, face) > psnr(blurred, face) + 5


def test_a_point_gives_the_face_back(face: torch.Tensor) -> None:
    kernel = torch.zeros(1, 9, 9)
    kernel[0, 4, 4] = 1
    assert psnr(filtered_faces(face, kernel, FilterConfig(strengths=(0.001,))), face) > 50


def test_it_is_the_wiener_filter_of_scikit_image_inside(face: torch.Tensor) -> None:
    """The same regularization, on the same padded and tapered picture, written down a second time."""
    kernel = point_spread.motion(9, 30)
    side = max(kernel.shape) + (max(kernel.shape) + 1) % 2
    field = np.zeros((side, side))
    top, left = (side - kernel.shape[0]) // 2, (side - kernel.shape[1]) // 2
    field[top : top + kernel.shape[0], left : left + kernel.shape[1]] = kernel
    strength, config = 0.02, FilterConfig(strengths=(0.02,), flat=0.05)
    blurred = blur_reflecting(face, kernel_of(field))
    ours = filtered_faces(blurred, kernel_of(field), config)[0, 0].numpy()

    pad = padding_of(side)
    mirrored = np.pad(blurred[0, 0].numpy(), pad, mode="reflect")
    spectrum = np.zeros(mirrored.shape)
    spectrum[:side, :side] = field
    transfer = np.fft.rfft2(np.roll(spectrum, (-(side // 2), -(side // 2)), (0, 1)))
    window = taper(*mirrored.shape, pad).numpy()
    tapered = mirrored * window + np.fft.irfft2(np.fft.rfft2(mirrored) * transfer) * (1 - window)
    regularization = np.sqrt(gradient_power(*mirrored.shape).numpy() + config.flat)
    expected = restoration.wiener(
        tapered, transfer, strength, reg=regularization.astype(complex), is_real=True, clip=False
    )
    np.testing.assert_allclose(ours, expected[pad:-pad, pad:-pad], atol=2e-4)


def test_gradient_power_is_that_of_differences() -> None:
    rows, columns = 12, 15
    differences = [np.zeros((rows, columns)), np.zeros((rows, columns))]
    differences[0][0, 0], differences[0][0, 1] = 1, -1
    differences[1][0, 0], differences[1][1, 0] = 1, -1
    expected = sum(np.abs(np.fft.rfft2(difference)) ** 2 for difference in differences)
    np.testing.assert_allclose(gradient_power(rows, columns).numpy(), expected, atol=1e-5)


def test_the_kernel_learns_from_the_filtered_face(face: torch.Tensor) -> None:
    kernel = kernel_of(point_spread.box(3)).requires_grad_()
    (filtered_faces(face, kernel, FilterConfig()) - 0.5).square().mean().backward()
    assert kernel.grad is not None
    assert kernel.grad.abs().sum() > 0
