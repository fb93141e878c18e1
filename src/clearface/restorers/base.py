"""What every restorer is."""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np

from clearface.arrays import FloatArray
from clearface.blur_estimates import BlurEstimate
from clearface.errors import ModelError, UsageError
from clearface.verdicts import Verdict

_PIXELS_AT_ONCE = 4 * 256 * 256


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

    error: FloatArray | None = None
    """`(N, S, S)` float32 in [0, 1]: the error in brightness that nine pixels of ten stay below; None where it cannot say."""

    estimates: tuple[BlurEstimate, ...] | None = None
    """The blur of each face, kernels in pixels of the faces; None where the restorer knows of none."""

    verdicts: tuple[Verdict, ...] | None = None
    """What was decided about each face; None where all are restored unseen."""

    left: tuple[bool, ...] | None = None
    """Which faces were left exactly as they were; None where none was."""


@dataclass(frozen=True)
class Tells:
    """What a restorer says besides the sharp faces."""

    confidence: bool = False
    kernel: bool = False
    """The kernel of each face's blur."""


@dataclass(frozen=True)
class NetworkUse:
    """What one face asks of a network."""

    path: Path
    """The ONNX file."""

    inputs: Mapping[str, tuple[int, ...]]
    """The shape of each input, by its name."""

    times: int = 1
    """How often it is run, at most."""


class Restorer(Protocol):
    """Makes faces sharp."""

    @property
    def name(self) -> str: ...

    @property
    def framing(self) -> Framing: ...

    @property
    def tells(self) -> Tells: ...

    def working_size(self, native_size: float) -> int:
        """The side S at which a face whose FFHQ square spans `native_size` pixels of the photo is restored."""
        ...

    def networks(self, side: int) -> tuple[NetworkUse, ...]:
        """What one face of `side` pixels goes through at most; empty where there is no network."""
        ...

    def restore(self, faces: FloatArray) -> Restored:
        """Sharp versions of RGB float32 `(N, S, S, 3)` in [0, 1]; the input is left as it is."""
        ...


@runtime_checkable
class FilmRestorer(Protocol):
    """What a restorer can besides, where it names the blur of a face, for films: there one blur serves many frames."""

    @property
    def restores_anyway(self) -> bool:
        """Whether faces are to be restored too that it finds sharp already or too far gone."""
        ...

    def name_blurs(self, faces: FloatArray) -> list[BlurEstimate]:
        """The blur of each of RGB float32 `(N, S, S, 3)` in [0, 1], as `restore` would find it."""
        ...

    def restore_knowing(self, faces: FloatArray, blurs: Sequence[BlurEstimate], swift: bool) -> Restored:
        """What `restore` answers, given the blurs, but that no face is left as it was, whatever the verdict on it.

        swift: less is looked at than there is to see, which takes less time and may cost a little quality.
        """
        ...


def restore_checked(restorer: Restorer, faces: FloatArray) -> Restored:
    """`restorer.restore`, its answer checked and clipped to [0, 1].

    Raises ModelError where the answer is of another shape, or not finite.
    """
    return checked(restorer, faces, restorer.restore(faces)) if len(faces) else Restored(faces)


def checked(restorer: Restorer, faces: FloatArray, answer: Restored) -> Restored:
    """What a restorer answered to faces `(N, S, S, 3)`, clipped to [0, 1].

    Raises ModelError where it is of another shape, or not finite.
    """
    maps = {"confidence": answer.confidence, "error": answer.error}
    held = {
        name: None if values is None else _checked(restorer.name, name, values, faces.shape[:3])
        for name, values in maps.items()
    }
    for name, facts in (("estimates", answer.estimates), ("verdicts", answer.verdicts), ("left", answer.left)):
        if facts is not None and len(facts) != len(faces):
            raise ModelError(f"{restorer.name}: answered with {len(facts)} {name} for {len(faces)} faces")
    return replace(
        answer,
        faces=_checked(restorer.name, "faces", answer.faces, faces.shape),
        confidence=held["confidence"],
        error=held["error"],
    )


def faces_at_once(side: int) -> int:
    """How many faces of `side` pixels go through a network together: as many as four of 256 pixels, which bounds memory."""
    return max(1, _PIXELS_AT_ONCE // side**2)


def check_fidelity(fidelity: float) -> None:
    """Raises UsageError unless it lies in [0, 1]."""
    if not 0 <= fidelity <= 1:
        raise UsageError(f"the fidelity lies in 0 to 1, not {fidelity}")


def photo_size(native_size: float) -> int:
    """The working size of every restorer with `Framing.PHOTO`: the face's own, in whole pixels, at least 1."""
    return max(1, round(native_size))


def _checked(name: str, what: str, values: FloatArray, shape: tuple[int, ...]) -> FloatArray:
    if values.shape != shape:
        raise ModelError(f"{name}: answered with {what} of shape {values.shape} where {shape} was expected")
    if not np.isfinite(values).all():
        raise ModelError(f"{name}: answered with {what} that are not finite numbers (NaN or infinity)")
    return np.clip(values, 0, 1).astype(np.float32, copy=False)
