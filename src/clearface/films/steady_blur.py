"""The blur of one face of a film: named now and then, averaged, and named anew when it seems to be another."""

import math
from dataclasses import replace

import cv2
import numpy as np

from clearface.arrays import DoubleArray, FloatArray
from clearface.blending import face_mask
from clearface.blur_estimates import BlurEstimate
from clearface.point_spread_geometry import transformed
from clearface.squares import Square

_EVERY = 16
"""The blur is looked at in the first frame of a face and in every so many after it,"""

_EARLY = (1, 3, 7)
"""and so many frames after the first."""

_MOST_LOOKS = 8
"""Looks a blur is averaged over."""

_OTHER_BLUR = 0.12
"""Natural logarithm of the least change of `detail_energies` that tells of another blur."""

_TURNED = 0.015
"""Change of scale, or of angle in radians, from which on a kernel is turned and scaled along with the square."""

_OTHER_SCALE = 0.06
"""Natural logarithm of the change of scale from which on a kernel is named anew: turned kernels lose a little each time."""

_ENERGY_SIDE = 128


class SteadyBlur:
    """The blur of a face in its squares, given in the order of the film.

    What is known is the blur in the film, which stays when the face turns in it or comes nearer: kernels are kept along with
    the square they were named in, and carried over into others.
    """

    def __init__(self) -> None:
        self._known: BlurEstimate | None = None
        self._square: Square | None = None
        self._looks = 0
        self._frames = 0
        self._energies: FloatArray | None = None
        self._first: Square | None = None

    def look(self, before: FloatArray, square: Square) -> float | None:
        """Whether the blur is to be named in this square `(S, S, 3)`: None where it need not be.

        Otherwise what it counts for among those named before, for `looked`: 1 where it seems to be another.
        """
        energies = detail_energies(before)
        if self._looks and self._seems_another(energies, square):
            self._looks = 0
        due = self._frames % _EVERY == 0 or self._frames in _EARLY
        self._frames += 1
        if self._looks and not due:
            return None
        if not self._looks:
            self._energies, self._first = energies, square
        self._looks += 1
        return 1 / min(self._looks, _MOST_LOOKS)

    def _seems_another(self, energies: FloatArray, square: Square) -> bool:
        """Against the first look at this blur."""
        if self._energies is None or self._first is None or self._first.size != square.size:
            return True
        if abs(math.log(square.scale / self._first.scale)) > _OTHER_SCALE:
            return True
        return float(np.abs(np.log(energies / self._energies)).max()) > _OTHER_BLUR

    def looked(self, found: BlurEstimate, square: Square, weight: float) -> None:
        """The blur as it was named in a square, averaged with those before."""
        if weight < 1:
            known = self.within(square)
            if known.kernel.shape == found.kernel.shape:
                found = _averaged(known, found, weight)
        self._known, self._square = found, square

    def within(self, square: Square) -> BlurEstimate:
        """What is known of the blur, its kernels in pixels of that square. Raises ValueError before the first look."""
        if self._known is None or self._square is None:
            raise ValueError("the blur was never looked at")
        linear = square.to_square[:, :2] @ np.linalg.inv(self._square.to_square[:, :2])
        if float(np.abs(linear - np.eye(2)).max()) < _TURNED:
            return self._known
        return _turned(self._known, linear)


def detail_energies(square: FloatArray) -> FloatArray:
    """Mean square differences of RGB `(S, S, 3)` in four directions and over two distances, by its variance, `(8,)` float32.

    A face keeps them while it moves; another blur gives it others.
    """
    side = min(square.shape[0], _ENERGY_SIDE)
    grey = cv2.resize(cv2.cvtColor(square, cv2.COLOR_RGB2GRAY), (side, side), interpolation=cv2.INTER_AREA)
    mask = face_mask(side)
    total = float(mask.sum())
    middle = float((grey * mask).sum()) / total
    variance = float((((grey - middle) ** 2) * mask).sum()) / total + 1e-6
    energies = []
    for distance in (1, 4):
        for down, across in ((0, 1), (1, 0), (1, 1), (1, -1)):
            moved = np.roll(grey, (down * distance, across * distance), (0, 1))
            energies.append(float((((grey - moved) ** 2) * mask).sum()) / total / variance + 1e-5)
    return np.array(energies, np.float32)


def _averaged(known: BlurEstimate, found: BlurEstimate, weight: float) -> BlurEstimate:
    """The blur of one face, told twice."""
    field = None
    if known.field is not None and found.field is not None:
        field = (1 - weight) * known.field + weight * found.field
    kernel = (1 - weight) * known.kernel + weight * found.kernel
    certainty = (1 - weight) * known.certainty + weight * found.certainty
    return replace(found, kernel=kernel / kernel.sum(), certainty=certainty, field=field)


def _turned(estimate: BlurEstimate, linear: DoubleArray) -> BlurEstimate:
    """The same blur in a square that is turned and scaled against the other, with as many taps."""
    taps = estimate.kernel.shape[0]
    field = estimate.field
    if field is not None:
        quarters = [transformed(kernel, linear, taps) for row in field for kernel in row]
        field = np.stack(quarters).reshape(field.shape)
    return replace(estimate, kernel=transformed(estimate.kernel, linear, taps), field=field)
