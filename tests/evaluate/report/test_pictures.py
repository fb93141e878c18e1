import base64
import io

import numpy as np
import pytest
from PIL import Image

from clearface.arrays import AnyArray, FloatArray, as_bytes
from clearface.evaluate.report.pictures import ERROR_SCALE, LARGEST_SIDE, data_uri, error_map


def decoded(uri: str) -> AnyArray:
    head, _, body = uri.partition(",")
    assert head == "data:image/webp;base64"
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(body, validate=True))).convert("RGB"))


def test_small_pictures_lose_nothing(portrait: FloatArray) -> None:
    pixels = as_bytes(portrait)
    np.testing.assert_array_equal(decoded(data_uri(pixels, lossless=True)), pixels)


def test_lossy_pictures_are_small_and_near(portrait: FloatArray) -> None:
    pixels = as_bytes(portrait)
    uri = data_uri(pixels, lossless=False)
    assert len(uri) < len(data_uri(pixels, lossless=True)) / 2
    assert np.abs(decoded(uri).astype(int) - pixels).mean() < 4


def test_large_pictures_are_shrunk_in_proportion() -> None:
    picture = np.full((600, 300, 3), 77, np.uint8)
    shrunk = decoded(data_uri(picture, lossless=True))
    assert shrunk.shape == (LARGEST_SIDE, LARGEST_SIDE // 2, 3)
    assert (shrunk == 77).all()


@pytest.mark.parametrize("sign", [1, -1])
def test_the_error_grows_lighter_and_takes_no_side(sign: int) -> None:
    sharp = np.full((4, 6, 3), 0.5, np.float32)
    off = np.linspace(0, ERROR_SCALE, 6)[None, :, None]
    light = error_map((sharp + sign * off).astype(np.float32), sharp).astype(float).sum(2)
    assert light[0, 0] < 10
    assert (np.diff(light, axis=1) > 0).all()
    beyond = error_map(np.zeros_like(sharp), sharp)
    np.testing.assert_array_equal(beyond[0, 0], error_map(sharp + np.float32(ERROR_SCALE), sharp)[0, 0])


def test_channels_are_averaged() -> None:
    black = np.zeros((1, 1, 3), np.float32)
    one, all_three = black.copy(), black.copy()
    one[..., 0], all_three[...] = 0.15, 0.05
    np.testing.assert_array_equal(error_map(one, black), error_map(all_three, black))
