import sys
from io import BytesIO
from typing import Any

import numpy as np
import pillow_heif
import pytest

from clearface.errors import DependencyError
from clearface.photos.decode import read_photo
from clearface.photos.encode import EncodeOptions, encode_photo
from clearface.photos.photo import Frame, Photo


def encoded(pixels: Any, mode: str = "RGB", **options: Any) -> bytes:
    out = BytesIO()
    pillow_heif.encode(mode, pixels.shape[1::-1], pixels.tobytes(), out, chroma=444, quality=95, **options)
    return out.getvalue()


def test_eight_bits(smooth):
    photo = read_photo(encoded(smooth()), "photo")
    assert photo.kind == "HEIF"
    assert photo.frames[0].pixels.dtype == np.uint8
    assert np.abs(photo.frames[0].pixels.astype(int) - smooth()).mean() < 3


def test_ten_bits_stay_ten_bits(smooth):
    deep = smooth().astype(np.uint16) * 257
    photo = read_photo(encoded(deep, "RGB;16"), "photo")
    assert photo.frames[0].pixels.dtype == np.uint16
    assert np.abs(photo.frames[0].pixels.astype(int) - deep).mean() < 3 * 257
    data = encode_photo(photo, EncodeOptions("HEIF"))
    assert pillow_heif.open_heif(BytesIO(data), convert_hdr_to_8bit=False).info["bit_depth"] == 10


@pytest.mark.parametrize("orientation", [1, 3, 6])
def test_turned_once_not_twice(smooth, camera_exif, orientation):
    data = encoded(smooth(), exif=camera_exif(orientation))
    photo = read_photo(data, "photo")
    wanted = np.rot90(smooth(), {1: 0, 3: 2, 6: -1}[orientation])
    assert photo.frames[0].pixels.shape == wanted.shape
    assert np.abs(photo.frames[0].pixels.astype(int) - wanted).mean() < 3
    again = read_photo(encode_photo(photo, EncodeOptions("HEIF")), "photo")
    assert again.size == photo.size


def test_alpha(smooth, noise):
    alpha = np.full((48, 64), 255, np.uint8)
    alpha[:, :32] = 0
    photo = Photo((Frame(smooth(), alpha),), "PNG")
    again = read_photo(encode_photo(photo, EncodeOptions("HEIF")), "photo")
    assert np.abs(np.asarray(again.frames[0].alpha).astype(int) - alpha).mean() < 3


def test_without_the_package_the_sentence_says_what_to_install(smooth, monkeypatch):
    data = encoded(smooth())
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(DependencyError, match=r'^IMG_1\.HEIC: .*pip install "clearface\[heif\]"'):
        read_photo(data, "IMG_1.HEIC")
    with pytest.raises(DependencyError, match=r'pip install "clearface\[heif\]"'):
        encode_photo(Photo((Frame(smooth()),), "JPEG"), EncodeOptions("HEIF"))
