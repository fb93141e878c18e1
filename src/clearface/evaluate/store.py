"""What an evaluation has done so far, on the disk, so that it can go on where it was stopped."""

import io
import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from clearface.arrays import FloatArray
from clearface.errors import PhotoError, UsageError
from clearface.evaluate.looking import Look, LookJob, stamps_of
from clearface.evaluate.results import FaceResult
from clearface.files.atomic import write_atomically
from clearface.files.explanations import reason, shown

UNFINISHED = "unfinished"
"""The folder, in that of the results, that is gone when all is done."""

_SETTINGS = "settings.json"
_LOOKS = "looks.jsonl"


@dataclass(frozen=True, eq=False)
class UnitResult:
    """What was measured of one unit."""

    rows: tuple[FaceResult, ...]

    vectors: Mapping[str, FloatArray]
    """Features or embeddings `(N, D)` of the faces by what they are of; empty where none were asked for."""


class Store:
    """The folder of an unfinished evaluation."""

    def __init__(self, output: Path, settings: dict[str, Any], start_anew: bool) -> None:
        """Opens what is there, or starts it. settings: everything that decides the numbers, as plain values.

        Raises UsageError where something was measured there with other settings, PhotoError where it cannot be read or written.
        """
        self.folder = output / UNFINISHED
        self.output = output
        if start_anew and self.folder.exists():
            self.remove()
        path = self.folder / _SETTINGS
        mine = json.loads(json.dumps(settings))
        if path.exists():
            theirs = _read_json(path)
            if theirs != mine and any(self.folder.glob("units/*")):
                raise UsageError(
                    f"{shown(output)}: an evaluation with other settings was begun there ({_difference(theirs, mine)}): "
                    "choose another folder, or --existing overwrite"
                )
            if not isinstance(theirs, dict) or theirs.get("source") != mine.get("source"):
                (self.folder / _LOOKS).unlink(missing_ok=True)
        write_atomically(path, json.dumps(mine, indent=1).encode(), overwrite=True)
        self.looks = self._read_looks()

    def look_at(self, job: LookJob) -> Look | None:
        """What was seen of a photo, where it has not changed since and could be read."""
        known = self.looks.get(job.name)
        return known if known is not None and known.problem is None and known.stamps == stamps_of(job) else None

    def add_look(self, look: Look) -> None:
        """Raises PhotoError where it cannot be written."""
        self.looks[look.name] = look
        path = self.folder / _LOOKS
        try:
            with path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(look.as_record()) + "\n")
        except OSError as error:
            raise PhotoError(f"{shown(path)}: cannot be written: {reason(error)}") from error

    def has(self, key: str) -> bool:
        """Whether a unit is done."""
        return self._unit(key).exists()

    def save(self, key: str, result: UnitResult) -> None:
        """Raises PhotoError where it cannot be written; it is there whole or not at all."""
        if result.vectors:
            buffer = io.BytesIO()
            np.savez(buffer, allow_pickle=False, **dict(result.vectors))
            write_atomically(self.vectors_path(key), buffer.getvalue(), overwrite=True)
        lines = json.dumps([asdict(row) for row in result.rows])
        write_atomically(self._unit(key), lines.encode(), overwrite=True)

    def load(self, key: str) -> UnitResult:
        """A unit that is done. Raises PhotoError where it cannot be read."""
        rows = tuple(
            FaceResult(**{**record, "size": (record["size"][0], record["size"][1])})
            for record in _read_json(self._unit(key))
        )
        path = self.vectors_path(key)
        if not path.exists():
            return UnitResult(rows, {})
        with np.load(path, allow_pickle=False) as stored:
            return UnitResult(rows, {name: stored[name] for name in stored.files})

    def vectors_path(self, key: str) -> Path:
        """Where the vectors of a unit are kept (`.npz`), for processes that read them themselves."""
        return self._unit(key).with_suffix(".npz")

    def remove(self) -> None:
        """All of it. Raises PhotoError where it cannot be."""
        try:
            shutil.rmtree(self.folder)
        except OSError as error:
            raise PhotoError(f"{shown(self.folder)}: cannot be removed: {reason(error)}") from error

    def _unit(self, key: str) -> Path:
        return self.folder / "units" / f"{key}.json"

    def _read_looks(self) -> dict[str, Look]:
        path = self.folder / _LOOKS
        try:
            text = path.read_bytes().decode("utf-8", "replace")
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise PhotoError(f"{shown(path)}: cannot be read: {reason(error)}") from error
        looks = {}
        for line in text.splitlines(keepends=True):
            if not line.endswith("\n"):
                break  # what a crash left of a last line
            try:
                look = Look.from_record(json.loads(line))
            except (ValueError, KeyError, TypeError) as error:
                raise PhotoError(f"{shown(path)}: this is no list of photos: {_START_ANEW}") from error
            looks[look.name] = look
        write_atomically(
            path, "".join(json.dumps(look.as_record()) + "\n" for look in looks.values()).encode(), overwrite=True
        )
        return looks


_START_ANEW = "give --existing overwrite to start anew"


def _read_json(path: Path) -> Any:  # noqa: ANN401
    try:
        return json.loads(path.read_bytes())
    except OSError as error:
        raise PhotoError(f"{shown(path)}: cannot be read: {reason(error)}") from error
    except ValueError as error:
        raise PhotoError(f"{shown(path)}: this was not written by clearface, or is damaged: {_START_ANEW}") from error


def _difference(theirs: Any, mine: dict[str, Any]) -> str:  # noqa: ANN401
    if not isinstance(theirs, dict):
        return "its settings cannot be read"
    names = sorted({*theirs, *mine})
    return ", ".join(name.replace("_", " ") for name in names if theirs.get(name) != mine.get(name))
