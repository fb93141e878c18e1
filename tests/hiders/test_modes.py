"""What each way to hide looks like, and what it refuses."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageColor

from clearface.errors import PhotoError, UsageError
from clearface.faces import FFHQ_TEMPLATE, Box, Face
from clearface.hiders.blur import Blur
from clearface.hiders.mosaic import MOSAIC_CELLS, Mosaic
from clearface.hiders.registry import HIDERS, HiderOptions, build_hider
from clearface.hiders.solid import read_colour


def made_face(x: float = 60, y: float = 60, size: float = 60, angle: float = 0.0) -> Face:
    turn = np.radians(angle)
    linear = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) * (1.61 * size / 512)
    landmarks = (FFHQ_TEMPLATE - [256, 290]) @ linear.T + [x, y]
    return Face(Box(x - size / 2, y - size / 2, x + size / 2, y + size / 2), 0.9, landmarks)


def disc(side: int = 120, radius: float = 45) -> np.ndarray:
    y, x = np.mgrid[:side, :side] - (side - 1) / 2
    return np.asarray(np.hypot(x, y) <= radius, np.float32)


def speckle(side: int = 120, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random((side, side, 3), np.float32)


@pytest.mark.parametrize("name", ["blur", "mosaic", "solid", "none"])
def test_a_crop_is_left_as_it_is_and_a_picture_comes_back(name: str) -> None:
    crop = speckle()
    before = crop.copy()
    hidden = build_hider(name).hide(crop, made_face(), disc(), np.random.default_rng(0))
    assert hidden.shape == crop.shape
    assert hidden.dtype == np.float32
    assert hidden.min() >= 0
    assert hidden.max() <= 1 + 1e-6
    assert not np.shares_memory(hidden, crop)
    np.testing.assert_array_equal(crop, before)


@pytest.mark.parametrize("name", ["blur", "mosaic"])
def test_the_same_noise_gives_the_same_and_other_noise_another(name: str) -> None:
    hider = build_hider(name)
    first, again, other = (
        hider.hide(speckle(), made_face(), disc(), np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 0.02


@pytest.mark.parametrize("size", [60, 600])
def test_blur_is_smooth(size: int) -> None:
    """No step is steeper than that of a Gaussian as wide as the spline between black and white."""
    side = 2 * size
    crop = np.kron(speckle(8), np.ones((side // 8, side // 8, 1), np.float32))
    hidden = Blur().hide(crop, made_face(size, size, size), disc(side), np.random.default_rng(0))
    cell = size / 3
    steepest = max(np.abs(np.diff(hidden, axis=axis)).max() for axis in (0, 1))
    assert steepest < 1.5 / cell
    assert hidden.std() > 0.01


def test_a_coarse_grid_gives_the_same_blur() -> None:
    """A large face is worked out at some of its pixels; the same cells in a small one at all of them."""
    rough = speckle(8)
    small = Blur().hide(
        np.kron(rough, np.ones((15, 15, 1), np.float32)), made_face(59.5, 59.5, 60), disc(), np.random.default_rng(0)
    )
    large = Blur().hide(
        np.kron(rough, np.ones((150, 150, 1), np.float32)),
        made_face(599.5, 599.5, 600),
        disc(1200),
        np.random.default_rng(0),
    )
    reduced = cv2.resize(large, (120, 120), interpolation=cv2.INTER_AREA)
    assert np.abs(reduced - small).mean() < 0.02


def test_mosaic_is_squares_of_the_face() -> None:
    """Wherever the face lies, edges are a cell apart and go through its middle."""
    for x in (55.0, 60.0, 63.0):
        hidden = Mosaic().hide(speckle(), made_face(x - 0.5, 59.5), disc(), np.random.default_rng(3))
        edges = np.flatnonzero(np.abs(np.diff(hidden, axis=1)).max((0, 2)) > 1e-6) + 1
        side = 60 / MOSAIC_CELLS.across
        assert edges.size > 3
        np.testing.assert_allclose((edges - x) / side, np.rint((edges - x) / side), atol=0.5 / side)


def test_solid_is_one_colour() -> None:
    crop = speckle()
    assert (build_hider("solid").hide(crop, made_face(), disc(), np.random.default_rng(0)) == 0).all()
    hidden = build_hider("solid", HiderOptions(colour="#ff8000")).hide(
        crop, made_face(), disc(), np.random.default_rng(0)
    )
    np.testing.assert_allclose(hidden[5, 5] * 255, [255, 128, 0], atol=1e-4)


@pytest.mark.parametrize("text", ["white", "RebeccaPurple", "#0af", "#00AAff", "rgb(10, 20, 30)"])
def test_colours_are_those_of_css(text: str) -> None:
    np.testing.assert_allclose(read_colour(text) * 255, ImageColor.getrgb(text), atol=1e-4)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("whyte", 'did you mean "white"'), ("#12", "write #rrggbb"), ("", "write #rrggbb"), ("#00000080", "see-through")],
)
def test_what_is_no_colour_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        read_colour(text)


def saved_picture(folder: Path, clear: bool) -> Path:
    """Left half red, right half blue; the top quarter clear."""
    pixels = np.zeros((40, 40, 4), np.uint8)
    pixels[..., 3] = 255
    pixels[:, :20, 0] = 255
    pixels[:, 20:, 2] = 255
    if clear:
        pixels[:10, :, 3] = 0
    path = folder / "over.png"
    Image.fromarray(pixels).save(path)
    return path


@pytest.mark.parametrize(("angle", "left_is"), [(0, "red"), (180, "blue")])
def test_a_picture_turns_with_the_eyes(tmp_path: Path, angle: float, left_is: str) -> None:
    hider = build_hider("picture", HiderOptions(picture=saved_picture(tmp_path, clear=False)))
    hidden = hider.hide(speckle(), made_face(59.5, 59.5, angle=angle), disc(), np.random.default_rng(0))
    left, right = ([1, 0, 0], [0, 0, 1]) if left_is == "red" else ([0, 0, 1], [1, 0, 0])
    np.testing.assert_allclose(hidden[60, 30], left, atol=0.01)
    np.testing.assert_allclose(hidden[60, 90], right, atol=0.01)


def test_a_picture_covers_the_shape(tmp_path: Path) -> None:
    """Its clear quarter lies at the top of the disc, 90 pixels across, and shows the ground there alone."""
    hider = build_hider("picture", HiderOptions(picture=saved_picture(tmp_path, clear=True), colour="lime"))
    hidden = hider.hide(speckle(), made_face(59.5, 59.5), disc(), np.random.default_rng(0))
    np.testing.assert_allclose(hidden[18, 60], [0, 1, 0], atol=0.01)
    np.testing.assert_allclose(hidden[45, 40], [1, 0, 0], atol=0.01)
    assert hidden[90, 60, 1] < 0.01


def test_below_a_clear_picture_lies_a_blur(tmp_path: Path) -> None:
    clear = tmp_path / "clear.png"
    Image.new("RGBA", (30, 30)).save(clear)
    crop = speckle()
    hidden = build_hider("picture", HiderOptions(picture=clear)).hide(
        crop, made_face(), disc(), np.random.default_rng(4)
    )
    np.testing.assert_allclose(hidden, Blur().hide(crop, made_face(), disc(), np.random.default_rng(4)), atol=1e-6)


def test_a_picture_that_is_none_is_named(tmp_path: Path) -> None:
    path = tmp_path / "words.png"
    path.write_text("no picture")
    with pytest.raises(PhotoError, match=r"words\.png"):
        build_hider("picture", HiderOptions(picture=path))
    with pytest.raises(PhotoError, match=r"missing\.png"):
        build_hider("picture", HiderOptions(picture=tmp_path / "missing.png"))


def test_a_picture_larger_than_needed_is_reduced_without_aliasing(tmp_path: Path) -> None:
    """Stripes of a pixel become grey."""
    pixels = np.zeros((1000, 1000, 3), np.uint8)
    pixels[:, ::2] = 255
    path = tmp_path / "stripes.png"
    Image.fromarray(pixels).save(path)
    hidden = build_hider("picture", HiderOptions(picture=path)).hide(
        speckle(), made_face(59.5, 59.5), disc(), np.random.default_rng(0)
    )
    np.testing.assert_allclose(hidden[30:90, 30:90], 0.5, atol=0.05)


def test_unknown_ways_and_options_are_refused() -> None:
    with pytest.raises(UsageError, match='there is no way to hide "blurr": did you mean "blur"'):
        build_hider("blurr")
    with pytest.raises(UsageError, match="solid has no strength, which is for blur, mosaic"):
        build_hider("solid", HiderOptions(strength=1))
    with pytest.raises(UsageError, match="picture needs one"):
        build_hider("picture")


def test_every_hider_bears_its_name(tmp_path: Path) -> None:
    for entry in HIDERS:
        options = HiderOptions(picture=saved_picture(tmp_path, clear=False) if entry.name == "picture" else None)
        assert entry.build(options).name == entry.name
