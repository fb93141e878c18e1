"""What is met while a film is read, in sentences."""

from clearface.films.words import clock

_SHORT_OF = 0.5
"""Seconds a film may end before its container says without a word: encoders round, and sound is cut in blocks."""


class ReadingNotes:
    """Counts what is met. Frames are told by the time of the first of them."""

    def __init__(self, seconds: float | None) -> None:
        self._seconds = seconds
        self._damaged: list[float] = []
        self._missing: list[float] = []
        self._untimed = 0
        self._until = 0.0
        self._broken = False
        self._ended = False

    def damaged(self, seconds: float) -> None:
        """A frame came that the decoder could not make all of out."""
        self._damaged.append(seconds)

    def missing(self, seconds: float) -> None:
        """A frame did not come."""
        self._missing.append(seconds)

    def untimed(self) -> None:
        """A frame came without a time, or with one that was over."""
        self._untimed += 1

    def shown_until(self, seconds: float) -> None:
        """Until when the last frame is shown."""
        self._until = seconds

    def broken_end(self) -> None:
        """The file could not be read to its end."""
        self._broken = True

    def ended(self) -> None:
        """All that there is has come."""
        self._ended = True

    def sentences(self) -> tuple[str, ...]:
        """One for each kind of thing that was met."""
        told = []
        if self._damaged:
            told.append(f"{_frames(self._damaged, 'damaged ')} passed through as decoded")
        if self._missing:
            told.append(f"{_frames(self._missing, '')} could not be decoded and {_verb(self._missing)} missing")
        if self._untimed:
            told.append(f"the times of {self._untimed} frame{'' if self._untimed == 1 else 's'} were mended")
        short = self._seconds is not None and self._until < self._seconds - _SHORT_OF
        if self._ended and (self._broken or short):
            whole = f" of {clock(self._seconds)}" if self._seconds is not None and short else ""
            told.append(f"the video ends early, after {clock(self._until)}{whole}")
        return tuple(told)


def _frames(times: list[float], adjective: str) -> str:
    if len(times) == 1:
        return f"1 {adjective}frame at {clock(times[0])}"
    return f"{len(times)} {adjective}frames between {clock(times[0])} and {clock(times[-1])}"


def _verb(times: list[float]) -> str:
    return "is" if len(times) == 1 else "are"
