"""What a network brings so that the loop can train it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

from torch import Tensor, device, nn

from clearface.arrays import ByteImage

DrawnT = TypeVar("DrawnT")
BatchT = TypeVar("BatchT")


@dataclass(frozen=True)
class Turn:
    """One optimizer's move within a step: most tasks have one, adversarial ones two that alternate."""

    name: str

    rates: Mapping[str, float]
    """By the name of each network that learns in this turn, its learning rate as a multiple of the recipe's."""


class Task(Protocol[DrawnT, BatchT]):
    """Networks, the samples they learn from, and what they are judged by.

    Samples are numbered within the batch of a step over all processes. What is drawn depends on the seed, the step and the
    number of the sample alone, so that a resumed run and one on several devices see what an unbroken run on one sees.
    """

    @property
    def name(self) -> str:
        """Of the stage, for folders and sentences."""
        ...

    @property
    def turns(self) -> tuple[Turn, ...]:
        """In the order they are taken in every step."""
        ...

    @property
    def released(self) -> tuple[str, ...]:
        """Names of the networks whose averaged weights are written for use."""
        ...

    def build_networks(self) -> nn.ModuleDict:
        """The networks by name, weights initialized from torch's generator; those in no turn are frozen."""
        ...

    def draw(self, step: int, samples: range) -> DrawnT:
        """The samples of those numbers, on the CPU; called from other threads too."""
        ...

    def make_batch(self, drawn: DrawnT, step: int, samples: range, target: device) -> BatchT:
        """What the networks are given, on the device."""
        ...

    def loss(self, networks: nn.ModuleDict, batch: BatchT, turn: Turn, step: int) -> tuple[Tensor, dict[str, Tensor]]:
        """What the turn lessens, a mean over the samples, and what it is made of, for the logs."""
        ...

    def validate(self, networks: nn.ModuleDict) -> dict[str, float]:
        """Figures on faces held back, with the averaged weights."""
        ...

    def sample_pictures(self, networks: nn.ModuleDict) -> list[ByteImage]:
        """Columns of pictures to look at, RGB uint8 `(N, H, W, 3)` each, the same faces in each."""
        ...
