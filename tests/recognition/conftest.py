"""Errors measured on made-up distances."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

from clearface.recognition.conditions import ConditionBin
from clearface.recognition.error_tables import ErrorTable
from clearface.recognition.measuring_tables import PairDistances, condition_errors

ANY = ConditionBin(0, None)


@dataclass(frozen=True)
class StandIn:
    """What a table is measured for: an embedder's name and checksum."""

    name: str = "stand-in (12345678)"
    checksum: str = "ab" * 32


def made_pairs(seed: int = 0, genuine: int = 4000, impostors: int = 200_000, apart: float = 0.45) -> PairDistances:
    """Two normal distributions of cosine distances, about 0.35 and `apart` further."""
    generator = np.random.default_rng(seed)
    near = generator.normal(0.35, 0.08, genuine).clip(0.01, 1.9)
    far = generator.normal(0.35 + apart, 0.09, impostors).clip(0.01, 1.9)
    return PairDistances(near.astype(np.float32), far.astype(np.float32))


def made_table(*bins: ConditionBin, **options: float) -> ErrorTable:
    pairs = made_pairs(**options)  # type: ignore[arg-type]
    cells = tuple(condition_errors(own, pairs) for own in bins or (ANY,))
    return ErrorTable("stand-in (12345678)", "ab" * 32, "nobody", cells)


@pytest.fixture(scope="session")
def stand_in() -> StandIn:
    return StandIn()


@pytest.fixture(scope="session")
def pairs() -> Callable[..., PairDistances]:
    return made_pairs


@pytest.fixture(scope="session")
def table() -> Callable[..., ErrorTable]:
    return made_table
