"""How the box of one face moves: a Kalman filter of constant velocity, in seconds."""

import cv2
import numpy as np

from clearface.arrays import DoubleArray
from clearface.faces import Box

_PLACE_NOISE = 0.04
"""Standard deviation of a found box around the true one, in parts of its size."""

_ACCELERATION = 20.0
"""Standard deviation of the acceleration of a centre, in sizes of the face per second squared: heads that turn and nod."""

_GROWTH = 2.0
"""The same of width and height."""

_FIRST_SPEED = 6.0
"""Standard deviation of the speed of a face seen once, in sizes per second."""

_COASTING = 0.3
"""Seconds after which a face nobody sees has lost all but a third of its speed."""

_FIRST_INTERVAL = 0.05
"""Seconds between frames, taken for a face seen once."""


class BoxMotion:
    """Place and speed of one box, told where it is now and then and asked where it will be.

    The state is centre, width and height and their speeds, in pixels and seconds, so that frames may come at any times.
    """

    def __init__(self, box: Box, seconds: float) -> None:
        self._filter = cv2.KalmanFilter(8, 4, 0, cv2.CV_64F)
        self._filter.measurementMatrix = np.eye(4, 8)
        self._filter.statePost = np.concatenate([_measured(box), np.zeros(4)])[:, None]
        size = max(box.size, 1.0)
        spread = np.repeat([_PLACE_NOISE, _PLACE_NOISE, _FIRST_SPEED, _GROWTH], 2) * size
        self._filter.errorCovPost = np.diag(spread**2)
        self._seen = seconds
        self._interval = 0.0

    @property
    def seen(self) -> float:
        """When the face was last told."""
        return self._seen

    def at(self, seconds: float) -> Box:
        """Where it is at a time after it was last told."""
        return _box(self._transition(seconds - self._seen) @ self._state())

    def tell(self, box: Box, seconds: float) -> None:
        """It was found there."""
        step = max(seconds - self._seen, 0.0)
        size = max(_box(self._state()).size, 1.0)
        accelerations = np.array([_ACCELERATION, _ACCELERATION, _GROWTH, _GROWTH]) * size
        self._filter.transitionMatrix = self._transition(step)
        self._filter.processNoiseCov = _process_noise(step, accelerations)
        self._filter.predict()
        self._filter.measurementNoiseCov = np.eye(4) * (_PLACE_NOISE * max(box.size, 1.0)) ** 2
        self._filter.correct(_measured(box)[:, None])
        self._seen, self._interval = seconds, step

    def _state(self) -> DoubleArray:
        return np.asarray(self._filter.statePost[:, 0], np.float64)

    def _transition(self, step: float) -> DoubleArray:
        """The speed is kept for as long as a face was last not looked for, then lost: one that hides stays near where it was."""
        unseen = max(step - max(self._interval, _FIRST_INTERVAL), 0.0)
        kept = float(np.exp(-unseen / _COASTING))
        transition = np.eye(8)
        transition[:4, 4:] = np.eye(4) * (step - unseen + _COASTING * (1 - kept))
        transition[4:, 4:] *= kept
        return transition


def _process_noise(step: float, accelerations: DoubleArray) -> DoubleArray:
    """White noise of acceleration over one step."""
    variances = np.diag(accelerations**2)
    noise = np.empty((8, 8))
    noise[:4, :4] = variances * step**4 / 4
    noise[:4, 4:] = noise[4:, :4] = variances * step**3 / 2
    noise[4:, 4:] = variances * step**2
    return noise


def _measured(box: Box) -> DoubleArray:
    x, y = box.centre
    return np.array([x, y, box.width, box.height])


def _box(state: DoubleArray) -> Box:
    x, y, width, height = (float(value) for value in state[:4])
    width, height = max(width, 1.0), max(height, 1.0)
    return Box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)
