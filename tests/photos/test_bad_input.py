"""One clear sentence for everything that cannot be read or written, and nothing on standard error."""

import struct
import threading
import warnings
import zlib
from io import BytesIO
from typing import Any

import numpy as np
import PIL.Image
import pytest
import tifffile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from clearface.errors import ClearfaceError, PhotoError, UsageError
from clearface.photos.decode import PhotoLimits, read_photo
from clearface.photos.encode import EncodeOptions, encode_photo
from clearface.photos.photo import Frame, Photo

KINDS = ["JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP", "AVIF", "HEIF"]


@pytest.fixture(scope="module")
def files():
    rng = np.random.default_rng(3)
    pixels = rng.integers(0, 256, (24, 32, 3), dtype=np.uint8)
    found = {kind: encode_photo(Photo((Frame(pixels),), kind), EncodeOptions(kind)) for kind in KINDS}
    deep = Photo((Frame(rng.integers(0, 65_536, (24, 32, 3), dtype=np.uint16)),), "PNG")
    found |= {"PNG16": encode_photo(deep, EncodeOptions("PNG")), "TIFF16": encode_photo(deep, EncodeOptions("TIFF"))}
    moving = Photo(tuple(Frame(np.roll(pixels, at, axis=1), None, 40.0) for at in range(3)), "GIF", loop=0)
    found |= {f"{kind} animation": encode_photo(moving, EncodeOptions(kind)) for kind in ("GIF", "PNG", "WEBP")}
    return found


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "the file is empty"),
        (b"hello, this is no picture\n" * 20, "the file is text; photos are JPEG, PNG"),
        ("Größe und Grüße\n".encode() * 900, "the file is text"),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "the file is an SVG drawing"),
        (b"%PDF-1.7\n\x00\xff", "the file is a PDF"),
        (b"8BPS\0\1", "the file is a Photoshop document"),
        (b"\0\0\0\x18ftypisom\0\0\0\0", "the file is a video"),
        (b"\xff\x0a\x00\x01", "the file is a JPEG XL picture"),
        (bytes(range(256)), "the file is of no kind of photo that is known here"),
        (b"\0\0\0\0", "the file is of no kind"),
        (b"BM is how this text begins, which makes it no bitmap", "the file is text"),
    ],
)
def test_what_is_no_photo_is_told_what_it_is(data, words):
    with pytest.raises(PhotoError) as caught:
        read_photo(data, "holiday.jpg")
    sentence = str(caught.value)
    assert sentence.startswith("holiday.jpg: " + words)
    assert "\n" not in sentence


def test_the_content_decides_not_the_name(files):
    assert read_photo(files["PNG"], "misnamed.jpg").kind == "PNG"


def test_cut_files_are_refused(files, capfd):
    for label, data in files.items():
        for part in (0.02, 0.3, 0.7, 0.97):
            with pytest.raises(PhotoError) as caught:
                read_photo(data[: int(len(data) * part)], "cut.jpg")
            assert "\n" not in str(caught.value), label
    captured = capfd.readouterr()
    assert captured.err == ""
    assert captured.out == ""


@settings(max_examples=250, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_files_are_photos_or_one_sentence(files, data, capfd):
    label = data.draw(st.sampled_from(sorted(files)))
    file = bytearray(files[label])
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.one_of(st.integers(0, min(len(file), 120) - 1), st.integers(0, len(file) - 1)))
        file[at] = data.draw(st.integers(0, 255))
    sentence = ""
    try:
        photo = read_photo(bytes(file), "x", PhotoLimits(1_000_000))
        assert photo.frames[0].pixels.ndim == 3
    except ClearfaceError as error:
        sentence = str(error)
    assert "\n" not in sentence
    printed = capfd.readouterr().err
    assert printed == "" or label == "TIFF"  # the libtiff in Pillow cannot be asked to be quiet


def bomb(kind: str) -> bytes:
    side = 16_000 if kind == "WEBP" else 30_000
    if kind == "JPEG":
        data = bytearray(one_pixel("JPEG"))
        at = data.index(b"\xff\xc0")
        data[at + 5 : at + 9] = side.to_bytes(2, "big") * 2
        return bytes(data)
    if kind == "WEBP":
        data = bytearray(one_pixel("WEBP", lossless=True))
        data[21:25] = ((side - 1) | (side - 1) << 14).to_bytes(4, "little")
        return bytes(data)
    if kind == "GIF":
        data = bytearray(one_pixel("GIF"))
        data[6:10] = side.to_bytes(2, "little") * 2
        return bytes(data)
    if kind == "PNG":
        header = b"IHDR" + side.to_bytes(4, "big") * 2 + bytes((8, 2, 0, 0, 0))
        small = one_pixel("PNG")
        return small[:8] + (13).to_bytes(4, "big") + header + zlib.crc32(header).to_bytes(4, "big") + small[33:]
    out = BytesIO()
    tifffile.imwrite(out, shape=(side, side), dtype=np.uint8, compression="zlib", rowsperstrip=side, data=iter([b"x"]))
    return out.getvalue()


def one_pixel(kind: str, **options: Any) -> bytes:
    out = BytesIO()
    Image.new("RGB", (1, 1)).save(out, kind, **options)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "TIFF"])
def test_bombs_are_refused_before_they_go_off(kind):
    bound = PIL.Image.MAX_IMAGE_PIXELS
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(
            PhotoError, match=r"^b: \d+ x \d+ pixels are more than the limit of 250,000,000; --max-pixels"
        ):
            read_photo(bomb(kind), "b")
    assert bound == PIL.Image.MAX_IMAGE_PIXELS


def test_the_limit_counts_frames_and_can_be_raised(files):
    data = files["GIF animation"]
    pixels = 24 * 32 * 3
    with pytest.raises(PhotoError, match="in 3 frames are more than the limit of 2,303"):
        read_photo(data, "x", PhotoLimits(pixels - 1))
    assert len(read_photo(data, "x", PhotoLimits(pixels)).frames) == 3


@pytest.mark.parametrize("kind", ["GIF animation", "TIFF pages"])
def test_frames_and_pages_can_be_limited_too(files, kind):
    if kind == "TIFF pages":
        out = BytesIO()
        with tifffile.TiffWriter(out) as writer:
            for _ in range(3):
                writer.write(np.zeros((8, 8), np.uint8), metadata=None)
        data = out.getvalue()
    else:
        data = files[kind]
    with pytest.raises(PhotoError, match=r"^x: 3 frames are more than the limit of 2$"):
        read_photo(data, "x", PhotoLimits(max_frames=2))
    assert len(read_photo(data, "x", PhotoLimits(max_frames=3)).frames) == 3


def test_whoever_cannot_raise_a_limit_is_not_told_how(files):
    with pytest.raises(PhotoError, match=r"are more than the limit of 10$"):
        read_photo(files["GIF animation"], "x", PhotoLimits(10, remedy=None))


def test_pages_that_lead_in_a_circle_are_refused():
    out = BytesIO()
    with tifffile.TiffWriter(out) as writer:
        for level in range(3):
            writer.write(np.full((8, 8), level, np.uint8), metadata=None)
    data = bytearray(out.getvalue())
    (first,) = struct.unpack_from("<I", data, 4)
    place = first
    while True:  # the last directory leads to the first
        (entries,) = struct.unpack_from("<H", data, place)
        end = place + 2 + 12 * entries
        (following,) = struct.unpack_from("<I", data, end)
        if following == 0:
            break
        place = following
    struct.pack_into("<I", data, end, first)
    with pytest.raises(PhotoError, match="x: the file is damaged: its pages lead in a circle"):
        read_photo(bytes(data), "x")


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "TIFF", "PNG", "BMP"])
def test_the_raised_limit_holds_beyond_the_bound_of_pillow(kind, files, monkeypatch):
    monkeypatch.setattr(PIL.Image, "MAX_IMAGE_PIXELS", 100)  # Pillow itself would refuse anything beyond 200
    assert read_photo(files[kind], "x").size == (32, 24)
    assert PIL.Image.MAX_IMAGE_PIXELS == 100
    with pytest.raises(PhotoError):
        read_photo(files[kind][:-200], "x")
    assert PIL.Image.MAX_IMAGE_PIXELS == 100


def test_reading_in_threads_leaves_the_bound_of_pillow_alone(files, monkeypatch):
    monkeypatch.setattr(PIL.Image, "MAX_IMAGE_PIXELS", 100)
    threads = [threading.Thread(target=read_photo, args=(files[kind], "x")) for kind in ("GIF", "TIFF", "WEBP") * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert PIL.Image.MAX_IMAGE_PIXELS == 100


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"kind": "JPG"}, "no such kind"),
        ({"kind": "JPEG", "jpeg_quality": 0}, "between 1 and 100"),
        ({"kind": "JPEG", "metadata": "some"}, "kept or stripped"),
    ],
)
def test_wrong_options(options, words):
    with pytest.raises(UsageError, match=words):
        EncodeOptions(**options)


def test_sides_too_long_for_a_kind():
    photo = Photo((Frame(np.zeros((1, 16_384, 3), np.uint8)),), "PNG")
    with pytest.raises(PhotoError, match="WebP holds sides of up to 16383 pixels, not 16384 x 1"):
        encode_photo(photo, EncodeOptions("WEBP"))
