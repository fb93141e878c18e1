"""One option: what it takes, from JSON, which has types, and from forms, which have only text."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from clearface.errors import UsageError

_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_NUMBER = re.compile(r"[+-]?([0-9]{1,40}(\.[0-9]{0,40})?|\.[0-9]{1,40})([eE][+-]?[0-9]{1,3})?")
_YES = frozenset({"true", "1", "yes", "on"})
_NO = frozenset({"false", "0", "no", "off"})


class Kind(Enum):
    """What JSON Schema calls a value, and how a sentence says what it is."""

    TEXT = ("string", "text")
    WHOLE = ("integer", "a whole number")
    NUMBER = ("number", "a number")
    SWITCH = ("boolean", "true or false")

    @property
    def schema_type(self) -> str:
        """In JSON Schema."""
        return self.value[0]

    @property
    def words(self) -> str:
        """For people."""
        return self.value[1]


@dataclass(frozen=True)
class Option:
    """One option of a task."""

    name: str
    kind: Kind
    told: str
    """What it does."""

    check: Callable[[Any], object] = lambda _value: None
    """Raises UsageError for a value that cannot be."""

    bounds: Mapping[str, object] = field(default_factory=dict)
    """The same, as JSON Schema says it."""

    def read(self, value: object, form: bool) -> Any:  # noqa: ANN401 - of the kind
        """The value. form: text stands for it. Raises UsageError, in clearface's own words."""
        typed = _of_text(self.kind, value) if form and isinstance(value, str) else value
        if not _is(self.kind, typed):
            raise UsageError(f"{self.name} is {self.kind.words}")
        if self.kind is Kind.WHOLE:
            typed = int(typed)  # type: ignore[call-overload]
        elif self.kind is Kind.NUMBER:
            typed = float(typed)  # type: ignore[arg-type]
        self.check(typed)
        return typed

    def document(self) -> dict[str, object]:
        """In JSON Schema."""
        return {"type": self.kind.schema_type, "description": self.told, **self.bounds}


def read_switch(name: str, value: object, form: bool) -> bool:
    """Yes or no. Raises UsageError."""
    return bool(Option(name, Kind.SWITCH, "").read(value, form))


def _of_text(kind: Kind, text: str) -> object:
    """The value a text stands for; the text itself where it stands for none."""
    word = text.strip()
    if kind is Kind.WHOLE and _WHOLE.fullmatch(word):
        return int(word)
    if kind is Kind.NUMBER and _NUMBER.fullmatch(word):
        return float(word)
    if kind is Kind.SWITCH and word.lower() in _YES | _NO:
        return word.lower() in _YES
    return text


def _is(kind: Kind, value: object) -> bool:
    if kind is Kind.TEXT:
        return isinstance(value, str)
    if kind is Kind.SWITCH:
        return isinstance(value, bool)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    if isinstance(value, int):
        return abs(value) < 10**18
    return math.isfinite(value) and (kind is Kind.NUMBER or (value.is_integer() and abs(value) < 10**18))
