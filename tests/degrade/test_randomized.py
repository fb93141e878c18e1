"""The randomized degradation."""

import numpy as np
import torch

from clearface.degrade.randomized import DegradationMix, degrade_batch

STILL = DegradationMix(linear_light=0, reduced=0, noisy=0, compressed=0)


def delta(count: int, taps: int) -> torch.Tensor:
    kernels = torch.zeros(count, taps, taps)
    kernels[:, taps // 2, taps // 2] = 1
    return kernels


def test_nothing_happens_without_blur_noise_or_loss() -> None:
    sharp = (torch.rand(2, 3, 40, 40) * 255).round() / 255
    answer = degrade_batch(sharp, delta(2, 9), np.random.default_rng(0), STILL)
    torch.testing.assert_close(answer, sharp[..., 4:-4, 4:-4], atol=1e-6, rtol=0)


def test_brightness_is_kept() -> None:
    level = torch.full((8, 3, 72, 72), 0.4)
    answer = degrade_batch(level, torch.full((8, 9, 9), 1 / 81), np.random.default_rng(0))
    assert (answer.mean((1, 2, 3)) - 0.4).abs().max() < 0.01


def test_noise_has_the_strength_asked_for() -> None:
    mix = DegradationMix(linear_light=0, reduced=0, noisy=1, noise_sigma=(0.02, 0.02), compressed=0)
    answer = degrade_batch(torch.full((4, 3, 136, 136), 0.5), delta(4, 9), np.random.default_rng(0), mix)
    assert abs(float(answer.std()) - 0.02) < 0.001


def test_light_and_not_brightness_is_averaged_in_linear_light() -> None:
    halves = torch.zeros(1, 3, 8, 8)
    halves[..., ::2] = 1
    kernels = torch.zeros(1, 3, 3)
    kernels[0, 1] = torch.tensor([0.25, 0.5, 0.25])
    mix = DegradationMix(linear_light=1, reduced=0, noisy=0, compressed=0)
    answer = degrade_batch(halves, kernels, np.random.default_rng(0), mix)
    torch.testing.assert_close(answer, torch.full_like(answer, 0.5 ** (1 / 2.2)), atol=0.003, rtol=0)


def test_the_same_seed_gives_the_same_picture() -> None:
    sharp = torch.rand(6, 3, 72, 72)
    first, second, other = (degrade_batch(sharp, delta(6, 9), np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert torch.equal(first, second)
    assert not torch.equal(first, other)
