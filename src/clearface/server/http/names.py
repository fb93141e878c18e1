"""What photos are called: by clients, and when their results are taken home."""

import unicodedata
from pathlib import PurePath

from clearface.server.jobs.names import result_stem
from clearface.server.orders import Outcome, Task

_LONGEST = 200

_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks that make text run the other way, so that an ending seems another."""

_UNSHOWN = frozenset({"Cc", "Cs", "Zl", "Zp"})


def clean_text(text: str) -> str:
    """Text of a client's, fit to be shown in a sentence: no control characters, nothing that is not Unicode, not long."""
    kept = (
        character
        for character in text[: 4 * _LONGEST]
        if unicodedata.category(character) not in _UNSHOWN and character not in _TURNING
    )
    return "".join(kept).strip()[:_LONGEST]


def photo_name(name: str | None, number: int) -> str:
    """What a photo is called in sentences: the last part of what the client calls it, `photo-1` where that is nothing."""
    last = (name or "").replace("\\", "/").rpartition("/")[2]
    cleaned = clean_text(last)
    return cleaned if cleaned.strip(".") else f"photo-{number}"


def result_name(photo: str, number: int, task: Task, outcome: Outcome) -> str:
    """The name of a result: letters, digits, `.`, `-` and `_` alone."""
    return result_stem(photo, number, task) + (outcome.extension or "")


def extra_name(photo: str, number: int, task: Task, ending: str) -> str:
    """The name of what is made beside a result; `ending` begins where the result's own name ends."""
    return result_stem(photo, number, task) + ending


def media_type_of_name(name: str) -> str:
    """Of pictures the desk hands out."""
    return {".png": "image/png", ".webp": "image/webp", ".jpg": "image/jpeg"}.get(
        PurePath(name).suffix.lower(), "application/octet-stream"
    )
