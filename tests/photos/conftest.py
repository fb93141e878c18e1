"""Files made by hand, where no library writes what a camera or an old program would."""

import zlib
from struct import pack

import numpy as np
import piexif
import pytest
from PIL import Image


@pytest.fixture
def noise():
    """Random pixels of a shape and type, the same ones every time."""

    def make(shape, dtype=np.uint8, seed=0):
        return np.random.default_rng(seed).integers(0, np.iinfo(dtype).max + 1, shape, dtype=dtype)

    return make


@pytest.fixture
def smooth():
    """An RGB picture without detail, which lossy kinds keep within a few levels."""

    def make(height=48, width=64):
        rows, columns = np.mgrid[0:height, 0:width]
        planes = [rows * 255 // height, columns * 255 // width, (rows + columns) * 255 // (height + width)]
        return np.stack(planes, axis=2).astype(np.uint8)

    return make


@pytest.fixture
def make_png():
    """A PNG of unfiltered rows: `rows` hold the packed bytes of each, as the file has them."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return pack(">L", len(body)) + name + body + pack(">L", zlib.crc32(name + body))

    def make(width, height, depth, colour, rows, extra=(), interlace=0):
        header = pack(">LLBBBBB", width, height, depth, colour, 0, 0, interlace)
        data = zlib.compress(b"".join(b"\0" + bytes(row) for row in rows))
        parts = [chunk(b"IHDR", header), *(chunk(*part) for part in extra), chunk(b"IDAT", data), chunk(b"IEND", b"")]
        return b"\x89PNG\r\n\x1a\n" + b"".join(parts)

    return make


@pytest.fixture
def make_icc():
    """An ICC profile (ICC.1:2001) of a colour space from its tags."""

    def make(space, pcs, tags):
        at, table, body = 132 + 12 * len(tags), pack(">L", len(tags)), b""
        for name, data in tags.items():
            data += b"\0" * (-len(data) % 4)
            table += name + pack(">LL", at + len(body), len(data))
            body += data
        white = pack(">LLL", 0xF6D6, 0x10000, 0xD32D)
        header = (
            b"\0\0\0\0lcms" + pack(">L", 0x02400000) + b"prtr" + space + pcs + bytes(12) + b"acsp" + bytes(28) + white
        )
        header = pack(">L", 128 + len(table) + len(body)) + header[4:]
        return header.ljust(128, b"\0") + table + body

    return make


@pytest.fixture
def linear_grey_icc(make_icc):
    """Grey in linear light, which no viewer may take for sRGB."""
    white = b"XYZ " + bytes(4) + pack(">LLL", 0xF6D6, 0x10000, 0xD32D)
    curve = b"curv" + bytes(4) + pack(">L", 0)
    return make_icc(b"GRAY", b"XYZ ", {b"wtpt": white, b"kTRC": curve})


@pytest.fixture
def red_cyan_cmyk_icc(make_icc):
    """A CMYK profile whose cyan ink is bright red: what it makes of cyan shows whether it was used."""
    ramp = bytes(range(256))
    white_paper, bright_red, black = bytes((255, 128, 128)), bytes((136, 208, 195)), bytes((0, 128, 128))
    corners = white_paper + black * 7 + bright_red + black * 7  # of C, M, Y and K, the last changing fastest
    matrix = pack(">9l", 65536, 0, 0, 0, 65536, 0, 0, 0, 65536)
    table = b"mft1" + bytes(4) + bytes((4, 3, 2, 0)) + matrix + ramp * 4 + corners + ramp * 3
    white = b"XYZ " + bytes(4) + pack(">LLL", 0xF6D6, 0x10000, 0xD32D)
    return make_icc(b"CMYK", b"Lab ", {b"wtpt": white, b"A2B0": table})


@pytest.fixture
def camera_exif():
    """EXIF of a phone: camera, GPS, maker's notes with a preview in them, and a thumbnail, all little colour fields."""

    def make(orientation=1, size=(64, 48)):
        from io import BytesIO

        out = BytesIO()
        Image.new("RGB", (32, 24), (200, 30, 30)).save(out, "JPEG")
        picture = out.getvalue()
        return piexif.dump(
            {
                "0th": {
                    piexif.ImageIFD.Make: b"Clear",
                    piexif.ImageIFD.Model: b"Phone",
                    piexif.ImageIFD.Artist: b"A. Photographer",
                    piexif.ImageIFD.Orientation: orientation,
                },
                "Exif": {
                    piexif.ExifIFD.DateTimeOriginal: b"2024:05:06 07:08:09",
                    piexif.ExifIFD.ExposureTime: (1, 125),
                    piexif.ExifIFD.MakerNote: b"Clear\0\1\2\3" + picture + b"tail",
                    piexif.ExifIFD.PixelXDimension: size[0],
                    piexif.ExifIFD.PixelYDimension: size[1],
                },
                "GPS": {piexif.GPSIFD.GPSLatitudeRef: b"N", piexif.GPSIFD.GPSLatitude: ((52, 1), (31, 1), (12, 1))},
                "1st": {piexif.ImageIFD.Compression: 6},
                "thumbnail": picture,
            }
        )

    return make
