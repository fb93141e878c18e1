"""The network that repairs what filtering left wrong."""

import math

import pytest
import torch

from clearface.masks import FaceClass
from clearface.nets.costs import count_multiplications
from clearface.nets.deblurring_unet import LOG_ERROR_REACH, MIDDLE_LOG_ERROR, DeblurringUNet, DeblurringUNetConfig

SMALL = DeblurringUNetConfig(channels=(8, 12, 16, 20), layers=(1, 1, 1, 1))


def inputs(size: int, count: int = 1, candidates: int = 5) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(size)
    pictures = torch.rand(count, 3 * candidates, size, size, generator=generator)
    return pictures, torch.rand(count, len(FaceClass), size, size, generator=generator).softmax(1)


@pytest.mark.parametrize("size", [96, 112, 128, 208, 512])
def test_any_size_in_steps_of_16_goes_through(size: int) -> None:
    restored, log_error = DeblurringUNet(SMALL)(*inputs(size))
    assert restored.shape == (1, 3, size, size)
    assert log_error.shape == (1, 1, size, size)


def test_untrained_it_blends_the_candidates_and_trusts_the_guess_most() -> None:
    candidates, masks = inputs(96)
    restored, log_error = DeblurringUNet(SMALL)(candidates, masks)
    weight = math.exp(2) / (math.exp(2) + 4)
    pictures = candidates.unflatten(1, (5, 3))
    expected = weight * pictures[:, 1] + (1 - weight) / 4 * pictures[:, [0, 2, 3, 4]].sum(1)
    torch.testing.assert_close(restored, expected)
    torch.testing.assert_close(log_error, torch.full_like(log_error, MIDDLE_LOG_ERROR))


def test_the_error_stays_within_its_bounds() -> None:
    network = DeblurringUNet(SMALL)
    torch.nn.init.normal_(network.leave.weight, std=50)
    log_error = network(*inputs(96))[1]
    assert (log_error - MIDDLE_LOG_ERROR).abs().max() <= LOG_ERROR_REACH


@pytest.mark.parametrize(
    "left_out",
    [
        DeblurringUNetConfig(masks=False),
        DeblurringUNetConfig(attention=False),
        DeblurringUNetConfig(dense=False),
        DeblurringUNetConfig(pixel_shuffle=False),
        DeblurringUNetConfig(candidates=1),
    ],
)
def test_what_is_switched_off_is_left_out(left_out: DeblurringUNetConfig) -> None:
    whole = {name for name, _ in DeblurringUNet().named_parameters()}
    network = DeblurringUNet(left_out)
    shapes = {name: tuple(weight.shape) for name, weight in network.named_parameters()}
    complete = {name: tuple(weight.shape) for name, weight in DeblurringUNet().named_parameters()}
    assert shapes != complete
    assert left_out.candidates != 5 or set(shapes) != whole
    assert network(*inputs(96, candidates=left_out.candidates))[0].shape == (1, 3, 96, 96)


def test_masks_change_the_answer_once_trained() -> None:
    torch.manual_seed(0)
    network = DeblurringUNet(SMALL)
    with torch.no_grad():
        for weight in network.parameters():
            weight.normal_(0, 0.05)
    candidates, masks = inputs(96)
    assert (network(candidates, masks)[0] - network(candidates, masks.flip(1))[0]).abs().max() > 1e-4


def test_every_weight_learns() -> None:
    torch.manual_seed(0)
    network = DeblurringUNet(SMALL)
    with torch.no_grad():
        for weight in network.parameters():
            weight.normal_(0, 0.05)
    restored, log_error = network(*inputs(64, count=2))
    (restored.square().mean() + log_error.square().mean()).backward()
    assert all(weight.grad is not None and weight.grad.abs().sum() > 0 for weight in network.parameters())


def test_it_stays_within_its_budget() -> None:
    assert count_multiplications(DeblurringUNet(), *inputs(128)) <= 0.6e9
