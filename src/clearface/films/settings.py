"""How films are read, searched and written, as it was asked for."""

import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from clearface.errors import UsageError
from clearface.films.defaults import DETECTION_SIZE, LONGEST_FILL
from clearface.films.options import FilmOptions


@dataclass(frozen=True)
class RawFormat:
    """What raw frames look like: RGB24, row by row, nothing between them."""

    width: int
    height: int
    rate: Fraction
    """Frames a second."""

    @classmethod
    def parsed(cls, text: str) -> "RawFormat":
        """Reads `1280x720@30`, `1280x720@30000/1001` or `1280x720` (25 frames a second). Raises UsageError."""
        match = re.fullmatch(r"(\d{1,5})x(\d{1,5})(?:@(\d{1,6}(?:\.\d{1,6})?|\d{1,7}/\d{1,7}))?", text.strip().lower())
        if match is None:
            raise UsageError(f"--raw {text}: say width, height and frames a second, such as 1280x720@30")
        width, height = int(match[1]), int(match[2])
        over, _, under = (match[3] or "25").partition("/")
        rate = Fraction(over) / Fraction(under or "1") if int(under or "1") else Fraction(0)
        if not width or not height or not rate:
            raise UsageError(f"--raw {text}: width, height and frames a second are greater than 0")
        return cls(width, height, rate)


@dataclass(frozen=True)
class FilmSettings:
    """What was asked for of films."""

    codec: str | None = None
    """None for the input's own where it can be written."""

    crf: int | None = None
    """Quality in the encoder's own count; None for one where no loss can be seen."""

    preset: str | None = None
    audio: bool = True
    resume: bool = False
    raw: RawFormat | None = None
    """Standard input is raw frames."""

    detection_size: int = DETECTION_SIZE
    tracker: str | None = None
    """None for the default."""

    fill_seconds: float = LONGEST_FILL
    sidecar: bool = False
    told: Path | None = None
    """A sidecar whose faces are taken instead of searching."""

    @classmethod
    def typed(
        cls,
        codec: str | None,
        crf: int | None,
        preset: str | None,
        no_audio: bool,
        resume: bool,
        raw: str | None,
        detection_size: int,
        tracker: str | None,
        sidecar: bool,
    ) -> "FilmSettings":
        """What all commands ask for, as it was typed. Raises UsageError."""
        return cls(
            codec=codec,
            crf=crf,
            preset=preset,
            audio=not no_audio,
            resume=resume,
            raw=None if raw is None else RawFormat.parsed(raw),
            detection_size=detection_size,
            tracker=tracker,
            sidecar=sidecar,
        )

    @property
    def for_films(self) -> tuple[str, ...]:
        """The options given that only films have, as they are typed."""
        given = (
            ("--codec", self.codec is not None),
            ("--crf", self.crf is not None),
            ("--encoder-preset", self.preset is not None),
            ("--no-audio", not self.audio),
            ("--resume", self.resume),
            ("--raw", self.raw is not None),
            ("--detection-size", self.detection_size != DETECTION_SIZE),
            ("--tracker", self.tracker is not None),
            ("--fill", self.fill_seconds != LONGEST_FILL),
        )
        return tuple(option for option, wanted in given if wanted)

    def __post_init__(self) -> None:
        FilmOptions(self.codec, self.crf, self.preset)  # refuses what no codec has, before anything is begun
        if not 0 <= self.fill_seconds <= 10:
            raise UsageError(f"--fill lies between 0 and 10 seconds, not at {self.fill_seconds:g}")
