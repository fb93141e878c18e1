"""Photos and options on their way to a server."""

import os
from dataclasses import dataclass, fields
from pathlib import Path
from typing import BinaryIO

from clearface.errors import PhotoError
from clearface.files.explanations import reason, shown
from clearface.server.orders import PhotoTask

PhotoSource = str | os.PathLike[str] | bytes | BinaryIO
"""A path, an encoded photo, or an open binary file of one."""

_NAMELESS = "photo"


@dataclass(frozen=True)
class NamedPhoto:
    """An encoded photo and what the server is to call it."""

    name: str
    data: bytes


def read_photo_source(photo: PhotoSource) -> NamedPhoto:
    """Reads it whole. Of a path only the last part is told to the server.

    Raises PhotoError where it cannot be read, TypeError for what is no photo.
    """
    if isinstance(photo, bytes | bytearray | memoryview):
        return NamedPhoto(_NAMELESS, bytes(photo))
    if isinstance(photo, str | os.PathLike):
        path = Path(photo)
        try:
            return NamedPhoto(shown(path.name), path.read_bytes())
        except OSError as error:
            raise PhotoError(f"{shown(path)}: {reason(error)}") from error
        except ValueError as error:  # a NUL inside the name
            raise PhotoError(f"{shown(path)!r}: this cannot be the name of a file") from error
    if not hasattr(photo, "read"):
        raise TypeError(f"a photo is a path, its bytes or an open binary file, not a {type(photo).__name__}")
    name = getattr(photo, "name", None)
    return NamedPhoto(shown(Path(name).name) if isinstance(name, str) else _NAMELESS, photo.read())


def option_fields(task: PhotoTask) -> list[tuple[str, str]]:
    """The options that are not as they would be anyway, as fields of a form."""
    given = []
    for option in fields(task):
        value = getattr(task, option.name)
        if option.name == "task" or value == option.default:
            continue
        given.append((option.name, str(value).lower() if isinstance(value, bool) else str(value)))
    return given
