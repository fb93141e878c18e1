"""What a run tells: a CSV file, TensorBoard, and pictures."""

import csv
import io
import socket
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import cv2
import numpy as np
from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter

from clearface.arrays import ByteImage
from clearface.files.atomic import write_atomically

_SEPARATION = 2
"""Pixels between the pictures of a sheet."""


class CsvLog:
    """One line a time, each beginning with the step; the columns are those of the first line."""

    def __init__(self, path: Path, after: int) -> None:
        """Goes on after that step: what an earlier run wrote beyond it is taken out, since it is about to happen anew."""
        self._path = path
        self._columns: list[str] = []
        if path.exists():
            with path.open(newline="", encoding="utf-8") as file:
                header, *rows = list(csv.reader(file)) or [[]]
            kept = [row for row in rows if row and int(row[0]) <= after]
            self._columns = header if kept else []
            text = _lines([header, *kept]) if kept else ""
            write_atomically(path, text.encode(), overwrite=True)

    def write(self, step: int, values: dict[str, float]) -> None:
        """Adds a line and hands it to the system at once."""
        new = not self._columns
        if new:
            self._columns = ["step", *values]
        row = [str(step), *(_short(values[name]) for name in self._columns[1:])]
        with self._path.open("a", newline="", encoding="utf-8") as file:
            file.write(_lines([self._columns, row] if new else [row]))


class TensorBoardLog:
    """Event files as TensorBoard reads them, written without TensorFlow."""

    def __init__(self, folder: Path, after: int) -> None:
        """after: the step a run goes on from; TensorBoard forgets what earlier files say beyond it."""
        folder.mkdir(parents=True, exist_ok=True)
        name = f"events.out.tfevents.{time.time_ns()}.{socket.gethostname()}"
        self._file = (folder / name).open("xb")
        self._records = RecordWriter(self._file)
        self._add(Event(wall_time=time.time(), file_version="brain.Event:2"))
        self._add(Event(wall_time=time.time(), step=after + 1, session_log=SessionLog(status=SessionLog.START)))

    def write_numbers(self, step: int, values: dict[str, float]) -> None:
        """Numbers by name; a slash in a name groups them."""
        summary = Summary(value=[Summary.Value(tag=name, simple_value=value) for name, value in values.items()])
        self._add(Event(wall_time=time.time(), step=step, summary=summary))

    def write_picture(self, step: int, name: str, picture: ByteImage) -> None:
        """RGB uint8 `(H, W, 3)`."""
        height, width = picture.shape[:2]
        image = Summary.Image(height=height, width=width, colorspace=3, encoded_image_string=png_bytes(picture))
        summary = Summary(value=[Summary.Value(tag=name, image=image)])
        self._add(Event(wall_time=time.time(), step=step, summary=summary))

    def _add(self, event: Event) -> None:
        self._records.write(event.SerializeToString())
        self._file.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._file.close()


def picture_sheet(columns: list[ByteImage]) -> ByteImage:
    """Pictures side by side, one face a row: columns RGB uint8 `(N, H, W, 3)` of one size to `(N * H + ..., ..., 3)`."""
    framed = [np.pad(column, ((0, 0), (0, _SEPARATION), (0, _SEPARATION), (0, 0))) for column in columns]
    rows = np.concatenate(framed, axis=2)
    return np.ascontiguousarray(rows.reshape(-1, *rows.shape[2:])[:-_SEPARATION, :-_SEPARATION])


def png_bytes(picture: ByteImage) -> bytes:
    """RGB uint8 `(H, W, 3)` as a PNG file."""
    encoded = cv2.imencode(".png", np.ascontiguousarray(picture[..., ::-1]))[1]
    return encoded.tobytes()


def _lines(rows: list[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def _short(value: float) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
