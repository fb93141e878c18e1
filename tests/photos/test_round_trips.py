"""What goes into a lossless kind comes out of it, bit for bit."""

from dataclasses import replace
from io import BytesIO

import av
import cv2
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from clearface.photos.decode import read_photo
from clearface.photos.encode import EncodeOptions, encode_photo
from clearface.photos.photo import Frame, Photo

SIDES = st.integers(1, 9)


@st.composite
def stills(draw, kind, dtypes):
    dtype, height, width = draw(st.sampled_from(dtypes)), draw(SIDES), draw(SIDES)
    grey = draw(st.booleans()) and kind != "WEBP"
    pixels = draw(arrays(dtype, (height, width, 1 if grey else 3)))
    alpha = draw(arrays(dtype, (height, width))) if kind != "BMP" and draw(st.booleans()) else None
    return Photo((Frame(np.repeat(pixels, 3, axis=2) if grey else pixels, alpha),), kind, grey=grey)


@st.composite
def animations(draw, kind):
    height, width, count = draw(SIDES), draw(SIDES), draw(st.integers(2, 4))
    alphas = st.sampled_from([0, 255]) if kind == "GIF" else st.integers(0, 255)
    has_alpha = draw(st.booleans())
    frames = []
    for _ in range(count):
        alpha = draw(arrays(np.uint8, (height, width), elements=alphas)) if has_alpha else None
        pixels = draw(arrays(np.uint8, (height, width, 3), elements=st.integers(0, 3 if draw(st.booleans()) else 255)))
        frames.append(Frame(pixels, alpha, float(10 * draw(st.integers(1, 300)))))
    repeated = draw(st.integers(0, count - 1))  # an equal frame must not be joined to the one before
    frames.insert(repeated, frames[repeated])
    return Photo(tuple(frames), kind, loop=draw(st.integers(0, 5)))


def opaque(kind: str, count: int = 1, side: int = 1, has_alpha: bool = True) -> Photo:
    """Frames whose alpha plane, where there is one, says nothing: encoders like to leave it out."""
    pixels = np.arange(count * side * side * 3, dtype=np.uint8).reshape(count, side, side, 3)
    alpha = np.full((side, side), 255, np.uint8) if has_alpha else None
    frames = tuple(Frame(one, alpha, None if count == 1 else 100.0) for one in pixels)
    return Photo(frames, kind, loop=None if count == 1 else 0)


def assert_same_frame(found: Frame, wanted: Frame) -> None:
    assert found.pixels.dtype == wanted.pixels.dtype
    np.testing.assert_array_equal(found.pixels, wanted.pixels)
    assert (found.alpha is None) == (wanted.alpha is None)
    if found.alpha is not None and wanted.alpha is not None:
        np.testing.assert_array_equal(found.alpha, wanted.alpha)
    assert found.duration == wanted.duration


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP", "BMP"])
def test_stills_come_back_as_they_were(kind):
    dtypes = [np.uint8, np.uint16] if kind in ("PNG", "TIFF") else [np.uint8]

    @settings(max_examples=40)
    @given(stills(kind, dtypes))
    @example(opaque(kind, has_alpha=kind != "BMP"))
    def check(photo):
        again = read_photo(encode_photo(photo, EncodeOptions(kind)), "photo")
        assert again.grey == photo.grey
        assert again.kind == kind
        assert again.notes == ()
        assert_same_frame(again.frames[0], photo.frames[0])

    check()


@pytest.mark.parametrize("side", [1, 7, 64])
@pytest.mark.parametrize("lossless", [True, False])
def test_other_programs_see_the_opaque_alpha_plane_of_a_webp(lossless, side):
    encoded = encode_photo(replace(opaque("WEBP", side=side), lossless=lossless), EncodeOptions("WEBP"))
    with Image.open(BytesIO(encoded)) as image:
        assert image.mode == "RGBA"
        assert image.getchannel("A").getextrema() == (255, 255)
    by_opencv = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_UNCHANGED)
    assert by_opencv is not None
    assert by_opencv.shape == (side, side, 4)
    assert (by_opencv[..., 3] == 255).all()
    with av.open(BytesIO(encoded), "r", format="webp_pipe") as container:  # FFmpeg has a decoder of its own
        (frame,) = container.decode(video=0)
        assert frame.format.name in ("argb", "yuva420p")
        planes = frame.reformat(format="yuva444p").planes if lossless else frame.planes
        opacity = np.frombuffer(bytes(planes[3]), np.uint8).reshape(planes[3].height, planes[3].line_size)
        assert (opacity[:, : planes[3].width] == 255).all()


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_animations_come_back_frame_by_frame(kind):
    @settings(max_examples=40)
    @given(animations(kind))
    @example(opaque(kind, count=2, side=3))
    def check(photo):
        again = read_photo(encode_photo(photo, EncodeOptions(kind)), "photo")
        assert again.loop == photo.loop
        assert len(again.frames) == len(photo.frames)
        for found, wanted in zip(again.frames, photo.frames, strict=True):
            assert_same_frame(found, wanted)

    check()


@settings(max_examples=40)
@given(animations("GIF"))
def test_gif_animations_keep_frames_times_loops_and_clear_pixels(photo):
    again = read_photo(encode_photo(photo, EncodeOptions("GIF")), "photo")
    assert again.loop == photo.loop
    assert [frame.duration for frame in again.frames] == [frame.duration for frame in photo.frames]
    for found, wanted in zip(again.frames, photo.frames, strict=True):
        opaque = np.full(wanted.pixels.shape[:2], 255) if wanted.alpha is None else wanted.alpha
        np.testing.assert_array_equal(np.full_like(opaque, 255) if found.alpha is None else found.alpha, opaque)
        # At most 81 pixels, so at most 81 colours: the palette holds them all.
        np.testing.assert_array_equal(found.pixels[opaque == 255], wanted.pixels[opaque == 255])


@settings(max_examples=30)
@given(st.lists(stills("TIFF", [np.uint8, np.uint16]), min_size=2, max_size=3))
def test_tiff_pages_keep_their_own_size_and_depth(photos):
    colour = tuple(Frame(photo.frames[0].pixels, None) for photo in photos)
    again = read_photo(encode_photo(Photo(colour, "TIFF"), EncodeOptions("TIFF")), "photo")
    assert not again.animated
    for found, wanted in zip(again.frames, colour, strict=True):
        assert_same_frame(found, wanted)
