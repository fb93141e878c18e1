"""Tells restored faces from sharp ones, patch by patch: what the "detailed" weights are trained against."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.parametrizations import spectral_norm


@dataclass(frozen=True)
class PatchDiscriminatorConfig:
    """The shape of a `PatchDiscriminator`."""

    channels: tuple[int, ...] = (32, 64, 96)
    """Channels of each convolution that halves the resolution."""


class PatchDiscriminator(nn.Module):
    """One score for every overlapping patch of a picture (Isola et al. 2017), spectrally normalized (Miyato et al. 2018)."""

    def __init__(self, config: PatchDiscriminatorConfig | None = None) -> None:
        super().__init__()
        channels = (3, *(config or PatchDiscriminatorConfig()).channels)
        self.downs = nn.ModuleList(
            spectral_norm(nn.Conv2d(before, after, 4, stride=2, padding=1))
            for before, after in zip(channels[:-1], channels[1:], strict=True)
        )
        self.score = spectral_norm(nn.Conv2d(channels[-1], 1, 3, padding=1))

    def forward(self, picture: Tensor) -> Tensor:
        """RGB `(N, 3, H, W)` in [0, 1] to scores `(N, 1, h, w)`, high where the picture looks sharp and real."""
        features = picture * 2 - 1
        for down in self.downs:
            features = functional.leaky_relu(down(features), 0.2)
        scores: Tensor = self.score(features)
        return scores


def component_patches(pictures: Tensor, centres: Tensor, side: int) -> Tensor:
    """Squares cut out around one point of each picture, `(N, 3, side, side)`.

    pictures: `(N, 3, H, W)`. centres: `(N, 2)` of (x, y) in pixels. What lies beyond the picture repeats its edge.
    """
    height, width = pictures.shape[-2:]
    steps = torch.arange(side, device=pictures.device) - (side - 1) / 2
    x = (centres[:, :1] + steps) * 2 / (width - 1) - 1
    y = (centres[:, 1:] + steps) * 2 / (height - 1) - 1
    rows, columns = y[:, :, None].expand(-1, -1, side), x[:, None, :].expand(-1, side, -1)
    return functional.grid_sample(pictures, torch.stack([columns, rows], -1), padding_mode="border", align_corners=True)
