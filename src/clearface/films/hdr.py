"""High dynamic range: mastering display (SMPTE ST 2086), content light level (CTA-861.3), what changes from frame to frame."""

from dataclasses import dataclass
from struct import unpack
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from av import VideoFrame

_CHROMATICITY = 50_000
_LUMINANCE = 10_000


@dataclass(frozen=True)
class MasteringDisplay:
    """The display a film was mastered on."""

    primaries: tuple[tuple[int, int], ...]
    """Red, green, blue, then white: x and y in units of 0.00002."""

    least: int
    """Luminance in units of 0.0001 cd/m2."""

    most: int

    def as_x265(self) -> str:
        """As x264 and x265 take it."""
        (red, green, blue, white) = self.primaries
        named = zip("GBR", (green, blue, red), strict=True)
        points = "".join(f"{name}({x},{y})" for name, (x, y) in named)
        return f"{points}WP({white[0]},{white[1]})L({self.most},{self.least})"

    def as_av1(self) -> str:
        """As SVT-AV1 takes it: in units of 1."""
        points = zip(("R", "G", "B", "WP"), self.primaries, strict=True)
        told = "".join(f"{name}({x / _CHROMATICITY:.5f},{y / _CHROMATICITY:.5f})" for name, (x, y) in points)
        return f"{told}L({self.most / _LUMINANCE:.4f},{self.least / _LUMINANCE:.4f})"


@dataclass(frozen=True)
class HdrFacts:
    """What a film says of its light."""

    mastering: MasteringDisplay | None = None
    light: tuple[int, int] | None = None
    """The brightest pixel and the brightest frame on average, in cd/m2."""

    dynamic: bool = False
    """It changes from frame to frame (HDR10+, Dolby Vision), which no encoder here takes."""

    dolby_vision: bool = False


def hdr_facts(frame: "VideoFrame") -> HdrFacts:
    """What the side data of a frame say."""
    from av.sidedata.sidedata import Type

    items: Any = frame.side_data
    side = {item.type: bytes(item) for item in (items[place] for place in range(len(items)))}
    dolby = Type.DOVI_METADATA in side or Type.DOVI_RPU_BUFFER in side
    return HdrFacts(
        _mastering(side.get(Type.MASTERING_DISPLAY_METADATA)),
        _light(side.get(Type.CONTENT_LIGHT_LEVEL)),
        dolby or Type.DYNAMIC_HDR_PLUS in side or Type.DYNAMIC_HDR_VIVID in side,
        dolby,
    )


def _mastering(data: bytes | None) -> MasteringDisplay | None:
    """From FFmpeg's AVMasteringDisplayMetadata: ten fractions of two integers, then whether colours and light are known."""
    if data is None or len(data) < 88:
        return None
    numbers = unpack("=22i", data[:88])
    if not (numbers[20] and numbers[21]):
        return None
    values = [numbers[at] / (numbers[at + 1] or 1) for at in range(0, 20, 2)]
    pairs = tuple((round(values[at] * _CHROMATICITY), round(values[at + 1] * _CHROMATICITY)) for at in range(0, 8, 2))
    return MasteringDisplay(pairs, round(values[8] * _LUMINANCE), round(values[9] * _LUMINANCE))


def _light(data: bytes | None) -> tuple[int, int] | None:
    if data is None or len(data) < 8:
        return None
    most, average = unpack("=2I", data[:8])
    return (most, average) if most or average else None
