"""What is known of the picture of a film beside its frames: all a result has to repeat."""

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

from clearface.films.hdr import HdrFacts, hdr_facts
from clearface.films.orientation import UPRIGHT, Orientation, orientation_of

if TYPE_CHECKING:
    from av import VideoFrame, VideoStream


@dataclass(frozen=True)
class ColourTags:
    """By number, as ITU-T H.273 and FFmpeg have them; 2 is "unspecified", 0 for the range."""

    matrix: int = 2
    range: int = 0
    primaries: int = 2
    transfer: int = 2


@dataclass(frozen=True)
class PictureFacts:
    """The picture of a film, as its first frame and its container have it."""

    width: int
    """As stored, not turned."""

    height: int
    pixel_format: str
    """FFmpeg's name."""

    time_base: Fraction
    """Seconds one unit of the timestamps lasts."""

    rate: Fraction
    """Frames a second, on average."""

    codec: str | None = None
    """FFmpeg's name of how the source is encoded; None where it is not, as from a pipe."""

    colours: ColourTags = ColourTags()
    aspect: Fraction = Fraction(1)
    """Width to height of a pixel."""

    orientation: Orientation = UPRIGHT
    matrix: tuple[int, ...] | None = None
    """The display matrix as it stands in the file."""

    interlaced: bool = False
    hdr: HdrFacts = field(default_factory=HdrFacts)


def picture_facts(stream: "VideoStream", frame: "VideoFrame", rate: Fraction) -> PictureFacts:
    """Of a stream and its first frame."""
    from av.sidedata.sidedata import Type

    side = frame.side_data.get(Type.DISPLAYMATRIX)  # type: ignore[call-overload]
    matrix = None if side is None else bytes(side)
    aspect = stream.sample_aspect_ratio
    assert stream.time_base is not None
    return PictureFacts(
        width=frame.width,
        height=frame.height,
        pixel_format=frame.format.name,
        time_base=stream.time_base,
        rate=rate,
        codec=stream.codec_context.codec.canonical_name,
        colours=ColourTags(frame.colorspace, frame.color_range, frame.color_primaries, frame.color_trc),
        aspect=aspect if aspect else Fraction(1),
        orientation=orientation_of(matrix),
        matrix=None if matrix is None else tuple(memoryview(matrix[:36]).cast("i")),
        interlaced=frame.interlaced_frame,
        hdr=hdr_facts(frame),
    )
