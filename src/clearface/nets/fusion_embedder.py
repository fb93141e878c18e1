"""Who a face is, in one vector: features of several depths pooled place by place and fused.

Fine layers keep what distinguishes sharp faces, coarse ones what survives a blur; a vector made of both holds for either. Places
are weighed by a global depthwise convolution (Chen et al. 2018, MobileFaceNets), so that a feature counts by where on the aligned
face it is. The layers are residual blocks of plain 3x3 convolutions, which a CPU runs at its full speed.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True)
class FusionEmbedderConfig:
    """The shape of a `FusionEmbedder`."""

    size: int = 112
    """Side of the faces in pixels; a multiple of `places` times 2 to the number of stages and one."""

    stem: int = 32
    """Channels at half the side."""

    widths: tuple[int, ...] = (48, 96, 176)
    """Channels of each stage; each halves the side."""

    blocks: tuple[int, ...] = (1, 2, 2)
    """Residual blocks of each stage."""

    pooled: tuple[int, ...] = (2, 2, 2)
    """Weighings of the places of each channel, by stage: what it gives to the vector, in multiples of its channels."""

    places: int = 7
    """Side of the grid that each stage is averaged to before its places are weighed."""

    dimension: int = 128
    """Length of the vector."""

    def __post_init__(self) -> None:
        if not len(self.widths) == len(self.blocks) == len(self.pooled):
            raise ValueError("each stage has one width, one number of blocks and one of weighings")
        if self.size % (self.places * 2 ** (len(self.widths) + 1)):
            raise ValueError(f"{self.size} pixels do not come out even after {len(self.widths) + 1} halvings")


class FusionEmbedder(nn.Module):
    """RGB faces `(N, 3, S, S)` in [0, 1] to vectors `(N, D)` of unit length."""

    def __init__(self, config: FusionEmbedderConfig | None = None) -> None:
        super().__init__()
        self.config = config or FusionEmbedderConfig()
        self.stem = _convolution(3, self.config.stem, stride=2)
        before = (self.config.stem, *self.config.widths[:-1])
        self.stages = nn.ModuleList(
            nn.Sequential(_convolution(entering, width, stride=2), *(_Block(width) for _ in range(blocks)))
            for entering, width, blocks in zip(before, self.config.widths, self.config.blocks, strict=True)
        )
        halvings = range(2, len(self.config.widths) + 2)
        self.pools = nn.ModuleList(
            _WeighedPlaces(width, weighings, self.config.places, self.config.size // 2**halved // self.config.places)
            for width, weighings, halved in zip(self.config.widths, self.config.pooled, halvings, strict=True)
        )
        fused = sum(width * weighings for width, weighings in zip(self.config.widths, self.config.pooled, strict=True))
        self.fuse = nn.Linear(fused, self.config.dimension)

    def forward(self, faces: Tensor) -> Tensor:
        features = self.stem(faces * 2 - 1)
        gathered = []
        for stage, pool in zip(self.stages, self.pools, strict=True):
            features = stage(features)
            gathered.append(pool(features))
        return functional.normalize(self.fuse(torch.cat(gathered, 1)))


class _Block(nn.Module):
    """Two normalized 3x3 convolutions added to their input, the second silent at first (He et al. 2016)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = _convolution(channels, channels)
        closing = nn.BatchNorm2d(channels)
        nn.init.zeros_(closing.weight)
        self.second = nn.Sequential(nn.Conv2d(channels, channels, 3, padding=1, bias=False), closing)

    def forward(self, features: Tensor) -> Tensor:
        return functional.relu(features + self.second(self.first(features)))


class _WeighedPlaces(nn.Module):
    """Each channel averaged over squares of `side` to a grid of places, and summed with weights of its own for each."""

    def __init__(self, channels: int, weighings: int, places: int, side: int) -> None:
        super().__init__()
        self.gather = nn.AvgPool2d(side)
        self.weigh = nn.Conv2d(channels, channels * weighings, places, groups=channels, bias=False)
        self.normalize = nn.BatchNorm1d(channels * weighings)

    def forward(self, features: Tensor) -> Tensor:
        weighed: Tensor = self.normalize(self.weigh(self.gather(features)).flatten(1))
        return weighed


def _convolution(entering: int, leaving: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(entering, leaving, 3, stride, 1, bias=False), nn.BatchNorm2d(leaving), nn.ReLU(inplace=True)
    )
