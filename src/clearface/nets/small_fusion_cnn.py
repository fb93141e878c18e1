"""A network small enough to learn a few hundred grey photos in seconds: features of several depths, fused and classified."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True)
class SmallFusionConfig:
    """The shape of a `SmallFusionCnn`."""

    widths: tuple[int, ...] = (16, 32, 64)
    """Channels of each depth; the first halves the side twice, each other one once."""

    grids: tuple[int, ...] = (4, 3, 2)
    """Side of the grid of places each depth is averaged to before it is fused."""

    dimension: int = 128
    """Length of the fused vector."""

    dropped: float = 0.3
    """Share of the features left out at random while it learns."""

    def __post_init__(self) -> None:
        if not self.widths or len(self.widths) != len(self.grids):
            raise ValueError("each depth has one width and one grid")


class SmallFusionCnn(nn.Module):
    """Grey pictures `(N, 1, H, W)` of any brightness, 32 pixels a side or more, to logits `(N, people)`.

    Depths are pooled place by place, scaled to a common length, so that none outweighs the others, and fused into one vector by a
    linear layer; people are told apart by the angle to it, as in the normalized softmax (Wang et al. 2017, NormFace).
    """

    def __init__(self, people: int, config: SmallFusionConfig | None = None) -> None:
        super().__init__()
        self.config = config or SmallFusionConfig()
        own = self.config
        self.stages = nn.ModuleList(
            _stage(entering, leaving, place)
            for place, (entering, leaving) in enumerate(zip((1, *own.widths[:-1]), own.widths, strict=True))
        )
        fused = sum(width * grid**2 for width, grid in zip(own.widths, own.grids, strict=True))
        self.drop = nn.Dropout(own.dropped)
        self.fuse = nn.Linear(fused, own.dimension, bias=False)
        self.normalize = nn.BatchNorm1d(own.dimension)
        self.people = nn.Parameter(torch.randn(people, own.dimension) * 0.1)

    def forward(self, pictures: Tensor) -> Tensor:
        return _SHARPNESS * self.vectors(pictures) @ functional.normalize(self.people, dim=1).T

    def vectors(self, pictures: Tensor) -> Tensor:
        """The fused vectors `(N, dimension)`, of unit length."""
        features, gathered = evened(pictures), []
        for stage, grid in zip(self.stages, self.config.grids, strict=True):
            features = stage(features)
            pooled = functional.adaptive_avg_pool2d(features, grid).flatten(1)
            gathered.append(functional.normalize(pooled, dim=1) * math.sqrt(math.sqrt(pooled.shape[1])))
        return functional.normalize(self.normalize(self.fuse(self.drop(torch.cat(gathered, 1)))), dim=1)


_SHARPNESS = 16.0
"""What cosines are multiplied with before the softmax, which could not grow certain of them otherwise."""

_FLAT = 0.02


def evened(pictures: Tensor) -> Tensor:
    """`(N, 1, H, W)` with a mean of 0 and a deviation of 1 each, but for pictures that are flat."""
    centred = pictures - pictures.mean((2, 3), keepdim=True)
    return centred / (centred.std((2, 3), keepdim=True) + _FLAT)


def _stage(entering: int, leaving: int, place: int) -> nn.Sequential:
    if place == 0:
        first = nn.Conv2d(entering, leaving, 5, stride=2, padding=2, bias=False)
    else:
        first = nn.Conv2d(entering, leaving, 3, padding=1, bias=False)
    pool = nn.MaxPool2d(2, ceil_mode=True)
    return nn.Sequential(first, nn.BatchNorm2d(leaving), nn.ReLU(inplace=True), pool)
