"""Portable maps against Pillow and the format's own words (netpbm.sourceforge.net)."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from clearface.errors import PhotoError
from clearface.photos.decode import PhotoLimits, read_photo
from clearface.photos.encode import EncodeOptions, encode_photo
from clearface.photos.photo import Frame, Photo

RANDOM = np.random.default_rng(3)


@pytest.mark.parametrize(("head", "channels"), [(b"P5", 1), (b"P6", 3)])
def test_there_and_back_byte_for_byte(head: bytes, channels: int) -> None:
    data = head + b"\n92 112\n255\n" + RANDOM.bytes(92 * 112 * channels)
    photo = read_photo(data, "1.pgm")
    assert (photo.kind, photo.grey, photo.size) == ("PPM", channels == 1, (92, 112))
    expected = np.frombuffer(data[-92 * 112 * channels :], np.uint8).reshape(112, 92, channels)
    np.testing.assert_array_equal(photo.frames[0].pixels, np.broadcast_to(expected, (112, 92, 3)))
    assert encode_photo(photo, EncodeOptions("PPM")) == data


def test_written_as_text_and_with_a_remark() -> None:
    pixels = read_photo(b"P2 # a remark\n2 1\n255\n0 200\n", "2.pgm").frames[0].pixels
    assert pixels[0, :, 0].tolist() == [0, 200]


def test_alpha_is_laid_on_white() -> None:
    clear = Photo((Frame(np.zeros((2, 3, 3), np.uint8), np.zeros((2, 3), np.uint8)),), "PNG")
    with Image.open(BytesIO(encode_photo(clear, EncodeOptions("PPM")))) as picture:
        assert (np.asarray(picture) == 255).all()


def test_what_cannot_be_read() -> None:
    whole = b"P5\n92 112\n255\n" + bytes(92 * 112)
    with pytest.raises(PhotoError, match=r"1\.pgm: 92 x 112 pixels are more than the limit of 10,000"):
        read_photo(whole, "1.pgm", PhotoLimits(max_pixels=10_000))
    with pytest.raises(PhotoError, match=r"1\.pgm: the file is (cut short|damaged)"):
        read_photo(whole[:-500], "1.pgm")
    with pytest.raises(PhotoError, match="of portable maps only those of 8 bits are read"):
        read_photo(b"P5 2 2 65535\n" + bytes(8), "1.pgm")
    with pytest.raises(PhotoError, match="text"):
        read_photo(b"P5OS is no picture", "1.pgm")
