"""Files nobody should hand in, the same ones every time: cut, damaged, swollen, two things at once, no photos, badly named."""

import io
import random
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from io import BytesIO

from PIL import Image, PngImagePlugin

KINDS = ("JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP", "AVIF")
EXTENSIONS = {
    "JPEG": ".jpg",
    "PNG": ".png",
    "WEBP": ".webp",
    "TIFF": ".tif",
    "GIF": ".gif",
    "BMP": ".bmp",
    "AVIF": ".avif",
}
MEBIBYTE = 1024 * 1024

SCRIPT = b"<script>document.title='owned'</script>"
LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "ha">'
    + "".join(f'<!ENTITY a{level} "{f"&a{level - 1};" * 10}">' for level in range(1, 12))
    + "]><x:xmpmeta xmlns:x='adobe:ns:meta/'>&a11;</x:xmpmeta>"
).encode()
OUTSIDE = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>&f;</x:xmpmeta>"
)
NESTED = b"<x>" * 50_000 + b"</x>" * 50_000


@dataclass(frozen=True)
class Upload:
    """One of them."""

    label: str
    """What is wrong with it; told where a test fails."""

    name: str
    data: bytes


def hostile_uploads() -> list[Upload]:
    """At least 200, each with a label of its own."""
    return [
        *_cut(),
        *_damaged(),
        *_swollen_png(),
        *_swollen_others(),
        *_swollen_tiff(),
        *_swollen_metadata(),
        *_two_things(),
        *_strangers(),
        *_badly_named(),
    ]


@cache
def good_photo(kind: str = "PNG", side: int = 48) -> bytes:
    """A small picture without a face."""
    out = BytesIO()
    picture = Image.radial_gradient("L").resize((side, side - side // 6))
    Image.merge("RGB", (picture, picture.transpose(Image.Transpose.ROTATE_180), picture)).save(out, kind)
    return out.getvalue()


def _cut() -> Iterator[Upload]:
    for kind in KINDS:
        whole = good_photo(kind)
        for end in (11, 40, len(whole) // 4, len(whole) // 2, len(whole) * 9 // 10, len(whole) - 1):
            yield Upload(f"{kind} cut after {end} bytes", f"cut{EXTENSIONS[kind]}", whole[:end])


def _damaged() -> Iterator[Upload]:
    for kind in KINDS:
        for seed in range(7):
            chance = random.Random(f"{kind} {seed}")  # noqa: S311 - damage, not a secret
            data = bytearray(good_photo(kind))
            reach = min(len(data), 200) if seed % 2 else len(data)
            for _ in range(1 + 3 * seed):
                data[chance.randrange(4, reach)] ^= 1 << chance.randrange(8)
            yield Upload(f"{kind} with flipped bits, {seed}", f"damaged{EXTENSIONS[kind]}", bytes(data))


def _chunk(name: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + name + body + zlib.crc32(name + body).to_bytes(4, "big")


def _png(width: int, height: int, depth: int, colour: int, rows: bytes, extra: bytes = b"") -> bytes:
    header = struct.pack(">LLBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + extra + _chunk(b"IDAT", rows) + _chunk(b"IEND", b"")


@cache
def _zeros(count: int) -> bytes:
    """So many zero bytes, deflated a thousandfold."""
    packer = zlib.compressobj(9)
    block = bytes(MEBIBYTE)
    parts = [packer.compress(block) for _ in range(count // MEBIBYTE)]
    return b"".join([*parts, packer.compress(bytes(count % MEBIBYTE)), packer.flush()])


def _swollen_png() -> Iterator[Upload]:
    small = zlib.compress(bytes(100))
    sides = 20_000
    many = _zeros(60 * MEBIBYTE)
    text = b"Comment\0"
    pixel = (1, 1, 8, 2, zlib.compress(bytes(4)))
    files = {
        "50000 x 50000 by its header": _png(50_000, 50_000, 8, 2, small),
        "sides of 2^31 - 1": _png(2**31 - 1, 2**31 - 1, 16, 6, small),
        "no pixels": _png(0, 0, 8, 2, small),
        "400 megapixels in 50 kB": _png(sides, sides, 1, 0, _zeros(sides * (sides // 8 + 1))),
        "one row of 60 million": _png(60_000_000, 1, 8, 0, _zeros(60_000_001)),
        "60 MB more than its pixels": _png(1, 1, 8, 2, many),
        "a zTXt of 60 MB": _png(*pixel, _chunk(b"zTXt", text + b"\0" + many)),
        "an iTXt of 60 MB": _png(*pixel, _chunk(b"iTXt", text + b"\1\0\0\0" + many)),
        "an iCCP of 60 MB": _png(*pixel, _chunk(b"iCCP", b"icc\0\0" + many)),
        "20000 comments": _png(*pixel, _chunk(b"tEXt", text + b"x" * 20) * 20_000),
        "4 billion frames": _png(*pixel, _chunk(b"acTL", struct.pack(">LL", 2**32 - 1, 0))),
        "an EXIF that is none": _png(*pixel, _chunk(b"eXIf", b"MM\0*" + b"\xff" * 60)),
        "a chunk of 2 GB": _png(*pixel)[:33] + b"\x7f\xff\xff\xffIDAT" + small,
        "a palette that is missing": _png(4, 4, 8, 3, zlib.compress(bytes(20))),
        "an impossible depth": _png(4, 4, 7, 9, small),
    }
    for label, data in files.items():
        yield Upload(f"PNG: {label}", "swollen.png", data)
    yield Upload("PNG of 10000 frames", "frames.png", _animated_png(10_000))


def _animated_png(frames: int) -> bytes:
    rows = zlib.compress(bytes(4))
    parts = [_chunk(b"acTL", struct.pack(">LL", frames, 0))]
    number = 0
    for at in range(frames):
        parts.append(_chunk(b"fcTL", struct.pack(">LLLLLHHBB", number, 1, 1, 0, 0, 1, 100, 0, 0)))
        number += 1
        if at:
            parts.append(_chunk(b"fdAT", struct.pack(">L", number) + rows))
            number += 1
        else:
            parts.append(_chunk(b"IDAT", rows))
    header = _chunk(b"IHDR", struct.pack(">LLBBBBB", 1, 1, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(parts) + _chunk(b"IEND", b"")


def _gif(width: int, height: int, frames: int) -> bytes:
    """Frames of one pixel on a canvas."""
    frame = b"\x21\xf9\x04\0\1\0\0\0\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\2\2\x44\1\0"
    return b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff" + frame * frames + b";"


def _webp(width: int, height: int, frames: int) -> bytes:
    """Frames of one pixel on a canvas."""
    pixel = BytesIO()
    Image.new("RGB", (1, 1)).save(pixel, "WEBP", lossless=True)
    still = pixel.getvalue()[12:]
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    frame = bytes(12) + (100).to_bytes(3, "little") + b"\0" + still
    body = b"VP8X" + struct.pack("<LL", 10, 2 if frames > 1 else 0) + size
    if frames > 1:
        body += b"ANIM" + struct.pack("<LLH", 6, 0, 0)
        body += (b"ANMF" + len(frame).to_bytes(4, "little") + frame) * frames
    else:
        body += still
    return b"RIFF" + (len(body) + 4).to_bytes(4, "little") + b"WEBP" + body


def _with_sides(data: bytes, at: int, width: bytes, height: bytes) -> bytes:
    return data[:at] + width + height + data[at + len(width) + len(height) :]


def _swollen_others() -> Iterator[Upload]:
    jpeg, avif, bmp = good_photo("JPEG"), good_photo("AVIF"), good_photo("BMP")
    side = (65_500).to_bytes(2, "big")
    wide = (40_000).to_bytes(4, "little")
    at = jpeg.index(b"\xff\xc0") + 5
    extent = avif.index(b"ispe") + 8
    most = b"\0\0\xff\xff"
    files = {
        "JPEG of 65500 x 65500": ("b.jpg", _with_sides(jpeg, at, side, side)),
        "JPEG without height": ("b.jpg", _with_sides(jpeg, at, b"\0\0", side)),
        "JPEG of a thousand scans": ("b.jpg", _many_scans(1000)),
        "JPEG with a thousand comments": ("b.jpg", jpeg[:2] + (b"\xff\xfe\xff\xff" + b"x" * 65_533) * 100 + jpeg[2:]),
        "JPEG whose segments never end": ("b.jpg", jpeg[:2] + b"\xff\xe1\0\2" * 100_000),
        "GIF of 65535 x 65535": ("b.gif", _gif(65_535, 65_535, 1)),
        "GIF of 65535 x 65535 in 500 frames": ("b.gif", _gif(65_535, 65_535, 500)),
        "GIF of 10000 frames": ("b.gif", _gif(1, 1, 10_000)),
        "GIF whose frame is outside": ("b.gif", _gif(1, 1, 1).replace(b"\x2c\0\0\0\0", b"\x2c\xff\xff\xff\xff")),
        "GIF that never ends": ("b.gif", _gif(8, 8, 1)[:-1] + b"\x21\xfe\xff" + b"x" * 255 * 4000),
        "WebP of 16384 x 16384": ("b.webp", _webp(16_384, 16_384, 1)),
        "WebP of 16 million pixels a side": ("b.webp", _webp(2**24, 2**24, 2)),
        "WebP of 10000 frames": ("b.webp", _webp(1, 1, 10_000)),
        "AVIF of 65535 x 65535": ("b.avif", _with_sides(avif, extent, most, most)),
        "AVIF of 4 billion a side": ("b.avif", _with_sides(avif, extent, b"\xff" * 4, b"\xff" * 4)),
        "AVIF whose boxes are 2^63 bytes": ("b.avif", avif[:32] + b"\0\0\0\1meta" + b"\x7f" + b"\xff" * 7 + avif[40:]),
        "AVIF of nothing but boxes": ("b.avif", avif[:32] + b"\0\0\0\x08free" * 50_000),
        "AVIF of boxes within boxes": ("b.avif", avif[:32] + b"".join(_boxes(5000))),
        "BMP of 40000 x 40000": ("b.bmp", _with_sides(bmp, 18, wide, wide)),
        "BMP of negative sides": ("b.bmp", _with_sides(bmp, 18, b"\xff" * 4, b"\0\0\0\x80")),
        "BMP with 2^31 colours": ("b.bmp", bmp[:46] + b"\xff\xff\xff\x7f" + bmp[50:]),
        "BMP whose pixels are elsewhere": ("b.bmp", bmp[:10] + b"\xff\xff\xff\x7f" + bmp[14:]),
    }
    for label, (name, data) in files.items():
        yield Upload(label, name, data)


def _boxes(depth: int) -> Iterator[bytes]:
    for level in range(depth):
        yield (8 * (depth - level)).to_bytes(4, "big") + b"meta"


def _many_scans(count: int) -> bytes:
    """A progressive JPEG whose first scan comes again and again: little to send, much to decode."""
    out = BytesIO()
    Image.radial_gradient("L").resize((400, 400)).save(out, "JPEG", progressive=True)
    data = out.getvalue()
    first = data.index(b"\xff\xda")
    tables = data.index(b"\xff\xc4", first)
    scan = data[first:tables]
    return data[:first] + scan * count + data[first:]


Entry = tuple[int, int, int, int]
"""Tag, type, count, value."""


def _tiff(entries: tuple[Entry, ...], after: int = 0, rest: bytes = b"") -> bytes:
    """A TIFF of one directory at byte 8, then `rest`; after: where the next directory is."""
    body = b"".join(struct.pack("<HHLL", *entry) for entry in entries)
    return b"II*\0" + struct.pack("<LH", 8, len(entries)) + body + after.to_bytes(4, "little") + rest


def _swollen_tiff() -> Iterator[Upload]:
    def grey(width: int, height: int, *more: Entry) -> tuple[Entry, ...]:
        known: dict[int, Entry] = {
            256: (256, 4, 1, width),
            257: (257, 4, 1, height),
            258: (258, 3, 1, 8),
            259: (259, 3, 1, 1),
            262: (262, 3, 1, 1),
            273: (273, 4, 1, 8),
            277: (277, 3, 1, 1),
            278: (278, 4, 1, height),
            279: (279, 4, 1, min(width * height, 2**32 - 1)),
        }
        return tuple(entry for _, entry in sorted((known | {entry[0]: entry for entry in more}).items()))

    chain = b"".join(
        struct.pack("<H", 9) + b"".join(struct.pack("<HHLL", *entry) for entry in grey(4, 4)) + struct.pack("<L", at)
        for at in (8 + 114 * number for number in range(1, 3000))
    )
    bomb = _zeros(60 * MEBIBYTE)
    packed = 8 + 2 + 12 * 9 + 4
    big = b"II+\0\x08\0\0\0" + struct.pack("<QQ", 16, 2**63) + b"\xff" * 40
    files = {
        "sides of 2^31": _tiff(grey(2**31, 2**31)),
        "60000 x 60000": _tiff(grey(60_000, 60_000)),
        "no pixels": _tiff(grey(0, 0)),
        "a directory that follows itself": _tiff(grey(4, 4), after=8, rest=bytes(16)),
        "3000 directories": b"II*\0\x08\0\0\0" + chain,
        "4 billion strips": _tiff(grey(4, 4, (273, 4, 2**32 - 1, 8), (279, 4, 2**32 - 1, 8))),
        "strips outside the file": _tiff(grey(400, 400, (273, 4, 1, 2**32 - 2))),
        "strips that are itself": _tiff(grey(40, 2, (273, 4, 1, 0))),
        "65535 samples a pixel": _tiff(grey(400, 400, (277, 3, 1, 65_535))),
        "0 bits a sample": _tiff(grey(4, 4, (258, 3, 1, 0))),
        "an unknown compression": _tiff(grey(4, 4, (259, 3, 1, 31_337))),
        "tiles of no size": _tiff(grey(4, 4, (322, 4, 1, 0), (323, 4, 1, 0), (324, 4, 1, 8), (325, 4, 1, 8))),
        "a name of 4 GB": _tiff(grey(4, 4, (270, 2, 2**32 - 1, 8))),
        "a directory of 65535 entries": b"II*\0\x08\0\0\0\xff\xff" + b"\1" * 300,
        "a directory beyond the end": b"MM\0*\xff\xff\xff\xf0",
        "a deflate bomb": _tiff(grey(4, 4, (259, 3, 1, 8), (273, 4, 1, packed), (279, 4, 1, len(bomb))), rest=bomb),
        "an EXIF directory that is itself": _tiff(grey(4, 4, (34_665, 4, 1, 8)), rest=bytes(16)),
        "a BigTIFF of 2^63 entries": big,
    }
    for label, data in files.items():
        yield Upload(f"TIFF: {label}", "swollen.tif", data)


def _segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(body) + 2).to_bytes(2, "big") + body


def _jpeg_with(*segments: bytes) -> bytes:
    jpeg = good_photo("JPEG")
    return jpeg[:2] + b"".join(segments) + jpeg[2:]


def _with_xmp(kind: str, packet: bytes) -> bytes:
    out = BytesIO()
    picture = Image.open(BytesIO(good_photo(kind)))
    if kind == "PNG":
        text = PngImagePlugin.PngInfo()
        text.add_itxt("XML:com.adobe.xmp", packet.decode(), zip=True)
        picture.save(out, kind, pnginfo=text)
    else:
        picture.save(out, kind, xmp=packet)
    return out.getvalue()


def _swollen_metadata() -> Iterator[Upload]:
    header = b"http://ns.adobe.com/xap/1.0/\0"
    exif = b"Exif\0\0II*\0\x08\0\0\0"
    loop = exif + struct.pack("<HHHLL", 1, 0x8769, 4, 1, 8) + struct.pack("<L", 8)
    liar = exif + struct.pack("<HHHLLL", 1, 0x010E, 2, 2**32 - 1, 8, 0)
    files = {
        "JPEG with XMP that laughs": ("m.jpg", _jpeg_with(_segment(0xE1, header + LAUGHS))),
        "JPEG with XMP from outside": ("m.jpg", _jpeg_with(_segment(0xE1, header + OUTSIDE))),
        "JPEG with XMP that is nested": ("m.jpg", _jpeg_with(_segment(0xE1, header + NESTED[:60_000]))),
        "JPEG with 200 EXIF": ("m.jpg", _jpeg_with(*[_segment(0xE1, exif + bytes(65_000))] * 200)),
        "JPEG with an EXIF in a circle": ("m.jpg", _jpeg_with(_segment(0xE1, loop))),
        "JPEG with an EXIF of 4 GB": ("m.jpg", _jpeg_with(_segment(0xE1, liar))),
        "JPEG with an orientation of 99": ("m.jpg", _jpeg_with(_segment(0xE1, _orientation(99)))),
        "JPEG with pieces of ICC": (
            "m.jpg",
            _jpeg_with(*[_segment(0xE2, b"ICC_PROFILE\0\xff\xff" + bytes(9000))] * 255),
        ),
        "JPEG with MPO pictures elsewhere": (
            "m.jpg",
            _jpeg_with(_segment(0xE2, b"MPF\0II*\0\x08\0\0\0\xff\xff" + b"\xff" * 90)),
        ),
        "PNG with XMP that laughs": ("m.png", _with_xmp("PNG", LAUGHS)),
        "PNG with XMP that is nested": ("m.png", _with_xmp("PNG", NESTED)),
        "WebP with XMP that laughs": ("m.webp", _with_xmp("WEBP", LAUGHS)),
        "WebP with XMP from outside": ("m.webp", _with_xmp("WEBP", OUTSIDE)),
        "AVIF with XMP that laughs": ("m.avif", _with_xmp("AVIF", LAUGHS)),
    }
    for label, (name, data) in files.items():
        yield Upload(label, name, data)


def _orientation(value: int) -> bytes:
    return b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<HHHLLL", 1, 0x0112, 3, 1, value, 0)


def _zip(name: str, content: bytes) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _tar(name: str) -> bytes:
    out = BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        entry = tarfile.TarInfo(name)
        entry.size = 4
        archive.addfile(entry, io.BytesIO(b"boom"))
    return out.getvalue()


def _two_things() -> Iterator[Upload]:
    jpeg, png, gif, bmp = (good_photo(kind) for kind in ("JPEG", "PNG", "GIF", "BMP"))
    slip = _zip("../../slip.txt", b"boom")
    files = {
        "GIF that is JavaScript": ("both.gif", b"GIF89a/*" + gif[8:] + b"*/=1;alert(1)//"),
        "GIF with a page behind it": ("both.gif", gif + b"<html>" + SCRIPT),
        "GIF with PHP behind it": ("both.php.gif", gif + b"<?php system($_GET['c']); ?>"),
        "JPEG with a ZIP behind it": ("both.jpg", jpeg + slip),
        "JPEG with a page in its comment": ("both.jpg", _jpeg_with(_segment(0xFE, b"<html>" + SCRIPT))),
        "JPEG with a PDF in its comment": (
            "both.jpg",
            _jpeg_with(_segment(0xFE, b"%PDF-1.4\n1 0 obj<</JS(app.alert(1))>>")),
        ),
        "PDF with a JPEG behind it": ("both.jpg", b"%PDF-1.4\n%%EOF\n" + jpeg),
        "PNG with a page in its text": (
            "both.png",
            _png(1, 1, 8, 2, zlib.compress(bytes(4)), _chunk(b"tEXt", b"Title\0" + SCRIPT)),
        ),
        "PNG with a page behind it": ("both.png", png + SCRIPT * 100),
        "PNG with a program behind it": ("both.png", png + b"\x7fELF\2\1\1" + bytes(500)),
        "PNG with a JPEG behind it": ("both.png", png + jpeg),
        "BMP that is JavaScript": ("both.bmp", b"BM/*" + bmp[4:] + b"*/=alert(1);"),
        "ZIP with a photo inside": ("both.zip.jpg", _zip("../../photo.jpg", jpeg)),
        "drawing after the signature of a PNG": ("both.png", png[:8] + b"<svg onload='alert(1)'>"),
        "AVIF that is a video": ("both.avif", b"\0\0\0\x18ftypisom\0\0\2\0avifmp41" + bytes(400)),
    }
    for label, (name, data) in files.items():
        yield Upload(label, name, data)


def _strangers() -> Iterator[Upload]:
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)">' + SCRIPT + b"</svg>"
    dtd = b'<!DOCTYPE svg [<!ENTITY f SYSTEM "file:///etc/passwd">]><svg><text>&f;</text></svg>'
    files = {
        "nothing": b"",
        "one byte": b"\xff",
        "a megabyte of zeros": bytes(MEBIBYTE),
        "a megabyte of chance": random.Random(7).randbytes(MEBIBYTE),  # noqa: S311
        "a page": b"<!doctype html><html><body>" + SCRIPT,
        "a drawing with a script": b'<?xml version="1.0"?>' + svg,
        "a drawing from outside": b'<?xml version="1.0"?>' + dtd,
        "a drawing that laughs": LAUGHS.replace(b"x:xmpmeta", b"svg"),
        "a program for Linux": b"\x7fELF\2\1\1\0" + bytes(600),
        "a program for Windows": b"MZ\x90\0\3\0\0\0" + bytes(600) + b"PE\0\0",
        "a shell script": b"#!/bin/sh\nrm -rf ~\n",
        "a pickle": b"\x80\x04cos\nsystem\n(S'touch owned'\ntR.",
        "a PDF": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
        "PostScript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 99999 99999\n(%pipe%id) (r) file\n",
        "commands for ImageMagick": b"push graphic-context\nfill 'url(https://127.0.0.1/x\"|touch owned\")'\npop graphic-context",
        "a ZIP": _zip("../../slip.txt", b"boom"),
        "a ZIP bomb": _zip("zeros", bytes(20 * MEBIBYTE)),
        "a gzip bomb": b"\x1f\x8b\x08\0\0\0\0\0\0\3" + _zeros(20 * MEBIBYTE)[2:-4],
        "a tar": _tar("../../slip.txt"),
        "a Photoshop document": b"8BPS\0\1" + bytes(6) + b"\0\3\0\0\xff\xff\0\0\xff\xff\0\x08\0\3",
        "an icon": b"\0\0\1\0\1\0\0\0\0\0\1\0\x20\0\xff\xff\xff\xff\x16\0\0\0",
        "a pixmap of 10^12 pixels": b"P6 1000000 1000000 255\n\0",
        "an XBM": b"#define x_width 99999999\n#define x_height 99999999\nstatic char x_bits[] = { 0x00",
        "a PCX": b"\x0a\5\1\x08" + bytes(4) + b"\xff\xff\xff\xff" + bytes(120),
        "an FLI": struct.pack("<LHHHHH", 128, 0xAF11, 60_000, 65_535, 65_535, 8) + bytes(120),
        "JPEG 2000": b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(60),
        "JPEG XL": b"\xff\x0a" + bytes(60),
        "a video": b"\0\0\0\x18ftypisom\0\0\2\0isomiso2" + bytes(60),
        "a Matroska video": b"\x1aE\xdf\xa3" + bytes(60),
        "HEIC cut short": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic\0\0\0\x20meta",
        "a database": b"SQLite format 3\0" + bytes(600),
        "JSON": b'{"photo": "https://127.0.0.1/photo.jpg"}',
        "an address": b"http://127.0.0.1:6379/\r\nFLUSHALL\r\n",
    }
    for label, data in files.items():
        yield Upload(label, "holiday.jpg", data)


def _badly_named() -> Iterator[Upload]:
    names = (
        "../../x",
        "../../../../../../etc/cron.d/x.png",
        "..\\..\\x.png",
        "/etc/passwd",
        "/tmp/x.png",  # noqa: S108
        "C:\\Windows\\win.ini",
        "\\\\server\\share\\x.png",
        "file:///etc/passwd",
        "image<script>.jpg",
        "<img src=x onerror=alert(1)>.png",
        "\"><script>alert(1)</script>.png",
        "'; DROP TABLE jobs; --.png",
        "$(touch owned).png",
        "`touch owned`.png",
        "{{7*7}}.png",
        "%s%n%x.png",
        "%2e%2e%2fx.png",
        "CON",
        "NUL.png",
        "com1.png",
        ".",
        "..",
        ".htaccess",
        "-rf",
        "x" * 500 + ".png",
        "Ä" * 300 + ".png",
        "nul\0byte.png",
        "two\nlines.png",
        "header\r\nX-Injected: yes.png",
        "🙈🙉🙊.png",
        "gnp.\u202eexe",
        "e\u0301\u0301\u0301.png",
        "\ufeff\u200b.png",
        "\x1b[2Jcleared.png",
        "job.json",
        "outcome.json",
        " ",
        "photo.png.",
        "a/b/c/../../d.png",
        "~root/x.png",
    )  # fmt: skip
    for number, name in enumerate(names):
        yield Upload(f"name {number}: {ascii(name)[:40]}", name, good_photo("PNG"))
