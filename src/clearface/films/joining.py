"""The parts of a picture and the other streams of its source, put together in one file without encoding anything twice."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.bitstream import BitStreamFilterContext
from av.container import OutputContainer
from av.video.stream import VideoStream

from clearface.errors import FilmError
from clearface.films.carriers import AnyPacket, Timed
from clearface.films.company import Company
from clearface.films.kinds import FilmKind
from clearface.films.ordering import decoding_times, durations
from clearface.films.parts import WorkFolder
from clearface.films.planning import EncodingPlan


@dataclass(frozen=True)
class Joining:
    """What goes into one file."""

    folder: WorkFolder
    plan: EncodingPlan
    kind: FilmKind
    company: Company
    start: Fraction
    """When the film begins on its own clock, in seconds: what is taken off every time."""

    last_duration: int
    """How long the last frame is shown, in units of the source's clock."""

    until: float | None = None
    """Sound and subtitles end here, in seconds; None to keep all there is."""


def join(joining: Joining, target: Path) -> None:
    """Writes the file. FFmpegError and OSError pass through, FilmError where parts do not fit together."""
    kind, folder = joining.kind, joining.folder
    shown = [frame.timestamp for part in folder.parts for frame in folder.read(part)]
    if not shown:
        raise FilmError("there is no frame to write")
    flags = "+faststart" if kind.muxer in ("mp4", "mov") else ""
    if joining.company.odd_tags and flags:
        flags += "+use_metadata_tags"
    options = {"movflags": flags} if flags else {}
    if kind.muxer == "avi":  # it has no times, so a shift would only add an empty frame
        options["avoid_negative_ts"] = "disabled"
    with (
        av.open(
            f"file:{target}",
            "w",
            format=kind.muxer,
            container_options={**options, "strict": "experimental"},
            metadata_errors="surrogateescape",
        ) as container,
        av.open(f"file:{folder.path / folder.parts[0].file}") as first,
    ):
        template = first.streams.video[0]
        _check_fit(folder, template)
        stream = _picture(container, template, joining)
        joining.company.join(container)
        container.start_encoding()
        picture = _picture_packets(joining, shown, stream, _filter(template, kind))
        for packet in _merged(picture, joining.company.packets(joining.start, joining.until)):
            container.mux(packet)


def _picture(container: OutputContainer, template: VideoStream, joining: Joining) -> VideoStream:
    stream = container.add_stream_from_template(template, opaque=True)
    facts, plan = joining.plan.facts, joining.plan
    if joining.kind.muxer == "avi":
        stream.time_base = 1 / facts.rate
        if plan.encoder.name == "h264":  # what it stands for is in the packets then
            stream.codec_context.extradata = None
    else:
        stream.time_base = facts.time_base
    stream.codec_context.framerate = facts.rate
    stream.codec_context.sample_aspect_ratio = facts.aspect
    if plan.encoder.tag is not None and joining.kind.muxer in ("mp4", "mov"):
        stream.codec_context.codec_tag = plan.encoder.tag
    if facts.matrix is not None and joining.kind.turns:
        stream.set_display_matrix(facts.matrix)
    joining.company.dress(stream)
    return stream


def _filter(template: VideoStream, kind: FilmKind) -> BitStreamFilterContext | None:
    """AVI takes H.264 with start codes (ISO/IEC 14496-10, annex B) only, parts have lengths."""
    if kind.muxer == "avi" and template.codec_context.codec.canonical_name == "h264":
        return BitStreamFilterContext("h264_mp4toannexb", template)
    return None


def _picture_packets(
    joining: Joining, shown: list[int], stream: VideoStream, annex_b: BitStreamFilterContext | None
) -> Timed:
    clock = joining.plan.facts.time_base
    offset = round(joining.start / clock)
    decoded = decoding_times(shown)
    lengths = durations(shown, joining.last_duration)
    frames = (frame for part in joining.folder.parts for frame in joining.folder.read(part))
    one_rate = joining.kind.muxer == "avi"
    previous = -1
    for frame, decoding in zip(frames, decoded, strict=True):
        packet = frame.packet if annex_b is None else annex_b.filter(frame.packet)[0]
        packet.stream = stream
        seconds = float((decoding - offset) * clock)
        if one_rate:
            place = max(previous + 1, round((frame.timestamp - offset) * clock * joining.plan.facts.rate))
            previous = place
            packet.time_base = 1 / joining.plan.facts.rate
            packet.pts = packet.dts = place
            packet.duration = 1
        else:
            packet.time_base = clock
            packet.pts, packet.dts = frame.timestamp - offset, decoding - offset
            packet.duration = lengths[frame.timestamp]
        yield seconds, packet


def _merged(picture: Timed, company: Timed) -> Iterator[AnyPacket]:
    """Both in the order they are decoded, so that none waits long for the other."""
    waiting = next(company, None)
    for seconds, packet in picture:
        while waiting is not None and waiting[0] <= seconds:
            yield waiting[1]
            waiting = next(company, None)
        yield packet
    while waiting is not None:
        yield waiting[1]
        waiting = next(company, None)


def _check_fit(folder: WorkFolder, template: VideoStream) -> None:
    """All parts have to be decodable by what the first one says of itself."""
    for part in folder.parts[1:]:
        with av.open(f"file:{folder.path / part.file}") as container:
            if container.streams.video[0].codec_context.extradata != template.codec_context.extradata:
                raise FilmError(
                    "the parts of the unfinished result come from different versions of an encoder and do not fit together; "
                    "begin anew with --existing overwrite"
                )
