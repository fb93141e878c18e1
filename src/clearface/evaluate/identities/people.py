"""Collections of photos of people, as they lie on a disk."""

import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from clearface.errors import UsageError
from clearface.files.explanations import reason, shown
from clearface.photos.kinds import PHOTO_EXTENSIONS

_YALE = re.compile(r"(?P<person>subject\d+)[._-]?(?P<condition>[a-z0-9_-]+)(\.[a-z]+)?", re.IGNORECASE)
_NUMBERS = re.compile(r"(\d+)")


@dataclass(frozen=True)
class PersonPhoto:
    """One photo of one person."""

    path: Path

    name: str
    """Its place below the collection."""

    person: str


def find_people(folder: Path) -> tuple[PersonPhoto, ...]:
    """Every photo of a collection, person by person, numbers in the order of their size.

    A folder for each person, as ORL has them (`s1/1.pgm`), the photos anywhere below it; or all photos in one folder, named as
    those of Yale (`subject01.glasses`, with or without an extension). Other files beside the folders are passed over.
    Raises UsageError where the layout is neither, or nobody has two photos.
    """
    if not folder.is_dir():
        raise UsageError(f"{shown(folder)}: there is no such folder of people")
    try:
        photos = _by_folder(folder) or _by_name(folder)
    except OSError as error:
        raise UsageError(f"{shown(folder)}: cannot be searched: {reason(error)}") from error
    if not photos:
        raise UsageError(
            f"{shown(folder)}: no photos of people are found here: a folder for each person is expected,"
            " or names such as subject01.glasses"
        )
    counts: dict[str, int] = defaultdict(int)
    for photo in photos:
        counts[photo.person] += 1
    if len(counts) < 2:
        raise UsageError(f"{shown(folder)}: recognition takes two people or more, and only {shown(*counts)} is found")
    if max(counts.values()) < 2:
        raise UsageError(f"{shown(folder)}: no person has two photos, one to be known by and one to be recognized on")
    return tuple(sorted(photos, key=lambda photo: (_in_order(photo.person), _in_order(photo.name))))


def _by_folder(folder: Path) -> list[PersonPhoto]:
    return [
        _photo(folder, path, person.name)
        for person in _visible(folder)
        if person.is_dir()
        for path in sorted(person.rglob("*"))
        if path.suffix.lower() in PHOTO_EXTENSIONS and path.is_file() and not _hidden(path.relative_to(folder))
    ]


def _by_name(folder: Path) -> list[PersonPhoto]:
    found = []
    for path in _visible(folder):
        match = _YALE.fullmatch(path.name)
        if match and path.is_file():
            found.append(_photo(folder, path, match["person"].lower()))
    return found


def _photo(folder: Path, path: Path, person: str) -> PersonPhoto:
    return PersonPhoto(path, path.relative_to(folder).as_posix(), person)


def _visible(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.iterdir()) if not path.name.startswith(".")]


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _in_order(name: str) -> list[tuple[int, str]]:
    """So that s2 comes before s10."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in _NUMBERS.split(name)]
