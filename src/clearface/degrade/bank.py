"""Many blur kernels made once, drawn from in training."""

from dataclasses import dataclass

import numpy as np

from clearface import point_spread
from clearface.arrays import DoubleArray, FloatArray
from clearface.degrade.trajectories import shake_kernel


@dataclass(frozen=True)
class BlurMix:
    """Which blurs a bank holds; weights are relative, sizes in pixels of the face at its working size."""

    shake: float = 0.5
    shake_sizes: tuple[int, int] = (5, 31)
    line: float = 0.12
    line_lengths: tuple[float, float] = (3.0, 27.0)
    gaussian: float = 0.16
    gaussian_sigmas: tuple[float, float] = (0.4, 4.0)
    disc: float = 0.1
    disc_radii: tuple[float, float] = (0.8, 6.0)
    box: float = 0.05
    box_sides: tuple[int, int] = (2, 9)
    none: float = 0.07


def make_bank(generator: np.random.Generator, count: int, taps: int, mix: BlurMix | None = None) -> FloatArray:
    """`count` kernels, `(count, taps, taps)` float32, each summing to 1, its centroid within half a tap of the middle.

    Raises ValueError where `taps` is even.
    """
    if taps % 2 == 0:
        raise ValueError("a kernel needs a middle tap: take an odd number of taps")
    settings = mix or BlurMix()
    kinds = ("shake", "line", "gaussian", "disc", "box", "none")
    weights = np.array([getattr(settings, kind) for kind in kinds])
    drawn = generator.choice(len(kinds), size=count, p=weights / weights.sum())
    return np.stack([fitted_kernel(_draw(kinds[kind], generator, settings), taps) for kind in drawn]).astype(np.float32)


def _draw(kind: str, generator: np.random.Generator, mix: BlurMix) -> DoubleArray:
    angle = float(generator.uniform(0, 180))
    if kind == "shake":
        return shake_kernel(generator, int(generator.integers(mix.shake_sizes[0], mix.shake_sizes[1] + 1)))
    if kind == "line":
        return point_spread.motion(float(generator.uniform(*mix.line_lengths)), angle)
    if kind == "gaussian":
        first, second = np.exp(generator.uniform(np.log(mix.gaussian_sigmas[0]), np.log(mix.gaussian_sigmas[1]), 2))
        return point_spread.gaussian(float(first), float(second) if generator.random() < 0.5 else None, angle)
    if kind == "disc":
        return point_spread.disc(float(generator.uniform(*mix.disc_radii)))
    if kind == "box":
        return point_spread.box(int(generator.integers(mix.box_sides[0], mix.box_sides[1] + 1)))
    return np.ones((1, 1))


def fitted_kernel(kernel: DoubleArray, taps: int) -> DoubleArray:
    """Cut or padded around its middle tap to `taps` x `taps`, summing to 1."""
    fitted = np.zeros((taps, taps))
    rows, columns = (min(side, taps) for side in kernel.shape)
    top, left = (taps - rows) // 2, (taps - columns) // 2
    row, column = (kernel.shape[0] - rows) // 2, (kernel.shape[1] - columns) // 2
    fitted[top : top + rows, left : left + columns] = kernel[row : row + rows, column : column + columns]
    return point_spread.normalized(fitted)
