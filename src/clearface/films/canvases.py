"""Decoded frames as canvases: RGB by regions, written back into the planes of the film."""

from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from clearface.arrays import AnyArray, ByteImage, FloatArray, Pixels
from clearface.films.array_canvas import ArrayCanvas
from clearface.films.colours import ColourModel, colour_model, is_full_range
from clearface.films.orientation import UPRIGHT, Orientation
from clearface.films.planes import PlaneFormat, planar_name, plane_array, plane_format
from clearface.films.scaling import Scaler
from clearface.squares import Region

if TYPE_CHECKING:
    from av import VideoFrame


class PlaneCanvas:
    """A `Canvas` over a decoded frame of planar YUV or grey, which is written in place.

    Only samples that `put` names are ever written: all others keep their stored values, and alpha is left alone.
    """

    def __init__(self, frame: "VideoFrame", orientation: Orientation, scaler: Scaler) -> None:
        self.frame = frame
        """As it is stored, not turned."""

        self.orientation = orientation
        self._scaler = scaler
        layout = plane_format(frame.format.name)
        if layout is None:
            raise ValueError(f"{frame.format.name} is not planar")
        self._layout: PlaneFormat = layout
        self.colours: ColourModel = colour_model(
            frame.colorspace,
            is_full_range(frame.color_range, frame.format.name),
            layout.bits,
            (frame.width, frame.height),
        )
        self._writable = False

    @property
    def width(self) -> int:
        return self.orientation.turned_size(self.frame.width, self.frame.height)[0]

    @property
    def height(self) -> int:
        return self.orientation.turned_size(self.frame.width, self.frame.height)[1]

    def reduced(self, width: int, height: int) -> ByteImage:
        """See `Canvas.reduced`."""
        size = self.orientation.turned_size(width, height)
        picture = self._scaler.rgb(self.frame, size, self.colours)
        return np.ascontiguousarray(self.orientation.shown(picture))

    def take(self, region: Region) -> Pixels:
        """See `Canvas.take`."""
        where = self.orientation.stored_region(region, self.width, self.height)
        top, kind = self._top()
        luma = self._plane(0)[where.slices]
        if self._layout.grey:
            offset, scale = self._grey_scale(top)
            grey = np.clip(np.rint((luma.astype(np.float32) - offset) / scale), 0, top).astype(kind)
            picture = np.repeat(grey[..., None], 3, 2)
        else:
            samples = np.empty((*luma.shape, 3), np.float32)
            samples[..., 0] = luma
            for index in (1, 2):
                samples[..., index] = self._spread(self._plane(index), where)
            colours = cv2.transform(samples, self.colours.to_rgb(top).astype(np.float32))
            picture = np.clip(np.rint(colours, out=colours), 0, top, out=colours).astype(kind)
        return np.ascontiguousarray(self.orientation.shown(picture))

    def put(self, region: Region, pixels: Pixels, where: NDArray[np.bool_]) -> None:
        """See `Canvas.put`."""
        if region.empty or not where.any():
            return
        if not self._writable:
            self.frame.make_writable()
            self._writable = True
        place = self.orientation.stored_region(region, self.width, self.height)
        written = np.ascontiguousarray(self.orientation.stored(where))
        colours = np.ascontiguousarray(self.orientation.stored(pixels)).astype(np.float32)
        top, _ = self._top()
        most = (1 << self._layout.bits) - 1
        samples = cv2.transform(colours, self.colours.from_rgb(top).astype(np.float32))
        luma = self._plane(0)[place.slices]
        np.copyto(luma, np.clip(np.rint(samples[..., 0]), 0, most), where=written, casting="unsafe")
        if self._layout.grey:
            return
        if self._layout.across or self._layout.down:
            self._put_shared(samples, written, place, most)
            return
        for index in (1, 2):
            chroma = np.clip(np.rint(samples[..., index]), 0, most)
            np.copyto(self._plane(index)[place.slices], chroma, where=written, casting="unsafe")

    def _top(self) -> tuple[int, type[np.uint8] | type[np.uint16]]:
        return (65535, np.uint16) if self._layout.bits > 8 else (255, np.uint8)

    def _plane(self, index: int) -> AnyArray:
        return plane_array(self.frame, index, deep=self._layout.bits > 8)

    def _grey_scale(self, top: int) -> tuple[np.float32, np.float32]:
        row = self.colours.from_rgb(top)[0]
        return np.float32(row[3]), np.float32(row[:3].sum())

    def _spread(self, plane: AnyArray, where: Region) -> AnyArray:
        """The chroma of each pixel of a region: that of the sample it shares."""
        rows = np.arange(where.top, where.bottom) >> self._layout.down
        columns = np.arange(where.left, where.right) >> self._layout.across
        return plane[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1][np.ix_(rows - rows[0], columns - columns[0])]

    def _put_shared(self, samples: AnyArray, written: NDArray[np.bool_], place: Region, most: int) -> None:
        """Chroma that several pixels share becomes the mean of those of them that are written."""
        weights = written.astype(np.float32)
        counts = self._gathered(weights, place)
        top, left = place.top >> self._layout.down, place.left >> self._layout.across
        rows, columns = counts.shape
        for index in (1, 2):
            means = self._gathered(samples[..., index] * weights, place) / np.maximum(counts, 1)
            target = self._plane(index)[top : top + rows, left : left + columns]
            np.copyto(target, np.clip(np.rint(means), 0, most), where=counts > 0, casting="unsafe")

    def _gathered(self, values: FloatArray, place: Region) -> FloatArray:
        """Sums over the pixels that share a sample, float32."""
        down, across = 1 << self._layout.down, 1 << self._layout.across
        above, before = place.top % down, place.left % across
        height, width = values.shape
        whole = np.zeros((-(-(height + above) // down) * down, -(-(width + before) // across) * across), np.float32)
        whole[above : above + height, before : before + width] = values
        sums = np.zeros((whole.shape[0] // down, whole.shape[1] // across), np.float32)
        for row in range(down):
            for column in range(across):
                sums += whole[row::down, column::across]
        return sums


class TurnedCanvas(ArrayCanvas):
    """An `ArrayCanvas` over an RGB frame that is stored turned; `pixels` are a view of the upright picture."""

    def __init__(self, stored: Pixels, orientation: Orientation = UPRIGHT) -> None:
        super().__init__(orientation.shown(stored))
        self.stored = stored
        """`(H, W, 3)` as the film stores it."""

        self.orientation = orientation

    def reduced(self, width: int, height: int) -> ByteImage:
        """See `Canvas.reduced`."""
        if self.orientation.upright:
            return super().reduced(width, height)
        size = self.orientation.turned_size(width, height)
        return np.ascontiguousarray(self.orientation.shown(ArrayCanvas(self.stored).reduced(*size)))


def canvas_of(frame: "VideoFrame", orientation: Orientation, scaler: Scaler) -> "PlaneCanvas | TurnedCanvas":
    """A canvas over a decoded frame of any format.

    What is not planar YUV or grey is brought to it where that loses nothing, and to RGB of 8 or 16 bits otherwise.
    """
    name = planar_name(frame.format.name)
    upwards = any(plane.line_size < 0 for plane in frame.planes if plane.width)
    if name is not None and not upwards:
        if name == frame.format.name:
            return PlaneCanvas(frame, orientation, scaler)
        planar = scaler.planar(frame, name)
        return PlaneCanvas(planar, orientation, scaler)
    deep = frame.format.components[0].bits > 8
    return TurnedCanvas(scaler.whole_rgb(frame, deep=deep), orientation)
