"""What is typed for tests and methods, understood: `mixed@256`, `shen+tight`, `richardson-lucy:psf=true,iterations=50`."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from clearface.errors import UsageError
from clearface.restorers.registry import RESTORERS, RestorerOptions
from clearface.suggestions import did_you_mean

TIGHT = "+tight"
TRUE_KERNEL = "true"
"""In place of a point spread function: the one each face was really blurred with."""

SMALLEST_SIZE, LARGEST_SIZE = 32, 1024
_USUAL_SIZE = 128
_GROWN_SIZE = 256
_BETWEEN_OPTIONS = re.compile(r",(?=[a-z_-]+=)")


@dataclass(frozen=True)
class TestSpec:
    """One way to cut faces out and to degrade them."""

    name: str
    protocol: str

    size: int
    """Side of the squares in pixels."""

    tight: bool
    """Cropped to the box of the face and tilted, instead of aligned to the FFHQ square."""


@dataclass(frozen=True)
class MethodSpec:
    """One restorer and what it is told."""

    name: str
    """As it was typed."""

    restorer: str
    options: RestorerOptions

    true_kernel: bool = False
    """It is told the kernel each face was blurred with."""


def parse_test(text: str, size: int | None = None) -> TestSpec:
    """`PROTOCOL[@SIZE][+tight]`.

    size: where the text has none; None for 256 pixels where the lengths of the protocol grow with the face, and 128 for all
    others. Raises UsageError where it cannot be meant.
    """
    from clearface.degrade.protocols import protocol_named

    name = text.strip().lower()
    bare = name.removesuffix(TIGHT)
    word, at, side = bare.partition("@")
    protocol = protocol_named(word)
    if at and not side.isdecimal():
        raise UsageError(f"{text}: a size in pixels follows @, as in mixed@256")
    chosen = int(side) if at else size or (_GROWN_SIZE if protocol.grows else _USUAL_SIZE)
    if not SMALLEST_SIZE <= chosen <= LARGEST_SIZE:
        raise UsageError(f"{text}: faces are measured at {SMALLEST_SIZE} to {LARGEST_SIZE} pixels, not {chosen}")
    return TestSpec(name, protocol.name, chosen, name.endswith(TIGHT))


def parse_method(text: str) -> MethodSpec:
    """`RESTORER[:option=value,...]`; `psf=true` tells it the true kernel. Raises UsageError where it cannot be meant."""
    restorer, _, rest = text.strip().partition(":")
    entry = next((entry for entry in RESTORERS if entry.name == restorer.lower()), None)
    if entry is None:
        names = [entry.name for entry in RESTORERS]
        raise UsageError(f'there is no restorer "{restorer}": {did_you_mean(restorer, names)}')
    options, true_kernel, given = RestorerOptions(), False, set[str]()
    for part in _BETWEEN_OPTIONS.split(rest) if rest else []:
        word, equals, value = part.partition("=")
        if not equals or not value:
            raise UsageError(f"{text}: options are written as name=value, not {part!r}")
        option = _option(word, text)
        if option.field in given:
            raise UsageError(f"{text}: {word} is given twice")
        given.add(option.field)
        if option.field == "point_spread_function" and value.lower() == TRUE_KERNEL:
            true_kernel = True
            continue
        try:
            options = replace(options, **{option.field: option.read(value)})
        except ValueError as error:
            raise UsageError(f"{text}: {value!r} is no value for {word}") from error
    if not given <= set(entry.takes):
        taken = ", ".join(option.word for option in _OPTIONS if option.field in entry.takes) or "no options"
        raise UsageError(f"{text}: {entry.name} takes {taken}")
    return MethodSpec(text.strip(), entry.name, options, true_kernel)


@dataclass(frozen=True)
class _Option:
    word: str
    field: str
    read: Callable[[str], Any]


def _number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def _truth(text: str) -> bool:
    if text.lower() in ("yes", "true", "1"):
        return True
    if text.lower() in ("no", "false", "0"):
        return False
    raise ValueError(text)


_OPTIONS = (
    _Option("psf", "point_spread_function", str),
    _Option("iterations", "iterations", int),
    _Option("tv", "total_variation", _number),
    _Option("linear-light", "linear_light", _truth),
    _Option("balance", "balance", _number),
    _Option("model", "model", Path),
    _Option("preset", "preset", str),
    _Option("fidelity", "fidelity", _number),
    _Option("restore-anyway", "restore_anyway", _truth),
)
"""What `clearface restore` calls each option, and the field it fills."""


def _option(word: str, text: str) -> _Option:
    for option in _OPTIONS:
        if word.replace("_", "-") == option.word:
            return option
    raise UsageError(f'{text}: there is no option "{word}": {did_you_mean(word, [option.word for option in _OPTIONS])}')
