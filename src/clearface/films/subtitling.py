"""Subtitles that are text, brought from one format to another: the words, line by line, without styles."""

import re
from typing import Any

from av.container import OutputContainer
from av.stream import Stream

TEXT_CODECS = {"subrip", "text", "mov_text", "ass", "ssa", "webvtt"}
"""FFmpeg's names of those that can be converted."""

_TAGS = re.compile(r"<[^>]*>")
_OVERRIDES = re.compile(r"\{[^}]*\}")
_HEADER = b"""[Script Info]
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, \
StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding
Style: Default,Arial,16,&Hffffff,&Hffffff,&H0,&H0,0,0,0,0,100,100,0,0,1,1,0,2,10,10,10,1

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""
"""What FFmpeg's encoders of text begin with."""


def text_stream(container: OutputContainer, codec: str) -> Stream:
    """Adds a stream for text of a format."""
    stream: Any = container.add_stream(codec)
    stream.codec_context.subtitle_header = _HEADER
    return stream  # type: ignore[no-any-return]


def convert_text(data: bytes, codec: str, into: str) -> bytes | None:
    """The packet of another format with the same words; None where there are none."""
    text = _plain(data, codec)
    if not text:
        return None
    encoded = text.encode("utf-8")
    if into == "mov_text":  # 3GPP TS 26.245: the length, then the words
        return len(encoded).to_bytes(2, "big") + encoded if len(encoded) < 1 << 16 else None
    return encoded


def _plain(data: bytes, codec: str) -> str:
    if codec == "mov_text":
        length = int.from_bytes(data[:2], "big")
        return data[2 : 2 + length].decode("utf-8", "replace").strip()
    text = data.decode("utf-8", "replace")
    if codec in ("ass", "ssa"):
        text = text.split(",", 8)[-1]
        return _OVERRIDES.sub("", text).replace("\\N", "\n").replace("\\n", "\n").replace("\\h", " ").strip()
    return _TAGS.sub("", text).strip()
