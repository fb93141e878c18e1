"""Frames to packets to a part of a film on the disk."""

import os
from collections import deque
from pathlib import Path
from typing import Any

import av
from av.codec.context import Flags
from av.packet import Packet
from av.video.stream import VideoStream

from clearface.films.base import Canvas
from clearface.films.picturing import FramePainter
from clearface.films.planning import EncodingPlan
from clearface.films.thread_priorities import usual_priorities

_FRAGMENTS = "frag_keyframe+empty_moov+default_base_moof+skip_trailer"


class PartWriter:
    """One part: a fragmented MP4 or MOV, readable up to its last whole fragment whatever happens.

    A fragment begins with each picture that stands by itself. FFmpegError and OSError pass through.
    """

    def __init__(self, path: Path, plan: EncodingPlan) -> None:
        if plan.encoder.name == "av1":  # it would tell its settings on standard error
            os.environ.setdefault("SVT_LOG", "1")
        self._plan = plan
        self._painter = FramePainter(plan)
        self._container = av.open(
            f"file:{path}",
            "w",
            format=plan.encoder.part,
            container_options={"movflags": _FRAGMENTS, "strict": "experimental", "flush_packets": "1"},
        )
        with usual_priorities():
            self._stream = add_picture(self._container, plan)
            self._stream.codec_context.open()
        self._times: deque[int] = deque()

    def write(self, canvas: Canvas, timestamp: int) -> None:
        """Takes a frame; what comes of it may be written later."""
        frame = self._painter.paint(canvas)
        clock = self._plan.clock
        frame.time_base = clock
        frame.pts = (
            timestamp if clock == self._plan.facts.time_base else round(timestamp * self._plan.facts.time_base / clock)
        )
        self._times.append(timestamp)
        self._mux(self._stream.encode(frame))

    def close(self) -> None:
        """Writes all that is still under way."""
        try:
            self._mux(self._stream.encode(None))
        finally:
            self._container.close()

    def abandon(self) -> None:
        """Lets go after an error, when writing more would only fail again."""
        try:
            self._stream.encode(None)  # some encoders complain when they are dropped in the middle
            self._container.close()
        except (av.error.FFmpegError, OSError):
            return

    def _mux(self, packets: "list[Packet[Any]]") -> None:
        exact = self._plan.clock == self._plan.facts.time_base
        for packet in packets:
            if not exact:  # nothing is reordered then
                packet.time_base = self._plan.facts.time_base
                packet.pts = packet.dts = self._times.popleft()
                packet.duration = 0
            self._container.mux(packet)


def add_picture(container: av.container.OutputContainer, plan: EncodingPlan) -> VideoStream:
    """A stream of a container with an encoder set by a plan, not yet opened."""
    encoder = plan.encoder
    stream = container.add_stream(
        encoder.library, rate=plan.facts.rate, options=_options(plan), width=plan.width, height=plan.height
    )
    assert isinstance(stream, VideoStream)
    context = stream.codec_context
    context.pix_fmt = plan.pixel_format
    context.time_base = plan.clock
    stream.time_base = plan.facts.time_base
    context.gop_size = plan.key_frames
    context.sample_aspect_ratio = plan.facts.aspect
    context.color_range = plan.colours.range
    context.colorspace = plan.colours.matrix
    context.color_primaries = plan.colours.primaries
    context.color_trc = plan.colours.transfer
    if encoder.library.startswith("lib"):
        context.flags |= int(Flags.closed_gop)
    if plan.ordered:
        context.max_b_frames = 0
    if encoder.tag is not None:
        context.codec_tag = encoder.tag
    if plan.facts.interlaced and encoder.interlaced:
        context.flags |= int(Flags.interlaced_dct) | int(Flags.interlaced_me)
    quantizer = encoder.fixed_quantizer(plan.crf)
    if quantizer is not None:
        context.flags |= int(Flags.qscale)
        context.global_quality = quantizer
    return stream


def _options(plan: EncodingPlan) -> dict[str, str]:
    options = plan.encoder.settings(plan.crf, plan.preset)
    parameters = _light_parameters(plan)
    if plan.encoder.name == "hevc":
        parameters = ["log-level=none", "open-gop=0", *parameters]
    if parameters:
        name = {"h264": "x264-params", "hevc": "x265-params", "av1": "svtav1-params"}[plan.encoder.name]
        options[name] = ":".join(parameters)
    return options


def _light_parameters(plan: EncodingPlan) -> list[str]:
    """Mastering display and light level in the words of the encoder."""
    hdr, name = plan.facts.hdr, plan.encoder.name
    told = []
    if name == "h264":
        if hdr.mastering is not None:
            told.append(f"mastering-display={hdr.mastering.as_x265()}")
        if hdr.light is not None:
            told.append(f"cll={hdr.light[0]},{hdr.light[1]}")
    if name == "hevc":
        if hdr.mastering is not None:
            told.append(f"master-display={hdr.mastering.as_x265()}")
        if hdr.light is not None:
            told.append(f"max-cll={hdr.light[0]},{hdr.light[1]}")
    if name == "av1":
        if hdr.mastering is not None:
            told.append(f"mastering-display={hdr.mastering.as_av1()}")
        if hdr.light is not None:
            told.append(f"content-light={hdr.light[0]},{hdr.light[1]}")
    return told
