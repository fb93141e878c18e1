"""Where the faces of a photo or film are, as a file that people read and change: JSON Lines (RFC 8259, one value a line).

The first line is a header, each further one a frame that has faces, in the order of the frames:

    {"clearface": "1.2.3", "kind": "faces", "input": "party.mp4", "width": 1920, "height": 1080, "rate": 25.0}
    {"frame": 7, "time": 0.24, "faces": [{"track": 1, "box": [40.0, 30.5, 80.0, 82.0], "landmarks": [[50.1, 48.2], ...],
     "score": 0.93, "known": "found", "hide": true, "name": "Anna"}]}

Boxes and landmarks are in pixels of the upright frame. Of a face only the box must be there; a name is where a person was known.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import numpy as np

from clearface.arrays import DoubleArray
from clearface.errors import UsageError
from clearface.faces import Box, Face, upright_face
from clearface.files.atomic import opened_atomically
from clearface.files.explanations import reason, shown
from clearface.tracking.base import Known, TrackedFace
from clearface.version import __version__

NewValue = TypeVar("NewValue")

_KIND = "faces"
_LONGEST_LINE = 64 << 20
_LARGEST = 1_000_000.0
"""Pixels: no picture is as wide."""


@dataclass(frozen=True)
class SidecarHeader:
    """What the faces are of."""

    input: str
    """What to call the photo or film."""

    width: int
    """Of the upright picture, in pixels."""

    height: int
    rate: float | None = None
    """Frames a second; None for photos."""

    version: str = __version__
    """Of the clearface that wrote it."""


@dataclass(frozen=True, eq=False)
class SidecarFace:
    """One face of one frame."""

    tracked: TrackedFace
    """Its track is 0 where none is told."""

    hide: bool = True


@dataclass(frozen=True, eq=False)
class SidecarFrame:
    """The faces of one frame."""

    number: int
    """From 1."""

    seconds: float
    faces: tuple[SidecarFace, ...]


class SidecarWriter:
    """Takes frames as they come, in order; see `sidecar_writer`."""

    def __init__(self, stream: BinaryIO, header: SidecarHeader) -> None:
        self._stream = stream
        stream.write(_header_line(header))

    def write(self, frame: SidecarFrame) -> None:
        """Writes the line of a frame, none where it has no face."""
        if frame.faces:
            self._stream.write(_frame_line(frame))


@contextmanager
def sidecar_writer(path: Path, header: SidecarHeader, *, overwrite: bool = False) -> Iterator[SidecarWriter]:
    """A writer whose file is there at the end of the block, whole, or not at all. Raises PhotoError."""
    with opened_atomically(path, overwrite=overwrite) as stream:
        yield SidecarWriter(stream, header)


def sidecar_lines(header: SidecarHeader, frames: Iterable[SidecarFrame]) -> Iterator[bytes]:
    """All of a sidecar, line by line, for `write_atomically`."""
    yield _header_line(header)
    for frame in frames:
        if frame.faces:
            yield _frame_line(frame)


class SidecarReader:
    """The faces of a photo or film, asked for frame by frame, forward; memory is that of one line.

    Raises UsageError, naming the file and the line, where it is no sidecar or a line of it makes no sense.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.header = self._check()
        self._frames = self._read()
        self._last = 0
        self._waiting: SidecarFrame | None = None

    def frame(self, number: int) -> tuple[SidecarFace, ...]:
        """The faces of a frame, none where it has no line. Numbers rise from call to call, or stay; else it raises ValueError."""
        if number < self._last:
            raise ValueError(f"frame {number} after frame {self._last}: a sidecar is read forward")
        self._last = number
        while self._waiting is None or self._waiting.number < number:
            following = next(self._frames, None)
            if following is None:
                return ()
            self._waiting = following
        return self._waiting.faces if self._waiting.number == number else ()

    def check_fits(self, name: str, width: int, height: int) -> None:
        """Raises UsageError where a picture of that size is not what the faces are of."""
        if (width, height) != (self.header.width, self.header.height):
            told = f"{self.header.width} x {self.header.height}"
            raise UsageError(f"{shown(self._path)}: tells of faces in {told} pixels, but {name} has {width} x {height}")

    def _check(self) -> SidecarHeader:
        """The header, once every line is known to make sense: a mistake far down must not show in the middle of a film."""
        header: SidecarHeader | None = None
        for index, values in self._lines():
            if header is None:
                header = _told(self._path, index, values, _header)
                break
        if header is None:
            raise UsageError(f"{shown(self._path)}: is empty, and no list of faces")
        last = 0
        for index, frame in self._numbered():
            if frame.number <= last:
                raise _mistake(self._path, index, f"frame {frame.number} comes after frame {last}; frames must ascend")
            last = frame.number
        return header

    def _read(self) -> Iterator[SidecarFrame]:
        for _, frame in self._numbered():
            yield frame

    def _numbered(self) -> Iterator[tuple[int, SidecarFrame]]:
        lines = self._lines()
        next(lines, None)
        for index, values in lines:
            yield index, _told(self._path, index, values, _frame)

    def _lines(self) -> Iterator[tuple[int, Mapping[str, Any]]]:
        """Number and value of every line that is not blank."""
        try:
            with self._path.open("rb") as stream:
                index = 0
                while line := stream.readline(_LONGEST_LINE):
                    index += 1
                    if len(line) >= _LONGEST_LINE:
                        raise _mistake(self._path, index, "the line is longer than any list of faces")
                    if line.strip():
                        yield index, _told(self._path, index, line, _parsed)
        except OSError as error:
            raise UsageError(f"{shown(self._path)}: cannot be read: {reason(error)}") from error


def read_sidecar(path: Path) -> SidecarReader:
    """The reader of a sidecar, every line of it checked. Raises UsageError."""
    return SidecarReader(path)


def _header_line(header: SidecarHeader) -> bytes:
    values = {
        "clearface": header.version,
        "kind": _KIND,
        "input": header.input,
        "width": header.width,
        "height": header.height,
        "rate": header.rate,
    }
    return _line(values)


def _frame_line(frame: SidecarFrame) -> bytes:
    faces = [face_values(face) for face in frame.faces]
    return _line({"frame": frame.number, "time": round(frame.seconds, 6), "faces": faces})


def face_values(told: SidecarFace) -> dict[str, Any]:
    """One face as plain values, in the order of the format."""
    face = told.tracked.face
    box = face.box
    values: dict[str, Any] = {
        "track": told.tracked.track,
        "box": [round(float(side), 3) for side in (box.left, box.top, box.right, box.bottom)],
        "landmarks": [[round(float(value), 3) for value in point] for point in face.landmarks],
        "score": round(float(face.score), 4),
        "known": told.tracked.known.value,
        "hide": told.hide,
    }
    if told.tracked.name is not None:
        values["name"] = told.tracked.name
    return values


def _line(values: Mapping[str, Any]) -> bytes:
    # What is no UTF-8, as a file name may be, is written as JSON's own escapes.
    return json.dumps(values, ensure_ascii=False, allow_nan=False).encode("utf-8", "backslashreplace") + b"\n"


def _told(path: Path, index: int, values: Any, convert: Callable[[Any], NewValue]) -> NewValue:  # noqa: ANN401
    try:
        return convert(values)
    except ValueError as error:
        raise _mistake(path, index, str(error)) from error


def _mistake(path: Path, index: int, sentence: str) -> UsageError:
    return UsageError(f"{shown(path)}, line {index}: {sentence}")


def _parsed(line: bytes) -> Mapping[str, Any]:
    try:
        values = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise ValueError("this is no JSON") from None
    if not isinstance(values, dict):
        raise ValueError("this is no JSON object")
    return values


def _header(values: Mapping[str, Any]) -> SidecarHeader:
    if values.get("kind") != _KIND or not isinstance(values.get("clearface"), str):
        raise ValueError('the first line of a list of faces is {"clearface": version, "kind": "faces", ...}')
    name = values.get("input", "")
    if not isinstance(name, str):
        raise ValueError(f'"input" is a name, not {_short(name)}')
    rate = values.get("rate")
    return SidecarHeader(
        name,
        _whole(values, "width", 1),
        _whole(values, "height", 1),
        None if rate is None else _number(rate, "rate", 0.0, 1e9),
        values["clearface"],
    )


def _frame(values: Mapping[str, Any]) -> SidecarFrame:
    faces = values.get("faces")
    if not isinstance(faces, list):
        raise ValueError(f'"faces" is a list, not {_short(faces)}')
    seconds = _number(values.get("time", 0.0), "time", -1e12, 1e12)
    return SidecarFrame(_whole(values, "frame", 1), seconds, tuple(_face(face) for face in faces))


def _face(values: object) -> SidecarFace:
    if not isinstance(values, dict):
        raise ValueError(f"a face is a JSON object, not {_short(values)}")
    box = _box(values.get("box"))
    score = _number(values.get("score", 1.0), "score", 0.0, 1.0)
    landmarks = _landmarks(values.get("landmarks"))
    face = upright_face(box, score) if landmarks is None else Face(box, score, landmarks)
    known = values.get("known", Known.TOLD.value)
    if known not in tuple(Known):
        raise ValueError(f'"known" is one of {", ".join(Known)}, not {_short(known)}')
    hide = values.get("hide", True)
    if not isinstance(hide, bool):
        raise ValueError(f'"hide" is true or false, not {_short(hide)}')
    track = _whole({"track": 0} | values, "track", 0)
    name = values.get("name")
    if name is not None and not isinstance(name, str):
        raise ValueError(f'"name" is a name, not {_short(name)}')
    return SidecarFace(TrackedFace(track, face, Known(known), name), hide)


def _box(value: object) -> Box:
    if not isinstance(value, list) or len(value) != 4:
        raise ValueError(f'"box" is [left, top, right, bottom], not {_short(value)}')
    left, top, right, bottom = (_number(side, "box", -_LARGEST, _LARGEST) for side in value)
    if right <= left or bottom <= top:
        raise ValueError(f'"box" is [left, top, right, bottom], and {_short(value)} is empty')
    return Box(left, top, right, bottom)


def _landmarks(value: object) -> DoubleArray | None:
    if value is None:
        return None
    pairs = isinstance(value, list) and all(isinstance(point, list) and len(point) == 2 for point in value)
    if not isinstance(value, list) or not pairs or len(value) != 5:
        raise ValueError(f'"landmarks" are five points [x, y], not {_short(value)}')
    return np.array([[_number(side, "landmarks", -_LARGEST, _LARGEST) for side in point] for point in value])


def _whole(values: Mapping[str, Any], name: str, least: int) -> int:
    value = values.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value < 2**53:
        raise ValueError(f'"{name}" is a whole number from {least} up, not {_short(value)}')
    return value


def _number(value: object, name: str, least: float, most: float) -> float:
    # Compared before it is made a float, which no integer of 400 digits survives.
    if not isinstance(value, int | float) or isinstance(value, bool) or not least <= value <= most:
        raise ValueError(f'"{name}" holds numbers from {least:g} to {most:g}, not {_short(value)}')
    return float(value)


def _short(value: object) -> str:
    try:
        spelled = "nothing" if value is None else json.dumps(value, ensure_ascii=False)
    except ValueError:  # an integer of more digits than Python spells
        spelled = "a number too long to spell"
    return spelled if len(spelled) <= 60 else spelled[:57] + "..."
