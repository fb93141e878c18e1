"""Which photos are compared with which."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from clearface.errors import UsageError
from clearface.evaluate.identities.people_faces import IndexArray
from clearface.files.explanations import shown
from clearface.files.inputs import read_bytes

_COLUMNS = ("first", "second", "same")
_YES, _NO = frozenset({"1", "yes", "true", "same"}), frozenset({"0", "no", "false", "different"})


@dataclass(frozen=True, eq=False)
class Pairs:
    """Photos that are compared."""

    first: IndexArray
    """`(N,)`: places of those that are degraded."""

    second: IndexArray
    """`(N,)`: places of those that stay sharp."""

    same: NDArray[np.bool_]
    """`(N,)`: whether both show one person."""

    def __len__(self) -> int:
        return len(self.first)


def pairs_of_people(people: IndexArray, most: int, seed: int) -> Pairs:
    """Every two photos once, or of each kind `most` of them drawn by chance; which of the two comes first is drawn, too.

    people: `(N,)`, whose each photo is.
    """
    generator = np.random.default_rng([seed, 0])
    genuine = _genuine(people, most, generator)
    impostors = _impostors(people, most, generator)
    both = np.concatenate([genuine, impostors])
    turned = generator.random(len(both)) < 0.5
    both[turned] = both[turned][:, ::-1]
    return Pairs(both[:, 0], both[:, 1], np.arange(len(both)) < len(genuine))


def _genuine(people: IndexArray, most: int, generator: np.random.Generator) -> IndexArray:
    parts = [np.zeros((0, 2), np.intp)]
    for person in np.unique(people):
        own = np.flatnonzero(people == person)
        parts.append(own[np.column_stack(np.triu_indices(len(own), 1))])
    found = np.concatenate(parts)
    chosen = np.sort(generator.choice(len(found), most, replace=False)) if len(found) > most else slice(None)
    return np.asarray(found[chosen], np.intp)


def _impostors(people: IndexArray, most: int, generator: np.random.Generator) -> IndexArray:
    count = len(people)
    _, sizes = np.unique(people, return_counts=True)
    there_are = (count * count - int((sizes**2).sum())) // 2
    if there_are <= most:
        first, second = np.triu_indices(count, 1)
        apart = people[first] != people[second]
        return np.column_stack([first[apart], second[apart]]).astype(np.intp)
    codes = np.zeros(0, np.int64)
    while len(codes) < most:
        first, second = np.sort(generator.integers(0, count, (2, most)), axis=0)
        drawn = (first.astype(np.int64) * count + second)[people[first] != people[second]]
        codes = np.unique(np.concatenate([codes, drawn]))
    chosen = np.sort(generator.choice(codes, most, replace=False))
    return np.column_stack(np.divmod(chosen, count)).astype(np.intp)


def read_pairs(path: Path) -> tuple[tuple[Path, ...], Pairs]:
    """The photos of a CSV file with the columns first, second and same (yes or no), and its pairs.

    Photos are named from the folder of the file. Raises UsageError, naming the file and the line, for anything else; PhotoError
    where it cannot be read.
    """
    try:
        text = read_bytes(path).decode("utf-8-sig")
        lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{shown(path)}: this is no CSV file: {error}") from error
    head = [name.strip().lower() for name in lines[0]] if lines else []
    if not all(head.count(column) == 1 for column in _COLUMNS):
        raise UsageError(f"{shown(path)}: the columns first, second and same are expected in its first line")
    places: dict[Path, int] = {}
    rows: list[tuple[int, int, bool]] = []
    for number, line in enumerate(lines[1:], 2):
        if not any(line):
            continue
        if len(line) != len(head):
            raise UsageError(f"{shown(path)}: line {number} has {len(line)} fields, and the first line {len(head)}")
        first, second, same = (line[head.index(column)].strip() for column in _COLUMNS)
        if not first or not second:
            raise UsageError(f"{shown(path)}: line {number} names no photo")
        if same.lower() not in _YES | _NO:
            raise UsageError(f'{shown(path)}: line {number} has "{same}" for same: yes or no is expected')
        two = [places.setdefault(path.parent / name, len(places)) for name in (first, second)]
        if two[0] == two[1]:
            raise UsageError(f"{shown(path)}: line {number} compares a photo with itself")
        rows.append((two[0], two[1], same.lower() in _YES))
    first_of, second_of, kinds = np.array(rows, np.intp).reshape(-1, 3).T
    _check_kinds(kinds.astype(bool), f"{shown(path)}: ")
    return tuple(places), Pairs(first_of, second_of, kinds.astype(bool))


def kept_pairs(pairs: Pairs, usable: Sequence[bool] | NDArray[np.bool_]) -> Pairs:
    """The pairs both photos of which can be used. Raises UsageError where none of a kind are left."""
    good = np.asarray(usable, bool)
    kept = good[pairs.first] & good[pairs.second]
    _check_kinds(pairs.same[kept], "")
    return Pairs(pairs.first[kept], pairs.second[kept], pairs.same[kept])


def _check_kinds(same: NDArray[np.bool_], where: str) -> None:
    if not (same.any() and (~same).any()):
        missing = "of two people" if same.any() else "of one person" if (~same).any() else "at all"
        raise UsageError(f"{where}there are no pairs {missing} to compare (photos without a face count for nothing)")
