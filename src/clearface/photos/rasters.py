"""Between Pillow's images, plain arrays and frames."""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from clearface.arrays import ByteImage, Pixels
from clearface.photos.photo import AlphaPlane, Frame, Photo, byte_view, to_bytes

Raster = NDArray[Any]
"""uint8 or uint16, `(H, W)` grey or `(H, W, C)`: 2 grey and alpha, 3 RGB, 4 RGBA."""

Box = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels."""

_STRIP_BYTES = 1 << 21


def array_of(image: Image.Image) -> Raster:
    """The pixels of an 8-bit Pillow image, `(H, W)` or `(H, W, C)` uint8.

    In strips, so that no second copy of a large photo exists on the way; this also is twice as fast as `np.asarray`.
    """
    width, height = image.size
    channels = len(image.getbands())
    pixels = np.empty((height, width) if channels == 1 else (height, width, channels), np.uint8)
    rows = max(1, _STRIP_BYTES // (width * channels))
    for top in range(0, height, rows):
        bottom = min(height, top + rows)
        pixels[top:bottom] = np.asarray(image.crop((0, top, width, bottom)))
    return pixels


def plain_image(image: Image.Image) -> Image.Image:
    """The image in one of the modes L, LA, RGB and RGBA, palettes and transparent colours resolved."""
    if image.mode in ("L", "RGB") and not image.has_transparency_data:
        return image
    if image.mode in ("LA", "RGBA"):
        return image
    if image.mode == "1" and not image.has_transparency_data:
        return image.convert("L")
    if image.mode == "La":
        return image.convert("LA")
    if image.mode == "RGBa" or image.has_transparency_data:
        return image.convert("RGBA")
    return image.convert("RGB")


def split(raster: Raster) -> tuple[Pixels, AlphaPlane | None, bool]:
    """RGB pixels, the alpha plane or None, and whether the raster is grey."""
    if raster.ndim == 2:
        return cv2.merge([raster] * 3), None, True  # type: ignore[return-value]
    channels = raster.shape[2]
    if channels == 3:
        return np.ascontiguousarray(raster), None, False
    alpha = np.ascontiguousarray(raster[..., -1])
    if channels == 2:
        return cv2.merge([np.ascontiguousarray(raster[..., 0])] * 3), alpha, True  # type: ignore[return-value]
    return cv2.cvtColor(raster, cv2.COLOR_RGBA2RGB), alpha, False  # type: ignore[return-value]


def frame_of(raster: Raster, orientation: int = 1, duration: float | None = None) -> tuple[Frame, bool]:
    """An upright frame of a raster as the file stores it, and whether it is grey."""
    pixels, alpha, grey = split(turn_upright(raster, orientation))
    return Frame(pixels, alpha, duration), grey


def turn_upright(raster: Raster, orientation: int) -> Raster:
    """The raster turned and mirrored as the EXIF orientation, 1 to 8, asks for; any other number leaves it."""
    match orientation:
        case 2:
            return cv2.flip(raster, 1)
        case 3:
            return cv2.rotate(raster, cv2.ROTATE_180)
        case 4:
            return cv2.flip(raster, 0)
        case 5:
            return cv2.transpose(raster)
        case 6:
            return cv2.rotate(raster, cv2.ROTATE_90_CLOCKWISE)
        case 7:
            return cv2.flip(cv2.transpose(raster), -1)
        case 8:
            return cv2.rotate(raster, cv2.ROTATE_90_COUNTERCLOCKWISE)
    return raster


def unmultiply(raster: Raster) -> Raster:
    """A raster of premultiplied alpha with its colours back at full strength, rounded."""
    largest = np.iinfo(raster.dtype).max
    alpha = raster[..., -1:].astype(np.uint64)
    colours = (raster[..., :-1].astype(np.uint64) * largest + alpha // 2) // np.maximum(alpha, 1)
    return np.concatenate([np.minimum(colours, largest).astype(raster.dtype), raster[..., -1:]], axis=2)


def rasters_for_writing(photo: Photo) -> list[Raster]:
    """Every frame as one raster, all of the same channels: grey where the photo is, with alpha where any frame has it."""
    has_alpha = photo.has_alpha
    return [_raster_for_writing(frame, photo.grey, has_alpha) for frame in photo.frames]


def _raster_for_writing(frame: Frame, grey: bool, has_alpha: bool) -> Raster:
    colours: Raster = _grey_of(frame.pixels) if grey else frame.pixels
    if not has_alpha:
        return np.ascontiguousarray(colours)
    alpha = frame.alpha
    if alpha is None:
        alpha = np.full(colours.shape[:2], np.iinfo(colours.dtype).max, colours.dtype)
    return np.dstack([colours, alpha])


def _grey_of(pixels: Pixels) -> Raster:
    first = pixels[..., 0]
    if np.array_equal(first, pixels[..., 1]) and np.array_equal(first, pixels[..., 2]):
        return np.ascontiguousarray(first)
    # Luma of ITU-R BT.601, as Pillow and libjpeg take it.
    luma = pixels.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)
    return np.rint(luma).astype(pixels.dtype)


def reduce_to_bytes(frame: Frame) -> Frame:
    """The frame at 8 bits a channel, rounded."""
    return Frame(to_bytes(frame.pixels), None if frame.alpha is None else to_bytes(frame.alpha), frame.duration)


def on_white(frame: Frame) -> Frame:
    """An 8-bit frame laid on white, for kinds without transparency."""
    if frame.alpha is None:
        return frame
    # The largest sum is 255 * 255 + 127, which 16 bits hold.
    alpha = frame.alpha.astype(np.uint16)[..., None]
    mixed = (frame.pixels * alpha + 255 * (255 - alpha) + 127) // 255
    return Frame(mixed.astype(np.uint8), None, frame.duration)


def pixels_on_white(frame: Frame) -> ByteImage:
    """RGB uint8 `(H, W, 3)` of a frame, over white where it is clear."""
    return byte_view(on_white(reduce_to_bytes(frame)).pixels)


def changed_box(before: Raster, after: Raster) -> Box | None:
    """The smallest box that holds every pixel in which two rasters of one shape differ; None where they are equal."""
    differs = before != after
    if differs.ndim == 3:
        differs = differs.any(axis=2)
    rows, columns = np.flatnonzero(differs.any(axis=1)), np.flatnonzero(differs.any(axis=0))
    if rows.size == 0:
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def cropped(raster: Raster, box: Box) -> Raster:
    left, top, right, bottom = box
    return np.ascontiguousarray(raster[top:bottom, left:right])


def durations_in(unit: float, frames: Sequence[Frame]) -> list[int]:
    """Whole numbers of `unit` milliseconds for every frame, rounded so that the whole animation keeps its length."""
    shown, durations = 0.0, []
    for frame in frames:
        begins = round(shown / unit)
        shown += frame.duration or 0.0
        durations.append(round(shown / unit) - begins)
    return durations
