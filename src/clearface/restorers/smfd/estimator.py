"""Names the blur of faces, of any size."""

from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

import cv2
import numpy as np

from clearface import point_spread_geometry
from clearface.arrays import DoubleArray, FloatArray
from clearface.blur_estimates import BlurEstimate
from clearface.restorers.base import NetworkUse
from clearface.restorers.smfd.description import KERNEL_FILE, READER_FILE
from clearface.restorers.smfd.evidence import kernel_evidence, whole_window
from clearface.restorers.smfd.filtering import fast_taps
from clearface.restorers.smfd.networks import KernelNetwork, Reader, shipped_folder

CLEARLY = 0.1
"""How much further apart than their certainty explains the kernels of the quarters are where the blur varies."""

_FACES_AT_ONCE = 16
_CLOSE_ENOUGH = 12.0
"""In pixels: a blur that stays within this radius is looked at again, twice as large and in the middle of the face only."""

_CLOSE_SHARE = 0.97
"""Least part of the light within that radius for a blur to count as staying there."""

_LESS_CERTAIN = 0.15
"""How much less certain a closer look may be and still count: it tells finer taps apart, which is harder."""

_SAME_PLACE = 1.0
"""Deviation in taps of the Gaussian two kernels are blurred with before they are compared: a tap aside is not elsewhere."""


@dataclass(frozen=True, eq=False)
class SeenFaces:
    """Faces as the estimator sees them, at its own size."""

    masks: FloatArray
    """`(N, 11, size, size)`, probabilities of the classes."""

    guess: FloatArray
    """`(N, 3, size, size)`."""

    estimates: tuple[BlurEstimate, ...]
    """Their kernels in pixels of a face of `size` pixels."""


class BlurEstimator:
    """Looks at a face brought to one size, and says how a point of it is spread."""

    def __init__(self, reader: Reader, network: KernelNetwork) -> None:
        self._reader = reader
        self._network = network
        self._window = whole_window(network.settings.size)
        self._quarters = quarter_windows(network.settings.size)

    @classmethod
    def from_folder(cls, folder: Path | None = None) -> "BlurEstimator":
        """With the networks of a folder; None for those that ship with clearface.

        Raises ModelError where one is missing, damaged or another network.
        """
        place = folder or shipped_folder()
        return cls(Reader(place / READER_FILE), KernelNetwork(place / KERNEL_FILE))

    @property
    def size(self) -> int:
        """Side of the faces it looks at, in pixels."""
        return self._network.settings.size

    def networks(self, side: int) -> tuple[NetworkUse, ...]:
        """What one face of `side` pixels goes through: whole, by its quarters, and as many closer looks as there can be."""
        closer, scale = 0, self.size
        while scale < side:
            closer, scale = closer + 1, min(side, 2 * scale)
        whole = 1 + len(self._quarters)
        return self._reader.use(self.size, 1 + closer), self._network.use(whole + closer)

    def estimate(self, faces: FloatArray) -> list[BlurEstimate]:
        """The blur of each of RGB float32 `(N, S, S, 3)` in [0, 1], kernels in pixels of those faces."""
        estimates: list[BlurEstimate] = []
        for start in range(0, len(faces), _FACES_AT_ONCE):
            part = faces[start : start + _FACES_AT_ONCE]
            estimates += self.look_closer(part, self.see(as_planes(resized(part, self.size))))
        return estimates

    def look_closer(self, faces: FloatArray, seen: SeenFaces) -> list[BlurEstimate]:
        """What was seen of faces at the estimator's own size, in pixels of the faces themselves, `(N, S, S, 3)`.

        A small blur of a large face is smaller than a tap where the whole face is looked at. So it is looked at again and again,
        each time twice as large and in the middle of the face, as long as it stays small and is told about as certainly.
        """
        side, scale = faces.shape[1], self.size
        estimates = list(seen.estimates)
        promising = list(range(len(faces)))
        while scale < side:
            finer = min(side, 2 * scale)
            estimates = [scaled_estimate(estimate, scale, finer) for estimate in estimates]
            promising = [index for index in promising if _stays_close(estimates[index])]
            if promising:
                start = (finer - self.size) // 2
                middle = slice(start, start + self.size)
                crops = resized(faces[promising], finer)[:, middle, middle]
                for index, closer in zip(promising, self.see(as_planes(crops), quarters=False).estimates, strict=True):
                    if closer.certainty >= estimates[index].certainty - _LESS_CERTAIN:
                        rim = (estimates[index].kernel.shape[0] - closer.kernel.shape[0]) // 2
                        estimates[index] = BlurEstimate(np.pad(closer.kernel, rim), closer.certainty)
            scale = finer
        if side < scale:
            estimates = [scaled_estimate(estimate, scale, side) for estimate in estimates]
        return estimates

    def see(self, faces: FloatArray, quarters: bool = True) -> SeenFaces:
        """Everything it makes of faces `(N, 3, size, size)` float32 in [0, 1]. Without the quarters no blur varies."""
        masks, guess = self._reader.read(faces)
        windows = (self._window, *self._quarters) if quarters else (self._window,)
        planes = [kernel_evidence(faces, guess, self._network.settings, window) for window in windows]
        kernels, certainty = self._network.name_kernels(np.concatenate(planes))
        # By window, then by face.
        kernels = kernels.reshape(len(windows), len(faces), *kernels.shape[1:])
        certainty = certainty.reshape(len(windows), len(faces))
        estimates = tuple(
            _estimate(kernels[:, index].astype(np.float64), certainty[:, index].astype(np.float64))
            for index in range(len(faces))
        )
        return SeenFaces(masks, guess, estimates)


def varies(kernels: DoubleArray, certainty: DoubleArray) -> bool:
    """Whether the kernels `(4, K, K)` of four quarters are those of a blur that varies.

    The distance between two kernels is the part of the light that would have to be carried elsewhere, 0 to 1. A kernel of
    certainty c is expected to have 1 - c of its light in the wrong place, so two estimates of one and the same kernel lie no
    further apart than both shares together. Where the six distances exceed that by more than `CLEARLY` on average, there is
    more than one kernel.
    """
    soft = np.stack([cv2.GaussianBlur(kernel, (0, 0), _SAME_PLACE) for kernel in kernels])
    beyond = [
        np.abs(soft[one] - soft[other]).sum() / 2 - (2 - certainty[one] - certainty[other])
        for one, other in combinations(range(len(soft)), 2)
    ]
    return float(np.mean(beyond)) > CLEARLY


def quarter_windows(size: int) -> FloatArray:
    """Weights of the four quarters, overlapping: `(4, size, size)`, each a raised cosine five eighths of the side wide.

    In the order upper left, upper right, lower left, lower right.
    """
    width = size * 5 // 8
    lobe = np.sin(np.pi * (np.arange(width) + 0.5) / width) ** 2
    first = np.zeros(size)
    first[:width] = lobe
    profiles = (first, first[::-1])
    return np.stack([np.outer(down, across) for down in profiles for across in profiles]).astype(np.float32)


def as_planes(faces: FloatArray) -> FloatArray:
    """`(N, S, S, 3)` as networks take them, `(N, 3, S, S)`."""
    return np.ascontiguousarray(faces.transpose(0, 3, 1, 2))


def resized(faces: FloatArray, size: int) -> FloatArray:
    """Faces `(N, S, S, 3)` at another size: reduced by areas, enlarged by cubics, in [0, 1]; as they are at the same."""
    if faces.shape[1] == size:
        return faces
    interpolation = cv2.INTER_AREA if size < faces.shape[1] else cv2.INTER_CUBIC
    brought = [cv2.resize(face, (size, size), interpolation=interpolation) for face in faces]
    return np.asarray(np.clip(np.stack(brought), 0, 1), np.float32)


def scaled_estimate(estimate: BlurEstimate, size: int, wanted: int) -> BlurEstimate:
    """What an estimate of a face of `size` pixels says about the same face at `wanted` pixels."""
    if size == wanted:
        return estimate
    factor = wanted / size
    taps = fast_taps(wanted, int(np.ceil(estimate.kernel.shape[0] * factor)))
    field = estimate.field
    if field is not None:
        quarters = [point_spread_geometry.scaled(kernel, factor, taps) for row in field for kernel in row]
        field = np.stack(quarters).reshape(2, 2, taps, taps)
    kernel = point_spread_geometry.scaled(estimate.kernel, factor, taps)
    return replace(estimate, kernel=kernel, field=field, resolution=estimate.resolution * factor)


def _stays_close(estimate: BlurEstimate) -> bool:
    """Whether a blur, the same all over the face, is small enough to be looked at more closely."""
    tidy = point_spread_geometry.tidied(estimate.kernel)
    return estimate.field is None and point_spread_geometry.share_within(tidy, _CLOSE_ENOUGH) >= _CLOSE_SHARE


def _estimate(kernels: DoubleArray, certainty: DoubleArray) -> BlurEstimate:
    """From the kernel of the whole face and those of its quarters, if they were looked at."""
    quarters = kernels[1:]
    if not len(quarters):
        return BlurEstimate(kernels[0] / kernels[0].sum(), float(certainty[0]))
    field = quarters.reshape(2, 2, *quarters.shape[1:]) if varies(quarters, certainty[1:]) else None
    return BlurEstimate(kernels[0] / kernels[0].sum(), float(certainty[0]), _normalized_field(field))


def _normalized_field(field: DoubleArray | None) -> DoubleArray | None:
    return None if field is None else field / field.sum((2, 3), keepdims=True)
