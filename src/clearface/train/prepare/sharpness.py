"""At which working sizes a face is truly sharp, read off the spectrum of the photo around it.

Amplitudes of sharp faces fall with frequency in nearly the same way, as those of all natural pictures do (Field 1987): relative
to the coarse features, their share at any finer frequency varies by a third between people. Enlarging, defocus, motion and
smoothing all take from the fine end, so what is left there against what a sharp face has is the transfer of the camera and
everything after it. A face is sharp at a size as far as that transfer reaches. Plain interpolation folds some detail back to
where an enlarged picture has none; its traces are looked for apart.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from clearface.arrays import DoubleArray, Pixels
from clearface.faces import WORKING_SIZES, Face, native_size
from clearface.squares import photo_square, take_square, template_square
from clearface.train.prepare.enlargement import enlargement_factor

LEAST_TRANSFER = 0.33
"""Share of the finest detail of a size that must be left, of what a sharp face has or of what this one has at a coarser size,
whichever is more. A Gaussian of 0.53 pixels leaves as much."""

_LEAST_ANY_WAY = 0.3
_LEAST_SECOND_WAY = 0.4
"""Smearing leaves detail across one direction alone. Of four directions the least must have this share of the detail left, the
second richest this share of the richest (97 in 100 sharp portraits do) ..."""

_ENOUGH_ANY_WAY = 0.3
_ENOUGH_SECOND_WAY = 0.5
"""... or this share of what a sharp face has: frames of glasses are rich one way, and the rest is sharp all the same."""

_LEAST_SIGNAL_TO_NOISE = 0.5
"""Power of detail to power of noise, in the finest detail of a size."""

_LARGEST_MEASURED = 640
_COARSE = (8.0, 24.0)
"""Cycles to a side of the FFHQ square: eyes, brows, nose and mouth."""

_FINEST = 0.8
"""The finest detail of a size: frequencies from this share of its highest one up."""

_SHARP_SHARE = 0.173
_SHARP_SLOPE = 1.35
"""Of sharp portraits, the finest detail at 96 pixels has 0.173 (5% to 95%: 0.13 to 0.25) of the coarse amplitude, that of
larger sizes less by this power; medians over 40 portraits of 512 pixels, from 96 to 256."""

_NOISE_ABOVE = 0.55
"""Cycles to a pixel, in the corners of the spectrum: beyond most detail, whichever way it lies."""


@dataclass(frozen=True)
class Sharpness:
    """How much of the finest detail of each size a face has."""

    transfer: tuple[tuple[int, float], ...]
    """By working size, from the smallest up to the size of the face before it was enlarged: 1 is what a sharp face has."""

    sharp_at: int
    """The largest working size at which it is sharp; 0 for none."""

    smeared: bool = False
    """At the smallest size what detail there is lies one way, as motion leaves it."""


def measure_sharpness(pixels: Pixels, face: Face) -> Sharpness:
    """Measures a face where it lies in its photo, RGB `(H, W, 3)`, 8 or 16 bits."""
    size = native_size(face)
    small = size <= _LARGEST_MEASURED  # taken pixel for pixel: resampling would blur
    square = photo_square(face, max(round(size), 32)) if small else template_square(face, _LARGEST_MEASURED)
    grey = cv2.cvtColor(take_square(pixels, square), cv2.COLOR_RGB2GRAY).astype(np.float64)
    honest = size / (enlargement_factor(grey) if small else 1.0)
    spectrum = _Spectrum(_face_area(grey), grey.shape[0])
    coarse = spectrum.amplitude(*_COARSE)
    transfer: list[tuple[int, float]] = []
    sharp_at = 0
    blurred = coarse <= 0
    richness = 1.0
    smeared_first = False
    for working_size in WORKING_SIZES:
        if working_size > honest:
            break
        expected = max(coarse, 1e-12) * _SHARP_SHARE * (WORKING_SIZES[0] / working_size) ** _SHARP_SLOPE
        band = _FINEST * working_size / 2, working_size / 2
        left = spectrum.amplitude(*band) / expected
        ways = sorted(spectrum.amplitude(*band, way) / expected for way in range(4))
        clear = (left * expected) ** 2 >= _LEAST_SIGNAL_TO_NOISE * spectrum.noise
        smeared = _is_smeared(ways, left)
        smeared_first = smeared if not transfer else smeared_first
        transfer.append((working_size, left))
        richness = max(richness, left)
        faint = left < LEAST_TRANSFER * richness
        blurred = blurred or faint or smeared or not clear
        sharp_at = sharp_at if blurred else working_size
    return Sharpness(tuple(transfer), sharp_at, smeared_first)


def _is_smeared(ways: list[float], left: float) -> bool:
    """Whether detail lies one way alone; `ways`: what is left of it in four directions, least first."""
    least_missing = ways[0] < min(_LEAST_ANY_WAY * left, _ENOUGH_ANY_WAY)
    return least_missing or ways[2] < min(_LEAST_SECOND_WAY * ways[3], _ENOUGH_SECOND_WAY)


class _Spectrum:
    """Power by frequency of a part of a square, frequencies in cycles to the side of the square."""

    def __init__(self, area: DoubleArray, side: int) -> None:
        window = np.outer(np.hanning(area.shape[0]), np.hanning(area.shape[1]))
        centred = (area - (area * window).sum() / window.sum()) * window
        self._power = np.abs(np.fft.rfft2(centred)) ** 2 / (window**2).sum() / side**2
        down = np.fft.fftfreq(area.shape[0])[:, None] * side
        across = np.fft.rfftfreq(area.shape[1])[None] * side
        self._frequency = np.hypot(down, across)
        self._way = np.mod(np.degrees(np.arctan2(down, across)) + 22.5, 180) // 45
        self.noise = float(self._power[self._frequency > _NOISE_ABOVE * side].mean())

    def amplitude(self, low: float, high: float, way: int | None = None) -> float:
        """Root mean power between two frequencies, noise taken off; `way`: along rows 0, falling 1, down 2, rising 3."""
        chosen = (self._frequency >= low) & (self._frequency < high)
        if way is not None:
            chosen &= self._way == way
        return float(np.sqrt(max(self._power[chosen].mean() - self.noise, 0.0))) if chosen.any() else 0.0


def _face_area(grey: DoubleArray) -> DoubleArray:
    """The middle of the FFHQ square, from the forehead to the chin."""
    side = grey.shape[0]
    return grey[round(0.22 * side) : round(0.86 * side), round(0.18 * side) : round(0.82 * side)]
