from io import BytesIO
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms, PngImagePlugin

from clearface.errors import PhotoError
from clearface.photos.decode import read_photo
from clearface.photos.encode import EncodeOptions, encode_photo
from clearface.photos.photo import Frame, Photo

PNG = EncodeOptions("PNG")


def saved(image: Image.Image, **options: Any) -> bytes:
    out = BytesIO()
    image.save(out, "PNG", **options)
    return out.getvalue()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_eight_bits_agree_with_pillow(noise, mode):
    image = Image.fromarray(noise((13, 17, 4)), "RGBA").convert("RGB" if mode == "P" else "RGBA").convert(mode)
    photo = read_photo(saved(image), "photo")
    rgba = np.asarray(image.convert("RGBA"))
    np.testing.assert_array_equal(photo.frames[0].pixels, rgba[..., :3])
    assert photo.grey == (mode in ("1", "L", "LA"))
    if mode in ("LA", "RGBA"):
        np.testing.assert_array_equal(photo.frames[0].alpha, rgba[..., 3])
    else:
        assert photo.frames[0].alpha is None


def test_palette_with_an_alpha_for_each_colour():
    image = Image.new("P", (3, 1))
    image.putpalette([10, 20, 30, 40, 50, 60, 70, 80, 90])
    image.putdata([0, 1, 2])
    frame = read_photo(saved(image, transparency=b"\x00\x80\xff"), "photo").frames[0]
    assert frame.pixels.tolist() == [[[10, 20, 30], [40, 50, 60], [70, 80, 90]]]
    assert np.asarray(frame.alpha).tolist() == [[0, 128, 255]]


@pytest.mark.parametrize(
    ("depth", "row", "key", "values"),
    [
        (1, b"\x80", 1, [255, 0, 0, 0]),
        (2, b"\x1b", 2, [0, 85, 170, 255]),
        (4, b"\x05\xaf", 5, [0, 85, 170, 255]),
        (8, b"\x00\x55\xaa\xff", 0x55, [0, 85, 170, 255]),
    ],
)
def test_one_clear_shade_of_grey_at_every_depth(make_png, depth, row, key, values):
    data = make_png(4, 1, depth, 0, [row], [(b"tRNS", key.to_bytes(2, "big"))])
    photo = read_photo(data, "photo")
    clear = key * 255 // (2**depth - 1)
    assert photo.grey
    assert photo.frames[0].pixels[0, :, 1].tolist() == values
    assert np.asarray(photo.frames[0].alpha).tolist() == [[0 if value == clear else 255 for value in values]]


@pytest.mark.parametrize(("colour", "channels"), [(0, 1), (2, 3), (4, 2), (6, 4)])
def test_sixteen_bits_come_as_the_bytes_say(make_png, noise, colour, channels):
    pixels = noise((5, 4, channels), np.uint16)
    photo = read_photo(make_png(4, 5, 16, colour, [row.astype(">u2").tobytes() for row in pixels]), "photo")
    frame = photo.frames[0]
    assert frame.pixels.dtype == np.uint16
    assert photo.grey == (channels <= 2)
    colours = pixels[..., :1] if channels <= 2 else pixels[..., :3]
    np.testing.assert_array_equal(frame.pixels, np.broadcast_to(colours, (5, 4, 3)))
    if channels in (2, 4):
        np.testing.assert_array_equal(frame.alpha, pixels[..., -1])
    else:
        assert frame.alpha is None


@pytest.mark.parametrize(("colour", "channels"), [(0, 1), (2, 3)])
def test_one_clear_colour_of_sixteen_bits(make_png, noise, colour, channels):
    pixels = noise((3, 4, channels), np.uint16)
    key = pixels[1, 2].astype(">u2").tobytes()
    data = make_png(4, 3, 16, colour, [row.astype(">u2").tobytes() for row in pixels], [(b"tRNS", key)])
    alpha = np.asarray(read_photo(data, "photo").frames[0].alpha)
    assert alpha[1, 2] == 0
    assert np.count_nonzero(alpha == 65_535) == 11


@pytest.mark.parametrize(("colour", "channels"), [(0, 1), (2, 3), (4, 2), (6, 4)])
@pytest.mark.parametrize("size", [(1, 1), (5, 3), (9, 10)])
def test_interlaced_sixteen_bits(make_png, noise, colour, channels, size):
    width, height = size
    pixels = noise((height, width, channels), np.uint16)
    rows = []
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    for left, top, across, down in passes:
        part = pixels[top::down, left::across].astype(">u2")
        rows += [row.tobytes() for row in part if part.size]
    frame = read_photo(make_png(width, height, 16, colour, rows, interlace=1), "photo").frames[0]
    np.testing.assert_array_equal(frame.pixels[..., 0], pixels[..., 0])
    np.testing.assert_array_equal(frame.pixels[..., 2], pixels[..., 2 if channels > 2 else 0])


@pytest.mark.parametrize("grey", [False, True])
@pytest.mark.parametrize("has_alpha", [False, True])
def test_sixteen_bits_are_what_opencv_reads_and_carry_their_metadata(noise, grey, has_alpha, camera_exif):
    pixels = np.repeat(noise((9, 7, 1), np.uint16), 3, axis=2) if grey else noise((9, 7, 3), np.uint16)
    alpha = noise((9, 7), np.uint16, 1) if has_alpha else None
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    photo = Photo((Frame(pixels, alpha),), "PNG", grey, profile, camera_exif()[6:], b"<x:xmpmeta/>", (300.0, 150.0))
    data = encode_photo(photo, PNG)
    if not (grey and has_alpha):  # OpenCV does not read 16-bit grey with alpha
        bare = encode_photo(Photo(photo.frames, "PNG", grey), PNG)
        decoded = cv2.imdecode(np.frombuffer(bare, np.uint8), cv2.IMREAD_UNCHANGED)
        assert decoded is not None
        assert decoded.dtype == np.uint16
        if grey:
            np.testing.assert_array_equal(decoded, pixels[..., 0])
        else:
            np.testing.assert_array_equal(decoded[..., 2::-1], pixels)
    image = Image.open(BytesIO(data))
    assert image.info["icc_profile"] == profile
    assert image.info["dpi"] == pytest.approx((300, 150), abs=0.02)
    assert image.info["xmp"] == b"<x:xmpmeta/>"
    assert image.getexif()[0x010F] == "Clear"


def test_text_and_colour_tags_stay_and_strip_leaves_the_colour(make_png):
    extra = [(b"gAMA", (45455).to_bytes(4, "big")), (b"tEXt", b"Author\0Somebody"), (b"prIv", b"?")]
    photo = read_photo(make_png(1, 1, 8, 0, [b"\x07"], extra), "photo")
    kept = Image.open(BytesIO(encode_photo(photo, PNG)))
    kept.load()
    assert kept.info["Author"] == "Somebody"
    assert kept.info["gamma"] == pytest.approx(0.45455)
    stripped = Image.open(BytesIO(encode_photo(photo, EncodeOptions("PNG", metadata="strip"))))
    stripped.load()
    assert "Author" not in stripped.info
    assert stripped.info["gamma"] == pytest.approx(0.45455)


def test_exif_behind_the_pixels_and_compressed_xmp_are_found(noise, camera_exif):
    info = PngImagePlugin.PngInfo()
    info.add_itxt("XML:com.adobe.xmp", '<x tiff:Orientation="6"/>', zip=True)
    photo = read_photo(saved(Image.fromarray(noise((4, 6, 3))), pnginfo=info), "photo")
    assert photo.xmp == b'<x tiff:Orientation="1"/>'
    assert photo.size == (4, 6)  # where EXIF is silent, XMP turns the picture


def test_orientation_in_the_exif_of_a_png(noise, camera_exif):
    pixels = noise((4, 6, 3))
    photo = read_photo(saved(Image.fromarray(pixels), exif=camera_exif(6)), "photo")
    np.testing.assert_array_equal(photo.frames[0].pixels, np.rot90(pixels, -1))


def test_animation_written_by_pillow_agrees_with_pillow(noise):
    frames = [Image.fromarray(noise((8, 9, 4), seed=seed)) for seed in range(3)]
    data = saved(frames[0], save_all=True, append_images=frames[1:], duration=[100, 40, 30], loop=2)
    photo = read_photo(data, "photo")
    assert [frame.duration for frame in photo.frames] == pytest.approx([100, 40, 30])
    assert photo.loop == 2
    for frame, wanted in zip(photo.frames, frames, strict=True):
        np.testing.assert_array_equal(frame.pixels, np.asarray(wanted)[..., :3])
        np.testing.assert_array_equal(frame.alpha, np.asarray(wanted)[..., 3])


def test_animation_written_here_is_read_by_pillow(noise):
    pixels = [noise((8, 9, 3), seed=seed) for seed in (0, 1, 1)]
    photo = Photo(tuple(Frame(part, None, 33.3) for part in pixels), "PNG", loop=0)
    image = Image.open(BytesIO(encode_photo(photo, PNG)))
    assert getattr(image, "n_frames", 1) == 3
    for index, part in enumerate(pixels):
        image.seek(index)
        np.testing.assert_array_equal(np.asarray(image.convert("RGB")), part)
        assert image.info["duration"] == pytest.approx(33.3, abs=0.01)


def test_still_before_an_animation_is_left_out(noise):
    still, *frames = [Image.fromarray(noise((4, 5, 3), seed=seed)) for seed in range(3)]
    data = saved(still, save_all=True, append_images=frames, default_image=True, duration=50)
    photo = read_photo(data, "photo")
    assert len(photo.frames) == 2
    np.testing.assert_array_equal(photo.frames[0].pixels, np.asarray(frames[0]))
    assert "left out" in photo.notes[0]


def test_wrong_checksum_is_damage(noise):
    data = bytearray(saved(Image.fromarray(noise((20, 20, 3)))))
    data[len(data) // 2] ^= 1
    with pytest.raises(PhotoError, match=r"^p\.png: the file is damaged and cannot be read as PNG"):
        read_photo(bytes(data), "p.png")
