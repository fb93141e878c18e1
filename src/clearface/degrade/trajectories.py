"""Camera shake: random trajectories of a hand-held camera (Boracchi and Foi 2012)."""

from dataclasses import dataclass

import numpy as np

from clearface.arrays import DoubleArray
from clearface.point_spread import splat


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

    jerk_chance: float = 0.2
    """Greatest chance, times the anxiety, that a step is a sudden reversal."""


def shake_path(generator: np.random.Generator, parameters: ShakeParameters | None = None) -> DoubleArray:
    """One camera path, `(steps, 2)` of (x, y), starting at the origin.

    The velocity drifts by Gaussian pushes, is pulled back to the start, and is now and then reversed by a jerk.
    """
    settings = parameters or ShakeParameters()
    anxiety = settings.anxiety * generator.random()
    pull = settings.inertia * generator.random() * anxiety
    gaussian_push = 10 * anxiety * generator.random()
    jerk_chance = settings.jerk_chance * anxiety * generator.random()
    speed = settings.length / (settings.steps - 1)
    pushes = generator.standard_normal((settings.steps, 2)) @ np.array([1, 1j])
    jerks = generator.random(settings.steps) < jerk_chance
    turns = np.exp(1j * (np.pi + generator.random(settings.steps) - 0.5))
    position, velocity = 0j, speed * np.exp(2j * np.pi * generator.random())
    path = np.zeros(settings.steps, np.complex128)
    for step in range(1, settings.steps):
        sudden = 2 * velocity * turns[step] if jerks[step] else 0
        velocity = velocity + sudden + (gaussian_push * pushes[step] - pull * position) * speed
        velocity = velocity / abs(velocity) * speed
        position = position + velocity
        path[step] = position
    return np.column_stack([path.real, path.imag])


def shake_kernel(generator: np.random.Generator, size: int, parameters: ShakeParameters | None = None) -> DoubleArray:
    """A camera-shake point spread function whose longer side spans `size` taps, its centroid in the middle tap.

    A random part of the path, at least a tenth, is exposed. Odd sides, summing to 1. Raises ValueError below 1.
    """
    if size < 1:
        raise ValueError("a kernel is at least one tap wide")
    path = shake_path(generator, parameters)
    exposed = path[: max(2, round(len(path) * float(generator.choice([0.1, 0.5, 1.0, 1.0]))))]
    extent = float(np.ptp(exposed, axis=0).max())
    scaled = exposed * ((size - 1) / extent)
    centred = scaled - scaled.mean(0)
    return splat(centred[:, 0], centred[:, 1])
