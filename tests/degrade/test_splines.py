"""Hooked, uneven kernels."""

import numpy as np
import pytest
import scipy.interpolate
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from clearface.arrays import DoubleArray
from clearface.degrade.splines import spline_kernels, spline_paths, stops

TAPS = 41


def columns(count: int, **values: float) -> dict[str, DoubleArray]:
    usual = {"size": 15.0, "points": 4.0, "lingering": 0.0, "resting": 0.0, "softness": 0.0, "mottling": 0.0}
    return {name: np.full(count, value) for name, value in (usual | values).items()}


def generators(seed: int, count: int) -> list[np.random.Generator]:
    return [np.random.default_rng((seed, index)) for index in range(count)]


@settings(max_examples=30)
@given(
    st.integers(0, 10_000),
    st.integers(3, 6),
    st.floats(5, 29),
    st.floats(0, 1),
    st.floats(0, 0.5),
    st.floats(0, 0.8),
    st.floats(0, 0.5),
)
def test_kernels_sum_to_one_and_are_centred(
    seed: int, points: int, size: float, lingering: float, resting: float, softness: float, mottling: float
) -> None:
    values = columns(
        1, size=size, points=points, lingering=lingering, resting=resting, softness=softness, mottling=mottling
    )
    kernel = spline_kernels(values, generators(seed, 1), TAPS)[0].numpy()
    assert kernel.shape == (TAPS, TAPS)
    assert kernel.dtype == np.float32
    assert kernel.min() >= 0
    assert kernel.sum() == pytest.approx(1, abs=1e-5)
    away = np.arange(TAPS) - TAPS // 2
    for axis in (0, 1):
        assert abs(kernel.sum(axis) @ away) <= 0.5 + 1e-3


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.integers(3, 6), st.integers(5, 25))
def test_curves_span_their_size(seed: int, points: int, size: int) -> None:
    kernel = spline_kernels(columns(1, size=size, points=points), generators(seed, 1), 61)[0].numpy()
    extents = [np.ptp(np.flatnonzero(kernel.sum(axis) > 1e-5)) + 1 for axis in (0, 1)]
    assert size - 1 <= max(extents) <= size + 2


def test_a_curve_goes_through_its_points_at_equal_times() -> None:
    path = spline_paths([5], [np.random.default_rng(3)], 401)[0]
    down, across = np.random.default_rng(3).random((2, 5))
    np.testing.assert_allclose(path[::100], across + 1j * down, atol=1e-9)
    reference = scipy.interpolate.make_interp_spline(np.arange(5), across, k=3)
    np.testing.assert_allclose(path.real, reference(np.linspace(0, 4, 401)), atol=1e-9)


def test_curves_have_hooks_where_there_are_many_points() -> None:
    """The way along a curve is longer than that from end to end, the more so the more points it has."""

    def winding(points: int) -> float:
        paths = spline_paths([points] * 100, generators(5, 100))
        lengths, spans = np.abs(np.diff(paths)).sum(1), np.abs(paths[:, -1] - paths[:, 0])
        return float(np.median(lengths / spans))

    assert winding(2) == pytest.approx(1)
    assert 1.2 < winding(3) < winding(6)


def test_stops_take_their_share_of_the_time() -> None:
    shares = np.array([0.0, 0.3, 0.5])
    times = stops(shares, generators(1, 3), 600)
    np.testing.assert_allclose(times.sum(1), 1)
    np.testing.assert_allclose(times[0], 1 / 600)
    np.testing.assert_allclose(times.min(1), (1 - shares) / 600, rtol=1e-6)
    for row, share in zip(times, shares, strict=True):
        # At most three places, each hardly wider than six deviations of a hundredth of the time.
        longer = row > row.min() * 1.01
        assert longer.mean() < 3 * 0.09
        assert (row[longer] - row.min()).sum() == pytest.approx(share, abs=0.01)


def test_light_is_uneven_as_much_as_it_says() -> None:
    even = spline_kernels(columns(40, softness=0.6), generators(2, 40), TAPS)
    mottled = spline_kernels(columns(40, softness=0.6, mottling=0.25), generators(2, 40), TAPS)
    bright = even > 0.004
    factors = (mottled / even.clamp(min=1e-9))[bright]
    assert float(factors.mean()) == pytest.approx(1, abs=0.05)
    assert float(factors.std()) == pytest.approx(0.25, rel=0.15)


def test_softness_widens_a_curve() -> None:
    def variance(softness: float) -> DoubleArray:
        kernel = spline_kernels(columns(20, softness=softness), generators(4, 20), TAPS).double().numpy()
        away = np.arange(TAPS)
        first = kernel.sum(1) @ away
        return np.asarray((kernel.sum(1) * (away - first[:, None]) ** 2).sum(1))

    np.testing.assert_allclose(variance(1.5) - variance(0.0), 1.5**2, atol=0.05)


def test_a_kernel_does_not_depend_on_the_others() -> None:
    values = columns(6, lingering=0.5, resting=0.3, softness=0.4, mottling=0.5)
    together = spline_kernels(values, generators(9, 6), TAPS)
    alone = spline_kernels({name: value[4:5] for name, value in values.items()}, generators(9, 6)[4:5], TAPS)
    torch.testing.assert_close(together[4:5], alone, atol=1e-6, rtol=0)


def test_no_kernels_and_impossible_curves() -> None:
    assert spline_kernels(columns(0), [], TAPS).shape == (0, TAPS, TAPS)
    with pytest.raises(ValueError, match="two points"):
        spline_paths([1], generators(0, 1))
    with pytest.raises(ValueError, match="zip"):
        spline_paths([3, 3], generators(0, 1))
