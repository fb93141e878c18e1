"""FFmpeg's scaler, kept ready for the sizes a film asks for."""

import threading
from typing import TYPE_CHECKING, Any

import numpy as np

from clearface.arrays import ByteImage, Pixels
from clearface.films.colours import ColourModel

if TYPE_CHECKING:
    from av import VideoFrame
    from av.video.reformatter import VideoReformatter


class Scaler:
    """Converts frames; one for each film, usable from several threads.

    The scaler is given one thread each time: cut into slices, its results differ from run to run.
    """

    def __init__(self) -> None:
        self._ready = threading.local()

    def rgb(self, frame: "VideoFrame", size: tuple[int, int], colours: ColourModel) -> ByteImage:
        """The frame as RGB uint8 `(height, width, 3)`, `size` being width and height."""
        scaled = self._reformatter(*size, "rgb24").reformat(
            frame,
            *size,
            format="rgb24",
            src_colorspace=colours.swscale_matrix,
            src_color_range=colours.swscale_range,
            dst_color_range=2,
            interpolation="AREA" if size[0] < frame.width else "BICUBIC",
            threads=1,
        )
        return _rows(scaled, np.uint8)  # type: ignore[return-value]

    def planar(self, frame: "VideoFrame", name: str) -> "VideoFrame":
        """The same samples in another arrangement, with all that is known of the frame."""
        planar = self._reformatter(frame.width, frame.height, name).reformat(frame, format=name, threads=1)
        planar.pts, planar.duration = frame.pts, frame.duration
        if frame.time_base is not None:
            planar.time_base = frame.time_base
        return planar

    def whole_rgb(self, frame: "VideoFrame", *, deep: bool) -> Pixels:
        """The frame at its own size as RGB `(H, W, 3)` of 8 or 16 bits."""
        name = "rgb48le" if deep else "rgb24"
        converted = self._reformatter(frame.width, frame.height, name).reformat(frame, format=name, threads=1)
        if converted is frame or converted.planes[0].line_size < 0:
            whole: Any = np.array(converted.to_ndarray(format=name))
            return whole  # type: ignore[no-any-return]
        return _rows(converted, np.uint16 if deep else np.uint8)

    def _reformatter(self, width: int, height: int, name: str) -> "VideoReformatter":
        """A context of its own for each size and thread: setting one up takes longer than a small picture."""
        from av.video.reformatter import VideoReformatter

        kept: dict[tuple[int, int, str], VideoReformatter] = getattr(self._ready, "kept", {})
        self._ready.kept = kept
        key = (width, height, name)
        if key not in kept:
            kept[key] = VideoReformatter()
        return kept[key]


def _rows(frame: "VideoFrame", kind: type[np.uint8] | type[np.uint16]) -> Pixels:
    """The pixels of a packed RGB frame, which keep it alive."""
    plane = frame.planes[0]
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(frame.height, plane.line_size)
    pixel = 3 * np.dtype(kind).itemsize
    samples: Any = np.ascontiguousarray(rows[:, : frame.width * pixel]).view(kind)
    whole: Pixels = samples.reshape(frame.height, frame.width, 3)
    return whole
