"""The building blocks the networks share."""

import torch
from torch import Tensor, nn
from torch.nn import functional


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions around a ReLU, added to the input; no normalization, so brightness passes unchanged."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)
        silence(self.second)

    def forward(self, features: Tensor) -> Tensor:
        sharpened: Tensor = self.second(functional.relu(self.first(features)))
        return features + sharpened


class ResidualDenseBlock(nn.Module):
    """Convolutions that each see all that came before them, fused by a 1x1 convolution and added to the input.

    The block of Zhang et al. 2018 (Residual Dense Network), its fusion silent at first.
    """

    def __init__(self, channels: int, growth: int, layers: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            nn.Conv2d(channels + index * growth, growth, 3, padding=1) for index in range(layers)
        )
        self.fuse = nn.Conv2d(channels + layers * growth, channels, 1)
        silence(self.fuse)

    def forward(self, features: Tensor) -> Tensor:
        seen = features
        for layer in self.layers:
            seen = torch.cat([seen, functional.relu(layer(seen))], 1)
        fused: Tensor = self.fuse(seen)
        return features + fused


class BlockAttention(nn.Module):
    """Weighs channels, then places, by what pooling finds in them (CBAM, Woo et al. 2018).

    Places are weighed without batch normalization, so that one face does not depend on the others of its batch.
    """

    def __init__(self, channels: int, reduction: int = 8) -> None:
        super().__init__()
        hidden = max(4, channels // reduction)
        self.squeeze = nn.Conv2d(channels, hidden, 1)
        self.excite = nn.Conv2d(hidden, channels, 1)
        self.place = nn.Conv2d(2, 1, 7, padding=3)

    def forward(self, features: Tensor) -> Tensor:
        average = features.mean((2, 3), keepdim=True)
        strongest = features.amax((2, 3), keepdim=True)
        features = features * torch.sigmoid(self._channels(average) + self._channels(strongest))
        places = torch.cat([features.amax(1, keepdim=True), features.mean(1, keepdim=True)], 1)
        return features * torch.sigmoid(self.place(places))

    def _channels(self, pooled: Tensor) -> Tensor:
        weights: Tensor = self.excite(functional.relu(self.squeeze(pooled)))
        return weights


class PixelShuffleUp(nn.Module):
    """Doubles the resolution: a 1x1 convolution, then channels rearranged into pixels (Shi et al. 2016)."""

    def __init__(self, channels_in: int, channels_out: int) -> None:
        super().__init__()
        self.expand = nn.Conv2d(channels_in, channels_out * 4, 1)

    def forward(self, features: Tensor) -> Tensor:
        return functional.pixel_shuffle(self.expand(features), 2)


class BilinearUp(nn.Module):
    """Doubles the resolution by interpolation after a 1x1 convolution: what `PixelShuffleUp` is compared with."""

    def __init__(self, channels_in: int, channels_out: int) -> None:
        super().__init__()
        self.reduce = nn.Conv2d(channels_in, channels_out, 1)

    def forward(self, features: Tensor) -> Tensor:
        return functional.interpolate(self.reduce(features), scale_factor=2.0, mode="bilinear", align_corners=False)


def silence(convolution: nn.Conv2d) -> None:
    """Zero weights, so that a new block changes nothing until it has learned something."""
    nn.init.zeros_(convolution.weight)
    if convolution.bias is not None:
        nn.init.zeros_(convolution.bias)
