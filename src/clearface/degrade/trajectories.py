"""Camera shake: random trajectories of a hand-held camera (Boracchi and Foi 2012)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clearface.arrays import DoubleArray, FloatArray
from clearface.point_spread import splat

Paths = NDArray[np.complex128]
"""`(N, steps)` positions x + iy in pixels."""

_AT_ONCE = 512
"""Paths walked together: more would only fill the memory."""

_WAVES = 5


@dataclass(frozen=True)
class ShakeParameters:
    """How a hand shakes while the shutter is open."""

    steps: int = 2000
    """Positions sampled along one exposure."""

    length: float = 60.0
    """Path length in pixels at constant speed, before the path is scaled to its size."""

    anxiety: float = 0.005
    """Greatest strength of shake; scales every random push below, relative to the speed."""

    inertia: float = 0.7
    """Greatest pull back to where the hand started."""

    push: float = 10.0
    """Greatest strength of the Gaussian pushes, times the anxiety."""

    jerk_chance: float = 0.2
    """Greatest chance, times the anxiety, that a step is a sudden reversal."""


@dataclass(frozen=True)
class Shake:
    """One hand: how much of each parameter's greatest value it has, 0 to 1, and where it sets out to, in degrees."""

    anxiety: float
    pull: float
    push: float
    jerks: float
    direction: float


def draw_shake(generator: np.random.Generator) -> Shake:
    """A hand like any other: every part even between 0 and 1, any direction."""
    anxiety, pull, push, jerks, turn = (float(part) for part in generator.random(5))
    return Shake(anxiety, pull, push, jerks, 360 * turn)


def shake_paths(
    shakes: Sequence[Shake], generators: Sequence[np.random.Generator], parameters: ShakeParameters | None = None
) -> Paths:
    """Camera paths `(N, steps)` starting at the origin, each with the pushes and jerks its own generator draws.

    The velocity drifts by Gaussian pushes, is pulled back to the start, and is now and then reversed by a jerk. The generators
    may be one and the same. Raises ValueError where there is not one for each.
    """
    settings = parameters or ShakeParameters()
    parts = [
        _walk(shakes[start : start + _AT_ONCE], generators[start : start + _AT_ONCE], settings)
        for start in range(0, len(shakes), _AT_ONCE)
    ]
    return np.concatenate(parts) if parts else np.zeros((0, settings.steps), np.complex128)


def _walk(shakes: Sequence[Shake], generators: Sequence[np.random.Generator], settings: ShakeParameters) -> Paths:
    speed = settings.length / (settings.steps - 1)
    shape = (settings.steps, len(shakes))
    pushes, jerks = np.empty(shape, np.complex128), np.zeros(shape, np.complex128)
    for index, (shake, generator) in enumerate(zip(shakes, generators, strict=True)):
        anxiety = settings.anxiety * shake.anxiety
        drawn = generator.standard_normal((2, settings.steps)) * (settings.push * anxiety * shake.push * speed)
        pushes[:, index] = drawn[0] + 1j * drawn[1]
        sudden = np.flatnonzero(generator.random(settings.steps) < settings.jerk_chance * anxiety * shake.jerks)
        jerks[sudden, index] = 2 * np.exp(1j * (np.pi + generator.random(len(sudden)) - 0.5))
    pull = np.array([settings.inertia * shake.pull * settings.anxiety * shake.anxiety * speed for shake in shakes])
    velocity = speed * np.exp(1j * np.radians([shake.direction for shake in shakes]))
    jerky = frozenset(np.flatnonzero(jerks.any(axis=1)).tolist())
    path = np.zeros(shape, np.complex128)
    for step in range(1, settings.steps):
        push = pushes[step] - pull * path[step - 1]
        if step in jerky:
            push += jerks[step] * velocity
        velocity = velocity + push
        velocity *= speed / np.abs(velocity)
        np.add(path[step - 1], velocity, out=path[step])
    return np.ascontiguousarray(path.T)


def lingering(strengths: DoubleArray, generators: Sequence[np.random.Generator], steps: int) -> DoubleArray:
    """How long a hand stays at each step, `(N, steps)`: slow waves, the logarithm of which deviates by `strengths`.

    A path walked at one speed is as bright everywhere; real hands leave bright spots where they turn.
    """
    waves = np.arange(1, _WAVES + 1)
    drawn = (
        np.stack([generator.random((2, _WAVES)) for generator in generators]) if len(strengths) else np.zeros((0, 2, 1))
    )
    angles = np.pi * waves[:, None] * np.linspace(0, 1, steps)
    cosines, sines = (np.sin(2 * np.pi * drawn[:, 1] + shift) * drawn[:, 0] for shift in (0.0, np.pi / 2))
    slow = cosines @ np.cos(angles) + sines @ np.sin(angles)
    slow -= slow.mean(1, keepdims=True)
    return np.exp(strengths[:, None] * slow / np.maximum(slow.std(1, keepdims=True), 1e-9))


def exposed_paths(
    paths: Paths, exposures: DoubleArray, sizes: DoubleArray, times: DoubleArray | None = None
) -> tuple[Paths, DoubleArray]:
    """The part of each path that is exposed, scaled so that its longer side spans `sizes` taps, around its mean.

    times: how long the hand stays at each step, `(N, steps)`; without, equally long. Returns `(N, steps)` points and their
    weights, which sum to 1 and are 0 where the shutter is shut.
    """
    counts = np.maximum(2, np.round(paths.shape[1] * exposures).astype(int))
    seen = np.arange(paths.shape[1]) < counts[:, None]
    extents = [
        np.where(seen, part, -np.inf).max(1) - np.where(seen, part, np.inf).min(1) for part in (paths.real, paths.imag)
    ]
    points = paths * ((sizes - 1) / np.maximum(*extents))[:, None]
    weights = seen * (1.0 if times is None else times)
    weights = weights / weights.sum(1, keepdims=True)
    return points - (points * weights).sum(1, keepdims=True), weights


def splat_paths(points: Paths, weights: DoubleArray, taps: int) -> FloatArray:
    """Kernels `(N, taps, taps)` float32, summing to 1, of weighted points around the centre, shared bilinearly among taps.

    What falls outside the taps is lost. Raises ValueError where that is everything.
    """
    kernels = np.empty((len(points), taps, taps), np.float32)
    for start in range(0, len(points), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        kernels[part] = _splat(points[part], weights[part], taps)
    totals = kernels.sum((1, 2), keepdims=True)
    if not (totals > 0).all():
        raise ValueError(f"a path leaves nothing within {taps} taps")
    return kernels / totals


def _splat(points: Paths, weights: DoubleArray, taps: int) -> DoubleArray:
    count, frame = len(points), taps + 2  # a rim for what falls outside
    reach = frame // 2
    which, where = np.nonzero((weights > 0) & (np.maximum(np.abs(points.real), np.abs(points.imag)) < reach))
    chosen, light = points[which, where], weights[which, where]
    x, y = chosen.real + reach, chosen.imag + reach
    column, row = x.astype(np.int64), y.astype(np.int64)
    right, below = x - column, y - row
    first = (which * frame + row) * frame + column
    summed = np.zeros(count * frame * frame)
    for offset, share in (
        (0, (1 - right) * (1 - below)),
        (1, right * (1 - below)),
        (frame, (1 - right) * below),
        (frame + 1, right * below),
    ):
        summed += np.bincount(first + offset, share * light, minlength=len(summed))
    return summed.reshape(count, frame, frame)[:, 1:-1, 1:-1]


def shake_kernel(generator: np.random.Generator, size: int, parameters: ShakeParameters | None = None) -> DoubleArray:
    """A camera-shake point spread function whose longer side spans `size` taps, its centroid in the middle tap.

    A random part of the path, at least a tenth, is exposed. Odd sides, summing to 1. Raises ValueError below 1.
    """
    if size < 1:
        raise ValueError("a kernel is at least one tap wide")
    path = shake_paths([draw_shake(generator)], [generator], parameters)
    exposure = float(generator.choice([0.1, 0.5, 1.0, 1.0]))
    points, weights = exposed_paths(path, np.array([exposure]), np.array([float(size)]))
    seen = points[0, weights[0] > 0]
    return splat(seen.real, seen.imag)
