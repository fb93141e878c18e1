"""What entries of a store may be called."""

import re

_PART = r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}"
_NAME = re.compile(f"{_PART}(/{_PART})*")


def check_name(name: str) -> None:
    """Raises ValueError for what no entry may be called."""
    if not _NAME.fullmatch(name):
        raise ValueError("this is no name of an entry")


def check_prefix(prefix: str) -> None:
    """Raises ValueError for what is neither empty nor a name and `/`."""
    if prefix and not (prefix.endswith("/") and _NAME.fullmatch(prefix[:-1])):
        raise ValueError("this is no prefix of entries")
