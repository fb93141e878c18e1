from io import BytesIO

import numpy as np
import piexif
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from clearface.photos.decode import read_photo
from clearface.photos.encode import EncodeOptions, encode_photo
from clearface.photos.metadata import exif_resolution, plausible_dpi, resolution_exif, upright_exif, upright_xmp
from clearface.photos.photo import Frame, Photo

KINDS_WITH_EXIF = ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIF"]


@pytest.mark.parametrize("kind", KINDS_WITH_EXIF)
def test_no_thumbnail_of_the_old_face_is_left(kind, smooth, camera_exif):
    out = BytesIO()
    Image.fromarray(smooth()).save(out, "JPEG", exif=camera_exif(6))
    assert piexif.load(camera_exif(6))["thumbnail"]
    data = encode_photo(read_photo(out.getvalue(), "photo"), EncodeOptions(kind))
    exif = read_photo(data, "photo").exif
    assert exif is not None
    assert b"\xff\xd8\xff" not in exif
    loaded = piexif.load(b"Exif\0\0" + exif)
    assert not loaded["1st"]
    assert not loaded["thumbnail"]
    assert loaded["0th"][piexif.ImageIFD.Make] == b"Clear"
    assert loaded["0th"].get(piexif.ImageIFD.Orientation, 1) == 1
    assert loaded["Exif"][piexif.ExifIFD.DateTimeOriginal] == b"2024:05:06 07:08:09"
    assert loaded["GPS"][piexif.GPSIFD.GPSLatitude] == ((52, 1), (31, 1), (12, 1))
    note = loaded["Exif"][piexif.ExifIFD.MakerNote]
    assert note.startswith(b"Clear\0\1\2\3")
    assert note.endswith(b"tail")


def test_all_but_the_pictures_and_the_orientation_is_left_untouched(camera_exif):
    before = camera_exif(3)[6:]
    after = upright_exif(before).block
    assert len(after) < len(before)
    changed = {index for index, (old, new) in enumerate(zip(before, after, strict=False)) if old != new}
    start = before.index(b"\xff\xd8\xff")
    stop = before.index(b"\xff\xd9", start) + 2
    assert len(changed - set(range(start, stop))) <= 3  # orientation, and where the second directory stands


@pytest.mark.parametrize("exif", [b"", b"junk", b"Exif\0\0II*\0\xff\xff\xff\xff", b"MM\0*\0\0\0\x08\xff\xff"])
def test_damaged_exif_never_costs_the_photo(smooth, exif):
    photo = Photo((Frame(smooth()),), "PNG", exif=exif or None)
    data = encode_photo(photo, EncodeOptions("PNG"))
    again = read_photo(data, "photo")
    assert again.exif is None
    assert again.notes == (("the EXIF data is damaged and left out",) if exif else ())


@settings(max_examples=150)
@given(data=st.data())
def test_mutilated_exif_is_cleaned_or_named_damaged(camera_exif_bytes, data):
    exif = bytearray(camera_exif_bytes[: data.draw(st.integers(0, len(camera_exif_bytes)))])
    for at in data.draw(st.lists(st.integers(0, 400), max_size=8)):
        if at < len(exif):
            exif[at] = data.draw(st.integers(0, 255))
    try:
        upright = upright_exif(bytes(exif))
    except ValueError:
        return
    assert len(upright.block) <= len(exif)
    assert 0 <= upright.orientation <= 8


@pytest.fixture(scope="module")
def camera_exif_bytes():
    thumbnail = BytesIO()
    Image.new("RGB", (8, 8)).save(thumbnail, "JPEG")
    return piexif.dump(
        {
            "0th": {piexif.ImageIFD.Make: b"Clear", piexif.ImageIFD.Orientation: 6},
            "Exif": {piexif.ExifIFD.PixelXDimension: 4, piexif.ExifIFD.PixelYDimension: 3},
            "1st": {piexif.ImageIFD.Compression: 6},
            "thumbnail": thumbnail.getvalue(),
        }
    )


def test_xmp_is_set_upright_and_loses_its_thumbnails():
    xmp = (
        b'<rdf:Description tiff:Orientation=\'8\' dc:title="kept" GImage:Data="AAAA"><tiff:Orientation>8</tiff:Orientation>'
        b"<xmp:Thumbnails><rdf:Alt><rdf:li><xmpGImg:image>/9j/4AAQ</xmpGImg:image></rdf:li></rdf:Alt></xmp:Thumbnails>"
        b"</rdf:Description>"
    )
    upright = upright_xmp(xmp)
    assert upright.orientation == 8
    assert (
        upright.block
        == b"<rdf:Description tiff:Orientation='1' dc:title=\"kept\"><tiff:Orientation>1</tiff:Orientation></rdf:Description>"
    )


def test_strip_leaves_colour_and_resolution(smooth, camera_exif, linear_grey_icc):
    grey = np.repeat(smooth()[..., :1], 3, axis=2)
    photo = Photo(
        (Frame(grey),), "JPEG", True, linear_grey_icc, camera_exif()[6:], b"<x/>", (200.0, 100.0), comment=b"!"
    )
    for kind in ("JPEG", "PNG", "TIFF"):
        again = read_photo(encode_photo(photo, EncodeOptions(kind, metadata="strip")), "photo")
        assert again.grey
        assert again.icc_profile == linear_grey_icc
        assert again.dpi == pytest.approx((200, 100), abs=0.01)
        assert (again.exif, again.xmp, again.comment) == (None, None, None)


def test_a_grey_profile_is_resolved_where_only_colour_can_be_written(linear_grey_icc):
    photo = Photo((Frame(np.full((4, 4, 3), 128, np.uint8)),), "PNG", True, linear_grey_icc)
    for kind in ("WEBP", "GIF", "BMP"):
        again = read_photo(encode_photo(photo, EncodeOptions(kind)), "photo")
        assert abs(int(again.frames[0].pixels[1, 1, 1]) - 188) <= 2  # 0.502 of the light, in the steps of sRGB
        assert (again.icc_profile is not None) == (kind == "WEBP")


def test_resolution_survives_exif():
    assert exif_resolution(resolution_exif((300.0, 72.5))) == (300.0, 72.5)
    assert plausible_dpi((0, 72)) is None
    assert plausible_dpi((float("nan"), 72)) is None
    assert plausible_dpi("300") is None
