"""The last step towards what the blurred face shows, where its blur is known for certain and nothing else happened to it."""

from dataclasses import replace

import numpy as np

from clearface.arrays import FloatArray
from clearface.blur_estimates import BlurEstimate
from clearface.explanation import blurred_again
from clearface.restorers.smfd.description import DeblurringSettings
from clearface.restorers.smfd.filtering import filtered_faces

_LEAST_CERTAINTY = 0.95
_GREATEST_GRAIN = 0.8 / 255
"""Of the blurred face, in brightness: what noise, grain or compression leave where a blurred face has no detail of its own."""

_GREATEST_RESIDUAL = 2.5 / 255
"""Root mean square of what the restored face, blurred again, leaves unexplained: beyond it the blur is no such convolution."""

_STRENGTH = 0.01
"""Regularization of the step, as `DeblurringSettings.strengths`."""

ERROR_LEFT = 0.7
"""Of the error stated before the step, the part nine pixels of ten stay below after it: of 200 faces under a 5x5 average."""

_RIM = 8
"""The residual is measured without one pixel of so many along each edge, where the kernel reaches for what nobody knows."""

_DEVIATION_PER_MEAN = 1.25
"""Of a Gaussian, the standard deviation by the mean of the absolute value: the root of half of pi."""


def projected_back(
    face: FloatArray, restored: FloatArray, estimate: BlurEstimate, settings: DeblurringSettings
) -> FloatArray | None:
    """A restored face `(3, S, S)` that explains the blurred one better; None where the conditions are not met.

    What the restored face, blurred again, leaves of the blurred one is itself filtered and added (back-projection, Irani and
    Peleg 1991). Networks hold back where an inverse filter may be wrong; without noise and with the very kernel it is not.
    """
    if estimate.certainty < _LEAST_CERTAINTY or estimate.field is not None or _grain(face) > _GREATEST_GRAIN:
        return None
    again = blurred_again(np.ascontiguousarray(restored.transpose(1, 2, 0)), estimate).transpose(2, 0, 1)
    residual = np.asarray(face - again, np.float32)
    rim = face.shape[-1] // _RIM
    if float(np.sqrt(np.mean(residual[:, rim:-rim, rim:-rim] ** 2))) > _GREATEST_RESIDUAL:
        return None
    step = filtered_faces(
        residual[None], estimate.kernel[None].astype(np.float32), replace(settings, strengths=(_STRENGTH,))
    )
    return np.asarray(restored + step[0], np.float32)


def _grain(face: FloatArray) -> float:
    """The standard deviation of the noise that alone would show as much of the finest diagonal differences as the face does."""
    grey = face.mean(0)
    diagonal = grey[1:, 1:] - grey[1:, :-1] - grey[:-1, 1:] + grey[:-1, :-1]
    return float(np.abs(diagonal).mean()) * _DEVIATION_PER_MEAN / 2
