"""People as they lie on a disk: a folder for each, or a table."""

import csv
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from clearface.errors import PhotoError, UsageError
from clearface.files import folders
from clearface.files.explanations import FileProblem, reason, shown
from clearface.files.inputs import read_bytes
from clearface.films.routing import is_photo
from clearface.gallery.adding import NewPerson
from clearface.gallery.names import checked_description, checked_link, checked_name, name_key
from clearface.photos.kinds import PHOTO_EXTENSIONS
from clearface.suggestions import did_you_mean
from clearface.typed_values import Reading, typed_value

PERSON_FILE = "person.json"
"""What is told of a person, in the folder of their photos: an object with `name`, `description` and `link`, all optional."""

COLUMNS = ("name", "photo", "description", "link")
"""Of a table of people; the last two may be missing."""


@dataclass(frozen=True)
class PersonFile:
    """What `PERSON_FILE` holds."""

    name: str | None = None
    """None for the name of the folder."""

    description: str | None = None
    link: str | None = None


def people_of_folder(folder: Path) -> tuple[NewPerson, ...]:
    """Everybody below a folder that has a folder for each person, sorted, photos anywhere below; hidden ones are passed over.

    A photo is what carries the extension of one, or begins as one does, whatever it is called. Raises UsageError where there are
    no such folders, one cannot be searched, or what is told of a person cannot be kept.
    """
    try:
        inside = [path for path in sorted(folder.iterdir()) if path.is_dir() and not path.name.startswith(".")]
    except OSError as error:
        raise UsageError(f"{shown(folder)}: cannot be searched: {reason(error)}") from error
    people = [_person_of_folder(path) for path in inside]
    found = [person for person in people if person.photos]
    if not found:
        raise UsageError(f"{shown(folder)}: no photos of people are found here: a folder for each person is expected")
    return _together(found)


def people_of_table(table: Path) -> tuple[NewPerson, ...]:
    """Everybody of a CSV file (RFC 4180) in UTF-8, in the order they are named; each row is a photo, its path relative to it.

    What is told of a person may stand in any of their rows. Raises UsageError, naming the line, for a table that cannot be
    read so.
    """
    rows = _rows(table)
    head = [cell.strip().lower() for cell in next(rows, (0, []))[1]]
    for column in head:
        if column not in COLUMNS:
            raise UsageError(
                f'{shown(table)}: there is no column "{column}" in a table of people: {did_you_mean(column, COLUMNS)}'
            )
    missing = [column for column in COLUMNS[:2] if column not in head]
    if missing:
        raise UsageError(f'{shown(table)}: the column "{missing[0]}" is missing; its first line names the columns')
    people = []
    for line, cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(head):
            raise UsageError(f"{shown(table)}, line {line}: has {len(cells)} cells, and there are {len(head)} columns")
        values = dict(zip(head, cells, strict=True))
        photo = values["photo"].strip()
        if not photo or "\0" in photo:
            raise UsageError(f"{shown(table)}, line {line}: names no photo")
        person = _checked(
            f"{shown(table)}, line {line}",
            values["name"],
            (table.parent / photo,),
            values.get("description", "").strip() or None,
            values.get("link", "").strip() or None,
        )
        people.append(person)
    if not people:
        raise UsageError(f"{shown(table)}: there is nobody in this table")
    return _together(people)


def _rows(table: Path) -> Iterator[tuple[int, list[str]]]:
    try:
        text = read_bytes(table).decode("utf-8-sig")
    except (PhotoError, UnicodeDecodeError) as error:
        raise UsageError(
            str(error) if isinstance(error, PhotoError) else f"{shown(table)}: this is no text in UTF-8"
        ) from error
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    try:
        for cells in reader:
            yield reader.line_num, cells
    except csv.Error as error:
        raise UsageError(f"{shown(table)}, line {reader.line_num}: this is no CSV: {error}") from error


def _person_of_folder(folder: Path) -> NewPerson:
    told = PersonFile()
    photos = []
    for place in folders.walk(folder):
        if isinstance(place, FileProblem):
            raise UsageError(place.sentence)
        photos += [
            place.path / name for name in place.files if not name.startswith(".") and _may_be_photo(place.path / name)
        ]
    path = folder / PERSON_FILE
    if path.is_file():
        try:
            values = json.loads(read_bytes(path))
            told = typed_value(PersonFile, values, Reading(what="what is told of a person", complete=False))
        except (ValueError, RecursionError, PhotoError) as error:
            raise UsageError(f"{shown(path)}: {error}") from error
    return _checked(shown(folder), told.name or folder.name, tuple(sorted(photos)), told.description, told.link)


def _may_be_photo(path: Path) -> bool:
    return path.suffix.lower() in PHOTO_EXTENSIONS or is_photo(path)


def _checked(place: str, name: str, photos: tuple[Path, ...], description: str | None, link: str | None) -> NewPerson:
    try:
        return NewPerson(
            checked_name(name),
            photos,
            None if description is None else checked_description(description),
            None if link is None else checked_link(link) or "",
        )
    except UsageError as error:
        raise UsageError(f"{place}: {error}") from error


def _together(people: Iterable[NewPerson]) -> tuple[NewPerson, ...]:
    """One entry for each name; what is told first of a person counts."""
    by_key: dict[str, NewPerson] = {}
    for person in people:
        known = by_key.get(name_key(person.name))
        if known is not None:
            person = NewPerson(
                known.name,
                known.photos + person.photos,
                known.description or person.description,
                known.link or person.link,
            )
        by_key[name_key(person.name)] = person
    return tuple(by_key.values())
