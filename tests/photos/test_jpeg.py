from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageOps
from PIL.JpegImagePlugin import get_sampling

from clearface.errors import PhotoError
from clearface.photos.decode import read_photo
from clearface.photos.encode import EncodeOptions, encode_photo
from clearface.photos.photo import Frame, Photo

JPEG = EncodeOptions("JPEG")


def saved(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_stands_upright_as_in_pillow(smooth, camera_exif, orientation):
    data = saved(Image.fromarray(smooth(40, 24)), exif=camera_exif(orientation, (24, 40)))
    photo = read_photo(data, "photo")
    upright = ImageOps.exif_transpose(Image.open(BytesIO(data)))
    np.testing.assert_array_equal(photo.frames[0].pixels, np.asarray(upright))
    again = Image.open(BytesIO(encode_photo(photo, JPEG)))
    assert again.getexif()[0x0112] == 1
    assert again.size == upright.size
    exif = again.getexif().get_ifd(0x8769)
    assert (exif[0xA002], exif[0xA003]) == upright.size


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"subsampling": 0}, {"quality": 20}])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_pixels_are_those_of_pillow(smooth, mode, options):
    data = saved(Image.fromarray(smooth()).convert(mode), **options)
    photo = read_photo(data, "photo")
    np.testing.assert_array_equal(photo.frames[0].pixels, np.asarray(Image.open(BytesIO(data)).convert("RGB")))
    assert photo.grey == (mode == "L")
    assert photo.progressive == ("progressive" in options)
    assert bool(Image.open(BytesIO(encode_photo(photo, JPEG))).info.get("progressive")) == photo.progressive


def test_grey_stays_grey(smooth):
    photo = read_photo(saved(Image.fromarray(smooth()).convert("L")), "photo")
    assert Image.open(BytesIO(encode_photo(photo, JPEG))).mode == "L"
    tinted = photo.with_pixels([smooth()])
    written = np.asarray(Image.open(BytesIO(encode_photo(tinted, EncodeOptions("PNG")))))
    luma = np.asarray(Image.fromarray(smooth()).convert("L"))
    assert np.abs(written.astype(int) - luma).max() <= 1


def test_full_colour_resolution_from_ninety_on(smooth):
    photo = Photo((Frame(smooth()),), "JPEG")
    fine = Image.open(BytesIO(encode_photo(photo, EncodeOptions("JPEG", 90))))
    coarse = Image.open(BytesIO(encode_photo(photo, EncodeOptions("JPEG", 89))))
    assert get_sampling(fine) == 0
    assert get_sampling(coarse) == 2
    assert np.abs(np.asarray(fine).astype(int) - smooth()).max() <= 8


def test_cmyk_without_a_profile_becomes_srgb_and_says_so(smooth):
    image = Image.fromarray(smooth()).convert("CMYK")
    photo = read_photo(saved(image, quality=100), "photo")
    assert np.abs(photo.frames[0].pixels.astype(int) - smooth()).max() <= 10
    assert photo.icc_profile is not None
    assert photo.icc_profile[16:20] == b"RGB "
    assert "without a colour profile" in photo.notes[0]


def test_cmyk_goes_through_its_profile(red_cyan_cmyk_icc):
    image = Image.new("CMYK", (16, 16), (255, 0, 0, 0))
    photo = read_photo(saved(image, quality=100, icc_profile=red_cyan_cmyk_icc), "photo")
    red, green, blue = photo.frames[0].pixels[8, 8].astype(int)
    assert red > 220
    assert max(green, blue) < 60
    assert photo.notes == ("converted from CMYK to sRGB",)
    again = read_photo(saved(image, quality=100, icc_profile=red_cyan_cmyk_icc), "photo")
    assert again.icc_profile == photo.icc_profile  # no time stamp in it


def test_phone_files_of_several_pictures_give_the_main_one(smooth):
    main, other = Image.fromarray(smooth()), Image.new("RGB", (10, 10))
    photo = read_photo(saved(main, "MPO", save_all=True, append_images=[other]), "photo")
    assert photo.kind == "JPEG"
    assert photo.size == main.size
    assert len(photo.frames) == 1
    assert "only the main one is kept" in photo.notes[0]


def test_resolution_comment_and_captions_stay(smooth):
    body = b"Photoshop 3.0\x008BIM\x04\x0c\0\0\0\0\0\x04old!8BIM\x04\x04\0\0\0\0\0\x05hello\0"
    extra = b"\xff\xed" + (len(body) + 2).to_bytes(2, "big") + body
    data = saved(Image.fromarray(smooth()), dpi=(240, 120), comment=b"a remark", extra=extra)
    photo = read_photo(data, "photo")
    again = Image.open(BytesIO(encode_photo(photo, JPEG)))
    assert again.info["dpi"] == (240, 120)
    assert again.info["comment"] == b"a remark"
    assert again.info["photoshop"] == {0x0404: b"hello"}  # and no preview
    bare = Image.open(BytesIO(encode_photo(photo, EncodeOptions("JPEG", metadata="strip"))))
    assert bare.info["dpi"] == (240, 120)
    assert "comment" not in bare.info
    assert "photoshop" not in bare.info


def test_transparency_lies_on_white(noise):
    pixels, alpha = noise((16, 16, 3)), np.zeros((16, 16), np.uint8)
    alpha[:8] = 255
    photo = Photo((Frame(pixels, alpha),), "PNG")
    written = np.asarray(Image.open(BytesIO(encode_photo(photo, EncodeOptions("BMP")))))
    np.testing.assert_array_equal(written[:8], pixels[:8])
    assert (written[8:] == 255).all()
    faint = np.full((16, 16), 77, np.uint8)
    half = Photo((Frame(pixels, faint),), "PNG")
    white = Image.new("RGBA", (16, 16), "white")
    white.alpha_composite(Image.fromarray(np.dstack([pixels, faint])))
    mixed = np.asarray(Image.open(BytesIO(encode_photo(half, EncodeOptions("BMP")))))
    assert np.abs(mixed.astype(int) - np.asarray(white.convert("RGB"))).max() <= 1


@pytest.mark.parametrize("part", [0.3, 0.6, 0.95])
@pytest.mark.parametrize("progressive", [False, True])
def test_no_half_grey_pictures(noise, part, progressive):
    data = saved(Image.fromarray(noise((64, 64, 3))), progressive=progressive)
    with pytest.raises(PhotoError, match=r"^a b\.jpg: the file is (cut short|damaged)"):
        read_photo(data[: int(len(data) * part)], "a b.jpg")


def test_more_exif_than_a_jpeg_holds_loses_the_makers_notes(noise):
    import piexif

    note = bytes(noise(70_000) % 64)
    exif = piexif.dump({"0th": {piexif.ImageIFD.Make: b"Clear"}, "Exif": {piexif.ExifIFD.MakerNote: note}})
    photo = Photo((Frame(noise((8, 8, 3))),), "PNG", exif=exif[6:])
    image = Image.open(BytesIO(encode_photo(photo, JPEG)))
    assert image.getexif()[0x010F] == "Clear"
    assert 0x927C not in image.getexif().get_ifd(0x8769)
