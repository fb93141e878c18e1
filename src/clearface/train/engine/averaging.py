"""The moving average of weights, which is what is released."""

import copy

import torch
from torch import nn


class AveragedNetworks:
    """Networks whose weights follow those that learn (Polyak averaging with exponential decay).

    After the update of step t, counted from 0, each weight is `d * average + (1 - d) * learned` with
    `d = min(decay, (t + 1) / (t + 10))`: early on the average forgets fast, so that it does not hang on to the start.
    """

    def __init__(self, networks: nn.ModuleDict, decay: float) -> None:
        self.decay = decay
        self.networks = copy.deepcopy(networks).requires_grad_(False).eval()

    @torch.no_grad()
    def update(self, networks: nn.ModuleDict, step: int) -> None:
        """Moves the average towards `networks`; whole numbers, such as counters, are taken over as they are."""
        decay = min(self.decay, (step + 1) / (step + 10))
        learned = networks.state_dict()
        for name, average in self.networks.state_dict().items():
            if average.is_floating_point():
                average.lerp_(learned[name], 1 - decay)
            else:
                average.copy_(learned[name])
