"""Raw frames in pipes: RGB24, row by row, nothing between them."""

import sys
from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

import numpy as np

from clearface.errors import FilmError
from clearface.files.explanations import reason
from clearface.files.standard_output import give_up
from clearface.films.array_canvas import ArrayCanvas
from clearface.films.base import FilmFrame, FilmInfo, Mark
from clearface.films.facts import PictureFacts
from clearface.photos.photo import byte_view
from clearface.squares import Region


class RawSource:
    """A `FilmSource` over a stream of frames of one size. The stream stays open: it is its owner's."""

    path: Path | None = None
    start = Fraction(0)
    stream_index = 0
    last_duration: int | None = 1

    def __init__(self, stream: BinaryIO, width: int, height: int, rate: Fraction, name: str = "standard input") -> None:
        self._stream = stream
        self._notes: list[str] = []
        self.info = FilmInfo(name, width, height, rate, live=True)
        self.facts = PictureFacts(width, height, "rgb24", 1 / rate, rate)

    @property
    def notes(self) -> tuple[str, ...]:
        """See `FilmSource.notes`."""
        return tuple(self._notes)

    def frames(self, after: Mark | None = None) -> Iterator[FilmFrame]:
        """See `FilmSource.frames`."""
        info = self.info
        if after is not None:
            raise FilmError(f"{info.name}: a pipe cannot be read from the middle")
        size, number = info.width * info.height * 3, 0
        while data := self._read(size):
            if len(data) < size:
                self._notes.append(f"the last frame was cut short, {len(data)} of {size} bytes, and left out")
                break
            pixels = np.frombuffer(data, np.uint8).reshape(info.height, info.width, 3).copy()
            yield FilmFrame(number + 1, float(number / info.rate), number, ArrayCanvas(pixels))
            number += 1
        if not number:
            raise FilmError(f"{info.name}: not one whole frame of {info.width} x {info.height} pixels came in")

    def close(self) -> None:
        """Nothing is open."""

    def _read(self, size: int) -> bytes:
        try:
            data = self._stream.read(size)
            while data and len(data) < size and (more := self._stream.read(size - len(data))):
                data += more
        except OSError as error:
            raise FilmError(f"{self.info.name}: cannot be read: {reason(error)}") from error
        return data


class RawSink:
    """A `FilmSink` that writes RGB24 frames to a stream, each at once."""

    done: Mark | None = None

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def write(self, frame: FilmFrame) -> None:
        """See `FilmSink.write`."""
        canvas = frame.canvas
        try:
            self._stream.write(byte_view(canvas.take(Region(0, 0, canvas.width, canvas.height))).tobytes())
            self._stream.flush()
        except OSError as error:
            self._give_up()
            raise FilmError(f"standard output: cannot be written: {reason(error)}") from error

    def finish(self) -> tuple[str, ...]:
        """See `FilmSink.finish`."""
        return ()

    def stop(self) -> str | None:
        """See `FilmSink.stop`."""
        return None

    def _give_up(self) -> None:
        """What is still buffered goes nowhere, where this is standard output."""
        with suppress(OSError, ValueError):
            if self._stream.fileno() == sys.stdout.fileno():
                give_up()
