import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from scipy import ndimage

from clearface import point_spread
from clearface.arrays import DoubleArray
from clearface.errors import PhotoError, UsageError

ANGLES = st.floats(-360, 360)
KERNELS = st.one_of(
    st.builds(point_spread.box, st.integers(1, 40), st.integers(1, 40)),
    st.builds(point_spread.box, st.integers(1, 40)),
    st.builds(point_spread.gaussian, st.floats(0.05, 8), st.floats(0.05, 8), ANGLES),
    st.builds(point_spread.motion, st.floats(0, 60), ANGLES),
    st.builds(point_spread.disc, st.floats(0.01, 20)),
)


def centroid(kernel: DoubleArray) -> tuple[float, float]:
    """x and y of the centre of mass, from the middle tap."""
    y, x = (np.arange(side) - side // 2 for side in kernel.shape)
    return float(kernel.sum(0) @ x), float(kernel.sum(1) @ y)


def covariance(kernel: DoubleArray) -> DoubleArray:
    """Second moments `(2, 2)` over x and y pointing up."""
    y, x = np.mgrid[: kernel.shape[0], : kernel.shape[1]].astype(np.float64)
    x, y = x - kernel.shape[1] // 2, kernel.shape[0] // 2 - y
    xx, xy, yy = (float((kernel * moment).sum()) for moment in (x * x, x * y, y * y))
    return np.array([[xx, xy], [xy, yy]])


def principal_angle(kernel: DoubleArray) -> float:
    """Of the longest axis, in degrees counter-clockwise as seen, in [0, 180)."""
    _, axes = np.linalg.eigh(covariance(kernel))
    return math.degrees(math.atan2(axes[1, -1], axes[0, -1])) % 180


def angle_between(first: float, second: float) -> float:
    """Of two axes, in degrees."""
    return abs((first - second + 90) % 180 - 90)


@given(KERNELS)
def test_every_kernel_is_a_centred_distribution(kernel: DoubleArray) -> None:
    assert kernel.dtype == np.float64
    assert kernel.shape[0] % 2 == kernel.shape[1] % 2 == 1
    assert kernel.min() >= 0
    assert abs(kernel.sum() - 1) < 1e-12
    assert max(map(abs, centroid(kernel))) < 1e-6
    point_spread.check(kernel)


@pytest.mark.parametrize(("side", "profile"), [(1, [1]), (3, [1, 1, 1]), (2, [0.5, 1, 0.5]), (4, [0.5, 1, 1, 1, 0.5])])
def test_box_profiles(side: int, profile: list[float]) -> None:
    np.testing.assert_allclose(point_spread.box(side, 1)[0], np.array(profile) / side)
    np.testing.assert_allclose(point_spread.box(1, side)[:, 0], np.array(profile) / side)


def test_an_odd_box_is_the_uniform_filter() -> None:
    picture = np.random.default_rng(0).random((20, 30))
    expected = ndimage.uniform_filter(picture, (3, 7), mode="reflect")
    np.testing.assert_allclose(ndimage.convolve(picture, point_spread.box(7, 3), mode="reflect"), expected)


@given(st.floats(0.3, 6), st.floats(0.3, 6))
def test_gaussian_against_scipy(sigma: float, across: float) -> None:
    kernel = point_spread.gaussian(sigma, across)
    radius = kernel.shape[0] // 2
    impulse = np.zeros(kernel.shape)
    impulse[radius, radius] = 1
    expected = ndimage.gaussian_filter(impulse, (across, sigma), radius=radius, mode="constant")
    np.testing.assert_allclose(kernel, expected, atol=1e-12)


@given(st.floats(2.5, 6), ANGLES)
def test_gaussian_points_along_its_angle(sigma: float, angle: float) -> None:
    assert angle_between(principal_angle(point_spread.gaussian(sigma, 1.0, angle)), angle) < 1


@given(st.floats(5, 60), ANGLES)
def test_motion_points_along_its_angle(length: float, angle: float) -> None:
    assert angle_between(principal_angle(point_spread.motion(length, angle)), angle) < 1


def test_motion_goes_up_to_the_right_at_45_degrees() -> None:
    kernel = point_spread.motion(11, 45)
    assert kernel[0, -1] + kernel[1, -2] > 0.05
    assert kernel[-1, -1] == kernel[0, 0] == 0


@given(st.floats(1, 60), ANGLES)
def test_motion_is_as_long_as_asked(length: float, angle: float) -> None:
    # An even line over L - 1 pixels has the variance (L - 1)^2 / 12; sharing among neighbours adds at most 1 / 4 an axis.
    variance = float(np.trace(covariance(point_spread.motion(length, angle))))
    assert (length - 1) ** 2 / 12 - 0.05 <= variance <= 1.1 * (length - 1) ** 2 / 12 + 0.55


def test_no_motion_is_no_blur() -> None:
    for length in (0, 0.5, 1):
        np.testing.assert_allclose(point_spread.motion(length, 30), [[1.0]])


@given(st.floats(0.6, 6))
def test_disc_covers_its_area(radius: float) -> None:
    kernel = point_spread.disc(radius)
    # Each tap's share, counted on a fine grid.
    side, fine = len(kernel), 100
    offsets = (np.arange(side * fine) + 0.5) / fine - side / 2
    inside = np.hypot(offsets[:, None], offsets) <= radius
    shares = inside.reshape(side, fine, side, fine).mean((1, 3))
    assert abs(shares.sum() - math.pi * radius**2) < 0.01 * math.pi * radius**2
    np.testing.assert_allclose(kernel * math.pi * radius**2, shares, atol=0.02)


@given(st.floats(0.1, 30))
def test_disc_is_exactly_symmetric(radius: float) -> None:
    kernel = point_spread.disc(radius)
    for turned in (kernel[::-1], kernel[:, ::-1], kernel.T):
        np.testing.assert_array_equal(kernel, turned)


def test_a_disc_smaller_than_a_pixel_is_no_blur() -> None:
    np.testing.assert_array_equal(point_spread.disc(0.3), [[1.0]])


@pytest.mark.parametrize(
    "make",
    [
        lambda: point_spread.box(0),
        lambda: point_spread.box(3, -1),
        lambda: point_spread.gaussian(0),
        lambda: point_spread.gaussian(1, math.nan),
        lambda: point_spread.motion(-1),
        lambda: point_spread.motion(math.nan),
        lambda: point_spread.disc(0),
        lambda: point_spread.normalized(np.zeros((3, 3))),
        lambda: point_spread.normalized(np.array([[2.0, -1.0, 1.0]])),
        lambda: point_spread.normalized(np.array([[math.inf]])),
        lambda: point_spread.check(np.full((2, 2), 0.25)),
        lambda: point_spread.check(np.ones((3, 3))),
        lambda: point_spread.check(np.ones(1)),
    ],
)
def test_impossible_kernels_are_refused(make: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        make()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("box:5", point_spread.box(5)),
        ("box:5x3", point_spread.box(5, 3)),
        (" Box : 4X2", point_spread.box(4, 2)),
        ("gaussian:2", point_spread.gaussian(2)),
        ("gaussian:2,1", point_spread.gaussian(2, 1)),
        ("gaussian:2,1,30", point_spread.gaussian(2, 1, 30)),
        ("motion:15", point_spread.motion(15)),
        ("motion:15, -30", point_spread.motion(15, -30)),
        ("disc:4.5", point_spread.disc(4.5)),
    ],
)
def test_parse(text: str, expected: DoubleArray) -> None:
    np.testing.assert_array_equal(point_spread.parse(text), expected)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("gausian:2", 'did you mean "gaussian"'),
        ("circle", "choose from box, gaussian, motion, disc"),
        ("", "names no point spread function"),
        ("box", "write for example box:5"),
        ("box:", "write for example box:5"),
        ("box:wide", "write for example box:5"),
        ("box:5x5x5", "has 3 numbers, and a box takes 1 to 2"),
        ("box:2.5", "whole pixels"),
        ("box:0", "at least one pixel"),
        ("box:-3", "at least one pixel"),
        ("gaussian:0", "positive"),
        ("gaussian:2,1,30,4", "takes 1 to 3"),
        ("motion:-1,0", "shorter than nothing"),
        ("motion:nan", "not finite"),
        ("disc:inf", "not finite"),
        ("disc:1,2", "has 2 numbers, and a disc takes 1"),
        ("disc:1e9", "more than 501 pixels"),
        ("box:1000000", "more than 501 pixels"),
        ("gaussian:1,1e6", "more than 501 pixels"),
        ("no/such/kernel.png", "there is no such kernel image"),
        ("kernel.png", "there is no such kernel image"),
    ],
)
def test_what_cannot_be_parsed_is_said(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        point_spread.parse(text)


def save(path: Path, pixels: np.ndarray, mode: str | None = None) -> Path:
    image = Image.fromarray(pixels)
    (image if mode is None else image.convert(mode)).save(path)
    return path


def test_from_image_reads_what_was_drawn(tmp_path: Path) -> None:
    drawn = np.array([[0, 0, 50], [0, 200, 0], [50, 0, 0]], np.uint8)
    path = save(tmp_path / "Unschärfe 1.PNG", drawn)
    np.testing.assert_allclose(point_spread.from_image(path), drawn / 300)
    np.testing.assert_array_equal(point_spread.parse(str(path)), point_spread.from_image(path))


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "LA", "P", "1"])
def test_from_image_takes_any_mode(tmp_path: Path, mode: str) -> None:
    drawn = np.zeros((9, 9), np.uint8)
    drawn[4, 2:7] = 255
    path = save(tmp_path / "line.png", drawn, mode)
    np.testing.assert_allclose(point_spread.from_image(path), np.full((1, 5), 0.2), atol=1e-12)


def test_from_image_takes_16_bits(tmp_path: Path) -> None:
    path = save(tmp_path / "deep.png", np.array([[1000, 65000, 1000]], np.uint16))
    np.testing.assert_allclose(point_spread.from_image(path), np.array([[1, 65, 1]]) / 67)


def test_from_image_weighs_colours_by_luma_and_transparency(tmp_path: Path) -> None:
    pixels = np.array([[[255, 0, 0, 255], [0, 255, 0, 255], [255, 255, 255, 51]]], np.uint8)
    kernel = point_spread.from_image(save(tmp_path / "colours.png", pixels))
    np.testing.assert_allclose(kernel, np.array([[0.2126, 0.7152, 0.2]]) / 1.1278, atol=1e-9)


def test_from_image_pads_even_sides_around_the_centre_of_mass(tmp_path: Path) -> None:
    # The centre of mass lies at 2.1, so the third of four columns becomes the middle one.
    path = save(tmp_path / "even.png", np.array([[10, 10, 40, 40]], np.uint8))
    np.testing.assert_allclose(point_spread.from_image(path), [[0.1, 0.1, 0.4, 0.4, 0.0]])


@given(st.integers(0, 12), st.integers(0, 12), st.integers(1, 6), st.integers(1, 6))
def test_wherever_a_kernel_is_drawn_it_is_the_same(
    tmp_path_factory: pytest.TempPathFactory, top: int, left: int, height: int, width: int
) -> None:
    drawn = np.random.default_rng(height * 7 + width).integers(1, 255, (height, width)).astype(np.uint8)
    canvas = np.zeros((20, 20), np.uint8)
    canvas[top : top + height, left : left + width] = drawn
    folder = tmp_path_factory.mktemp("kernels")
    kernel = point_spread.from_image(save(folder / "moved.png", canvas))
    np.testing.assert_allclose(kernel, point_spread.from_image(save(folder / "alone.png", drawn)), atol=1e-12)
    point_spread.check(kernel)
    assert max(map(abs, centroid(kernel))) <= 0.5 + 1e-5


def test_bad_kernel_images_are_named(tmp_path: Path) -> None:
    black = save(tmp_path / "black.png", np.zeros((5, 5), np.uint8))
    wide = save(tmp_path / "wide.png", np.full((1, 1500), 9, np.uint8))
    text = tmp_path / "text.png"
    text.write_text("not a picture")
    empty = tmp_path / "empty.png"
    empty.touch()
    whole = save(tmp_path / "whole.png", np.random.default_rng(0).integers(0, 255, (99, 99)).astype(np.uint8))
    cut = tmp_path / "cut.png"
    cut.write_bytes(whole.read_bytes()[:2000])
    huge = save(tmp_path / "huge.png", np.ones((1, 9000), np.uint8))
    for path, said in (
        (black, "all black"),
        (wide, "more than 501"),
        (text, "cannot be read"),
        (empty, "cannot be read"),
        (cut, "cannot be read"),
        (huge, "at most 8192"),
        (tmp_path / "missing.png", "cannot be read"),
        (tmp_path, "cannot be read"),
    ):
        with pytest.raises(PhotoError, match=said) as caught:
            point_spread.from_image(path)
        assert str(path) in str(caught.value)
