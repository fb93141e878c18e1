"""GIF, WebP and AVIF."""

from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image

from clearface.errors import PhotoError
from clearface.photos.decode import read_photo
from clearface.photos.encode import EncodeOptions, encode_photo
from clearface.photos.photo import Frame, Photo


def saved(images: list[Image.Image], kind: str, **options: Any) -> bytes:
    out = BytesIO()
    images[0].save(out, kind, save_all=len(images) > 1, append_images=images[1:], **options)
    return out.getvalue()


def moving_square(count: int = 4, clear: bool = False) -> list[Image.Image]:
    frames = []
    for index in range(count):
        image = Image.new("RGBA", (24, 20), (0, 0, 0, 0) if clear else (90, 90, 90, 255))
        image.paste((255, 40 * index, 0, 255), (index * 4, 3, index * 4 + 6, 9))
        frames.append(image)
    return frames


@pytest.mark.parametrize("clear", [False, True])
@pytest.mark.parametrize("disposal", [1, 2])
def test_gif_frames_are_whole_pictures(clear, disposal):
    frames = moving_square(clear=clear)
    data = saved(frames, "GIF", duration=[100, 50, 70, 20], loop=0, disposal=disposal if not clear else 2)
    photo = read_photo(data, "photo")
    assert [frame.duration for frame in photo.frames] == [100, 50, 70, 20]
    assert photo.loop == 0
    for frame, wanted in zip(photo.frames, frames, strict=True):
        rgba = np.asarray(wanted)
        seen = rgba[..., 3] > 0
        np.testing.assert_array_equal(frame.pixels[seen], rgba[seen][:, :3])
        assert (frame.alpha is not None) == clear
        if clear:
            np.testing.assert_array_equal(frame.alpha, rgba[..., 3])


@pytest.mark.parametrize("clear", [False, True])
def test_gif_written_here_is_read_by_pillow(clear):
    frames = [np.asarray(image) for image in moving_square(clear=clear)]
    frames.insert(2, frames[2])
    alphas = [frame[..., 3] if clear else None for frame in frames]
    photo = Photo(
        tuple(Frame(frame[..., :3], alpha, 40.0) for frame, alpha in zip(frames, alphas, strict=True)), "GIF", loop=3
    )
    image = Image.open(BytesIO(encode_photo(photo, EncodeOptions("GIF"))))
    assert getattr(image, "n_frames", 1) == 5
    assert image.info["loop"] == 2  # repeats after the first time
    for index, wanted in enumerate(frames):
        image.seek(index)
        found = np.asarray(image.convert("RGBA"))
        assert image.info["duration"] == 40
        np.testing.assert_array_equal(found[..., 3], wanted[..., 3])
        np.testing.assert_array_equal(found[wanted[..., 3] > 0], wanted[wanted[..., 3] > 0])


def test_many_colours_are_reduced_closely_and_still_parts_do_not_flicker(smooth):
    first = smooth(64, 64)
    second = first.copy()
    second[10:20, 10:20] = 255 - second[10:20, 10:20]
    photo = Photo((Frame(first, None, 50.0), Frame(second, None, 50.0)), "GIF", loop=0)
    again = read_photo(encode_photo(photo, EncodeOptions("GIF")), "photo")
    assert np.abs(again.frames[0].pixels.astype(int) - first).mean() < 8
    differs = (again.frames[0].pixels != again.frames[1].pixels).any(axis=2)
    differs[10:20, 10:20] = False
    assert not differs.any()


def test_gif_rounds_times_without_losing_any():
    frame = np.zeros((2, 2, 3), np.uint8)
    photo = Photo(tuple(Frame(frame + index, None, 33.4) for index in range(10)), "PNG", loop=1)
    again = read_photo(encode_photo(photo, EncodeOptions("GIF")), "photo")
    assert sum(frame.duration or 0 for frame in again.frames) == 330
    assert {frame.duration for frame in again.frames} == {30, 40}
    assert again.loop == 1


def test_gif_comment():
    photo = read_photo(saved([Image.new("P", (3, 3))], "GIF", comment=b"made " * 80), "photo")
    assert Image.open(BytesIO(encode_photo(photo, EncodeOptions("GIF")))).info["comment"] == b"made " * 80


@pytest.mark.parametrize("lossless", [True, False])
def test_webp_agrees_with_pillow_and_stays_lossless_or_lossy(lossless, camera_exif):
    frames = moving_square(clear=True)
    data = saved(frames, "WEBP", duration=[100, 50, 70, 20], loop=5, lossless=lossless, exif=camera_exif())
    photo = read_photo(data, "photo")
    assert photo.lossless == lossless
    assert photo.loop == 5
    assert [frame.duration for frame in photo.frames] == [100, 50, 70, 20]
    image = Image.open(BytesIO(data))
    for index, frame in enumerate(photo.frames):
        image.seek(index)
        np.testing.assert_array_equal(np.dstack([frame.pixels, np.asarray(frame.alpha)]), np.asarray(image))
    again = encode_photo(photo, EncodeOptions("WEBP"))
    assert (b"VP8L" in again, b"VP8 " in again) == (lossless, not lossless)
    assert Image.open(BytesIO(again)).getexif()[0x010F] == "Clear"


def test_webp_and_avif_and_heic_carry_profile_exif_xmp_and_resolution(smooth, camera_exif):
    from PIL import ImageCms

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    photo = Photo(
        (Frame(smooth()),), "JPEG", False, profile, camera_exif()[6:], b"<x/>", (300.0, 300.0), lossless=False
    )
    for kind in ("WEBP", "AVIF", "HEIF"):
        again = read_photo(encode_photo(photo, EncodeOptions(kind)), "photo")
        assert again.icc_profile == profile, kind
        assert again.exif is not None, kind
        assert b"A. Photographer" in again.exif, kind
        assert again.xmp == b"<x/>", kind
        assert np.abs(again.frames[0].pixels.astype(int) - smooth()).mean() < 4, kind
        bare = read_photo(encode_photo(photo, EncodeOptions(kind, metadata="strip")), "photo")
        assert bare.icc_profile == profile, kind
        assert bare.xmp is None, kind
        assert bare.dpi == (300.0, 300.0), kind
        assert b"A. Photographer" not in (bare.exif or b""), kind


@pytest.mark.parametrize("kind", ["WEBP", "AVIF"])
@pytest.mark.parametrize("orientation", [3, 6])
def test_orientation_outside_jpeg(smooth, camera_exif, kind, orientation):
    image = Image.fromarray(smooth())
    out = BytesIO()
    image.save(out, kind, exif=camera_exif(orientation), quality=95)
    photo = read_photo(out.getvalue(), "photo")
    wanted = np.rot90(smooth(), 2 if orientation == 3 else -1)
    assert photo.frames[0].pixels.shape == wanted.shape
    assert np.abs(photo.frames[0].pixels.astype(int) - wanted).mean() < 4
    again = read_photo(encode_photo(photo, EncodeOptions(kind)), "photo")
    assert again.size == photo.size


def test_animated_avif(smooth):
    frames = [Image.fromarray(np.roll(smooth(), 8 * index, axis=1)) for index in range(3)]
    photo = read_photo(saved(frames, "AVIF", duration=[100, 50, 70], quality=90), "photo")
    again = read_photo(encode_photo(photo, EncodeOptions("AVIF")), "photo")
    assert [frame.duration for frame in again.frames] == [100, 50, 70]
    for frame, wanted in zip(again.frames, frames, strict=True):
        assert np.abs(frame.pixels.astype(int) - np.asarray(wanted)).mean() < 4


@pytest.mark.parametrize("kind", ["JPEG", "TIFF", "BMP", "HEIF"])
def test_no_frame_is_dropped_in_silence(kind):
    photo = Photo(tuple(Frame(np.full((2, 2, 3), index, np.uint8), None, 10.0) for index in range(3)), "GIF", loop=0)
    with pytest.raises(PhotoError, match=r"an animation of 3 frames cannot be written as .* PNG, WebP, GIF, AVIF"):
        encode_photo(photo, EncodeOptions(kind))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP"])
def test_no_page_is_dropped_in_silence(kind):
    photo = Photo(tuple(Frame(np.full((2, 2, 3), index, np.uint8)) for index in range(3)), "TIFF")
    with pytest.raises(PhotoError, match=r"a photo of 3 pages cannot be written as .*: TIFF"):
        encode_photo(photo, EncodeOptions(kind))


def test_animation_goes_from_kind_to_kind():
    frames = tuple(Frame(np.asarray(image)[..., :3].copy(), None, 60.0) for image in moving_square())
    photo = Photo(frames, "GIF", loop=2)
    for kind in ("WEBP", "PNG", "GIF"):
        photo = read_photo(encode_photo(photo, EncodeOptions(kind)), "photo")
        assert photo.loop == 2
        for found, wanted in zip(photo.frames, frames, strict=True):
            np.testing.assert_array_equal(found.pixels, wanted.pixels)
            assert found.duration == wanted.duration
