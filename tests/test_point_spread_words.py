import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter

from clearface import point_spread
from clearface.arrays import DoubleArray
from clearface.point_spread_geometry import scaled
from clearface.point_spread_words import BlurKind, describe_kernel

angles = st.floats(0, 179.9)
few = settings(max_examples=12)


def apart(first: float, second: float) -> float:
    """Between two directions, in degrees, 0 to 90."""
    return abs((first - second + 90) % 180 - 90)


def noisy(kernel: DoubleArray, share: float = 0.15, seed: int = 0) -> DoubleArray:
    """As an estimator says it: with a part of the light strewn over the frame."""
    wide = np.pad(kernel, 5)
    haze = np.random.default_rng(seed).random(wide.shape)
    return np.asarray((1 - share) * wide + share * haze / haze.sum(), np.float64)


@few
@given(st.floats(5, 40), angles)
def test_a_motion_is_told_by_length_and_angle(length: float, angle: float) -> None:
    told = describe_kernel(point_spread.motion(length, angle))
    assert told.kind is BlurKind.MOTION
    assert told.length == pytest.approx(length, abs=0.6)
    assert told.angle is not None
    assert apart(told.angle, angle) < 4
    assert told.words.startswith("moved ")
    assert told.words.endswith(" degrees, straight")


@few
@given(st.floats(10, 30), angles)
def test_so_is_one_that_was_estimated(length: float, angle: float) -> None:
    told = describe_kernel(noisy(point_spread.motion(length, angle)))
    assert told.kind is BlurKind.MOTION
    assert told.length == pytest.approx(length, rel=0.12)
    assert told.angle is not None
    assert apart(told.angle, angle) < 4


@few
@given(st.floats(1.5, 9))
def test_a_disc_is_told_by_its_radius(radius: float) -> None:
    told = describe_kernel(point_spread.disc(radius))
    assert told.kind is BlurKind.FOCUS
    assert told.length == pytest.approx(2 * radius, rel=0.05)
    assert told.angle is None


@pytest.mark.parametrize("side", [3, 4, 5, 8, 13])
def test_a_box_is_told_by_its_sides(side: int) -> None:
    assert describe_kernel(point_spread.box(side)).words == f"even {side}x{side} average"


def test_a_box_may_be_wider_than_high() -> None:
    told = describe_kernel(point_spread.box(9, 5))
    assert (told.kind, told.angle, told.words) == (BlurKind.AVERAGE, 0.0, "even 9x5 average")
    assert describe_kernel(point_spread.box(3, 7)).angle == 90.0


@few
@given(st.floats(0.8, 5))
def test_a_gaussian_is_told_by_its_deviation(sigma: float) -> None:
    told = describe_kernel(point_spread.gaussian(sigma))
    assert told.kind is BlurKind.SOFT
    assert told.length == pytest.approx(2.3548 * sigma, rel=0.06)
    assert told.angle is None


@few
@given(st.floats(2.5, 5), st.floats(1.6, 2.4), angles)
def test_a_long_gaussian_has_an_angle(across: float, ratio: float, angle: float) -> None:
    told = describe_kernel(point_spread.gaussian(across * ratio / 2, across / 2, angle))
    assert told.kind is BlurKind.SOFT
    assert told.angle is not None
    assert apart(told.angle, angle) < 6


def test_a_motion_drawn_out_across_is_no_gaussian() -> None:
    wide = gaussian_filter(np.pad(point_spread.motion(15, 0), 6), (0.9, 0.4))
    told = describe_kernel(wide / wide.sum())
    assert told.kind in (BlurKind.MOTION, BlurKind.SHAKE)
    assert told.length == pytest.approx(15, abs=1.5)
    assert describe_kernel(point_spread.gaussian(4.4, 0.9, 2)).kind is not BlurKind.SOFT


@pytest.mark.parametrize("turns", [90, 180, 270])
def test_a_curved_way_is_a_shake(turns: float) -> None:
    arc = np.radians(np.linspace(0, turns, 400))
    radius = 8
    told = describe_kernel(point_spread.splat(radius * np.cos(arc), radius * np.sin(arc)))
    assert told.kind is BlurKind.SHAKE
    extent = radius * (2 * np.sin(np.radians(turns) / 2) if turns <= 180 else 2)
    assert told.length == pytest.approx(extent + 1, abs=2)
    assert told.words == f"shaken: {told.length:.0f} px, curved"


@pytest.mark.parametrize("kernel", [np.ones((1, 1)), point_spread.gaussian(0.3), point_spread.motion(1.2, 40)])
def test_a_point_is_no_blur(kernel: DoubleArray) -> None:
    assert describe_kernel(kernel).words == "no blur"
    assert describe_kernel(kernel).length == 0


@pytest.mark.parametrize(
    ("kernel", "words"),
    [
        (point_spread.motion(17, 30), "moved 17 px at 30 degrees, straight"),
        (point_spread.disc(3), "out of focus, radius 3 px"),
        (point_spread.gaussian(1.6), "soft, Gaussian of 1.6 px"),
        (point_spread.gaussian(4, 2, 30), "soft, Gaussian of 4.0 by 2.0 px at 30 degrees"),
    ],
)
def test_words(kernel: DoubleArray, words: str) -> None:
    assert describe_kernel(kernel).words == words


@pytest.mark.parametrize("factor", [1.0, 1.25, 1.5, 2.0, 4.0])
def test_a_point_that_was_enlarged_is_still_none(factor: float) -> None:
    point = np.zeros((37, 37))
    point[18, 18] = 1
    assert describe_kernel(scaled(point, factor), factor).kind is BlurKind.NONE
    blurred = scaled(np.pad(point_spread.gaussian(1.5), 12), factor)
    assert describe_kernel(blurred, factor).length == pytest.approx(2.3548 * 1.5 * factor, rel=0.12)


@pytest.mark.parametrize("factor", [1.25, 2.0])
def test_a_motion_that_was_enlarged_is_a_longer_motion(factor: float) -> None:
    told = describe_kernel(scaled(point_spread.motion(21, 0), factor), factor)
    assert told.kind is BlurKind.MOTION
    assert told.length == pytest.approx(21 * factor, rel=0.06)


def test_what_is_no_kernel_is_refused() -> None:
    with pytest.raises(ValueError, match="sums to 1"):
        describe_kernel(np.ones((3, 3)))
