"""Where deconvolution takes the blur of each face from: it is told, or estimated face by face."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np

from clearface import point_spread
from clearface.arrays import DoubleArray, FloatArray
from clearface.blur_estimates import BlurEstimate
from clearface.errors import UsageError
from clearface.point_spread_geometry import tidied
from clearface.restorers.base import NetworkUse, Restored

ESTIMATED = "estimated"
"""What stands in place of a point spread function where each face's own is to be estimated."""


class BlurSource(Protocol):
    """Says how each of RGB float32 faces `(N, S, S, 3)` in [0, 1] is blurred, kernels in pixels of the faces."""

    def estimate(self, faces: FloatArray) -> list[BlurEstimate]: ...

    def networks(self, side: int) -> tuple[NetworkUse, ...]:
        """What one face of `side` pixels goes through at most to have its blur named."""
        ...


class KnownBlur:
    """One kernel for every face."""

    def __init__(self, kernel: DoubleArray | None = None, linear_light: bool = False) -> None:
        """kernel: None for an even box of 5 pixels. Raises UsageError where it is no point spread function."""
        chosen = point_spread.box(5) if kernel is None else kernel
        try:
            point_spread.check(chosen)
        except ValueError as error:
            raise UsageError(str(error)) from error
        self._estimate = BlurEstimate(chosen, linear_light=linear_light)

    def estimate(self, faces: FloatArray) -> list[BlurEstimate]:
        """The same object for every face."""
        return [self._estimate] * len(faces)

    def networks(self, side: int) -> tuple[NetworkUse, ...]:
        """None."""
        return ()


class TrueBlurs:
    """A kernel of its own for each face of the one batch to come."""

    def __init__(self, kernels: Sequence[DoubleArray], linear_light: bool = False) -> None:
        """kernels: in the order of the faces. Raises UsageError where one is no point spread function."""
        try:
            for kernel in kernels:
                point_spread.check(kernel)
        except ValueError as error:
            raise UsageError(str(error)) from error
        self._estimates = [BlurEstimate(kernel, linear_light=linear_light) for kernel in kernels]

    def estimate(self, faces: FloatArray) -> list[BlurEstimate]:
        """The kernels as they were told. Raises ValueError where there are more or fewer faces."""
        if len(faces) != len(self._estimates):
            raise ValueError(f"{len(self._estimates)} kernels were told for {len(faces)} faces")
        return list(self._estimates)

    def networks(self, side: int) -> tuple[NetworkUse, ...]:
        """None."""
        return ()


class EstimatedBlur:
    """Each face's own kernel, as an estimator sees it, tidied for deconvolution."""

    def __init__(self, estimator: BlurSource, linear_light: bool = False) -> None:
        """linear_light: whether it is light that is to be deconvolved with the kernels."""
        self._estimator = estimator
        self._linear_light = linear_light

    def estimate(self, faces: FloatArray) -> list[BlurEstimate]:
        """One kernel for the whole of each face, whether or not its blur varies."""
        found = self._estimator.estimate(faces)
        return [
            replace(estimate, kernel=tidied(estimate.kernel), field=None, linear_light=self._linear_light)
            for estimate in found
        ]

    def networks(self, side: int) -> tuple[NetworkUse, ...]:
        """Those of the estimator."""
        return self._estimator.networks(side)


def restore_by_kernel(
    faces: FloatArray, blur: BlurSource, deconvolve: Callable[[FloatArray, DoubleArray], FloatArray]
) -> Restored:
    """Faces deconvolved with the kernel of each, those of one kernel together.

    deconvolve: from faces `(N, S, S, 3)` and their kernel to sharp ones.
    """
    estimates = tuple(blur.estimate(faces))
    restored = np.empty_like(faces)
    for estimate in {id(estimate): estimate for estimate in estimates}.values():
        same = [index for index, other in enumerate(estimates) if other is estimate]
        restored[same] = deconvolve(faces[same], estimate.kernel)
    return Restored(restored, estimates=estimates)
