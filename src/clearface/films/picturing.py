"""Canvases to the frames an encoder takes."""

from fractions import Fraction

import numpy as np
from av.filter import Graph
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter

from clearface.films.array_canvas import ArrayCanvas
from clearface.films.base import Canvas
from clearface.films.canvases import PlaneCanvas, TurnedCanvas
from clearface.films.colours import ColourModel, colour_model, is_full_range
from clearface.films.orientation import Orientation
from clearface.films.planes import plane_array
from clearface.films.planning import EncodingPlan


class FramePainter:
    """Makes of each canvas a frame of the plan's pixel format and size; where these are the canvas's own, so are the samples."""

    def __init__(self, plan: EncodingPlan) -> None:
        self._plan = plan
        self._reformatter = VideoReformatter()
        self._turner: _Turner | None = None

    def paint(self, canvas: Canvas) -> VideoFrame:
        """The frame of a canvas, without a time. Canvases of other kinds than this package's are refused by TypeError."""
        if isinstance(canvas, PlaneCanvas):
            frame = self._converted_planes(canvas)
            if self._plan.turn:
                frame = self._turned(frame, canvas.orientation)
        elif isinstance(canvas, TurnedCanvas):
            frame = self._converted_rgb(canvas.pixels if self._plan.turn else canvas.stored)
        elif isinstance(canvas, ArrayCanvas):
            frame = self._converted_rgb(canvas.pixels)
        else:
            raise TypeError(f"{type(canvas).__name__} cannot be encoded")
        frame = _widened(frame, self._plan.width, self._plan.height)
        frame.pict_type = 0  # the encoder decides, whatever the source had here
        tags = self._plan.colours
        frame.colorspace, frame.color_range = tags.matrix, tags.range
        frame.color_primaries, frame.color_trc = tags.primaries, tags.transfer
        return frame

    def _converted_planes(self, canvas: PlaneCanvas) -> VideoFrame:
        name = self._plan.pixel_format
        if canvas.frame.format.name == name:
            return canvas.frame
        colours = canvas.colours
        if name.startswith("gbr"):
            return self._reformat(canvas.frame, name, colours, colours.swscale_matrix, 2)
        sample_range = 2 if name.startswith("yuvj") else colours.swscale_range
        return self._reformat(canvas.frame, name, colours, colours.swscale_matrix, sample_range)

    def _converted_rgb(self, pixels: np.ndarray) -> VideoFrame:
        form = "rgb24" if pixels.dtype == np.uint8 else "rgb48le"
        frame = VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format=form)
        tags = self._plan.colours
        size = (frame.width, frame.height)
        colours = colour_model(tags.matrix, is_full_range(tags.range, self._plan.pixel_format), 8, size)
        return self._reformat(frame, self._plan.pixel_format, colours, colours.swscale_matrix, colours.swscale_range)

    def _reformat(
        self, frame: VideoFrame, name: str, colours: ColourModel, matrix: int, sample_range: int
    ) -> VideoFrame:
        packed = frame.format.is_rgb
        return self._reformatter.reformat(
            frame,
            format=name,
            src_colorspace=None if packed else colours.swscale_matrix,
            dst_colorspace=None if name.startswith("gbr") else matrix,
            src_color_range=2 if packed else colours.swscale_range,
            dst_color_range=sample_range,
            interpolation="BICUBIC",
            threads=1,  # slices would make results differ from run to run
        )

    def _turned(self, frame: VideoFrame, orientation: Orientation) -> VideoFrame:
        if self._turner is None:
            self._turner = _Turner(frame, orientation, self._plan.pixel_format)
        return self._turner.turned(frame)


class _Turner:
    """Turns frames upright."""

    def __init__(self, frame: VideoFrame, orientation: Orientation, name: str) -> None:
        self._graph = Graph()
        steps = [
            self._graph.add_buffer(
                width=frame.width, height=frame.height, format=frame.format, time_base=Fraction(1, 1000)
            )
        ]
        if orientation.transposed:
            steps.append(self._graph.add("transpose", "dir=cclock_flip"))
        if orientation.flipped_across:
            steps.append(self._graph.add("hflip"))
        if orientation.flipped_down:
            steps.append(self._graph.add("vflip"))
        # Flipped frames run upwards in memory, which not every encoder takes; the copy runs down again.
        steps += [self._graph.add("format", name), self._graph.add("copy"), self._graph.add("buffersink")]
        self._graph.link_nodes(*steps).configure()

    def turned(self, frame: VideoFrame) -> VideoFrame:
        self._graph.push(frame)
        turned = self._graph.pull()
        assert isinstance(turned, VideoFrame)
        return turned


def _widened(frame: VideoFrame, width: int, height: int) -> VideoFrame:
    """The frame with its last column and row repeated where it is one smaller; chroma of half its size stays as it is."""
    if (frame.width, frame.height) == (width, height):
        return frame
    wide = VideoFrame(width, height, frame.format.name)
    deep = frame.format.components[0].bits > 8
    for index in range(len(frame.planes)):
        source, target = (plane_array(each, index, deep=deep) for each in (frame, wide))
        rows, columns = source.shape
        target[:rows, :columns] = source
        target[rows:, :columns] = source[-1:]
        target[:, columns:] = target[:, columns - 1 : columns]
    return wide
