"""Walking through folders and matching globs: hidden names passed over, links followed, circles never entered twice."""

import fnmatch
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from clearface.files.explanations import FileProblem, reason, shown

WILDCARD = re.compile(r"[*?\[]")
"""What makes a name a glob."""


@dataclass(frozen=True)
class Folder:
    """One folder and what can be seen in it."""

    path: Path
    files: tuple[str, ...]
    """Names, sorted; links that lead nowhere and pipes among them."""


def walk(root: Path) -> Iterator[Folder | FileProblem]:
    """A folder and all below it, each once, in no particular order.

    Folders reached without a link come first, so that they keep their own place in the tree.
    """
    seen: set[tuple[int, int]] = set()
    pending, behind_links = [root], list[Path]()
    while pending or behind_links:
        place = pending.pop() if pending else behind_links.pop(0)
        try:
            status = place.stat()
            if (status.st_dev, status.st_ino) in seen:
                continue
            seen.add((status.st_dev, status.st_ino))
            entries = [entry for entry in _listed(place) if not entry.name.startswith(".")]
        except OSError as error:
            yield FileProblem(str(place), f"{shown(place)}: cannot be searched: {reason(error)}")
            continue
        folders = [entry for entry in entries if _is_folder(entry)]
        pending += [place / entry.name for entry in folders if not entry.is_symlink()]
        behind_links += [place / entry.name for entry in folders if entry.is_symlink()]
        yield Folder(place, tuple(entry.name for entry in entries if not _is_folder(entry)))


def match(root: Path, parts: tuple[str, ...]) -> Iterator[Path | FileProblem]:
    """The existing paths below `root` that the parts of a glob match, in no particular order, some perhaps twice.

    `**` stands for any number of folders, every other part for one name; wildcards match hidden names only after a dot.
    """
    if not parts:
        yield root
    elif parts[0] == "**":
        for found in walk(root):
            if isinstance(found, FileProblem):
                yield found
            else:
                yield from match(found.path, parts[1:] or ("*",))
    elif not WILDCARD.search(parts[0]):
        if os.path.lexists(root / parts[0]):
            yield from match(root / parts[0], parts[1:])
    else:
        yield from _match_names(root, parts[0], parts[1:])


def _match_names(root: Path, pattern: str, rest: tuple[str, ...]) -> Iterator[Path | FileProblem]:
    try:
        entries = _listed(root)
    except OSError as error:
        yield FileProblem(str(root), f"{shown(root)}: cannot be searched: {reason(error)}")
        return
    for entry in entries:
        hidden = entry.name.startswith(".") and not pattern.startswith(".")
        if not hidden and fnmatch.fnmatchcase(entry.name, pattern) and (not rest or _is_folder(entry)):
            yield from match(root / entry.name, rest)


def _listed(folder: Path) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return sorted(entries, key=lambda entry: entry.name)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads to itself
        return False
