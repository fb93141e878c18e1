"""A private folder for uploads and results, gone at the end, or at the next start where a crash left it behind."""

import os
import secrets
import shutil
import stat
import tempfile
from pathlib import Path

from filelock import FileLock, Timeout

from clearface.errors import ClearfaceError
from clearface.files.explanations import reason, shown

_LOCK = "in-use.lock"
"""Held by the server a folder belongs to."""

_ENTRY = "entry.lock"
"""Held while a folder is made."""

_PREFIX = "server-"


class PrivateFolder:
    """A new folder only its owner can enter."""

    def __init__(self, place: Path | None = None) -> None:
        """place: where it is made; None for the system's temporary folder. Folders of servers that crashed are deleted there.

        Raises ClearfaceError where it cannot be made, or somebody else made it first.
        """
        parent = (Path(tempfile.gettempdir()) if place is None else place) / _family()
        try:
            parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _refuse_strangers(parent)
            with FileLock(parent / _ENTRY):  # one that has no lock yet would be taken for left behind
                _sweep(parent)
                self.path = parent / f"{_PREFIX}{secrets.token_hex(8)}"
                self.path.mkdir(mode=0o700)
                self._lock = FileLock(self.path / _LOCK)
                self._lock.acquire(blocking=False)
        except OSError as error:
            raise ClearfaceError(f"{shown(parent)}: no place for uploads can be made here: {reason(error)}") from error

    def folder(self, name: str) -> Path:
        """A folder inside, made where it is missing."""
        inside = self.path / name
        inside.mkdir(mode=0o700, exist_ok=True)
        return inside

    def close(self) -> None:
        """Deletes it with everything inside."""
        self._lock.release()
        shutil.rmtree(self.path, ignore_errors=True)


def _family() -> str:
    """The same for every server of one user, another for other users."""
    return f"clearface-{os.getuid()}" if hasattr(os, "getuid") else "clearface"


def _refuse_strangers(parent: Path) -> None:
    """In a folder everyone can write to, somebody else may have made this one, or a link, to read along."""
    status = parent.lstat()
    if hasattr(os, "getuid") and (
        not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid() or stat.S_IMODE(status.st_mode) & 0o077
    ):
        raise ClearfaceError(
            f"{shown(parent)}: this is not a folder only you can enter: delete it, or name another place"
        )


def _sweep(parent: Path) -> None:
    """Deletes the folders whose servers are gone: nobody holds their locks."""
    for left in parent.glob(f"{_PREFIX}*"):
        lock = FileLock(left / _LOCK)
        try:
            lock.acquire(blocking=False)
        except Timeout:
            continue
        except OSError:  # gone meanwhile: another server sweeps too
            continue
        lock.release()
        shutil.rmtree(left, ignore_errors=True)
