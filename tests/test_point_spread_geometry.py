import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearface import point_spread
from clearface.arrays import DoubleArray
from clearface.point_spread_geometry import centroid, scaled, share_within, tidied, transformed


def covariance(kernel: DoubleArray) -> DoubleArray:
    """Of (x, y), y down, in taps."""
    rows, columns = (np.arange(side) - side // 2 for side in kernel.shape)
    mixed = rows @ kernel @ columns
    return np.array([[kernel.sum(0) @ columns**2, mixed], [mixed, kernel.sum(1) @ rows**2]])


def turn(degrees: float, scale: float = 1.0) -> DoubleArray:
    """Counter-clockwise as seen in the picture."""
    cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return scale * np.array([[cosine, sine], [-sine, cosine]])


@settings(max_examples=30)
@given(st.floats(-180, 180), st.floats(0.4, 3))
def test_moments_follow_the_map(degrees: float, scale: float) -> None:
    kernel = point_spread.gaussian(4, 2.5, 20)
    linear = turn(degrees, scale)
    moved = transformed(kernel, linear)
    point_spread.check(moved)
    # Averaging over taps that became one adds their own width.
    np.testing.assert_allclose(
        covariance(moved), linear @ covariance(kernel) @ linear.T, atol=0.15 + 0.02 * 16 * scale**2
    )
    np.testing.assert_allclose(centroid(moved), (0, 0), atol=0.02)


def test_a_turned_motion_is_a_motion_at_another_angle() -> None:
    moved = transformed(point_spread.motion(15, 10), turn(35), taps=21)
    expected = point_spread.motion(15, 45)
    margin = (21 - expected.shape[0]) // 2
    assert np.abs(moved - np.pad(expected, margin)).sum() < 0.5


def test_nothing_happens_at_the_same_size() -> None:
    kernel = point_spread.motion(9, 40)
    assert scaled(kernel, 1.0) is kernel
    np.testing.assert_allclose(transformed(kernel, np.eye(2)), kernel, atol=1e-12)


@pytest.mark.parametrize("factor", [0.3, 0.75, 1.0, 2.0, 4.0])
def test_a_point_stays_in_the_middle(factor: float) -> None:
    point = np.zeros((9, 9))
    point[4, 4] = 1
    grown = scaled(point, factor, 39)
    assert grown.shape == (39, 39)
    assert grown[19, 19] == grown.max()
    np.testing.assert_allclose(grown, grown[::-1, ::-1], atol=1e-9)


def test_tidying_takes_haze_and_rim_and_centres() -> None:
    kernel = point_spread.motion(9, 0)
    hazy = np.full((37, 37), 0.1 / 37**2)
    hazy[18 - kernel.shape[0] // 2 : 19 + kernel.shape[0] // 2, 20 : 20 + kernel.shape[1]] += 0.9 * kernel
    clear = tidied(hazy)
    point_spread.check(clear)
    assert max(clear.shape) <= 11
    assert np.hypot(*centroid(clear)) < 0.5
    assert clear.max() == pytest.approx(kernel.max(), rel=0.05)


def test_the_share_of_light_near_the_centroid() -> None:
    assert share_within(point_spread.box(5), 1.5) == pytest.approx(9 / 25)
    moved = np.pad(point_spread.box(3), ((0, 6), (6, 0)))
    assert share_within(moved, 1.5) == pytest.approx(1)
