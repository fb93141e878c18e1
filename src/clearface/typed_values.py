"""Frozen dataclasses from the plain values of a JSON or TOML file, every value checked against its type."""

import dataclasses
import enum
import json
import math
from datetime import datetime
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from clearface.errors import UsageError
from clearface.suggestions import did_you_mean

ValueT = TypeVar("ValueT")

_LONGEST_SHOWN = 40


@dataclasses.dataclass(frozen=True)
class Reading:
    """How values are taken."""

    what: str
    """What they are, in sentences: `a recipe`."""

    complete: bool
    """Every field has to be there; otherwise what is left out is as in the dataclass."""

    null_is_nan: bool = False
    """A `float` that is null is NaN, since JSON has no NaN; otherwise numbers are finite."""

    lenient: bool = False
    """What is unknown is passed over, and what has a default in the dataclass may be left out: so speaks a program of another
    version."""


def typed_value(kind: type[ValueT], value: object, reading: Reading, place: str = "") -> ValueT:
    """A dataclass, or anything its fields are made of, from what JSON or TOML gives.

    kind: a dataclass, or an enumeration, `str`, `int`, `float`, `bool`, `datetime`, `Any`, and what tuples, dictionaries and
    unions with None make of them. place: what the value is called in the sentence of the ValueError that is raised where it
    does not fit.
    """
    made: ValueT = _convert(kind, value, reading, place)
    return made


def _convert(kind: Any, value: object, reading: Reading, place: str) -> Any:  # noqa: ANN401 - a type is any type
    if kind is Any:
        return value
    if dataclasses.is_dataclass(kind):
        return _dataclass(kind, value, reading, place)
    origin = get_origin(kind)
    if origin in (UnionType, Union):
        if value is None and NoneType in get_args(kind):
            return None
        (wanted,) = (member for member in get_args(kind) if member is not NoneType)
        return _convert(wanted, value, reading, place)
    if origin is tuple:
        return _tuple(get_args(kind), value, reading, place)
    if origin is dict:
        if not isinstance(value, dict):
            raise _wrong(value, reading, place)
        inner = get_args(kind)[1]
        return {key: _convert(inner, entry, reading, f"{place}.{key}") for key, entry in value.items()}
    return _single(kind, value, reading, place)


def _single(kind: Any, value: object, reading: Reading, place: str) -> Any:  # noqa: ANN401
    if issubclass(kind, enum.Enum):
        if value not in [member.value for member in kind]:
            raise _wrong(value, reading, place)
        return kind(value)
    if issubclass(kind, datetime):
        return _moment(value, reading, place)
    if kind is float and value is None and reading.null_is_nan:
        return math.nan
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise _wrong(value, reading, place)
    if isinstance(value, float) and not math.isfinite(value) and not reading.null_is_nan:
        raise _wrong(value, reading, place)
    return value


def _moment(value: object, reading: Reading, place: str) -> datetime:
    """From ISO 8601 with its distance from UTC."""
    if not isinstance(value, str):
        raise _wrong(value, reading, place)
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise _wrong(value, reading, place) from error
    if moment.tzinfo is None:
        raise _wrong(value, reading, place)
    return moment


def _dataclass(kind: Any, value: object, reading: Reading, place: str) -> Any:  # noqa: ANN401
    if not isinstance(value, dict):
        raise _wrong(value, reading, place)
    known = get_type_hints(kind)
    given = {}
    for key, entry in value.items():
        inside = f"{place}.{key}" if place else key
        if key not in known:
            if reading.lenient:
                continue
            raise ValueError(f'"{inside}" is no part of {reading.what}: {did_you_mean(key, known)}')
        given[key] = _convert(known[key], entry, reading, inside)
    missing = [key for key in known if key not in given and not (reading.lenient and key in _with_defaults(kind))]
    if reading.complete and missing:
        raise ValueError(f'"{place}" lacks "{missing[0]}"' if place else f'"{missing[0]}" is missing')
    try:
        return kind(**given)
    except (UsageError, ValueError) as error:
        raise ValueError(f'"{place}": {error}' if place else str(error)) from error


def _with_defaults(kind: Any) -> set[str]:  # noqa: ANN401
    """Names of the fields that need not be told."""
    return {
        field.name
        for field in dataclasses.fields(kind)
        if field.default is not dataclasses.MISSING or field.default_factory is not dataclasses.MISSING
    }


def _tuple(kinds: tuple[Any, ...], value: object, reading: Reading, place: str) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        raise _wrong(value, reading, place)
    if kinds[-1] is Ellipsis:
        return tuple(_convert(kinds[0], entry, reading, f"{place}[{index}]") for index, entry in enumerate(value))
    if len(kinds) != len(value):
        raise _wrong(value, reading, place)
    return tuple(_convert(kind, entry, reading, place) for kind, entry in zip(kinds, value, strict=True))


def _wrong(value: object, reading: Reading, place: str) -> ValueError:
    if not place:
        return ValueError(f"{reading.what} is an object of keys")
    shown = json.dumps(value, default=str)
    return ValueError(f'"{place}" cannot be {shown if len(shown) <= _LONGEST_SHOWN else type(value).__name__}')
