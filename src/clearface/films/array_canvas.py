"""A frame that is an array of its own."""

import cv2
import numpy as np
from numpy.typing import NDArray

from clearface.arrays import ByteImage, Pixels
from clearface.photos.photo import byte_view
from clearface.squares import Region


class ArrayCanvas:
    """A `Canvas` over an RGB array `(H, W, 3)` of 8 or 16 bits, which is written in place."""

    def __init__(self, pixels: Pixels) -> None:
        self.pixels = pixels

    @property
    def width(self) -> int:
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        return int(self.pixels.shape[0])

    def reduced(self, width: int, height: int) -> ByteImage:
        """See `Canvas.reduced`."""
        picture = byte_view(self.pixels)
        if (width, height) == (self.width, self.height):
            return picture.copy()
        interpolation = cv2.INTER_AREA if width < self.width else cv2.INTER_CUBIC
        return cv2.resize(picture, (width, height), interpolation=interpolation)  # type: ignore[return-value]

    def take(self, region: Region) -> Pixels:
        """See `Canvas.take`."""
        return self.pixels[region.slices].copy()

    def put(self, region: Region, pixels: Pixels, where: NDArray[np.bool_]) -> None:
        """See `Canvas.put`."""
        target = self.pixels[region.slices]
        if self.pixels.flags.c_contiguous:
            # forty times as fast, but OpenCV would write into a copy of any other array
            cv2.copyTo(pixels, where.view(np.uint8), target)
        else:
            np.copyto(target, pixels, where=where[..., None])
