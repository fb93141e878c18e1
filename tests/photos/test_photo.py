import numpy as np
import pytest

from clearface.photos.kinds import KINDS, PHOTO_EXTENSIONS, kind_of_extension
from clearface.photos.photo import Frame, Photo, byte_view


def test_byte_view_rounds_every_level():
    levels = np.arange(65_536, dtype=np.uint16)
    pixels = np.stack([levels, levels, levels], axis=1)[None]
    np.testing.assert_array_equal(byte_view(pixels)[0, :, 0], np.rint(levels * 255.0 / 65_535.0))
    narrow = np.zeros((2, 2, 3), np.uint8)
    assert byte_view(narrow) is narrow


def test_with_pixels_keeps_all_the_rest():
    frames = tuple(Frame(np.zeros((2, 3, 3), np.uint8), np.ones((2, 3), np.uint8), 10.0) for _ in range(2))
    photo = Photo(frames, "GIF", loop=4, comment=b"x")
    other = photo.with_pixels([np.full((2, 3, 3), 7, np.uint8)] * 2)
    assert (other.kind, other.loop, other.comment, other.size) == ("GIF", 4, b"x", (3, 2))
    assert other.frames[1].pixels[0, 0, 0] == 7
    assert other.frames[1].alpha is frames[1].alpha
    assert other.frames[1].duration == 10.0
    for wrong in ([frames[0].pixels], [np.zeros((2, 2, 3), np.uint8)] * 2, [np.zeros((2, 3, 3), np.uint16)] * 2):
        with pytest.raises(ValueError, match="frame"):
            photo.with_pixels(wrong)


def test_extensions():
    assert kind_of_extension("Ferien 2024/Größe.JPG") == "JPEG"
    assert kind_of_extension("a.tar.Tiff") == "TIFF"
    assert kind_of_extension("IMG_0001.HEIC") == "HEIF"
    assert kind_of_extension("notes.txt") is None
    assert kind_of_extension("jpg") is None
    assert {kind_of_extension(f"x{extension}") for extension in PHOTO_EXTENSIONS} == set(KINDS)
    for kind in KINDS:
        assert kind_of_extension("x" + KINDS[kind].extensions[0]) == kind
