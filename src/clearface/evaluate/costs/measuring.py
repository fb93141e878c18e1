"""Seconds and memory of a restorer, alone in a process of its own."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from clearface.arrays import FloatArray
from clearface.errors import ModelError
from clearface.evaluate.costs.memory import peak_memory
from clearface.restorers.base import NetworkUse, Restorer, restore_checked

REPEATS = 9
"""Faces timed; odd, so that the median is one of them."""

_LONG_ENOUGH = 20.0
"""In seconds: what is slow is timed on fewer faces, three at least."""

_LEAST_REPEATS = 3


@dataclass(frozen=True)
class Measured:
    """What a restorer took in a process of its own."""

    seconds: float
    """A face, one at a time: the median after one face to warm up."""

    peak_memory: int
    """Bytes: the most the process held resident, Python and all."""

    networks: tuple[NetworkUse, ...]
    """What it says one face of this size goes through."""


def measure_alone(build: Callable[[], Restorer], faces: FloatArray, repeats: int = REPEATS) -> Measured:
    """Starts a fresh process that builds a restorer and restores faces one at a time.

    build: a function of a module, or a `functools.partial` of one with arguments that can be pickled, such as
    `partial(build_restorer, "wiener", RestorerOptions())`; what its module imports counts as memory. faces: RGB float32
    `(N, S, S, 3)` in [0, 1], gone around as often as it takes. The restorer has all cores, so nothing else should be running.

    Raises whatever building and restoring raise, and ModelError where the process dies.
    """
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        try:
            return pool.submit(_measure, build, faces, repeats).result()
        except BrokenProcessPool as error:
            raise ModelError(
                "a restorer ended its process while its cost was measured: is there enough memory?"
            ) from error


def _measure(build: Callable[[], Restorer], faces: FloatArray, repeats: int) -> Measured:
    restorer = build()
    restore_checked(restorer, faces[:1])
    seconds: list[float] = []
    while len(seconds) < repeats and not (len(seconds) >= _LEAST_REPEATS and sum(seconds) > _LONG_ENOUGH):
        place = len(seconds) % len(faces)
        started = time.perf_counter()
        restorer.restore(faces[place : place + 1])
        seconds.append(time.perf_counter() - started)
    return Measured(float(np.median(seconds)), peak_memory(), restorer.networks(faces.shape[1]))
