"""Streams of sound and text on their way into another container: as they are where it holds them, converted where not."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Protocol, TypeAlias

from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.stream import Stream

from clearface.films.kinds import FilmKind
from clearface.films.subtitling import TEXT_CODECS, convert_text, text_stream

_BITS_PER_CHANNEL = 96_000
"""A second: more than anybody hears the loss of."""

AnyPacket: TypeAlias = "Packet[Any]"

Timed = Iterator[tuple[float, AnyPacket]]


class Carrier(Protocol):
    """Takes packets of one stream of the source and gives those of the result."""

    source: Stream
    target: Stream
    note: str | None

    def carry(self, packet: AnyPacket, start: Fraction, until: float | None) -> Timed: ...

    def rest(self, start: Fraction, until: float | None) -> Timed: ...


def carrier_for(container: OutputContainer, stream: Stream, kind: FilmKind) -> "Carrier | str":
    """Adds a stream of sound or text to a container. Where it cannot go along: why, as a part of a sentence."""
    known: object = stream.codec_context
    if known is None:
        return f"stream of {_word(stream)} left out, as its codec is not known here"
    codec = stream.codec_context.codec.canonical_name
    if _held(stream, codec, kind):
        try:
            return Copied(stream, container.add_stream_from_template(stream, opaque=True), None)
        except (FFmpegError, ValueError):
            return f"stream of {_word(stream)} ({codec}) left out, since {kind.label} does not take it"
    if stream.type == "audio" and kind.sounds:
        assert isinstance(stream, AudioStream)
        return Encoded(stream, container, kind)
    if stream.type == "subtitle" and codec in TEXT_CODECS and kind.subtitles:
        return Worded(stream, text_stream(container, kind.subtitles[0]), codec, kind.subtitles[0])
    return f"stream of {_word(stream)} ({codec}) left out, since {kind.label} does not hold it"


@dataclass(eq=False)
class Copied:
    """Bit for bit."""

    source: Stream
    target: Stream
    note: str | None

    def carry(self, packet: AnyPacket, start: Fraction, until: float | None) -> Timed:
        """See `Carrier`."""
        if _outside(packet, start, until):
            return
        packet.stream = self.target
        _shift(packet, start)
        yield _seconds(packet), packet

    def rest(self, start: Fraction, until: float | None) -> Timed:
        """Nothing is held back."""
        yield from ()


@dataclass(eq=False)
class Worded:
    """Text of one format in another."""

    source: Stream
    target: Stream
    codec: str
    into: str
    note: str | None = None

    def __post_init__(self) -> None:
        if self.codec in ("ass", "ssa"):
            self.note = "the styles of subtitles are lost, their words are kept"

    def carry(self, packet: AnyPacket, start: Fraction, until: float | None) -> Timed:
        """See `Carrier`."""
        if _outside(packet, start, until):
            return
        text = convert_text(bytes(packet), self.codec, self.into)
        if text is None:
            return
        made: AnyPacket = Packet(text)
        made.stream = self.target
        made.time_base = packet.time_base
        made.pts, made.dts, made.duration = packet.pts, packet.pts, packet.duration
        made.is_keyframe = True
        _shift(made, start)
        yield _seconds(made), made

    def rest(self, start: Fraction, until: float | None) -> Timed:
        """Nothing is held back."""
        yield from ()


class Encoded:
    """Sound decoded and encoded again."""

    def __init__(self, stream: AudioStream, container: OutputContainer, kind: FilmKind) -> None:
        self.source: Stream = stream
        self._stream = stream
        rate = 48_000 if kind.sound == "libopus" else stream.rate
        made: Any = container.add_stream(kind.sound, rate=rate)
        context = made.codec_context
        layout = _layout(stream.layout.nb_channels, kind)
        context.layout = layout
        context.bit_rate = _BITS_PER_CHANNEL * context.layout.nb_channels
        context.time_base = Fraction(1, rate)
        self.target: Stream = made
        self._made = made
        self._resampler = AudioResampler(format=context.format.name, layout=layout, rate=rate, frame_size=0)
        self._rate = rate
        self._at: int | None = None
        name = {"aac": "AAC", "libopus": "Opus", "libmp3lame": "MP3"}[kind.sound]
        codec = stream.codec_context.codec.canonical_name
        self.note: str | None = f"sound became {name}, since {kind.label} does not hold {codec}"

    def carry(self, packet: AnyPacket, start: Fraction, until: float | None) -> Timed:
        """See `Carrier`."""
        if _outside(packet, start, until):
            return
        try:
            frames = self._stream.decode(packet)
        except FFmpegError:  # a gap in the sound, as it was in the source
            return
        yield from self._heard(frames, start)

    def rest(self, start: Fraction, until: float | None) -> Timed:
        """What decoder, resampler and encoder hold back."""
        with suppress(FFmpegError):
            yield from self._heard(self._stream.decode(None), start)
        if self._at is not None:
            yield from self._encode(self._resampler.resample(None))
            yield from self._told(self._made.encode(None))

    def _heard(self, frames: list[AudioFrame], start: Fraction) -> Timed:
        for frame in frames:
            if frame.pts is None or frame.time_base is None:
                continue
            if self._at is None:
                self._at = round((frame.pts * frame.time_base - start) * self._rate)
            yield from self._encode(self._resampler.resample(frame))

    def _encode(self, frames: list[Any]) -> Timed:
        for frame in frames:
            frame.pts, frame.time_base = self._at, Fraction(1, self._rate)
            assert self._at is not None
            self._at += frame.samples
            yield from self._told(self._made.encode(frame))

    def _told(self, packets: list[AnyPacket]) -> Timed:
        for packet in packets:
            yield _seconds(packet), packet


def _layout(channels: int, kind: FilmKind) -> str:
    """The usual arrangement of so many channels, as encoders know it."""
    most = 2 if kind.sound == "libmp3lame" else 8
    return {1: "mono", 2: "stereo", 3: "2.1", 4: "quad", 5: "5.0", 6: "5.1", 8: "7.1"}.get(
        min(channels, most), "stereo"
    )


def _held(stream: Stream, codec: str, kind: FilmKind) -> bool:
    """Whether packets can be copied. AVI takes AAC only with its settings apart, which broadcast streams have in every packet."""
    if kind.muxer == "avi" and codec == "aac" and not stream.codec_context.extradata:
        return False
    return codec in (kind.sounds if stream.type == "audio" else kind.subtitles)


def _outside(packet: AnyPacket, start: Fraction, until: float | None) -> bool:
    time = packet.pts if packet.pts is not None else packet.dts
    return until is not None and time is not None and float(time * packet.time_base - start) >= until


def _shift(packet: AnyPacket, start: Fraction) -> None:
    offset = round(start / packet.time_base)
    if packet.pts is not None:
        packet.pts -= offset
    if packet.dts is not None:
        packet.dts -= offset


def _seconds(packet: AnyPacket) -> float:
    time = packet.dts if packet.dts is not None else packet.pts
    return float((time or 0) * packet.time_base)


def _word(stream: Stream) -> str:
    return "sound" if stream.type == "audio" else "subtitles"
