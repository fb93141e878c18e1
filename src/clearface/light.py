"""sRGB values and the light they stand for: the transfer function of IEC 61966-2-1."""

import numpy as np

from clearface.arrays import DoubleArray, FloatArray

_SLOPE = 12.92
_OFFSET = 0.055
_EXPONENT = 2.4
_VALUE_THRESHOLD = 0.04045
_LIGHT_THRESHOLD = 0.0031308


def to_linear_light(values: FloatArray | DoubleArray) -> DoubleArray:
    """sRGB values in [0, 1], of any shape, as float64 amounts of light in [0, 1]."""
    exact = values.astype(np.float64)
    bright = ((np.maximum(exact, _VALUE_THRESHOLD) + _OFFSET) / (1 + _OFFSET)) ** _EXPONENT
    return np.where(exact <= _VALUE_THRESHOLD, exact / _SLOPE, bright)


def from_linear_light(light: FloatArray | DoubleArray) -> DoubleArray:
    """Amounts of light in [0, 1], of any shape, as float64 sRGB values in [0, 1]."""
    exact = light.astype(np.float64)
    bright = (1 + _OFFSET) * np.maximum(exact, _LIGHT_THRESHOLD) ** (1 / _EXPONENT) - _OFFSET
    return np.where(exact <= _LIGHT_THRESHOLD, exact * _SLOPE, bright)
