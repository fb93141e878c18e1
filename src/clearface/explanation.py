"""How well a restored face and the blur it was freed of explain the picture they were made from."""

import cv2
import numpy as np

from clearface.arrays import DoubleArray, FloatArray
from clearface.blending import face_mask
from clearface.blur_estimates import BlurEstimate
from clearface.light import from_linear_light, to_linear_light
from clearface.restorers.reflecting_blur import ReflectingBlur
from clearface.restorers.smfd.filtering import field_shares

_SLOW = 1 / 16
"""Deviation, in parts of the side, of the Gaussian that is taken off: flat areas and slow shades are explained by anything."""

_LEAST_NOISE = 1 / 255 / np.sqrt(12)
"""What rounding to 8 bits alone adds."""

_NOISE_FILTER = np.array([[1.0, -2.0, 1.0], [-2.0, 4.0, -2.0], [1.0, -2.0, 1.0]])
"""Blind to anything a picture has but noise and the finest texture (Immerkaer 1996); unit noise comes out sixfold."""

_DEVIATION_PER_MEDIAN = 1.4826


def explained(before: FloatArray, after: FloatArray, estimate: BlurEstimate) -> float:
    """1 where the restored face, blurred again, is the picture it was made from but for noise; 0 where nothing of it is.

    before, after: RGB `(S, S, 3)` in [0, 1]. estimate: the kernel in their pixels. With H a high-pass filter, M the mask of a
    face, y the input, x the result, k the kernel and N the energy noise has under the mask, estimated from y:

        1 - max(|M H (y - k * x)|^2 - N, 0) / (|M H y|^2 - N), at least 0

    It tells whether the two are consistent, not whether they are true: an invented eyelash that the blur swallows again
    costs nothing.
    """
    weights = np.sqrt(face_mask(before.shape[0]).astype(np.float64))[..., None]
    picture = before.astype(np.float64)
    predicted = blurred_again(after, estimate)
    noise = _noise_energy(picture, weights)
    shown = float(np.sum((weights * _detail(picture)) ** 2)) - noise
    missed = max(float(np.sum((weights * _detail(picture - predicted)) ** 2)) - noise, 0.0)
    if shown <= noise:  # there is nothing to explain, so that only what was added counts
        return 1.0 if missed <= noise else 0.0
    return max(0.0, 1 - missed / shown)


def blurred_again(face: FloatArray, estimate: BlurEstimate) -> DoubleArray:
    """A face `(S, S, 3)` in [0, 1] blurred as the estimate says, mirrored beyond its edges: float64 `(S, S, 3)`."""
    light = face.astype(np.float64)
    if estimate.linear_light:
        light = to_linear_light(light)
    if estimate.field is None:
        spread = _blurred(light, estimate.kernel)
    else:
        shares = field_shares(face.shape[0], face.shape[1])[..., None]
        spread = np.zeros_like(light)
        for row, column in np.ndindex(2, 2):
            spread += _blurred(light, estimate.field[row, column]) * shares[row, column]
    return from_linear_light(np.clip(spread, 0, 1)) if estimate.linear_light else spread


def _blurred(picture: DoubleArray, kernel: DoubleArray) -> DoubleArray:
    blur = ReflectingBlur(kernel, (picture.shape[0], picture.shape[1]))
    return np.stack([blur.blur(picture[..., channel]) for channel in range(3)], -1)


def _detail(picture: DoubleArray) -> DoubleArray:
    slow = cv2.GaussianBlur(picture, (0, 0), _SLOW * picture.shape[0], borderType=cv2.BORDER_REFLECT)
    return picture - np.asarray(slow, np.float64)


def _noise_energy(picture: DoubleArray, weights: DoubleArray) -> float:
    """Of noise of one deviation a channel, summed over the pixels with their weights."""
    answers = cv2.filter2D(picture, cv2.CV_64F, _NOISE_FILTER)
    seen = np.asarray(answers, np.float64)[weights[..., 0] > 0]
    deviations = np.maximum(_DEVIATION_PER_MEDIAN * np.median(np.abs(seen), 0) / 6, _LEAST_NOISE)
    return float(np.sum(weights**2) * np.sum(deviations**2))
