"""The network that names the blur, and the evidence it is shown."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage import data

from clearface import point_spread
from clearface.degrade.blurring import blur_reflecting
from clearface.nets.kernel_estimator import KernelEstimator, KernelEstimatorConfig, edge_window, kernel_evidence

CONFIG = KernelEstimatorConfig()


@pytest.fixture(scope="module")
def face() -> torch.Tensor:
    picture = torch.from_numpy(data.astronaut()[:256, 96:352].astype(np.float32) / 255).permute(2, 0, 1)[None]
    return torch.nn.functional.avg_pool2d(picture, 2)


def fitted(kernel: np.ndarray) -> torch.Tensor:
    """Laid into the middle of the estimator's taps."""
    taps = CONFIG.taps
    top, left = (taps - kernel.shape[0]) // 2, (taps - kernel.shape[1]) // 2
    field = np.zeros((1, taps, taps), np.float32)
    field[0, top : top + kernel.shape[0], left : left + kernel.shape[1]] = kernel
    return torch.from_numpy(field)


@settings(max_examples=20)
@given(st.floats(5, 25), st.floats(0, 180))
def test_the_quotient_of_a_blurred_and_a_sharp_face_shows_the_kernel(length: float, angle: float) -> None:
    picture = torch.from_numpy(data.astronaut()[:256, 96:352].astype(np.float32) / 255).permute(2, 0, 1)[None]
    sharp = torch.nn.functional.avg_pool2d(picture, 2)
    kernel = fitted(point_spread.motion(length, angle))
    quotient = kernel_evidence(blur_reflecting(sharp, kernel), sharp, CONFIG)[0, 1]
    similarity = (quotient * kernel[0]).sum() / (quotient.square().sum() * kernel[0].square().sum()).sqrt()
    assert similarity > 0.8


def test_a_sharp_face_shows_a_point(face: torch.Tensor) -> None:
    quotient = kernel_evidence(face, face, CONFIG)[0, 0]
    assert int(quotient.argmax()) == CONFIG.taps**2 // 2
    assert float(quotient.max()) == pytest.approx(1)


def test_a_shift_is_seen_where_it_is(face: torch.Tensor) -> None:
    quotient = kernel_evidence(torch.roll(face, (3, -5), (2, 3)), face, CONFIG)[0, 1]
    row, column = divmod(int(quotient.argmax()), CONFIG.taps)
    assert (row - CONFIG.taps // 2, column - CONFIG.taps // 2) == (3, -5)


def test_evidence_does_not_depend_on_brightness_or_on_other_faces(face: torch.Tensor) -> None:
    blurred = blur_reflecting(face, fitted(point_spread.disc(4)))
    alone = kernel_evidence(blurred, face, CONFIG)
    together = kernel_evidence(torch.cat([blurred / 2 + 0.1, face]), torch.cat([face / 2 + 0.1, face]), CONFIG)
    torch.testing.assert_close(together[:1], alone, atol=2e-3, rtol=2e-2)


def test_a_window_chooses_the_part_that_is_looked_at(face: torch.Tensor) -> None:
    """A face of which one half moved and the other did not, looked at half by half."""
    moved = blur_reflecting(face, fitted(point_spread.motion(15, 0)))
    halves = torch.cat([face[..., :64], moved[..., 64:]], -1)
    columns = torch.arange(128)
    still = edge_window(128) * (columns < 50)
    moving = edge_window(128) * (columns > 78)
    middle = CONFIG.taps // 2
    beside = (slice(middle, middle + 1), slice(middle + 3, middle + 7))
    seen_still = kernel_evidence(halves, face, CONFIG, still)[0, 1][beside].mean()
    seen_moving = kernel_evidence(halves, face, CONFIG, moving)[0, 1][beside].mean()
    assert seen_moving > 0.25
    assert seen_still < 0.1


def test_kernels_are_non_negative_and_sum_to_one() -> None:
    torch.manual_seed(0)
    network = KernelEstimator(KernelEstimatorConfig(channels=(8, 12)))
    torch.nn.init.normal_(network.leave.weight)
    kernels, certainty = network(torch.randn(3, 5, 37, 37))
    assert kernels.shape == (3, 37, 37)
    assert certainty.shape == (3,)
    assert (kernels >= 0).all()
    torch.testing.assert_close(kernels.sum((1, 2)), torch.ones(3))


def test_untrained_it_says_nothing() -> None:
    kernels, _ = KernelEstimator()(torch.randn(1, 5, 37, 37))
    torch.testing.assert_close(kernels, torch.full((1, 37, 37), 1 / 37**2))


def test_gradients_reach_the_guess(face: torch.Tensor) -> None:
    guess = face.clone().requires_grad_()
    kernel_evidence(blur_reflecting(face, fitted(point_spread.box(5))), guess, CONFIG).square().mean().backward()
    assert guess.grad is not None
    assert torch.isfinite(guess.grad).all()
    assert guess.grad.abs().sum() > 0
