"""`results.json`, everything an evaluation found, and `results.csv`, a row for each face, test and method."""

import csv
import dataclasses
import enum
import io
import itertools
import json
import math
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

from clearface.errors import UsageError
from clearface.evaluate.results import Evaluation, FaceResult
from clearface.files.atomic import write_atomically
from clearface.files.explanations import reason, shown
from clearface.typed_values import Reading, typed_value

FORMAT = 1
"""Raised where an older reader would misunderstand newer results."""

RESULTS_JSON = "results.json"
RESULTS_CSV = "results.csv"

_READING = Reading("the results", complete=True, null_is_nan=True)
_PLACE_COLUMNS = ("face", "width", "height", "blur")
"""What stands before the metrics in a row of either file."""


def write_results_json(evaluation: Evaluation, path: Path, *, overwrite: bool = False) -> None:
    """Writes everything as JSON: a field a line, then an entry a line; faces as tables, one for each test and method.

    NaN and infinities, which JSON has not, are written as null. Raises PhotoError where the file cannot be written.
    """
    write_atomically(path, _as_bytes("".join(_json_parts(evaluation))), overwrite=overwrite)


def write_results_csv(evaluation: Evaluation, path: Path, *, overwrite: bool = False) -> None:
    """Writes the faces as CSV (RFC 4180, UTF-8): a row for each face, test and method, one column for each metric.

    The first columns are test, method, face, width, height and blur; what is not known, NaN and infinities are left empty.
    Raises PhotoError where the file cannot be written.
    """
    keys = [metric.key for metric in evaluation.metrics]
    table = io.StringIO(newline="")
    writer = csv.writer(table, lineterminator="\r\n")
    writer.writerow(["test", "method", *_PLACE_COLUMNS, *keys])
    for face in evaluation.faces:
        writer.writerow([face.test, face.method, *_row(face, keys)])
    write_atomically(path, _as_bytes(table.getvalue()), overwrite=overwrite)


def read_results_json(path: Path) -> Evaluation:
    """What `write_results_json` wrote; a number that was NaN or infinite is None, or NaN where there has to be one.

    Raises UsageError, naming the file, where it cannot be read, is damaged, is something else, or of another format.
    """
    try:
        values = json.loads(path.read_text(encoding="utf-8"), parse_constant=_refuse_constant)
    except OSError as error:
        raise UsageError(f"{shown(path)}: cannot be read: {reason(error)}") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{shown(path)}: damaged, or no JSON at all ({_on_one_line(error)})") from error
    if not isinstance(values, dict) or "format" not in values or "faces" not in values:
        raise UsageError(f"{shown(path)}: these are no results of `clearface evaluate`")
    written = values.pop("format")
    if written != FORMAT:
        raise UsageError(
            f"{shown(path)}: these results have format {json.dumps(written)}, and this clearface reads {FORMAT}"
        )
    try:
        faces = tuple(_faces(values["faces"]))
        bare = typed_value(Evaluation, values | {"faces": []}, _READING)
    except (ValueError, OverflowError) as error:
        raise UsageError(f"{shown(path)}: damaged results: {error}") from error
    return dataclasses.replace(bare, faces=faces)


def _json_parts(evaluation: Evaluation) -> Iterator[str]:
    """The text in pieces: `asdict` of everything at once would hold 100,000 faces three times over."""
    yield f'{{\n"format": {FORMAT}'
    for field in dataclasses.fields(evaluation):
        yield f',\n"{field.name}": '
        value = getattr(evaluation, field.name)
        if field.name == "faces":
            yield from _list_parts(_table_text(*table) for table in _tables(value))
        elif isinstance(value, tuple):
            yield from _list_parts(_one_line(entry) for entry in value)
        elif isinstance(value, dict) and value:
            entries = (f"{_one_line(key)}: {_one_line(entry)}" for key, entry in value.items())
            yield "{\n" + ",\n".join(entries) + "\n}"
        else:
            yield _one_line(value)
    yield "\n}\n"


def _list_parts(entries: Iterable[str]) -> Iterator[str]:
    first = True
    for entry in entries:
        yield ("[\n" if first else ",\n") + entry
        first = False
    yield "[]" if first else "\n]"


def _tables(faces: Sequence[FaceResult]) -> Iterator[tuple[str, str, tuple[str, ...], list[FaceResult]]]:
    """Neighbours of one test and method with the same metrics, in their order."""
    for (test, method, keys), group in itertools.groupby(
        faces, lambda face: (face.test, face.method, tuple(face.values))
    ):
        yield test, method, keys, list(group)


def _table_text(test: str, method: str, keys: tuple[str, ...], faces: list[FaceResult]) -> str:
    head = (
        f'{{"test": {_one_line(test)}, "method": {_one_line(method)}, "columns": {_one_line([*_PLACE_COLUMNS, *keys])}'
    )
    return head + ', "rows": [\n' + ",\n".join(_one_line(_row(face, keys)) for face in faces) + "\n]}"


def _row(face: FaceResult, keys: Sequence[str]) -> list[str | int | float | None]:
    blur = _finite(face.blur)
    return [face.face, *face.size, blur, *(_finite(face.values.get(key)) for key in keys)]


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _one_line(value: object) -> str:
    return json.dumps(_plain(value), ensure_ascii=False, allow_nan=False)


def _plain(value: object) -> object:
    """What JSON can hold of a value made of dataclasses and plain values."""
    if dataclasses.is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, dict):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    return _finite(value) if isinstance(value, float) else value


def _as_bytes(text: str) -> bytes:
    """UTF-8. Bytes of file names that are no UTF-8 become \\udcXX, which inside a JSON string means the very same."""
    return text.encode("utf-8", "backslashreplace")


def _faces(tables: object) -> Iterator[FaceResult]:
    if not isinstance(tables, list):
        raise ValueError('"faces" are no list of tables')
    for table in tables:
        if not isinstance(table, dict) or set(table) != {"test", "method", "columns", "rows"}:
            raise ValueError('"faces" has a table without its test, method, columns and rows')
        test, method = (typed_value(str, table[key], _READING, f"faces.{key}") for key in ("test", "method"))
        columns: tuple[str, ...] = typed_value(tuple[str, ...], table["columns"], _READING, "faces.columns")
        rows: tuple[Any, ...] = typed_value(tuple[Any, ...], table["rows"], _READING, "faces.rows")
        keys = columns[len(_PLACE_COLUMNS) :]
        if columns[: len(_PLACE_COLUMNS)] != _PLACE_COLUMNS or len(set(keys)) != len(keys):
            raise ValueError(f'"faces.columns" do not begin with {", ".join(_PLACE_COLUMNS)}, or name one twice')
        for row in rows:
            yield _face(test, method, keys, row)


def _face(test: str, method: str, keys: tuple[str, ...], row: object) -> FaceResult:
    if not isinstance(row, list) or len(row) != len(_PLACE_COLUMNS) + len(keys):
        raise ValueError(f'"faces" of {test}, {method} have a row of another length than its columns')
    face, width, height, *numbers = row
    if not isinstance(face, str) or not all(isinstance(side, int) and not isinstance(side, bool) for side in row[1:3]):
        raise ValueError(f'"faces" of {test}, {method} have a row that does not begin with a name and a size')
    blur, *values = (_number(number, test, method, face) for number in numbers)
    return FaceResult(test, method, face, (width, height), blur, dict(zip(keys, values, strict=True)))


def _number(value: object, test: str, method: str, face: str) -> float | None:
    if value is None:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return float(value)
    raise ValueError(f'"faces" of {test}, {method}: {face!r} has a value that is no number')


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


def _on_one_line(error: Exception) -> str:
    return " ".join(str(error).split())
