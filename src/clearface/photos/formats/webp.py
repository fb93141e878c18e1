"""WebP, still and animated (WebP container specification, RFC 9649).

libwebp's own animation encoder joins equal frames and forgets colours below full transparency, so animations are put
together here from still pictures that it encodes. It also leaves out the transparency of a picture that is opaque all
over, which is put back here, so that such a picture keeps its alpha plane.
"""

from collections.abc import Iterator
from io import BytesIO
from struct import pack

from PIL import Image
from PIL.WebPImagePlugin import WebPImageFile

from clearface.photos.metadata import resolution_exif
from clearface.photos.photo import Frame, Photo
from clearface.photos.quality import webp_quality
from clearface.photos.rasters import (
    Box,
    Raster,
    array_of,
    changed_box,
    cropped,
    durations_in,
    frame_of,
    rasters_for_writing,
)
from clearface.photos.source import Source
from clearface.photos.tags import read_tags

_PICTURE_CHUNKS = (b"ALPH", b"VP8 ", b"VP8L")
_ALPHA_IS_USED = 1 << 28
"""In the four bytes of a lossless picture that hold its size (RFC 9649, section 3.4)."""

_OPAQUE = bytes([0x01, 0xE8, 0x7F, 0x44, 0x04])
"""The body of an ALPH chunk of any size, 255 all over: losslessly compressed, unfiltered (RFC 9649, section 2.7.1.2); then, from
the lowest bit, no transform, no colour cache, no meta prefix codes, and five prefix codes of one symbol each, which take no bits
in the picture itself: green, which is the opacity, 255, the others 0 (section 3.7.2.1.1)."""

_ANIMATION, _XMP, _EXIF, _ALPHA, _PROFILE = 0x02, 0x04, 0x08, 0x10, 0x20
_DO_NOT_BLEND = 0x02
_LONGEST_DURATION = 2**24 - 1


def read_webp(source: Source) -> Photo:
    if int.from_bytes(source.data[4:8], "little") + 8 > len(source.data):
        raise ValueError("truncated WebP")
    width, height = _canvas(source.data)
    source.check_size(width, height)
    with source.pillow_bound_lifted(width, height):
        image = WebPImageFile(BytesIO(source.data))
    source.check_size(*image.size, image.n_frames)
    info = image.info
    tags = read_tags(info.get("exif"), info.get("xmp"))
    animated = image.n_frames > 1
    frames = []
    for index in range(image.n_frames):
        image.seek(index)
        image.load()
        duration = float(image.info["duration"]) if animated else None
        frames.append(frame_of(array_of(image), tags.orientation, duration)[0])
    return Photo(
        tuple(frames),
        "WEBP",
        icc_profile=info.get("icc_profile"),
        exif=tags.exif,
        xmp=tags.xmp,
        dpi=tags.dpi,
        loop=int(info["loop"]) if animated else None,
        notes=tags.notes,
        lossless=_is_lossless(source.data),
    )


def write_webp(photo: Photo, quality: int) -> bytes:
    """A WebP of 8-bit frames, lossless where the photo came from a lossless file."""
    rasters = [_coloured(raster) for raster in rasters_for_writing(photo)]
    exif = photo.exif or (resolution_exif(photo.dpi) if photo.dpi else None)
    if not photo.animated and not (exif or photo.xmp or photo.icc_profile or photo.has_alpha):
        return _still(rasters[0], photo.lossless, quality)
    height, width = rasters[0].shape[:2]
    flags = _ALPHA if photo.has_alpha else 0
    flags |= _PROFILE if photo.icc_profile else 0
    flags |= _EXIF if exif else 0
    flags |= _XMP if photo.xmp else 0
    flags |= _ANIMATION if photo.animated else 0
    body = bytearray(_chunk(b"VP8X", pack("<L", flags) + _three_bytes(width - 1) + _three_bytes(height - 1)))
    if photo.icc_profile:
        body += _chunk(b"ICCP", photo.icc_profile)
    if photo.animated:
        body += _chunk(b"ANIM", pack("<LH", 0, min(photo.loop or 0, 65_535)))
        for part in _animation(photo.frames, rasters, photo.lossless, quality):
            body += part
    else:
        body += _picture(rasters[0], photo.lossless, quality)
    if exif:
        body += _chunk(b"EXIF", exif)
    if photo.xmp:
        body += _chunk(b"XMP ", photo.xmp)
    return b"RIFF" + pack("<L", len(body) + 4) + b"WEBP" + bytes(body)


def _animation(frames: tuple[Frame, ...], rasters: list[Raster], lossless: bool, quality: int) -> Iterator[bytes]:
    shown = rasters[0]
    durations = durations_in(1, frames)
    for index, (duration, raster) in enumerate(zip(durations, rasters, strict=True)):
        height, width = raster.shape[:2]
        box: Box = (0, 0, width, height) if index == 0 else changed_box(shown, raster) or (0, 0, 1, 1)
        left, top = box[0] // 2 * 2, box[1] // 2 * 2  # frames stand at even places
        place = (left // 2, top // 2, box[2] - left - 1, box[3] - top - 1, min(duration, _LONGEST_DURATION))
        picture = _picture(cropped(raster, (left, top, box[2], box[3])), lossless, quality)
        yield _chunk(b"ANMF", b"".join(map(_three_bytes, place)) + bytes([_DO_NOT_BLEND]) + picture)
        shown = raster


def _still(raster: Raster, lossless: bool, quality: int) -> bytes:
    out = BytesIO()
    Image.fromarray(raster).save(
        out, "WEBP", lossless=lossless, quality=75 if lossless else webp_quality(quality), exact=True
    )
    return out.getvalue()


def _coloured(raster: Raster) -> Raster:
    """WebP holds colour only: grey rasters with equal channels."""
    if raster.ndim == 2:
        return raster[..., None].repeat(3, axis=2)
    return raster[..., [0, 0, 0, 1]] if raster.shape[2] == 2 else raster


def _picture(raster: Raster, lossless: bool, quality: int) -> bytes:
    """The chunks of a still WebP that hold its pixels, with transparency wherever the raster has it."""
    chunks = [part for part in _chunks(_still(raster, lossless, quality), 12) if part[0] in _PICTURE_CHUNKS]
    if raster.shape[2] == 4:
        chunks = [(name, _with_alpha_used(body) if name == b"VP8L" else body) for name, body in chunks]
        if [name for name, _ in chunks] == [b"VP8 "]:
            chunks.insert(0, (b"ALPH", _OPAQUE))
    return b"".join(_chunk(name, body) for name, body in chunks)


def _with_alpha_used(body: bytes) -> bytes:
    return body[:1] + (int.from_bytes(body[1:5], "little") | _ALPHA_IS_USED).to_bytes(4, "little") + body[5:]


def _chunks(data: bytes, at: int) -> Iterator[tuple[bytes, bytes]]:
    while at + 8 <= len(data):
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        yield data[at : at + 4], data[at + 8 : at + 8 + length]
        at += 8 + length + length % 2


def _chunk(name: bytes, body: bytes) -> bytes:
    return name + pack("<L", len(body)) + body + b"\0" * (len(body) % 2)


def _three_bytes(value: int) -> bytes:
    return value.to_bytes(3, "little")


def _is_lossless(data: bytes) -> bool:
    names = [name for name, _ in _chunks(data, 12)]
    frames = [body for name, body in _chunks(data, 12) if name == b"ANMF"]
    names += [name for body in frames for name, _ in _chunks(body, 16)]
    return b"VP8L" in names and b"VP8 " not in names


def _canvas(data: bytes) -> tuple[int, int]:
    """Width and height from the first chunk, before the decoder takes memory for them."""
    name, head = data[12:16], data[20:30]
    if len(head) < 10:
        raise ValueError("truncated WebP")
    if name == b"VP8X":
        return int.from_bytes(head[4:7], "little") + 1, int.from_bytes(head[7:10], "little") + 1
    if name == b"VP8L":
        bits = int.from_bytes(head[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if name == b"VP8 ":
        return int.from_bytes(head[6:8], "little") & 0x3FFF, int.from_bytes(head[8:10], "little") & 0x3FFF
    raise ValueError("no WebP picture")
