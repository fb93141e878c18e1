"""The small restoration U-Net."""

import torch

from clearface.nets.unet import RestorationUNet, count_multiplications


def test_untrained_it_changes_nothing() -> None:
    face = torch.rand(2, 3, 96, 128)
    torch.testing.assert_close(RestorationUNet()(face), face)


def test_it_stays_within_its_budget() -> None:
    assert count_multiplications(RestorationUNet(), 128) <= 0.55e9


def test_every_weight_learns() -> None:
    torch.manual_seed(0)
    network = RestorationUNet()
    with torch.no_grad():
        for weight in network.parameters():
            weight.normal_(0, 0.05)
    network(torch.rand(2, 3, 64, 64)).square().mean().backward()
    assert all(weight.grad is not None and weight.grad.abs().sum() > 0 for weight in network.parameters())


def test_multiplications_are_counted_as_by_hand() -> None:
    layer = torch.nn.Conv2d(3, 8, 3, padding=1)
    assert count_multiplications(layer, 16) == 16 * 16 * 8 * 3 * 9
