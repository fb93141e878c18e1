"""The moving average, against its formula written out in double precision."""

import copy

import pytest
import torch
from torch import nn

from clearface.train.engine.averaging import AveragedNetworks


def test_the_average_follows_the_formula() -> None:
    torch.manual_seed(0)
    networks = nn.ModuleDict({"one": nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4))})
    averaged = AveragedNetworks(networks, decay=0.4)
    expected = {name: value.double() for name, value in copy.deepcopy(networks.state_dict()).items()}
    for step in range(12):
        with torch.no_grad():
            for weight in networks.parameters():
                weight.add_(torch.randn_like(weight))
        networks["one"](torch.randn(5, 3))
        averaged.update(networks, step)
        decay = min(0.4, (step + 1) / (step + 10))
        for name, value in networks.state_dict().items():
            expected[name] = (
                decay * expected[name] + (1 - decay) * value.double() if value.is_floating_point() else value.double()
            )
    assert int(averaged.networks["one"][1].num_batches_tracked) == 12  # type: ignore[index]
    for name, value in averaged.networks.state_dict().items():
        torch.testing.assert_close(value.double(), expected[name], rtol=1e-5, atol=1e-6)


def test_the_average_neither_learns_nor_is_tied_to_the_networks() -> None:
    networks = nn.ModuleDict({"one": nn.Linear(2, 2)})
    averaged = AveragedNetworks(networks, decay=0.9)
    assert not any(weight.requires_grad for weight in averaged.networks.parameters())
    assert not averaged.networks.training
    before = averaged.networks["one"].weight.clone()  # type: ignore[operator]
    with torch.no_grad():
        networks["one"].weight.fill_(9)  # type: ignore[operator]
    assert torch.equal(averaged.networks["one"].weight, before)  # type: ignore[arg-type]
    averaged.update(networks, step=10**6)
    assert averaged.networks["one"].weight.mean().item() == pytest.approx(  # type: ignore[operator]
        0.9 * before.mean().item() + 0.9, rel=1e-5
    )
