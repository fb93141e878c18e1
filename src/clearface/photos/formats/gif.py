"""GIF, still and animated (GIF89a specification).

Pillow decodes frames and compresses them; the file is put together here, because Pillow joins equal frames.
"""

from io import BytesIO
from struct import pack

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImagePalette
from PIL.GifImagePlugin import GifImageFile, getdata

from clearface.photos.photo import Frame, Photo
from clearface.photos.rasters import Box, array_of, changed_box, durations_in, frame_of, plain_image
from clearface.photos.source import Source

_KEEP, _TO_BACKGROUND = 1, 2
_CENTISECOND = 10.0
_OPAQUE_FROM = 128


def read_gif(source: Source) -> Photo:
    """Every frame as a viewer shows it, laid over those before it."""
    width, height = int.from_bytes(source.data[6:8], "little"), int.from_bytes(source.data[8:10], "little")
    count = _count_frames(source.data)
    source.check_size(max(width, 1), max(height, 1), count)
    frames, all_grey = [], True
    with source.pillow_bound_lifted(width, height):
        image = GifImageFile(BytesIO(source.data))
        size = image.size  # grown to hold the first frame, should that be larger than the screen
        source.check_size(*size, count)
        for index in range(count):
            image.seek(index)
            source.check_size(*image.size, count)
            duration = float(image.info.get("duration", 0)) if count > 1 else None
            image.load()
            all_grey = all_grey and image.mode == "L"
            frames.append(frame_of(array_of(plain_image(image).crop((0, 0, *size))), 1, duration)[0])
    if all(frame.alpha is None or bool(frame.alpha.all()) for frame in frames):
        frames = [Frame(frame.pixels, None, frame.duration) for frame in frames]
    repeats = image.info.get("loop")
    plays = 1 if repeats is None else 0 if repeats == 0 else int(repeats) + 1
    return Photo(
        tuple(frames),
        "GIF",
        grey=all_grey,
        loop=plays if count > 1 else None,
        comment=image.info.get("comment") or None,
    )


def write_gif(photo: Photo, quality: int) -> bytes:
    """A GIF of 8-bit frames; `quality` has no bearing on it.

    A frame of up to 256 colours (255 with transparency) is kept exactly, others are reduced to a palette of their own.
    Alpha becomes clear below one half and opaque from there.
    """
    width, height = photo.size
    out = bytearray(b"GIF89a" + pack("<HHBBB", width, height, 0x70, 0, 0))
    if photo.animated and photo.loop != 1:
        repeats = 0 if not photo.loop else min(photo.loop - 1, 65_535)
        out += b"!\xff\x0bNETSCAPE2.0\x03\x01" + pack("<H", repeats) + b"\0"
    if photo.comment:
        out += b"!\xfe" + _blocks(photo.comment)
    durations = durations_in(_CENTISECOND, photo.frames)
    clear = [None if frame.alpha is None else frame.alpha < _OPAQUE_FROM for frame in photo.frames]
    see_through = any(mask is not None and mask.any() for mask in clear)
    for index, (frame, duration) in enumerate(zip(photo.frames, durations, strict=True)):
        box: Box = (0, 0, width, height)
        untouched: NDArray[np.bool_] | None = None
        if see_through:
            # Viewers clear a frame away to a colour unless it names a transparent one, used or not.
            untouched = np.zeros((height, width), np.bool_) if clear[index] is None else clear[index]
        elif index > 0:
            box, untouched = _change(photo.frames[index - 1], frame)
        disposal = _TO_BACKGROUND if see_through else _KEEP
        out += _encoded(frame.pixels.astype(np.uint8, copy=False), box, untouched, disposal, min(duration, 65_535))
    return bytes(out + b";")


def _change(before: Frame, after: Frame) -> tuple[Box, NDArray[np.bool_] | None]:
    """The box an opaque frame has to draw, and where in the frame it leaves what is shown already, if anywhere."""
    box = changed_box(before.pixels, after.pixels) or (0, 0, 1, 1)
    same = (before.pixels == after.pixels).all(axis=2)
    left, top, right, bottom = box
    return box, same if same[top:bottom, left:right].any() else None


def _encoded(
    pixels: NDArray[np.uint8], box: Box, clear: NDArray[np.bool_] | None, disposal: int, centiseconds: int
) -> bytes:
    """One frame: its control block, its own palette and its compressed pixels."""
    left, top, right, bottom = box
    part = np.ascontiguousarray(pixels[top:bottom, left:right])
    mask = None if clear is None else clear[top:bottom, left:right]
    indices, palette = _indexed(part, mask)
    image = Image.fromarray(indices)
    image.putpalette(ImagePalette.ImagePalette("RGB", palette))
    transparent = len(palette) // 3 - 1 if mask is not None else None
    control = (disposal << 2) | (transparent is not None)
    head = b"!\xf9\x04" + pack("<BHBB", control, centiseconds, transparent or 0, 0)
    return head + b"".join(getdata(image, (left, top), include_color_table=True))


def _indexed(part: NDArray[np.uint8], mask: NDArray[np.bool_] | None) -> tuple[NDArray[np.uint8], bytes]:
    """Palette indices of a picture and the palette, whose last colour stands for the masked pixels if there are any."""
    room = 256 if mask is None else 255
    codes = (part.astype(np.uint32) * np.array([65536, 256, 1], np.uint32)).sum(axis=2, dtype=np.uint32)
    drawn = codes if mask is None else codes[~mask]
    colours = np.unique(drawn)
    if colours.size <= room:
        palette = np.stack([colours >> 16, colours >> 8 & 255, colours & 255], axis=1).astype(np.uint8)
        indices = np.searchsorted(colours, codes)
    else:
        picture = Image.fromarray(part)
        if mask is not None:  # the palette is for what is drawn
            picture = Image.fromarray(part[~mask][None])
        reduced = picture.quantize(room, method=Image.Quantize.MEDIANCUT, kmeans=1)
        palette = np.array(reduced.getpalette()[: room * 3], np.uint8).reshape(-1, 3)  # type: ignore[index]
        indices = np.asarray(Image.fromarray(part).quantize(palette=reduced, dither=Image.Dither.FLOYDSTEINBERG)).copy()
    if mask is not None:
        palette = np.concatenate([palette, np.zeros((1, 3), np.uint8)])
        indices = np.where(mask, len(palette) - 1, indices)
    return indices.astype(np.uint8), palette.tobytes()


def _blocks(data: bytes) -> bytes:
    parts = [data[at : at + 255] for at in range(0, len(data), 255)]
    return b"".join(bytes([len(part)]) + part for part in parts) + b"\0"


def _count_frames(data: bytes) -> int:
    """How many frames the file holds. Raises ValueError where it ends inside one."""
    try:
        at, count = 13 + _table_size(data[10]), 0
        while at < len(data) and data[at] != 0x3B:
            if data[at] == 0x2C:
                at = _after_blocks(data, at + 10 + _table_size(data[at + 9]) + 1)
                count += 1
            elif data[at] == 0x21:
                at = _after_blocks(data, at + 2)
            elif data[at] == 0:  # stray padding that viewers pass over
                at += 1
            else:
                raise ValueError("an unknown block in the GIF")
    except IndexError as error:
        raise ValueError("truncated GIF") from error
    if count == 0:
        raise ValueError("truncated GIF" if at >= len(data) else "no picture in the GIF")
    return count


def _after_blocks(data: bytes, at: int) -> int:
    while data[at]:
        at += data[at] + 1
    return at + 1


def _table_size(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0
