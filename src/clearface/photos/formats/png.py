"""PNG and APNG (PNG specification, third edition), 8 and 16 bits a channel.

Pillow decodes and encodes the pixels of 8 bits. It has no 16-bit colour: those pixels go through OpenCV, and grey ones
through Pillow under another name (see `_as_bytes_of_twice_the_channels`). The chunks around them are handled here.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from io import BytesIO
from struct import pack, unpack

import cv2
import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngImageFile

from clearface.errors import PhotoError
from clearface.photos.metadata import plausible_dpi
from clearface.photos.photo import Frame, Photo
from clearface.photos.rasters import (
    Box,
    Raster,
    array_of,
    changed_box,
    cropped,
    frame_of,
    plain_image,
    rasters_for_writing,
)
from clearface.photos.source import Source
from clearface.photos.tags import read_tags

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_GREY, _RGB, _PALETTE, _GREY_ALPHA, _RGBA = 0, 2, 3, 4, 6
_COLOUR_TYPES = {1: _GREY, 2: _GREY_ALPHA, 3: _RGB, 4: _RGBA}
_CHANNELS = {_GREY: 1, _RGB: 3, _PALETTE: 1, _GREY_ALPHA: 2, _RGBA: 4}
_COLOUR_CHUNKS = frozenset((b"gAMA", b"cHRM", b"sRGB", b"cICP", b"mDCV", b"cLLI"))
_TEXT_CHUNKS = frozenset((b"tEXt", b"zTXt", b"iTXt"))
_XMP_KEYWORD = b"XML:com.adobe.xmp"
_RAW_EXIF_KEYWORDS = (b"Raw profile type exif", b"Raw profile type APP1")
_LARGEST_TEXT = 64 << 20
_OPENCV_PIXELS = 2**30
_ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))

Chunk = tuple[bytes, bytes]


@dataclass(frozen=True)
class _Header:
    width: int
    height: int
    depth: int
    colour: int
    interlaced: bool


def read_png(source: Source) -> Photo:
    """The still or every frame of an APNG; a still picture that stands before an animation is left out, and noted."""
    chunks = list(_chunks(source.data))
    header = _header(chunks)
    control = next((body for name, body in chunks if name == b"acTL" and len(body) == 8), None)
    count, plays = unpack(">LL", control) if control is not None else (1, 0)
    source.check_size(header.width, header.height, count)
    exif, xmp = _exif(chunks), next((text for text in map(_xmp, chunks) if text is not None), None)
    tags = read_tags(exif, xmp)
    notes = list(tags.notes)
    animated = control is not None and count > 1
    if animated:
        if header.depth == 16:
            raise source.refusal("an animated PNG of 16 bits a channel cannot be read")
        frames, grey, left_out = _animation(source, count, tags.orientation)
        if left_out:
            notes.append("the still picture for viewers without animation is left out")
    else:
        raster = _deep_raster(source, chunks, header) if header.depth == 16 else _byte_raster(source, chunks, header)
        frame, grey = frame_of(raster, tags.orientation)
        frames = (frame,)
    return Photo(
        frames,
        "PNG",
        grey=grey,
        icc_profile=_profile(chunks),
        exif=tags.exif,
        xmp=tags.xmp,
        dpi=_dpi(chunks),
        loop=plays if animated else None,
        notes=tuple(notes),
        png_chunks=tuple(chunk for chunk in chunks if _is_kept(chunk)),
    )


def write_png(photo: Photo, quality: int) -> bytes:
    """A PNG, or an APNG of every frame of an animation; `quality` has no bearing on it."""
    rasters = rasters_for_writing(photo)
    first = rasters[0]
    height, width = first.shape[:2]
    depth = first.dtype.itemsize * 8
    out = bytearray(_SIGNATURE)
    _append(out, b"IHDR", pack(">LLBBBBB", width, height, depth, _COLOUR_TYPES[_channels(first)], 0, 0, 0))
    for name, body in _chunks_before_pixels(photo):
        _append(out, name, body)
    if photo.animated:
        _append_animation(out, photo, rasters)
    else:
        _append(out, b"IDAT", _deflated(first))
    _append(out, b"IEND", b"")
    return bytes(out)


def without_text(chunks: tuple[Chunk, ...]) -> tuple[Chunk, ...]:
    """Only those of a photo's PNG chunks that its colours need."""
    return tuple(chunk for chunk in chunks if chunk[0] in _COLOUR_CHUNKS)


def _chunks(data: bytes) -> Iterator[Chunk]:
    """Type and body of every chunk up to the end marker. Raises ValueError for a cut or damaged file."""
    at = len(_SIGNATURE)
    while at + 12 <= len(data):
        length, name = unpack(">L4s", data[at : at + 8])
        end = at + 8 + length
        if end + 4 > len(data):
            break
        body = data[at + 8 : end]
        if zlib.crc32(body, zlib.crc32(name)) != int.from_bytes(data[end : end + 4], "big"):
            raise ValueError(f"checksum of chunk {name!r} is wrong")
        yield name, body
        if name == b"IEND":
            return
        at = end + 4
    raise ValueError("truncated PNG")


def _header(chunks: list[Chunk]) -> _Header:
    name, body = chunks[0]
    if name != b"IHDR" or len(body) != 13:
        raise ValueError("no PNG header")
    width, height, depth, colour, _, _, interlace = unpack(">LLBBBBB", body)
    if colour not in _CHANNELS or depth not in (1, 2, 4, 8, 16):
        raise ValueError("no such PNG colour type")
    return _Header(width, height, depth, colour, bool(interlace))


def _byte_raster(source: Source, chunks: list[Chunk], header: _Header) -> Raster:
    image = PngImageFile(BytesIO(source.data))
    image.load()
    key = next((body for name, body in chunks if name == b"tRNS"), b"")
    if header.colour == _PALETTE or not key:
        return array_of(plain_image(image))
    image.info.pop("transparency", None)
    levels = 255 // (2**header.depth - 1)
    raster = array_of(plain_image(image))
    return _with_key(raster, [value * levels for value in unpack(f">{len(key) // 2}H", key)])


def _deep_raster(source: Source, chunks: list[Chunk], header: _Header) -> Raster:
    data_chunks = [(name, body) for name, body in chunks if name in (b"IHDR", b"IDAT", b"IEND")]
    if header.colour in (_GREY, _GREY_ALPHA):
        raster = _as_bytes_of_twice_the_channels(data_chunks, header)
    else:
        raster = _through_opencv(source, data_chunks, header)
    key = next((body for name, body in chunks if name == b"tRNS"), b"")
    return _with_key(raster, list(unpack(f">{len(key) // 2}H", key))) if key else raster


def _as_bytes_of_twice_the_channels(data_chunks: list[Chunk], header: _Header) -> Raster:
    """16-bit grey, with alpha or without, decoded as 8-bit RGBA or grey with alpha.

    Filters and passes of a PNG know only how many bytes a pixel has, so the bytes come out the same.
    """
    colour = _GREY_ALPHA if header.colour == _GREY else _RGBA
    body = pack(">LLBBBBB", header.width, header.height, 8, colour, 0, 0, int(header.interlaced))
    out = bytearray(_SIGNATURE)
    for name, data in [(b"IHDR", body), *data_chunks[1:]]:
        _append(out, name, data)
    image = PngImageFile(BytesIO(out))
    image.load()
    raster = array_of(image).view(">u2").astype(np.uint16)
    return raster[..., 0] if header.colour == _GREY else raster


def _through_opencv(source: Source, data_chunks: list[Chunk], header: _Header) -> Raster:
    if header.width * header.height > _OPENCV_PIXELS:
        raise source.refusal(f"16-bit PNG can be read up to {_OPENCV_PIXELS:,} pixels")
    # OpenCV prints what libpng has to say and may return half a picture, so the pixels must be known to be all there;
    # the chunks it might complain of are not given to it.
    _check_pixels_complete(data_chunks, header)
    out = bytearray(_SIGNATURE)
    for name, body in data_chunks:
        _append(out, name, body)
    decoded = cv2.imdecode(np.frombuffer(out, np.uint8), cv2.IMREAD_UNCHANGED)
    if decoded is None or decoded.dtype != np.uint16 or decoded.shape[2:] != (_CHANNELS[header.colour],):
        raise ValueError("the pixels cannot be decoded")
    return cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB if header.colour == _RGB else cv2.COLOR_BGRA2RGBA)


def _check_pixels_complete(data_chunks: list[Chunk], header: _Header) -> None:
    bits = header.depth * _CHANNELS[header.colour]
    passes = _ADAM7 if header.interlaced else ((0, 0, 1, 1),)
    expected = 0
    for left, top, across, down in passes:
        columns, rows = -(-(header.width - left) // across), -(-(header.height - top) // down)
        if columns > 0 and rows > 0:
            expected += rows * (1 + (columns * bits + 7) // 8)
    stream, found = zlib.decompressobj(), 0
    for name, body in data_chunks:
        while name == b"IDAT" and body and not stream.eof:
            found += len(stream.decompress(body, 1 << 20))
            body = stream.unconsumed_tail
    if found < expected or not stream.eof:
        raise ValueError("truncated PNG pixels")


def _with_key(raster: Raster, key: list[int]) -> Raster:
    """The raster with an alpha plane that is clear where the pixel has the one transparent colour (chunk tRNS)."""
    planes = raster.reshape(*raster.shape[:2], -1)
    if planes.shape[2] != len(key):
        return raster  # no transparent colour for this kind of pixel
    opaque = np.any(planes != np.array(key, np.uint16), axis=2)
    alpha = opaque.astype(raster.dtype) * np.iinfo(raster.dtype).max
    return np.dstack([raster, alpha])


def _animation(source: Source, count: int, orientation: int) -> tuple[tuple[Frame, ...], bool, bool]:
    """The frames, whether all are grey, and whether a still picture before them was left out."""
    image = PngImageFile(BytesIO(source.data))
    left_out = bool(image.default_image)
    frames, all_grey = [], True
    for index in range(int(left_out), int(left_out) + count):
        image.seek(index)
        image.load()
        duration = round(float(image.info.get("duration", 0.0)), 6)
        frame, grey = frame_of(array_of(plain_image(image)), orientation, duration)
        frames.append(frame)
        all_grey = all_grey and grey
    return tuple(frames), all_grey, left_out


def _append_animation(out: bytearray, photo: Photo, rasters: list[Raster]) -> None:
    _append(out, b"acTL", pack(">LL", len(rasters), photo.loop or 0))
    sequence, shown = 0, rasters[0]
    for index, (frame, raster) in enumerate(zip(photo.frames, rasters, strict=True)):
        height, width = raster.shape[:2]
        box: Box = (0, 0, width, height) if index == 0 else changed_box(shown, raster) or (0, 0, 1, 1)
        delay = _delay(frame.duration or 0.0)
        place = (box[2] - box[0], box[3] - box[1], box[0], box[1])
        _append(out, b"fcTL", pack(">LLLLLHHBB", sequence, *place, delay.numerator, delay.denominator, 0, 0))
        pixels = _deflated(cropped(raster, box))
        sequence += 1
        if index == 0:
            _append(out, b"IDAT", pixels)
        else:
            _append(out, b"fdAT", pack(">L", sequence) + pixels)
            sequence += 1
        shown = raster


def _delay(milliseconds: float) -> Fraction:
    delay = Fraction(milliseconds / 1000).limit_denominator(65_535)
    if delay.numerator > 65_535:
        delay = Fraction(min(65_535, round(delay)))
    return delay


def _deflated(raster: Raster) -> bytes:
    """The raster filtered and compressed, as the body of one IDAT chunk."""
    channels = _channels(raster)
    if raster.dtype == np.uint8:
        encoded = _saved_by_pillow(raster)
    elif channels <= 2:
        height, width = raster.shape[:2]
        encoded = _saved_by_pillow(raster.astype(">u2").view(np.uint8).reshape(height, width, channels * 2))
    else:
        order = cv2.COLOR_RGB2BGR if channels == 3 else cv2.COLOR_RGBA2BGRA
        done, buffer = cv2.imencode(".png", cv2.cvtColor(raster, order))
        if not done:
            raise PhotoError("this photo cannot be written as PNG")
        encoded = buffer.tobytes()
    return b"".join(body for name, body in _chunks(encoded) if name == b"IDAT")


def _saved_by_pillow(raster: Raster) -> bytes:
    modes = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}
    height, width = raster.shape[:2]
    image = Image.frombuffer(modes[_channels(raster)], (width, height), np.ascontiguousarray(raster))
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def _channels(raster: Raster) -> int:
    return 1 if raster.ndim == 2 else raster.shape[2]


def _chunks_before_pixels(photo: Photo) -> Iterator[Chunk]:
    for name, body in photo.png_chunks:
        if name in _COLOUR_CHUNKS and not (name == b"sRGB" and photo.icc_profile):
            yield name, body
    if photo.icc_profile:
        yield b"iCCP", b"ICC profile\0\0" + zlib.compress(photo.icc_profile)
    if photo.dpi:
        yield b"pHYs", pack(">LLB", *(round(value / 0.0254) for value in photo.dpi), 1)
    if photo.exif:
        yield b"eXIf", photo.exif
    if photo.xmp:
        yield b"iTXt", _XMP_KEYWORD + b"\0\0\0\0\0" + photo.xmp
    for name, body in photo.png_chunks:
        if name in _TEXT_CHUNKS:
            yield name, body


def _append(out: bytearray, name: bytes, body: bytes) -> None:
    out += pack(">L4s", len(body), name)
    out += body
    out += pack(">L", zlib.crc32(body, zlib.crc32(name)))


def _is_kept(chunk: Chunk) -> bool:
    name, body = chunk
    if name in _TEXT_CHUNKS:
        keyword = body.split(b"\0", 1)[0]
        return keyword != _XMP_KEYWORD and not keyword.startswith(b"Raw profile type ")
    return name in _COLOUR_CHUNKS


def _exif(chunks: list[Chunk]) -> bytes | None:
    for name, body in chunks:
        if name == b"eXIf":
            return body
    for name, body in chunks:  # how ImageMagick wrote it before the chunk existed
        keyword, _, rest = body.partition(b"\0")
        if name in (b"tEXt", b"zTXt") and keyword in _RAW_EXIF_KEYWORDS:
            text = _inflated(rest[1:]) if name == b"zTXt" else rest
            try:
                return bytes.fromhex("".join((text or b"").decode("ascii").split("\n")[3:]))
            except ValueError:
                return None
    return None


def _xmp(chunk: Chunk) -> bytes | None:
    name, body = chunk
    if name != b"iTXt" or not body.startswith(_XMP_KEYWORD + b"\0"):
        return None
    compressed, rest = body[len(_XMP_KEYWORD) + 1 : len(_XMP_KEYWORD) + 2], body[len(_XMP_KEYWORD) + 3 :]
    parts = rest.split(b"\0", 2)
    if len(parts) != 3:
        return None
    return _inflated(parts[2]) if compressed == b"\1" else parts[2]


def _profile(chunks: list[Chunk]) -> bytes | None:
    body = next((body for name, body in chunks if name == b"iCCP"), None)
    return _inflated(body.partition(b"\0")[2][1:]) if body is not None else None


def _dpi(chunks: list[Chunk]) -> tuple[float, float] | None:
    body = next((body for name, body in chunks if name == b"pHYs" and len(body) == 9), None)
    if body is None or body[8] != 1:
        return None
    across, down = unpack(">LL", body[:8])
    return plausible_dpi((across * 0.0254, down * 0.0254))


def _inflated(data: bytes) -> bytes | None:
    """The text or profile in a compressed chunk; None where it is damaged or larger than any honest one."""
    stream = zlib.decompressobj()
    try:
        text = stream.decompress(data, _LARGEST_TEXT)
    except zlib.error:
        return None
    return text if stream.eof else None
