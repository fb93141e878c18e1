"""Wiener-Hunt deconvolution (Hunt 1971; Orieux, Giovannelli, Rodet 2010), by way of scikit-image."""

from collections.abc import Callable

import numpy as np

from clearface.arrays import DoubleArray, FloatArray
from clearface.errors import UsageError
from clearface.restorers.base import Framing, NetworkUse, Restored, Tells, photo_size
from clearface.restorers.blur_source import BlurSource, KnownBlur, restore_by_kernel
from clearface.restorers.planes import map_planes
from clearface.restorers.reflecting_blur import ReflectingBlur
from clearface.restorers.richardson_lucy import deconvolve

DEFAULT_BALANCE = 0.01
"""What restores 8-bit photos with a little noise best."""

_ROUNDS_FOR_SURROUNDINGS = 10
_SMALLEST_PERIOD = 4
"""The Laplacian that scikit-image regularizes with spans 3 pixels."""


class Wiener:
    """The Wiener filter with a Laplacian prior, channel by channel, the face mirrored beyond its edges."""

    name = "wiener"
    framing = Framing.PHOTO
    tells = Tells(kernel=True)

    def __init__(
        self,
        point_spread_function: DoubleArray | None = None,
        balance: float = DEFAULT_BALANCE,
        blur: BlurSource | None = None,
    ) -> None:
        """balance: weight of smoothness against the data, positive; larger is smoother and calmer. blur: says how each face
        is blurred, in place of the point spread function.

        Raises UsageError where the balance is not positive, or the point spread function is none.
        """
        if not (balance > 0 and np.isfinite(balance)):
            raise UsageError(f"the balance of the Wiener filter is positive, not {balance}")
        self._blur = blur or KnownBlur(point_spread_function)
        self._balance = balance

    def working_size(self, native_size: float) -> int:
        """The face's own size."""
        return photo_size(native_size)

    def networks(self, side: int) -> tuple[NetworkUse, ...]:
        """Those that estimate the blur, where it is not told."""
        return self._blur.networks(side)

    def restore(self, faces: FloatArray) -> Restored:
        """Deconvolved faces, RGB float32 `(N, S, S, 3)` in [0, 1]."""
        from skimage import restoration

        wiener: Callable[..., DoubleArray] = restoration.wiener

        def sharpened(surrounded: DoubleArray, kernel: DoubleArray) -> DoubleArray:
            return wiener(surrounded, kernel, self._balance, clip=False)

        return restore_by_kernel(faces, self._blur, _by_planes(sharpened))


class UnsupervisedWiener:
    """The Wiener filter that estimates noise and smoothness from each channel by Gibbs sampling, from a fixed seed."""

    name = "unsupervised-wiener"
    framing = Framing.PHOTO
    tells = Tells(kernel=True)

    def __init__(
        self, point_spread_function: DoubleArray | None = None, seed: int = 0, blur: BlurSource | None = None
    ) -> None:
        """blur: says how each face is blurred, in place of the point spread function. Raises UsageError where that is none."""
        self._blur = blur or KnownBlur(point_spread_function)
        self._seed = seed

    def working_size(self, native_size: float) -> int:
        """The face's own size."""
        return photo_size(native_size)

    def networks(self, side: int) -> tuple[NetworkUse, ...]:
        """Those that estimate the blur, where it is not told."""
        return self._blur.networks(side)

    def restore(self, faces: FloatArray) -> Restored:
        """Deconvolved faces, RGB float32 `(N, S, S, 3)` in [0, 1], whatever else is in the batch."""
        from skimage import restoration

        unsupervised_wiener: Callable[..., tuple[DoubleArray, object]] = restoration.unsupervised_wiener

        def sharpened(surrounded: DoubleArray, kernel: DoubleArray) -> DoubleArray:
            sharp, _ = unsupervised_wiener(surrounded, kernel, clip=False, rng=self._seed)
            return sharp

        return restore_by_kernel(faces, self._blur, _by_planes(sharpened))


def _by_planes(
    sharpen: Callable[[DoubleArray, DoubleArray], DoubleArray],
) -> Callable[[FloatArray, DoubleArray], FloatArray]:
    """From a filter of one surrounded plane with a kernel to one of faces with it."""

    def restored(faces: FloatArray, kernel: DoubleArray) -> FloatArray:
        def of_plane(plane: DoubleArray) -> DoubleArray:
            if np.ptp(plane) == 0:
                # There is nothing to sharpen, and the variances of an even plane cannot be estimated.
                return plane
            sharp = sharpen(_surrounded(plane, kernel), kernel)[: plane.shape[0], : plane.shape[1]]
            return np.clip(sharp, 0, 1)

        return map_planes(faces, of_plane)

    return restored


def _surrounded(plane: DoubleArray, kernel: DoubleArray) -> DoubleArray:
    """A square plane at the top left of a period that a circular filter goes around without meeting an edge.

    Around it lies its sharp mirror image, blurred as it is itself. Mirroring the blurred plane would mirror the
    direction of the blur as well, and what contradicts the point spread function rings across the whole face.
    """
    side = plane.shape[0]
    # A mirror image has the period 2 S; where the kernel is larger still, several of them.
    periods = -(-max(*kernel.shape, _SMALLEST_PERIOD) // (2 * side))
    sharp = deconvolve(plane, kernel, _ROUNDS_FOR_SURROUNDINGS)
    mirrored = np.pad(sharp, (0, (2 * periods - 1) * side), mode="symmetric")
    surrounded = ReflectingBlur(kernel, mirrored.shape).blur(mirrored)
    surrounded[:side, :side] = plane
    return surrounded
