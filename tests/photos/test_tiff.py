from io import BytesIO
from itertools import product
from typing import Any

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image, ImageCms

from clearface.errors import PhotoError
from clearface.photos.decode import read_photo
from clearface.photos.encode import EncodeOptions, encode_photo
from clearface.photos.photo import Frame, Photo

TIFF = EncodeOptions("TIFF")


def written(pixels: Any, **options: Any) -> bytes:
    out = BytesIO()
    tifffile.imwrite(out, pixels, metadata=None, **options)
    return out.getvalue()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("byteorder", ["<", ">"])
@pytest.mark.parametrize("compression", [None, "zlib"])
@pytest.mark.parametrize("layout", ["strips", "tiles", "planes"])
def test_colour_is_what_tifffile_holds(noise, dtype, byteorder, compression, layout):
    pixels = noise((37, 41, 3), dtype)
    options = {"tile": (16, 16)} if layout == "tiles" else {"planarconfig": "separate"} if layout == "planes" else {}
    stored = np.moveaxis(pixels, -1, 0) if layout == "planes" else pixels
    photo = read_photo(
        written(stored, photometric="rgb", byteorder=byteorder, compression=compression, **options), "photo"
    )
    assert photo.frames[0].pixels.dtype == dtype
    np.testing.assert_array_equal(photo.frames[0].pixels, pixels)
    assert not photo.grey


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("photometric", ["minisblack", "miniswhite"])
def test_grey_of_either_sense(noise, dtype, photometric):
    pixels = noise((9, 11), dtype)
    photo = read_photo(written(pixels, photometric=photometric), "photo")
    wanted = pixels if photometric == "minisblack" else np.iinfo(dtype).max - pixels
    assert photo.grey
    np.testing.assert_array_equal(photo.frames[0].pixels[..., 1], wanted)


@pytest.mark.parametrize("shape", [(19, 23), (19, 23, 3), (19, 23, 4)])
def test_sixteen_bits_in_lzw(noise, shape):
    pixels = noise(shape, np.uint16)
    swapped = pixels if pixels.ndim == 2 else pixels[..., [2, 1, 0, 3][: shape[2]] if shape[2] == 4 else [2, 1, 0]]
    done, data = cv2.imencode(".tif", swapped, [cv2.IMWRITE_TIFF_COMPRESSION, 5])
    assert done
    frame = read_photo(data.tobytes(), "photo").frames[0]
    np.testing.assert_array_equal(frame.pixels, pixels[..., :3] if pixels.ndim == 3 else np.dstack([pixels] * 3))
    if shape[2:] == (4,) and frame.alpha is not None:
        np.testing.assert_array_equal(frame.alpha, pixels[..., 3])


@pytest.mark.parametrize(
    ("mode", "compression"),
    [
        ("RGB", "jpeg"),
        *product(["1", "L", "P", "RGB", "RGBA", "LA"], ["tiff_lzw", "tiff_adobe_deflate", "packbits", None]),
    ],
)
def test_eight_bits_agree_with_pillow(smooth, mode, compression):
    image = Image.fromarray(smooth()).convert("RGBA").convert(mode)
    out = BytesIO()
    image.save(out, "TIFF", compression=compression)
    frame = read_photo(out.getvalue(), "photo").frames[0]
    wanted = np.asarray(Image.open(BytesIO(out.getvalue())).convert("RGBA"))
    np.testing.assert_array_equal(frame.pixels, wanted[..., :3])
    assert (frame.alpha is not None) == (mode in ("LA", "RGBA"))


def test_premultiplied_alpha_is_taken_out(noise):
    alpha = noise((6, 7), np.uint16) | 0x8000
    colours = noise((6, 7, 3), np.uint16, 1)
    faded = np.rint(colours.astype(float) * alpha[..., None] / 65_535).astype(np.uint16)
    data = written(np.dstack([faded, alpha]), photometric="rgb", extrasamples=["assocalpha"])
    frame = read_photo(data, "photo").frames[0]
    np.testing.assert_array_equal(frame.alpha, alpha)
    assert np.abs(frame.pixels.astype(int) - colours).max() <= 1


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_orientation_turns_pages_of_either_depth(noise, dtype):
    pixels = noise((4, 6, 3), dtype)
    data = written(pixels, photometric="rgb", extratags=[(274, "H", 1, 8, True)])
    photo = read_photo(data, "photo")
    np.testing.assert_array_equal(photo.frames[0].pixels, np.rot90(pixels))
    again = Image.open(BytesIO(encode_photo(photo, TIFF)))
    assert again.getexif().get(0x0112, 1) == 1


def test_lab_becomes_srgb():
    image = Image.new("RGB", (5, 5), (200, 60, 30))
    lab = ImageCms.profileToProfile(
        image, ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), outputMode="LAB"
    )
    assert lab is not None
    out = BytesIO()
    lab.save(out, "TIFF")
    photo = read_photo(out.getvalue(), "photo")
    assert np.abs(photo.frames[0].pixels[2, 2].astype(int) - [200, 60, 30]).max() <= 3
    assert photo.notes == ("converted from LAB to sRGB",)


@pytest.mark.parametrize(
    ("dtype", "words"),
    [(np.float32, "floating point"), (np.uint32, "32-bit"), (np.int16, "signed"), (np.float16, "floating")],
)
def test_values_that_are_no_photo_are_refused_not_blackened(dtype, words):
    data = written(np.ones((4, 4), dtype), photometric="minisblack")
    with pytest.raises(PhotoError, match=rf"^x\.tif: .*{words}"):
        read_photo(data, "x.tif")


def test_preview_pages_are_left_out_and_raw_files_refused(noise):
    out = BytesIO()
    with tifffile.TiffWriter(out) as writer:
        writer.write(noise((8, 8, 3)), photometric="rgb", metadata=None)
        writer.write(noise((2, 2, 3)), photometric="rgb", subfiletype=1, metadata=None)
    photo = read_photo(out.getvalue(), "photo")
    assert len(photo.frames) == 1
    assert "preview" in photo.notes[0]
    preview = written(noise((2, 2, 3)), photometric="rgb", subfiletype=1)
    with pytest.raises(PhotoError, match="camera raw"):
        read_photo(preview, "x.nef")
    negative = written(noise((2, 2, 3)), photometric="rgb", extratags=[(50706, "B", 4, b"\1\4\0\0", True)])
    with pytest.raises(PhotoError, match="camera raw"):
        read_photo(negative, "x.dng")


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_metadata_is_read_back_by_pillow_and_tifffile(noise, dtype, camera_exif):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    photo = Photo(
        (Frame(noise((12, 10, 3), dtype)),),
        "JPEG",
        icc_profile=profile,
        exif=camera_exif()[6:],
        xmp=b"<x/>",
        dpi=(300, 200),
    )
    data = encode_photo(photo, TIFF)
    np.testing.assert_array_equal(tifffile.imread(BytesIO(data)), photo.frames[0].pixels)
    image = Image.open(BytesIO(data))
    assert image.info["icc_profile"] == profile
    assert image.info["dpi"] == (300, 200)
    assert image.info["xmp"] == b"<x/>"
    exif = image.getexif()
    assert exif[0x010F] == "Clear"
    assert exif.get_ifd(0x8769)[0x9003] == "2024:05:06 07:08:09"
    assert exif.get_ifd(0x8825)[1] == "N"
    back = read_photo(data, "photo")
    jpeg = Image.open(BytesIO(encode_photo(back, EncodeOptions("JPEG")))).getexif()
    assert jpeg[0x013B] == "A. Photographer"
    assert float(jpeg.get_ifd(0x8769)[0x829A]) == pytest.approx(1 / 125)
    assert jpeg.get_ifd(0x8825)[2] == (52, 31, 12)
    bare = Image.open(BytesIO(encode_photo(photo, EncodeOptions("TIFF", metadata="strip"))))
    assert bare.info["icc_profile"] == profile
    assert bare.info["dpi"] == (300, 200)
    assert 0x8769 not in bare.getexif()
    assert 0x010F not in bare.getexif()


def test_no_resolution_stays_no_resolution(noise):
    photo = Photo((Frame(noise((3, 3, 3))),), "TIFF")
    assert read_photo(encode_photo(photo, TIFF), "photo").dpi is None
