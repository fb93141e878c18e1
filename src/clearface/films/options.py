"""How films are written."""

from dataclasses import dataclass

from clearface.errors import UsageError
from clearface.films.codecs import ALIASES, ENCODERS
from clearface.suggestions import did_you_mean


@dataclass(frozen=True)
class FilmOptions:
    """What can be asked of a film that is written."""

    codec: str | None = None
    """A key of `codecs.ENCODERS` or `codecs.ALIASES`; None for the source's own where it can be written, else the usual one."""

    crf: int | None = None
    """Quality: the smaller, the better and the larger the file; None for the codec's own default."""

    preset: str | None = None
    """Time against size, in the codec's own words; None for its default."""

    audio: bool = True
    """Sound is kept."""

    metadata: bool = True
    """Titles, dates and all else the file says of itself are kept; without it, languages and the times of chapters alone."""

    private: bool = False
    """What may show whom or where - covers, second pictures, places, data streams - is left out."""

    place: bool = False
    """Tags that tell where it was filmed are kept, also where it is private."""

    def __post_init__(self) -> None:
        if self.codec is None:
            return
        object.__setattr__(self, "codec", ALIASES.get(self.codec, self.codec))
        if self.codec not in ENCODERS:
            names = ("h265" if name == "hevc" else name for name in ENCODERS)
            raise UsageError(f"{self.codec}: there is no such codec to write: {did_you_mean(self.codec, names)}")
        encoder = ENCODERS[self.codec]
        encoder.check_quality(self.crf)
        encoder.check_preset(self.preset)
