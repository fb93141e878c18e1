"""Richardson-Lucy deconvolution (Richardson 1972, Lucy 1974), damped by total variation (Dey et al. 2006)."""

from dataclasses import dataclass, field

import numpy as np

from clearface import point_spread
from clearface.arrays import DoubleArray, FloatArray
from clearface.errors import UsageError
from clearface.light import from_linear_light, to_linear_light
from clearface.restorers.base import Framing, NetworkUse, Restored, Tells, photo_size
from clearface.restorers.blur_source import BlurSource, KnownBlur, restore_by_kernel
from clearface.restorers.planes import map_planes
from clearface.restorers.reflecting_blur import ReflectingBlur

_DARK = 1e-12
"""Below this a prediction counts as black: nothing is divided by it."""

_UNSEEN = 1e-9
"""A pixel of which less light than this arrives in the picture keeps the value it has there."""

_FLATTEST = 1e-6
_FLATTEST_PER_DAMPING = 5.0
"""Gradients below this many times the damping weight count in proportion: full steps would overshoot and never settle.

A round moves an even area by the weight times its Laplacian, of norm 8, over this floor: above 4, that is less than twice
the way."""

_MOST_ITERATIONS = 1000
_STRONGEST_DAMPING = 0.25
"""The divergence of a field of unit vectors on a grid is below 4, so up to here the damping never divides by zero."""


@dataclass(frozen=True, eq=False)
class RichardsonLucyOptions:
    """How faces are deconvolved. Raises UsageError for values out of range."""

    point_spread_function: DoubleArray = field(default_factory=lambda: point_spread.box(5))
    """`(K, L)`, odd sides, non-negative, summing to 1, in pixels of the photo."""

    iterations: int = 30
    """Rounds; more make sharper and noisier."""

    total_variation: float = 0.0
    """Weight of the total variation, in [0, 0.25]; 0.002 to 0.02 calms noise, 0 is plain Richardson-Lucy."""

    linear_light: bool = False
    """Whether the light is deconvolved, as a lens blurs it, and not the sRGB values."""

    def __post_init__(self) -> None:
        if not 1 <= self.iterations <= _MOST_ITERATIONS:
            raise UsageError(f"Richardson-Lucy takes 1 to {_MOST_ITERATIONS} iterations, not {self.iterations}")
        if not 0 <= self.total_variation <= _STRONGEST_DAMPING:
            raise UsageError(f"the total variation weighs 0 to {_STRONGEST_DAMPING}, not {self.total_variation}")
        try:
            point_spread.check(self.point_spread_function)
        except ValueError as error:
            raise UsageError(str(error)) from error


class RichardsonLucy:
    """Richardson-Lucy deconvolution, channel by channel, the face mirrored beyond its edges."""

    name = "richardson-lucy"
    framing = Framing.PHOTO
    tells = Tells(kernel=True)

    def __init__(self, options: RichardsonLucyOptions | None = None, blur: BlurSource | None = None) -> None:
        """blur: says how each face is blurred, in place of the point spread function of the options."""
        self.options = options or RichardsonLucyOptions()
        self._blur = blur or KnownBlur(self.options.point_spread_function, self.options.linear_light)

    def working_size(self, native_size: float) -> int:
        """The face's own size."""
        return photo_size(native_size)

    def networks(self, side: int) -> tuple[NetworkUse, ...]:
        """Those that estimate the blur, where it is not told."""
        return self._blur.networks(side)

    def restore(self, faces: FloatArray) -> Restored:
        """Deconvolved faces, RGB float32 `(N, S, S, 3)` in [0, 1], and the blur that was undone."""
        return restore_by_kernel(faces, self._blur, self._sharpened)

    def _sharpened(self, faces: FloatArray, kernel: DoubleArray) -> FloatArray:
        options = self.options
        blur = ReflectingBlur(kernel, faces.shape[1:3])
        arriving = blur.spread_back(np.ones(faces.shape[1:3]))

        def sharpened(plane: DoubleArray) -> DoubleArray:
            light = to_linear_light(plane) if options.linear_light else plane
            sharp = np.clip(_deconvolve(light, blur, arriving, options.iterations, options.total_variation), 0, 1)
            return from_linear_light(sharp) if options.linear_light else sharp

        return map_planes(faces, sharpened)


def deconvolve(
    picture: DoubleArray, kernel: DoubleArray, iterations: int = 30, total_variation: float = 0.0
) -> DoubleArray:
    """Richardson-Lucy on one non-negative `(H, W)` picture, in float64, not clipped."""
    blur = ReflectingBlur(kernel, picture.shape)
    return _deconvolve(picture, blur, blur.spread_back(np.ones(picture.shape)), iterations, total_variation)


def total_variation_divergence(picture: DoubleArray, floor: float = _FLATTEST) -> DoubleArray:
    """div(grad x / |grad x|) of an `(H, W)` picture: minus the gradient of its total variation.

    |grad x| is rounded off below `floor` to sqrt(|grad x|^2 + floor^2). Forward differences, none across the edges; the
    divergence is minus their adjoint (Chambolle 2004).
    """
    down, right = np.zeros_like(picture), np.zeros_like(picture)
    np.subtract(picture[1:], picture[:-1], out=down[:-1])
    np.subtract(picture[:, 1:], picture[:, :-1], out=right[:, :-1])
    length = np.sqrt(down**2 + right**2 + floor**2)
    down /= length
    right /= length
    divergence = down + right
    divergence[1:] -= down[:-1]
    divergence[:, 1:] -= right[:, :-1]
    return divergence


def _deconvolve(
    picture: DoubleArray, blur: ReflectingBlur, arriving: DoubleArray, iterations: int, total_variation: float
) -> DoubleArray:
    seen = arriving > _UNSEEN
    # Any even grey gives the same first estimate: it cancels out.
    estimate = np.where(seen, 0.5, picture)
    per_light = np.where(seen, arriving, 1.0)
    all_arrives = bool(np.abs(arriving - 1).max() < 1e-12)
    for _ in range(iterations):
        predicted = blur.blur(estimate)
        dark = predicted < _DARK
        predicted[dark] = 1.0
        ratio = np.divide(picture, predicted, out=predicted)
        ratio[dark] = 0.0
        correction = blur.spread_back(ratio)
        # The Fourier domain rounds zero to either side.
        np.maximum(correction, 0.0, out=correction)
        if not all_arrives:
            correction /= per_light
            correction[~seen] = 1.0
        if total_variation > 0:
            floor = max(_FLATTEST_PER_DAMPING * total_variation, _FLATTEST)
            correction /= 1 - total_variation * total_variation_divergence(estimate, floor)
        estimate *= correction
    return estimate
