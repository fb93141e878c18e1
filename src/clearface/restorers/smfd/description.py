"""What the four network files of SMFD say about themselves: JSON under `METADATA_KEY` in each file's metadata."""

import dataclasses
import json
import math
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar, get_type_hints

from clearface.errors import ModelError
from clearface.suggestions import did_you_mean

READER_FILE = "smfd-reader.onnx"
KERNEL_FILE = "smfd-kernel.onnx"
FAITHFUL_FILE = "smfd-faithful.onnx"
DETAILED_FILE = "smfd-detailed.onnx"

_LONGEST_SIDE = 8192
_NETWORK = "network"


@dataclass(frozen=True)
class ReaderSettings:
    """Of `smfd-reader.onnx`: `face` `(N, 3, H, W)` to `masks` `(N, 11, H, W)` and `guess` `(N, 3, H, W)`."""

    network: ClassVar[str] = "smfd-reader"

    stride: int
    """Height and width are multiples of it."""

    def problem(self) -> str | None:
        """What cannot be, None where all can."""
        return _unlike_a_side("stride", self.stride)


@dataclass(frozen=True)
class KernelSettings:
    """Of `smfd-kernel.onnx`: `evidence` `(N, strengths + 2, taps, taps)` to `kernels` `(N, taps, taps)`, `certainty` `(N,)`."""

    network: ClassVar[str] = "smfd-kernel"

    taps: int
    """Side of the kernel in pixels of a face of `size` pixels; odd."""

    size: int
    """Side of the faces it looks at, in pixels."""

    transform: int
    """Side of the Fourier transforms the evidence is gathered with."""

    strengths: tuple[float, ...]
    """Regularization of the quotients of spectra, relative to the mean power of the guess."""

    def problem(self) -> str | None:
        """What cannot be, None where all can."""
        if self.taps % 2 == 0:
            return f'"taps" is odd, not {self.taps}'
        sides = [_unlike_a_side(name, getattr(self, name)) for name in ("taps", "size", "transform")]
        if any(sides):
            return next(side for side in sides if side)
        if not self.taps <= self.size <= self.transform:
            return f'"taps", "size" and "transform" do not fall, not {self.taps}, {self.size}, {self.transform}'
        return _unlike_strengths(self.strengths)


@dataclass(frozen=True)
class DeblurringSettings:
    """Of `smfd-faithful.onnx` and `smfd-detailed.onnx`: `candidates` `(N, 3 * (2 + strengths), H, W)` and `masks`
    `(N, 11, H, W)` to `restored` `(N, 3, H, W)` and `error` `(N, 1, H, W)`.
    """

    network: ClassVar[str] = "smfd-deblurring"

    strengths: tuple[float, ...]
    """Regularization of the Wiener filters whose answers are candidates."""

    flat: float
    """Regularization of flat areas, relative to that of gradients."""

    error_at_90: float
    """Nine pixels of ten lie within this many times the error the network states; ln 10 if its errors were Laplacian."""

    def problem(self) -> str | None:
        """What cannot be, None where all can."""
        for name in ("flat", "error_at_90"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0):
                return f'"{name}" is positive, not {value}'
        return _unlike_strengths(self.strengths)


SmfdSettings = ReaderSettings | KernelSettings | DeblurringSettings
SettingsT = TypeVar("SettingsT", bound=SmfdSettings)


def write_settings(settings: SmfdSettings) -> str:
    """The JSON that `read_settings` reads, kept under `clearface.sessions.METADATA_KEY`. Raises ValueError for what cannot be."""
    problem = settings.problem()
    if problem is not None:
        raise ValueError(problem)
    return json.dumps({_NETWORK: settings.network} | dataclasses.asdict(settings))


def read_settings(kind: type[SettingsT], text: str, source: str) -> SettingsT:
    """Settings from their JSON, every field given and none besides.

    source: begins the sentence of the ModelError raised where the text is anything else.
    """
    try:
        fields = json.loads(text)
    except ValueError as error:
        raise ModelError(f"{source}: not valid JSON ({error})") from error
    if not isinstance(fields, dict):
        raise ModelError(f"{source}: a network is described by a JSON object, not by a {type(fields).__name__}")
    if fields.pop(_NETWORK, None) != kind.network:
        raise ModelError(f'{source}: this does not describe the network "{kind.network}"')
    names = [field.name for field in dataclasses.fields(kind)]
    for name in fields:
        if name not in names:
            raise ModelError(f'{source}: "{name}" says nothing about {kind.network}: {did_you_mean(name, names)}')
    types = get_type_hints(kind)
    values: dict[str, Any] = {}
    for name in names:
        if name not in fields:
            raise ModelError(f'{source}: "{name}" is missing')
        value = _as_type(fields[name], types[name])
        if value is None:
            raise ModelError(f'{source}: "{name}" cannot be {json.dumps(fields[name])}')
        values[name] = value
    settings = kind(**values)
    problem = settings.problem()
    if problem is not None:
        raise ModelError(f"{source}: {problem}")
    return settings


def _as_type(value: object, wanted: type) -> int | float | tuple[float, ...] | None:
    if isinstance(value, list):
        numbers = [_as_type(entry, float) for entry in value]
        if wanted in (int, float) or any(number is None for number in numbers):
            return None
        return tuple(number for number in numbers if isinstance(number, float))
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    if wanted is int:
        return value if isinstance(value, int) else None
    return float(value) if wanted is float else None


def _unlike_a_side(name: str, value: int) -> str | None:
    return None if 1 <= value <= _LONGEST_SIDE else f'"{name}" is a number of pixels, not {value}'


def _unlike_strengths(strengths: tuple[float, ...]) -> str | None:
    if strengths and all(math.isfinite(strength) and strength > 0 for strength in strengths):
        return None
    return f'"strengths" are positive, not {list(strengths)}'
