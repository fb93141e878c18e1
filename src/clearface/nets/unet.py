"""A small image-to-image U-Net that sharpens faces."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True)
class RestorationUNetConfig:
    """The shape of a `RestorationUNet`."""

    channels: tuple[int, ...] = (32, 64, 96, 160)
    """Channels a level, from half the picture's resolution downwards."""

    blocks: tuple[int, ...] = (1, 1, 1, 2)
    """Residual blocks a level, on the way down and again on the way up (the last level once)."""


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions around a ReLU, added to the input; no normalization, so brightness passes unchanged."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)
        nn.init.zeros_(self.second.weight)
        nn.init.zeros_(self.second.bias)  # type: ignore[arg-type]

    def forward(self, features: Tensor) -> Tensor:
        sharpened: Tensor = self.second(functional.relu(self.first(features)))
        return features + sharpened


class PixelShuffleUp(nn.Module):
    """Doubles the resolution: a 1x1 convolution, then channels rearranged into pixels (Shi et al. 2016)."""

    def __init__(self, channels_in: int, channels_out: int) -> None:
        super().__init__()
        self.expand = nn.Conv2d(channels_in, channels_out * 4, 1)

    def forward(self, features: Tensor) -> Tensor:
        return functional.pixel_shuffle(self.expand(features), 2)


class RestorationUNet(nn.Module):
    """Blurred face in, sharp face out, for any side that is a multiple of 2 ** levels.

    Pixel-unshuffle in, strided convolutions down, pixel-shuffle up, additive skips, and the input added to the output, so
    that a network that has learned nothing changes nothing.
    """

    def __init__(self, config: RestorationUNetConfig | None = None) -> None:
        super().__init__()
        self.config = config or RestorationUNetConfig()
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
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)  # type: ignore[arg-type]

    def forward(self, face: Tensor) -> Tensor:
        """RGB `(N, 3, H, W)` in [0, 1] to the same; not clamped, so that the loss sees what lies outside."""
        features = self.enter(functional.pixel_unshuffle(face, 2))
        skips = []
        for block, down in zip(self.down_blocks, self.downs, strict=False):
            features = block(features)
            skips.append(features)
            features = down(features)
        features = self.down_blocks[-1](features)
        for up, block, skip in zip(reversed(self.ups), reversed(self.up_blocks), reversed(skips), strict=True):
            features = block(up(features) + skip)
        change: Tensor = functional.pixel_shuffle(self.leave(features), 2)
        return face + change


def _stack(channels: int, depth: int) -> nn.Sequential:
    return nn.Sequential(*(ResidualBlock(channels) for _ in range(depth)))


def count_multiplications(network: nn.Module, size: int) -> int:
    """Multiply-accumulates of the convolutions for one `size` x `size` RGB face."""
    total = 0

    def count(module: nn.Module, _inputs: object, output: Tensor) -> None:
        nonlocal total
        assert isinstance(module, nn.Conv2d)
        total += output[0].numel() * module.weight[0].numel()

    hooks = [module.register_forward_hook(count) for module in network.modules() if isinstance(module, nn.Conv2d)]
    with torch.no_grad():
        network(torch.zeros(1, 3, size, size))
    for hook in hooks:
        hook.remove()
    return total
