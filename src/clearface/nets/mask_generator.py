"""Reads a blurred face: which pixel belongs to which part of it, and a first guess of how it looks sharp."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from clearface.masks import FaceClass
from clearface.nets.blocks import PixelShuffleUp, ResidualBlock


@dataclass(frozen=True)
class MaskGeneratorConfig:
    """The shape of a `MaskGenerator`."""

    channels: tuple[int, ...] = (32, 64, 96, 160)
    """Channels a level, from half the picture's resolution downwards."""

    blocks: tuple[int, ...] = (1, 1, 1, 2)
    """Residual blocks a level, on the way down and again on the way up (the last level once)."""


class MaskGenerator(nn.Module):
    """A U-Net with two heads, for any side that is a multiple of 2 ** levels.

    Pixel-unshuffle in, strided convolutions down, pixel-shuffle up, additive skips. The guess is the input plus a change, so
    that a network that has learned nothing changes nothing; it need not be good, only sharp enough at the edges for
    `KernelEstimator` to tell from them how the face was blurred.
    """

    def __init__(self, config: MaskGeneratorConfig | None = None) -> None:
        super().__init__()
        self.config = config or MaskGeneratorConfig()
        channels, blocks = self.config.channels, self.config.blocks
        self.enter = nn.Conv2d(12, channels[0], 3, padding=1)
        self.down_blocks = nn.ModuleList(_stack(width, depth) for width, depth in zip(channels, blocks, strict=True))
        self.downs = nn.ModuleList(
            nn.Conv2d(fine, coarse, 3, stride=2, padding=1)
            for fine, coarse in zip(channels[:-1], channels[1:], strict=True)
        )
        self.ups = nn.ModuleList(
            PixelShuffleUp(coarse, fine) for fine, coarse in zip(channels[:-1], channels[1:], strict=True)
        )
        self.up_blocks = nn.ModuleList(
            _stack(width, depth) for width, depth in zip(channels[:-1], blocks[:-1], strict=True)
        )
        self.leave = nn.Conv2d(channels[0], 12, 3, padding=1)
        self.parse_first = nn.Conv2d(channels[0] + channels[1], 32, 3, padding=1)
        self.parse_last = nn.Conv2d(32, 4 * len(FaceClass), 1)
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)  # type: ignore[arg-type]

    def forward(self, face: Tensor) -> tuple[Tensor, Tensor]:
        """RGB `(N, 3, H, W)` in [0, 1] to mask logits `(N, classes, H, W)` and a guess `(N, 3, H, W)`, not clamped."""
        features = self.enter(functional.pixel_unshuffle(face, 2))
        skips = []
        for block, down in zip(self.down_blocks, self.downs, strict=False):
            features = block(features)
            skips.append(features)
            features = down(features)
        features = self.down_blocks[-1](features)
        coarser = features
        for up, block, skip in zip(reversed(self.ups), reversed(self.up_blocks), reversed(skips), strict=True):
            coarser, features = features, block(up(features) + skip)
        guess = face + functional.pixel_shuffle(self.leave(features), 2)
        return self._parse(features, coarser), guess

    def _parse(self, features: Tensor, coarser: Tensor) -> Tensor:
        """Classes are told from the level below too, where a part of the face fits into one convolution."""
        wider = functional.interpolate(coarser, scale_factor=2.0, mode="bilinear", align_corners=False)
        hidden = functional.relu(self.parse_first(torch.cat([features, wider], 1)))
        return functional.pixel_shuffle(self.parse_last(hidden), 2)


def _stack(channels: int, depth: int) -> nn.Sequential:
    return nn.Sequential(*(ResidualBlock(channels) for _ in range(depth)))
