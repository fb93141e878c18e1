"""Settings as lines that people read."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_CHECKSUM = re.compile(r"[0-9a-f]{64}")
_SHOWN = 12
"""Letters of a checksum."""

_SILENT = ("options",)
"""Keys that only hold others."""


@dataclass(frozen=True)
class SettingLine:
    """One setting."""

    name: str
    value: str
    whole: str = ""
    """What the value was shortened from; empty where it was not."""


def settings_lines(values: Mapping[str, object], before: str = "") -> tuple[SettingLine, ...]:
    """Nested settings with their keys in words, such as `methods 3, point spread function`; empty ones are left out.

    before: what the keys stand below.
    """
    lines: list[SettingLine] = []
    for key, value in values.items():
        words = key.replace("_", " ") if key.isidentifier() else key
        name = before if key in _SILENT and before else f"{before}, {words}" if before else words
        if value is None or value in ("", [], (), {}):
            continue
        if isinstance(value, Mapping):
            lines += settings_lines(value, name)
        elif isinstance(value, Sequence) and not isinstance(value, str):
            if any(isinstance(entry, Mapping | list | tuple) for entry in value):
                for number, entry in enumerate(value, start=1):
                    lines += settings_lines({f"{name} {number}": entry})
            else:
                lines.append(SettingLine(name, ", ".join(_text(entry) for entry in value)))
        else:
            text = _text(value)
            lines.append(SettingLine(name, short_checksum(text), text if short_checksum(text) != text else ""))
    return tuple(lines)


def short_checksum(text: str) -> str:
    """The beginning of a SHA-256 in hexadecimal digits; any other text as it is."""
    return f"{text[:_SHOWN]}…" if _CHECKSUM.fullmatch(text) else text


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else json.dumps(value)
