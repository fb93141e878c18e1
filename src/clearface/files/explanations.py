"""What the operating system refused, in words."""

import errno
import os
from dataclasses import dataclass
from pathlib import Path

_REASONS = {
    errno.EACCES: "permission denied",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "the file is larger than is allowed here",
    errno.EILSEQ: "the name cannot be used on this file system",
    errno.EINVAL: "the name cannot be used on this file system",
    errno.EIO: "the disk failed",
    errno.EISDIR: "it is a folder",
    errno.ELOOP: "its links lead in a circle",
    errno.EMFILE: "too many files are open",
    errno.ENAMETOOLONG: "the name is too long",
    errno.ENOENT: "there is no such file or folder",
    errno.ENOSPC: "the disk is full",
    errno.ENOTDIR: "a part of the path is not a folder",
    errno.EPERM: "permission denied",
    errno.EROFS: "the disk is read-only",
}


@dataclass(frozen=True)
class FileProblem:
    """Something named, or found, that cannot be worked on."""

    name: str
    """As the user wrote it, or the path of the file."""

    sentence: str
    """What is wrong, the name included."""


def shown(path: Path | str) -> str:
    """A path as text that can always be printed, on one line: bytes that are no UTF-8 and control characters are escaped."""
    text = os.fsencode(path).decode("utf-8", "backslashreplace")
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)


def reason(error: OSError) -> str:
    """Why the system refused, in a few words."""
    if error.errno in _REASONS:
        return _REASONS[error.errno]
    return (error.strerror or type(error).__name__).lower()
