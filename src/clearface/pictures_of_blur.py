"""Pictures of what was estimated: the kernel of a blur, and how sure each part of a restored face is."""

import math

import cv2
import numpy as np

from clearface.arrays import ByteImage, DoubleArray, FloatArray
from clearface.blending import face_mask
from clearface.photos.photo import byte_view
from clearface.pipeline import RestoredFace, RestoredFrame
from clearface.squares import carried

_KERNEL_SIDE = 320
"""About the side of the picture of a kernel, in pixels."""

_LEAST_TAPS = 9
_FAINT = 0.01
"""Taps below this part of the greatest one are cut off around a kernel."""

_GAMMA = 0.6
"""Faint parts of a kernel are lifted, so that they show."""

_MARGIN = 14
_TEXT_HEIGHT = 34
_TEXT = (235, 235, 235)

_SCALE: DoubleArray = np.array(
    [[178, 24, 43], [239, 98, 44], [253, 190, 90], [200, 214, 214], [92, 160, 205], [33, 102, 172]], dtype=np.float64
)
"""RGB from a confidence of 0 to 1: warm where it is guessed, cold where it is known. Told apart by the colour-blind too."""

_STRENGTH = 0.6
"""How much of the photo, in grey, the colours cover."""

_LEGEND_WIDTH = 300


def kernel_picture(kernel: DoubleArray) -> ByteImage:
    """A point spread function `(K, L)` enlarged, bright on black, with a bar for scale: RGB uint8.

    The taps are those of the photo where the kernel is.
    """
    shown = _without_faint_rim(kernel)
    enlargement = max(1, _KERNEL_SIDE // max(shown.shape))
    light = (shown / shown.max()) ** _GAMMA
    taps = np.rint(255 * light).astype(np.uint8).repeat(enlargement, 0).repeat(enlargement, 1)
    width = max(taps.shape[1], _KERNEL_SIDE) + 2 * _MARGIN
    canvas = np.zeros((taps.shape[0] + 2 * _MARGIN + _TEXT_HEIGHT, width, 3), np.uint8)
    left = (width - taps.shape[1]) // 2
    canvas[_MARGIN : _MARGIN + taps.shape[0], left : left + taps.shape[1]] = taps[..., None]
    length = _round_length(0.35 * width / enlargement)
    row = canvas.shape[0] - _TEXT_HEIGHT // 2
    end = _MARGIN + length * enlargement
    cv2.line(canvas, (_MARGIN, row), (end, row), _TEXT, 2)
    for column in (_MARGIN, end):
        cv2.line(canvas, (column, row - 5), (column, row + 5), _TEXT, 2)
    _write(canvas, f"{length} px of the photo", (end + 10, row + 5))
    return canvas


def confidence_overlay(frame: RestoredFrame) -> ByteImage:
    """A restored frame in grey with the confidence of each face laid over it in colours, and what they mean below: RGB uint8.

    Where faces overlap, the colours are those of the less certain one. Faces without a confidence stay grey.
    """
    picture = byte_view(frame.pixels)
    confidence = np.full(picture.shape[:2], np.inf, np.float32)
    cover = np.zeros(picture.shape[:2], np.float32)
    for face in frame.faces:
        _lay(face, confidence, cover)
    return _with_legend(confidence_laid(picture, confidence, cover))


def confidence_laid(picture: ByteImage, confidence: FloatArray, cover: FloatArray) -> ByteImage:
    """RGB uint8 `(H, W, 3)` in grey, the colours of a confidence `(H, W)` laid over it where the cover `(H, W)`, 0 to 1, says."""
    grey = cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB).astype(np.float32)
    reached = cover > 0
    colours = _colours(np.clip(confidence[reached], 0, 1))
    share = _STRENGTH * cover[reached][:, None]
    grey[reached] = (1 - share) * grey[reached] + share * colours
    return np.rint(grey).astype(np.uint8)


def _lay(face: RestoredFace, confidence: FloatArray, cover: FloatArray) -> None:
    region = face.square.region(confidence.shape, margin=1.0)
    if face.confidence is None or region.empty:
        return
    mask = carried(face_mask(face.working_size), face.square, region)
    sure = carried(face.confidence, face.square, region)
    there = mask > 0
    lowest = np.minimum(confidence[region.slices], sure)
    confidence[region.slices] = np.where(there, lowest, confidence[region.slices])
    cover[region.slices] = np.maximum(cover[region.slices], mask)


def _colours(confidence: FloatArray) -> FloatArray:
    """`(N,)` in [0, 1] to RGB `(N, 3)` in [0, 255]."""
    places = np.linspace(0, 1, len(_SCALE))
    return np.stack([np.interp(confidence, places, _SCALE[:, channel]) for channel in range(3)], 1).astype(np.float32)


def _with_legend(picture: ByteImage) -> ByteImage:
    """The picture on black with the scale of colours below it."""
    width = max(picture.shape[1], _LEGEND_WIDTH)
    size = max(1.0, min(width / 700, 3.0))
    height = round(2 * _TEXT_HEIGHT * size)
    canvas = np.zeros((picture.shape[0] + height, width, 3), np.uint8)
    left = (width - picture.shape[1]) // 2
    canvas[: picture.shape[0], left : left + picture.shape[1]] = picture
    margin = round(_MARGIN * size)
    top = picture.shape[0] + margin // 2
    bar = _colours(np.linspace(0, 1, width - 2 * margin, dtype=np.float32))
    canvas[top : top + round(20 * size), margin : width - margin] = np.rint(bar).astype(np.uint8)
    row = top + round(40 * size)
    _write(canvas, "guessed", (margin, row), size)
    sure_width = _text_width("known", size)
    _write(canvas, "known", (width - margin - sure_width, row), size)
    return canvas


def _write(canvas: ByteImage, text: str, place: tuple[int, int], size: float = 1.0) -> None:
    line = max(1, round(size))
    cv2.putText(canvas, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.5 * size, _TEXT, line, cv2.LINE_AA)


def _text_width(text: str, size: float) -> int:
    (width, _), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, 0.5 * size, max(1, round(size)))
    return int(width)


def _without_faint_rim(kernel: DoubleArray) -> DoubleArray:
    """Cut to what can be seen and a rim, square, the middle tap kept in the middle."""
    rows, columns = np.nonzero(kernel >= _FAINT * kernel.max())
    reach = max(
        int(np.abs(rows - kernel.shape[0] // 2).max()),
        int(np.abs(columns - kernel.shape[1] // 2).max()),
        _LEAST_TAPS // 2,
    )
    side = 2 * (reach + 1) + 1
    square = np.zeros((side, side))
    height, width = (min(extent, side) for extent in kernel.shape)
    cut = kernel[
        (kernel.shape[0] - height) // 2 : (kernel.shape[0] + height) // 2,
        (kernel.shape[1] - width) // 2 : (kernel.shape[1] + width) // 2,
    ]
    top, left = (side - height) // 2, (side - width) // 2
    square[top : top + height, left : left + width] = cut
    return square


def _round_length(most: float) -> int:
    """The greatest of 1, 2, 5, 10, 20, 50 ... that is no more than `most`, at least 1."""
    power = int(10 ** math.floor(math.log10(max(most, 1.0))))
    return max(factor * power for factor in (1, 2, 5) if factor * power <= max(most, 1.0))
