import cv2
import numpy as np
import pytest
import skimage.data

from clearface.arrays import ByteImage
from clearface.tracking.cuts import SceneCuts

SHAPE = (180, 320)


def picture(texture: str, left: int = 0, light: float = 1.0) -> ByteImage:
    plane = getattr(skimage.data, texture)()[40 : 40 + SHAPE[0], left : left + SHAPE[1]]
    return np.asarray(np.clip(np.repeat(plane[..., None] * light, 3, axis=2), 0, 255), np.uint8)


def cuts_in(pictures: list[ByteImage]) -> list[int]:
    cuts = SceneCuts()
    return [index for index, shown in enumerate(pictures) if cuts.is_cut(shown)]


@pytest.mark.parametrize("light", [1.0, 0.25])
@pytest.mark.parametrize(("one", "other"), [("gravel", "brick"), ("brick", "grass"), ("grass", "gravel")])
def test_hard_cuts_are_found_where_they_are(one, other, light):
    shots = [picture(one, light=light)] * 10 + [picture(other, light=light)] * 10 + [picture(one, light=light)] * 3
    assert cuts_in(shots) == [10, 20]


def test_a_flash_is_no_cut():
    shots = [picture("gravel", light=1.9 if index in (8, 9) else 1.0) for index in range(20)]
    assert cuts_in(shots) == []


def test_a_fade_and_a_dissolve_are_no_cuts():
    fade = [picture("gravel", light=max(0.0, 1 - index / 12)) for index in range(13)]
    one, other = picture("gravel"), picture("brick")
    dissolve = [np.asarray(cv2.addWeighted(one, 1 - index / 20, other, index / 20, 0), np.uint8) for index in range(21)]
    assert cuts_in(fade) == []
    assert cuts_in(dissolve) == []


def test_a_pan_is_no_cut():
    assert cuts_in([picture("gravel", left=6 * index) for index in range(30)]) == []


def test_noise_is_no_cut():
    random = np.random.default_rng(0)
    dark = picture("gravel", light=0.2).astype(np.int16)
    shots = [np.clip(dark + random.normal(0, 8, dark.shape), 0, 255).astype(np.uint8) for _ in range(15)]
    assert cuts_in(shots) == []


def test_the_first_frame_and_the_end_of_a_black_one():
    assert cuts_in([picture("gravel")]) == []
    black = np.zeros((*SHAPE, 3), np.uint8)
    assert cuts_in([black, black, picture("gravel"), picture("gravel")]) == [2]


@pytest.mark.parametrize("shape", [(9, 16), (1080, 720), (64, 1000), (1, 1)])
def test_any_shape(shape):
    random = np.random.default_rng(0)
    shots = [random.integers(0, 255, (*shape, 3), dtype=np.uint8) for _ in range(3)]
    assert len(cuts_in(shots)) <= 2
