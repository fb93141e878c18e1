"""Repairs a face whose blur has been named and inverted, and says how far off each pixel may be."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from clearface.masks import FaceClass
from clearface.nets.blocks import (
    BilinearUp,
    BlockAttention,
    PixelShuffleUp,
    ResidualBlock,
    ResidualDenseBlock,
    silence,
)

MIDDLE_LOG_ERROR, LOG_ERROR_REACH = -3.5, 3.5
"""Natural logarithm of the error a pixel is given before anything is learned, and how far it can move from there."""


@dataclass(frozen=True)
class DeblurringUNetConfig:
    """The shape of a `DeblurringUNet`. What is switched off is left out: that is what ablations compare."""

    candidates: int = 5
    """RGB pictures it chooses from: the blurred face, the guess, the filtered ones."""

    channels: tuple[int, ...] = (24, 48, 96, 160)
    """Channels a level, from half the picture's resolution downwards."""

    layers: tuple[int, ...] = (2, 2, 3, 3)
    """Convolutions in a dense block of each level; each adds two thirds of the level's channels."""

    masks: bool = True
    attention: bool = True
    dense: bool = True
    pixel_shuffle: bool = True


class DeblurringUNet(nn.Module):
    """Candidates and masks in, the sharp face and the logarithm of its error out; any side that is a multiple of 16.

    Pixel-unshuffle in, residual dense blocks, masks fused at every scale as a scale and a shift of the features, CBAM on the way
    up, pixel-shuffle up. The answer is a blend of the candidates, weighed pixel by pixel, plus a change.
    """

    def __init__(self, config: DeblurringUNetConfig | None = None) -> None:
        super().__init__()
        self.config = config or DeblurringUNetConfig()
        channels, layers = self.config.channels, self.config.layers
        self.enter = nn.Conv2d(12 * self.config.candidates, channels[0], 3, padding=1)
        self.fusions = nn.ModuleList(
            nn.Conv2d(len(FaceClass), 2 * width, 1) for width in (channels if self.config.masks else ())
        )
        for fusion in self.fusions:
            assert isinstance(fusion, nn.Conv2d)
            silence(fusion)
        self.down_blocks = nn.ModuleList(
            self._block(width, depth) for width, depth in zip(channels, layers, strict=True)
        )
        self.downs = nn.ModuleList(
            nn.Conv2d(fine, coarse, 3, stride=2, padding=1)
            for fine, coarse in zip(channels[:-1], channels[1:], strict=True)
        )
        up = PixelShuffleUp if self.config.pixel_shuffle else BilinearUp
        self.ups = nn.ModuleList(up(coarse, fine) for fine, coarse in zip(channels[:-1], channels[1:], strict=True))
        self.up_blocks = nn.ModuleList(
            self._block(width, depth) for width, depth in zip(channels[:-1], layers[:-1], strict=True)
        )
        self.attentions = nn.ModuleList(
            BlockAttention(width) if self.config.attention else nn.Identity() for width in channels
        )
        self.leave = nn.Conv2d(channels[0], 4 * (3 + self.config.candidates + 1), 3, padding=1)
        silence(self.leave)

    def forward(self, candidates: Tensor, masks: Tensor) -> tuple[Tensor, Tensor]:
        """RGB candidates `(N, 3 * candidates, H, W)`, the blurred face first and the guess second, and mask probabilities
        `(N, classes, H, W)`, to the restored face `(N, 3, H, W)`, not clamped, and its log error `(N, 1, H, W)`.
        """
        features = self.enter(functional.pixel_unshuffle(candidates, 2))
        skips = []
        shrunk = masks
        for level, block in enumerate(self.down_blocks):
            if level:
                skips.append(features)
                features = self.downs[level - 1](features)
            if self.config.masks:
                shrunk = functional.avg_pool2d(shrunk, 2)
                scale, shift = self.fusions[level](shrunk).chunk(2, 1)
                features = features * (1 + scale) + shift
            features = block(features)
        features = self.attentions[-1](features)
        for level in reversed(range(len(self.ups))):
            features = self.up_blocks[level](self.ups[level](features) + skips[level])
            features = self.attentions[level](features)
        answer = functional.pixel_shuffle(self.leave(features), 2)
        change, logits, log_error = answer.split((3, self.config.candidates, 1), 1)
        return self._blend(candidates, logits) + change, _bounded(log_error)

    def _blend(self, candidates: Tensor, logits: Tensor) -> Tensor:
        # Untrained, it trusts the guess most: that is never a wreck, as a face filtered with a wrong kernel is.
        start = torch.zeros(self.config.candidates, device=logits.device)
        start[1 if self.config.candidates > 1 else 0] = 2.0
        weights = (logits + start[:, None, None]).softmax(1)
        pictures = candidates.unflatten(1, (self.config.candidates, 3))
        return (weights[:, :, None] * pictures).sum(1)

    def _block(self, channels: int, layers: int) -> nn.Module:
        if self.config.dense:
            return ResidualDenseBlock(channels, channels * 2 // 3, layers)
        return ResidualBlock(channels)


def _bounded(log_error: Tensor) -> Tensor:
    return MIDDLE_LOG_ERROR + LOG_ERROR_REACH * torch.tanh(log_error / LOG_ERROR_REACH)
