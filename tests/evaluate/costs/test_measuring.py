"""Restorers alone in a process: what comes back, what counts as their memory, and what goes wrong."""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from clearface.arrays import FloatArray
from clearface.errors import ModelError
from clearface.evaluate.costs import measuring
from clearface.evaluate.costs.measuring import measure_alone
from clearface.evaluate.costs.memory import peak_memory
from clearface.restorers.base import Framing, NetworkUse, Restored, Tells
from clearface.restorers.registry import RestorerOptions, build_restorer

FACES = np.random.default_rng(0).random((2, 64, 64, 3), dtype=np.float32)
MEGABYTE = 1 << 20


class Clock:
    """Goes on only where it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def perf_counter(self) -> float:
        return self.now


class Timed:
    """Takes the seconds it is told, face by face."""

    name = "timed"
    framing = Framing.TEMPLATE
    tells = Tells()

    def __init__(self, clock: Clock, seconds: list[float]) -> None:
        self._clock = clock
        self._seconds = seconds
        self.seen: list[FloatArray] = []

    def working_size(self, native_size: float) -> int:
        return round(native_size)

    def networks(self, side: int) -> tuple[NetworkUse, ...]:
        return (NetworkUse(Path("net.onnx"), {"face": (1, 3, side, side)}),)

    def restore(self, faces: FloatArray) -> Restored:
        self._clock.now += self._seconds[len(self.seen)]
        self.seen.append(faces)
        return Restored(faces.copy())


@pytest.fixture
def timed(monkeypatch: pytest.MonkeyPatch) -> Callable[[list[float]], Timed]:
    clock = Clock()
    monkeypatch.setattr(measuring, "time", clock)
    return partial(Timed, clock)


def test_the_median_counts_and_the_first_face_does_not(timed: Callable[[list[float]], Timed]) -> None:
    restorer = timed([50.0, 3.0, 1.0, 9.0, 2.0, 8.0])
    found = measuring._measure(lambda: restorer, FACES, 5)
    assert found.seconds == 3.0
    assert found.networks == (NetworkUse(Path("net.onnx"), {"face": (1, 3, 64, 64)}),)
    for seen, place in zip(restorer.seen, (0, 0, 1, 0, 1, 0), strict=True):
        np.testing.assert_array_equal(seen, FACES[place : place + 1])


def test_what_is_slow_is_timed_on_fewer_faces(timed: Callable[[list[float]], Timed]) -> None:
    restorer = timed([11.0] * 10)
    assert measuring._measure(lambda: restorer, FACES, 9).seconds == 11.0
    assert len(restorer.seen) == 1 + 3


def test_a_process_of_its_own_holds_nothing_of_this_one() -> None:
    ballast = np.ones(600 * MEGABYTE, np.uint8)
    before = peak_memory()
    found = measure_alone(partial(build_restorer, "identity", RestorerOptions()), FACES, 3)
    assert before > ballast.nbytes
    assert 10 * MEGABYTE < found.peak_memory < 400 * MEGABYTE
    assert found.networks == ()
    assert found.seconds > 0


@pytest.mark.parametrize(
    ("build", "said"),
    [
        (
            partial(build_restorer, "onnx", RestorerOptions(model=Path("no.onnx"))),
            r"no.onnx: there is no such network file",
        ),
        (partial(os._exit, 3), "ended its process while its cost was measured"),
    ],
)
def test_what_goes_wrong_there_is_said_here(build: Callable[[], Any], said: str) -> None:
    with pytest.raises(ModelError, match=said):
        measure_alone(build, FACES, 1)
