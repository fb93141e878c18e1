"""What a recognition experiment found."""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class SplitResult:
    """One method in one test of one split."""

    collection: str
    method: str
    training_photos: int
    split: int
    test: str
    recognized: int
    asked: int
    """Photos that were to be recognized."""

    @property
    def share(self) -> float:
        """Recognized, of those asked, in [0, 1]."""
        return self.recognized / self.asked


@dataclass(frozen=True)
class Recognized:
    """One method in one test over all splits."""

    collection: str
    method: str
    training_photos: int
    test: str
    mean: float
    """Of the shares recognized, in [0, 1]."""

    deviation: float | None
    """Of the shares over the splits, with n - 1; None for a single split."""

    splits: int


@dataclass(frozen=True)
class CollectionFacts:
    """What was looked at."""

    name: str
    people: int
    photos: int
    """That show a face."""

    without_face: tuple[str, ...]
    """Those left out."""

    framing: str
    shape: tuple[int, int]
    """Height and width of the grey pictures in pixels."""


@dataclass(frozen=True)
class RecognitionResults:
    """Everything that is written down."""

    command: str
    version: str
    started: str
    settings: dict[str, Any]
    machine: dict[str, Any]
    packages: dict[str, str]
    embedders: dict[str, str]
    """The network of each method that has one."""

    collections: tuple[CollectionFacts, ...]
    figures: tuple[Recognized, ...]
    rows: tuple[SplitResult, ...]


def summed_up(rows: Sequence[SplitResult]) -> tuple[Recognized, ...]:
    """Mean and deviation over the splits, in the order in which collection, method, photos and test first appear."""
    shares: dict[tuple[str, str, int, str], list[float]] = defaultdict(list)
    for row in rows:
        shares[row.collection, row.method, row.training_photos, row.test].append(row.share)
    return tuple(
        Recognized(*key, float(np.mean(values)), _deviation(values), len(values)) for key, values in shares.items()
    )


def _deviation(values: Sequence[float]) -> float | None:
    if len(values) < 2:
        return None
    mean = math.fsum(values) / len(values)
    return math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1))
