"""Orders and outcomes as JSON."""

import dataclasses
import json
from typing import TypeVar

from clearface.typed_values import Reading, typed_value

ValueT = TypeVar("ValueT")

_READING = Reading("a message between the parts of the server", complete=False)


def as_json(value: object) -> bytes:
    """A dataclass as JSON."""
    return json.dumps(dataclasses.asdict(value), ensure_ascii=False).encode()  # type: ignore[call-overload]


def from_json(kind: type[ValueT], data: bytes) -> ValueT:
    """A dataclass from JSON, every value checked against its type. Raises ValueError where it does not fit."""
    return typed_value(kind, json.loads(data), _READING)
