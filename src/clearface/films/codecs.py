"""The codecs films are written in, and how their encoders are set."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from clearface.errors import UsageError

_X26X_PRESETS = (
    "ultrafast",
    "superfast",
    "veryfast",
    "faster",
    "fast",
    "medium",
    "slow",
    "slower",
    "veryslow",
    "placebo",
)
_QUANTIZER = 118
"""FFmpeg's FF_QP2LAMBDA: what a quantizer of 1 is in its unit of quality."""


@dataclass(frozen=True)
class Encoder:
    """One codec as clearface writes it."""

    name: str
    """FFmpeg's name of the codec."""

    library: str
    """FFmpeg's name of the encoder."""

    label: str
    """As people write it."""

    qualities: tuple[int, int] | None
    """The best and the worst, by `crf`; None where it is lossless or has one quality."""

    quality: int | None
    presets: tuple[str, ...]
    """Slow ones or fast ones first; () for none."""

    preset: str | None
    options: Mapping[str, str]
    """What it is always told."""

    part: str = "mp4"
    """The container of unfinished parts: FFmpeg's name of its muxer."""

    tag: str | None = None
    """The four letters by which players of MP4 know it, where FFmpeg would take others."""

    even: bool = False
    """With 4:2:0 and 4:2:2 it takes even sides only."""

    interlaced: bool = False
    """It can keep the two fields of a frame apart."""

    any_clock: bool = True
    """Its timestamps may be in any unit and come in any order."""

    def check_quality(self, crf: int | None) -> None:
        """Raises UsageError where the codec has no such quality."""
        if crf is None:
            return
        if self.qualities is None:
            raise UsageError(f"{self.label} has no quality to choose (crf)")
        best, worst = self.qualities
        if not best <= crf <= worst:
            raise UsageError(f"the quality (crf) of {self.label} lies between {best} and {worst}, not at {crf}")

    def check_preset(self, preset: str | None) -> None:
        """Raises UsageError where the codec has no such preset."""
        if preset is None:
            return
        if not self.presets:
            raise UsageError(f"{self.label} has no presets")
        if preset not in self.presets:
            raise UsageError(f"{preset}: no such preset of {self.label}, there are {', '.join(self.presets)}")

    def settings(self, crf: int | None, preset: str | None) -> dict[str, str]:
        """The encoder's options for a quality and a preset."""
        told = dict(self.options)
        quality = self.quality if crf is None else crf
        if quality is not None and self.name not in ("mpeg4", "mjpeg"):
            told["crf"] = str(quality)
        speed = preset or self.preset
        if speed is not None:
            told["cpu-used" if self.name == "vp9" else "preset"] = speed
        return told

    def fixed_quantizer(self, crf: int | None) -> int | None:
        """The quality in FFmpeg's own unit, for encoders that know no crf; None for the others."""
        if self.name not in ("mpeg4", "mjpeg") or self.quality is None:
            return None
        return (self.quality if crf is None else crf) * _QUANTIZER


_NO_OPTIONS: Mapping[str, str] = MappingProxyType({})

ENCODERS: Mapping[str, Encoder] = MappingProxyType(
    {
        encoder.name: encoder
        for encoder in (
            Encoder(
                "h264",
                "libx264",
                "H.264",
                (0, 51),
                20,
                _X26X_PRESETS,
                "veryfast",
                _NO_OPTIONS,
                even=True,
                interlaced=True,
            ),
            Encoder("hevc", "libx265", "H.265", (0, 51), 20, _X26X_PRESETS, "fast", _NO_OPTIONS, tag="hvc1", even=True),
            Encoder(
                "vp9",
                "libvpx-vp9",
                "VP9",
                (0, 63),
                24,
                tuple(str(speed) for speed in range(9)),
                "5",
                MappingProxyType({"deadline": "good", "row-mt": "1"}),
            ),
            Encoder(
                "av1",
                "libsvtav1",
                "AV1",
                (0, 63),
                26,
                tuple(str(speed) for speed in range(13)),
                "9",
                _NO_OPTIONS,
                even=True,
            ),
            Encoder("mpeg4", "mpeg4", "MPEG-4", (1, 31), 3, (), None, _NO_OPTIONS, interlaced=True, any_clock=False),
            Encoder("mjpeg", "mjpeg", "Motion JPEG", (1, 31), 3, (), None, _NO_OPTIONS, part="mov", any_clock=False),
            Encoder(
                "ffv1",
                "ffv1",
                "FFV1",
                None,
                None,
                (),
                None,
                MappingProxyType({"level": "3", "slicecrc": "1"}),
            ),
            Encoder("prores", "prores_ks", "ProRes", None, None, (), None, _NO_OPTIONS, part="mov"),
        )
    }
)
"""By the name users give."""

ALIASES: Mapping[str, str] = MappingProxyType({"h265": "hevc", "x264": "h264", "x265": "hevc"})
"""Other names people know them by."""
