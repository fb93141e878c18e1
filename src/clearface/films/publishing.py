"""Films that are there whole or not at all."""

import os
from collections.abc import Callable
from pathlib import Path

from clearface.errors import FilmError, PhotoError
from clearface.files import atomic
from clearface.files.explanations import shown


def publish(target: Path, named: Path, write: Callable[[Path], None], *, overwrite: bool) -> None:
    """Has a file written under another name beside its place, flushed to the disk, and only then gives it its name.

    named: how the user wrote the name. Raises FilmError where the target exists and may not be replaced, or is no file; what
    `write` raises, and OSError, passes through. Nothing is left behind then.
    """
    try:
        permissions = atomic.target_permissions(target, named, overwrite)
        with atomic.temporary_file(target.parent) as (temporary, descriptor):
            os.close(descriptor)
            write(temporary)
            with temporary.open("r+b") as file:
                os.fsync(file.fileno())
            if permissions is not None:
                temporary.chmod(permissions)
            if overwrite:
                temporary.replace(target)
            else:
                atomic.publish_new(temporary, target)
    except PhotoError as error:
        raise FilmError(str(error)) from error
    except FileExistsError as error:
        raise FilmError(f"{shown(named)}: exists already") from error
