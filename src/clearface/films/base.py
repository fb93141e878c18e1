"""What a film is to those who work on it, whether it comes from a file, a camera, a pipe or an animation."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from clearface.arrays import ByteImage, Pixels
from clearface.squares import Region


class Canvas(Protocol):
    """The pixels of one frame, upright, read and written by regions as RGB.

    What nobody writes keeps its stored values to the last bit, whatever the format of the film. Regions are in pixels of the
    upright frame and lie inside it.
    """

    @property
    def width(self) -> int: ...

    @property
    def height(self) -> int: ...

    def reduced(self, width: int, height: int) -> ByteImage:
        """The whole frame as RGB uint8 `(height, width, 3)`, for detectors."""
        ...

    def take(self, region: Region) -> Pixels:
        """A copy of a region as RGB `(h, w, 3)`: uint8, or uint16 over its whole range where the film has more than 8 bits."""
        ...

    def put(self, region: Region, pixels: Pixels, where: NDArray[np.bool_]) -> None:
        """Writes those pixels of a region `(h, w, 3)`, of the type `take` gives, for which `where` `(h, w)` is True.

        Where two or four pixels share a colour sample (4:2:0), it is set if any of them is written.
        """
        ...


@dataclass(frozen=True, eq=False)
class FilmFrame:
    """One frame on its way through."""

    number: int
    """From 1, in the order they are shown."""

    seconds: float
    """When it is shown, from the start of the film."""

    timestamp: int
    """The same in whole units of the source's own clock, as it goes into the result."""

    canvas: Canvas
    damaged: bool = False
    """The decoder could not make all of it out; it is passed through as the decoder gave it."""

    duration: int | None = None
    """How long it is shown, in units of the source's clock, as far as that is known."""


@dataclass(frozen=True)
class Mark:
    """A place in a film: the last frame that is done."""

    number: int
    timestamp: int


@dataclass(frozen=True)
class FilmInfo:
    """What is known of a film before its first frame."""

    name: str
    """What to call it in sentences."""

    width: int
    """Of the upright frame, in pixels."""

    height: int
    rate: Fraction
    """Frames a second: the average where the rate varies."""

    frames: int | None = None
    """How many there will be, as far as can be told."""

    seconds: float | None = None
    live: bool = False
    """It comes from a camera or a pipe, ends when it likes and cannot be read twice."""

    notes: tuple[str, ...] = field(default=())
    """Sentences about what is lost whatever is done with it."""


class FilmSource(Protocol):
    """Where frames come from. Closed by whoever opened it."""

    @property
    def info(self) -> FilmInfo: ...

    def frames(self, after: Mark | None = None) -> Iterator[FilmFrame]:
        """Every frame once, in order, one at a time; with `after` those behind that place, numbered on.

        A damaged end ends it. Raises FilmError where there is no frame at all, or where a live film is to begin in the middle.
        """
        ...

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences about what was met while reading: damaged frames, an end cut short. Whole once `frames` has ended."""
        ...

    def close(self) -> None: ...


class FilmSink(Protocol):
    """Where frames go. `write` takes them in order; one of `finish` and `stop` ends it."""

    @property
    def done(self) -> Mark | None:
        """Up to where an earlier run came that this one goes on with; None where it begins at the beginning."""
        ...

    def write(self, frame: FilmFrame) -> None:
        """Takes one frame. Raises FilmError where it cannot be encoded or stored."""
        ...

    def finish(self) -> tuple[str, ...]:
        """Makes the result, whole, and gives it its name. Returns sentences about what it could not hold."""
        ...

    def stop(self) -> str | None:
        """Called in the middle, on Ctrl-C or an error: keeps what was written so far, playable, where the kind of result can.

        Returns one sentence that says where that lies and how to go on; None where nothing is kept. Nothing half-written is left.
        """
        ...
