"""Faces one channel at a time."""

import os
from collections.abc import Callable

import numpy as np

from clearface.arrays import AnyArray, DoubleArray, FloatArray

_MOST_WORKERS = 4
"""Each may hold a dozen planes of float64."""


def map_planes(faces: AnyArray, function: Callable[[DoubleArray], DoubleArray]) -> FloatArray:
    """Applies a function of `(S, S)` float64 to every channel of every face of `(N, S, S, C)`; float32 comes back.

    Planes are worked on at the same time (NumPy, OpenCV and SciPy let go of the interpreter), which changes no result.
    """
    from concurrent.futures import ThreadPoolExecutor

    answers = np.empty(faces.shape, np.float32)

    def fill(place: tuple[int, ...]) -> None:
        face, channel = place
        answers[face, :, :, channel] = function(faces[face, :, :, channel].astype(np.float64))

    with ThreadPoolExecutor(min(_MOST_WORKERS, os.cpu_count() or 1)) as workers:
        # Going through the answers raises what a worker raised.
        for _ in workers.map(fill, np.ndindex(len(faces), faces.shape[3])):
            pass
    return answers
