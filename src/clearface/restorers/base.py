"""What every restorer is."""

import enum
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from clearface.arrays import FloatArray
from clearface.errors import ModelError


class Framing(enum.Enum):
    """How a restorer wants its faces cut from the photo."""

    TEMPLATE = "template"
    """Turned and scaled onto the FFHQ square: what networks are trained on."""

    PHOTO = "photo"
    """An upright square, pixel for pixel, so that a point spread function is in pixels of the photo."""


@dataclass(frozen=True, eq=False)
class Restored:
    """What a restorer answers."""

    faces: FloatArray
    """RGB float32 `(N, S, S, 3)` in [0, 1]."""

    confidence: FloatArray | None = None
    """`(N, S, S)` float32 in [0, 1], 1 where the restorer is sure; None where it cannot say."""


class Restorer(Protocol):
    """Makes faces sharp."""

    @property
    def name(self) -> str: ...

    @property
    def framing(self) -> Framing: ...

    def working_size(self, native_size: float) -> int:
        """The side S at which a face whose FFHQ square spans `native_size` pixels of the photo is restored."""
        ...

    def restore(self, faces: FloatArray) -> Restored:
        """Sharp versions of RGB float32 `(N, S, S, 3)` in [0, 1]; the input is left as it is."""
        ...


def restore_checked(restorer: Restorer, faces: FloatArray) -> Restored:
    """`restorer.restore`, its answer checked and clipped to [0, 1].

    Raises ModelError where the answer is of another shape, or not finite.
    """
    if not len(faces):
        return Restored(faces)
    answer = restorer.restore(faces)
    confidence = answer.confidence
    return Restored(
        _checked(restorer.name, "faces", answer.faces, faces.shape),
        None if confidence is None else _checked(restorer.name, "confidence", confidence, faces.shape[:3]),
    )


def photo_size(native_size: float) -> int:
    """The working size of every restorer with `Framing.PHOTO`: the face's own, in whole pixels, at least 1."""
    return max(1, round(native_size))


def _checked(name: str, what: str, values: FloatArray, shape: tuple[int, ...]) -> FloatArray:
    if values.shape != shape:
        raise ModelError(f"{name}: answered with {what} of shape {values.shape} where {shape} was expected")
    if not np.isfinite(values).all():
        raise ModelError(f"{name}: answered with {what} that are not finite numbers (NaN or infinity)")
    return np.clip(values, 0, 1).astype(np.float32, copy=False)
