"""Files that are there whole or not at all."""

import errno
import os
import secrets
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from clearface.errors import PhotoError
from clearface.files.explanations import reason, shown

_NO_HARD_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EACCES}
"""What file systems answer that have none, such as exFAT."""


def write_atomically(path: Path, data: bytes | Iterable[bytes], *, overwrite: bool = False) -> None:
    """Writes a file so that nobody ever sees half of it: a temporary file beside it, flushed to the disk, then renamed.

    data: all of it, or its parts as they come; what they raise passes through, unless it is an OSError or a ValueError.
    Missing folders are created. A link is followed, and stays. A new file gets the permissions any program would give it, one
    that is replaced keeps its own. Without `overwrite` a file that exists, even since a moment ago, is left as it is.
    Raises PhotoError, naming the path, where it cannot be written; nothing is left behind then, nor on a keyboard interrupt.
    """
    with opened_atomically(path, overwrite=overwrite) as stream:
        stream.writelines([data] if isinstance(data, bytes) else data)


@contextmanager
def opened_atomically(path: Path, *, overwrite: bool = False) -> Iterator[BinaryIO]:
    """A file to write to that gets its name at the end of the block, and is gone where the block is left by an exception.

    All else is as in `write_atomically`.
    """
    try:
        target = Path(os.path.realpath(path))
        permissions = target_permissions(target, path, overwrite)
        target.parent.mkdir(parents=True, exist_ok=True)
        with temporary_file(target.parent) as (temporary, descriptor):
            with os.fdopen(descriptor, "wb") as stream:
                yield stream
                stream.flush()
                os.fsync(stream.fileno())
            if permissions is not None:
                temporary.chmod(permissions)
            if overwrite:
                temporary.replace(target)
            else:
                publish_new(temporary, target)
    except FileExistsError as error:
        raise PhotoError(f"{shown(path)}: exists already") from error
    except OSError as error:
        raise PhotoError(f"{shown(path)}: cannot be written: {reason(error)}") from error
    except ValueError as error:  # a NUL inside the name
        raise PhotoError(f"{shown(path)!r}: this cannot be the name of a file") from error


def target_permissions(target: Path, path: Path, overwrite: bool) -> int | None:
    """Those of the file to replace, None where there is none. Raises where it must not be replaced."""
    try:
        status = target.stat()
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(status.st_mode):  # a rename would put a file where /dev/null was
        raise PhotoError(f"{shown(path)}: cannot be written: it is a device or a pipe, not a file")
    if not overwrite:
        raise FileExistsError
    return stat.S_IMODE(status.st_mode)


@contextmanager
def temporary_file(folder: Path) -> Iterator[tuple[Path, int]]:
    """A new file of a short random name, gone at the end unless it was renamed."""
    path = folder / f".clearface-{secrets.token_hex(8)}.tmp"
    try:
        # 0o666 less the umask, as open() gives; the tempfile module would make it private
        yield path, os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    finally:
        with suppress(FileNotFoundError):
            path.unlink()


def publish_new(temporary: Path, target: Path) -> None:
    """Gives the file its name unless that is taken, with no moment between looking and doing."""
    try:
        os.link(temporary, target)
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
        try:
            temporary.replace(target)
        except BaseException:
            target.unlink()
            raise
