"""What restored squares of one face have in common from frame to frame: recursive averaging that follows what moves."""

from dataclasses import dataclass

import cv2
import numpy as np

from clearface.arrays import DoubleArray, FloatArray
from clearface.blending import face_mask
from clearface.films.steady_motion import farthest, motion_between

_MOST_STILL = 8.0
"""Frames a result is the average of where nothing moves."""

_MOST_MOVING = 3.0
"""The same where the face moved within its square, and what is remembered is resampled."""

_LEAST_SIZE = 24
"""Side of the smallest squares that are steadied, in pixels."""

_LEAST_MOTION = 0.08
"""In pixels: less is not followed."""

_WINDOW = 1 / 128
"""Deviation, in parts of the side, of the Gaussian differences are averaged with before they are compared with noise."""

_REACH = 1 / 64
"""Of the side: how far around a place that moved restored pixels differ too."""

_SAME, _OTHER = 4.0, 9.0
"""Mean square differences in units of what noise alone makes: up to which pixels show the same, from which something else."""

_LEAST_NOISE = 0.3 / 255
"""Deviation that rounding to 8 bits leaves."""

_MOST_TOLD = 2.0
"""How many times more than fine noise tells may be noise: that of compressed films is coarse."""

_COARSE_NOISE = 1.2 / 255
"""Coarse differences up to this are noise in any case; nobody sees them."""

_DEVIATION_PER_MEDIAN = 1.4826
_MEDIAN_OF_MEAN_SQUARE = 0.789
"""Of three standard normal numbers."""


@dataclass(frozen=True, eq=False)
class _Memory:
    before: FloatArray
    """`(S, S, 3)`: the average of the squares as they were taken."""

    after: FloatArray
    """`(S, S, 3)`: of the restored ones."""

    frames: FloatArray
    """`(S, S)`: of how many, 1 or more."""


class SteadySquare:
    """The squares of one face, given in the order of the film."""

    def __init__(self) -> None:
        self._memory: _Memory | None = None

    def forget(self) -> None:
        """What comes next has nothing to do with what was."""
        self._memory = None

    def steadied(self, before: FloatArray, after: FloatArray) -> FloatArray:
        """A restored square, steadied by those before it where they show the same, RGB float32 `(S, S, 3)` in [0, 1].

        before: as it was taken, in which it is told what moved: there `after` comes back as it is. The first square, the first
        after `forget`, and squares too small to tell noise from motion come back as they are.
        """
        if before.shape[0] < _LEAST_SIZE:
            self._memory = None
            return after
        memory = self._at_size(before.shape[0])
        if memory is None:
            self._memory = _Memory(before, after, np.ones(before.shape[:2], np.float32))
            return after
        memory = _followed(memory, before)
        frames = (memory.frames * _agreement(memory, before))[..., None]
        share: FloatArray = np.asarray(1 / (frames + 1), np.float32)
        kept = _Memory(
            memory.before + (before - memory.before) * share,
            memory.after + (after - memory.after) * share,
            frames[..., 0] + 1,
        )
        self._memory = kept
        return kept.after

    def _at_size(self, size: int) -> _Memory | None:
        memory = self._memory
        if memory is None or memory.frames.shape[0] == size:
            return memory
        interpolation = cv2.INTER_AREA if size < memory.frames.shape[0] else cv2.INTER_CUBIC
        before, after = (
            np.asarray(np.clip(cv2.resize(picture, (size, size), interpolation=interpolation), 0, 1), np.float32)
            for picture in (memory.before, memory.after)
        )
        return _Memory(before, after, np.ones((size, size), np.float32))


def _followed(memory: _Memory, before: FloatArray) -> _Memory:
    """What is remembered, moved to where the face now lies in its square."""
    motion = motion_between(_grey(memory.before), _grey(before))
    size = before.shape[0]
    if motion is None or farthest(motion, size) < _LEAST_MOTION:
        return _Memory(memory.before, memory.after, np.minimum(memory.frames, np.float32(_MOST_STILL - 1)))
    return _Memory(
        _moved(memory.before, motion),
        np.asarray(np.clip(_moved(memory.after, motion), 0, 1), np.float32),
        np.minimum(memory.frames, np.float32(_MOST_MOVING - 1)),
    )


def _moved(picture: FloatArray, motion: DoubleArray) -> FloatArray:
    """A square `(S, S, 3)` with every pixel carried to where the motion leads."""
    moved = cv2.warpAffine(picture, motion, picture.shape[:2], flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(moved, np.float32)


def _agreement(memory: _Memory, before: FloatArray) -> FloatArray:
    """Where a square shows what is remembered: `(S, S)` float32, 1 where the difference is noise, 0 where it is not."""
    size = before.shape[0]
    noisier = np.sqrt(1 + 1 / memory.frames)[..., None]
    apart: FloatArray = np.asarray((before - memory.before) / noisier, np.float32)
    sigma = max(_WINDOW * size, 0.8)
    coarse = np.asarray(cv2.GaussianBlur(apart, (0, 0), sigma), np.float32)
    energy = np.mean(coarse * coarse, 2)
    relative = energy / np.float32(_coarse_noise(apart, energy, sigma))
    reach = 2 * max(1, round(_REACH * size)) + 1
    near = cv2.dilate(relative, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach)))
    agreeing = np.clip((_OTHER - np.asarray(near, np.float32)) / (_OTHER - _SAME), 0, 1)
    return np.asarray(cv2.blur(agreeing, (5, 5)), np.float32)


def _coarse_noise(apart: FloatArray, energy: FloatArray, sigma: float) -> float:
    """The variance noise alone leaves in differences averaged with a Gaussian of `sigma` pixels.

    Told from the finest diagonal differences, in which motion hardly shows, and from what most of the face differs by, where
    that is not much more.
    """
    # Every other pixel tells as much.
    inside = face_mask(apart.shape[0])[1::2, 1::2] > 0
    below, above = apart[1::2], apart[:-1:2]
    diagonal = below[:, 1::2] - below[:, :-1:2] - above[:, 1::2] + above[:, :-1:2]
    fine = _DEVIATION_PER_MEDIAN * float(np.median(np.abs(diagonal[inside]))) / 2
    averaged = max(fine, _LEAST_NOISE) / (2 * np.sqrt(np.pi) * sigma)
    seen = float(np.sqrt(np.median(energy[1::2, 1::2][inside]) / _MEDIAN_OF_MEAN_SQUARE))
    return float(np.clip(seen, averaged, max(_MOST_TOLD * averaged, _COARSE_NOISE))) ** 2


def _grey(picture: FloatArray) -> FloatArray:
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.float32)
