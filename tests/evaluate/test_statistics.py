"""Intervals and tests against SciPy's, against distributions that are known, and against what must not matter."""

import subprocess
import sys
import tracemalloc

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from clearface.arrays import DoubleArray
from clearface.evaluate.results import Interval
from clearface.evaluate.statistics import FLIPS, mean_intervals, paired_p_values

COLUMNS = arrays(np.float64, st.integers(1, 12), elements=st.floats(-1000, 1000, width=32))


def interval(column: DoubleArray, seed: int = 0) -> Interval:
    return mean_intervals([column], seed)[0]


def p_value(column: DoubleArray, seed: int = 0) -> float:
    return paired_p_values([column], seed)[0]


def drawn(name: str, generator: np.random.Generator, shape: tuple[int, int]) -> tuple[DoubleArray, float]:
    """Columns of a distribution, and its mean."""
    if name == "normal":
        return generator.normal(3, 2, shape), 3.0
    if name == "skewed":
        return generator.exponential(1.5, shape), 1.5
    return (generator.random(shape) < 0.3).astype(np.float64), 0.3


@pytest.mark.parametrize("name", ["normal", "skewed", "shares"])
@pytest.mark.parametrize(("count", "least"), [(10, 0.84), (60, 0.91)])
def test_intervals_hold_the_truth_about_as_often_as_they_say(name: str, count: int, least: float) -> None:
    columns, truth = drawn(name, np.random.default_rng(count), (500, count))
    held = np.mean([each.low <= truth <= each.high for each in mean_intervals(list(columns), 1)])
    assert least <= held <= 0.98


@pytest.mark.parametrize("name", ["normal", "skewed", "shares"])
@pytest.mark.parametrize("count", [8, 40])
def test_intervals_are_those_of_scipy(name: str, count: int) -> None:
    """To within what one seed differs from the next."""
    column = drawn(name, np.random.default_rng(5), (1, count))[0][0]
    reference = scipy.stats.bootstrap((column,), np.mean, n_resamples=20_000, batch=2000, rng=2).confidence_interval
    found = interval(column)
    near = 0.05 * (reference.high - reference.low)
    assert found.mean == pytest.approx(column.mean())
    assert found.low == pytest.approx(reference.low, abs=near)
    assert found.high == pytest.approx(reference.high, abs=near)
    assert found.count == count


def test_many_faces_are_trusted_as_the_normal_distribution_has_it() -> None:
    column = np.random.default_rng(0).exponential(1, 4000)
    found, error = interval(column), 1.96 * column.std() / np.sqrt(4000)
    assert found.low == pytest.approx(found.mean - error, abs=0.1 * error)
    assert found.high == pytest.approx(found.mean + error, abs=0.1 * error)


@given(COLUMNS)
@settings(max_examples=40)
def test_the_mean_lies_between_the_bounds_and_they_among_the_numbers(column: DoubleArray) -> None:
    found = interval(column)
    rounding = 1e-9 * np.abs(column).max()
    assert column.min() - rounding <= found.low <= found.mean <= found.high <= column.max() + rounding


@given(COLUMNS, st.sampled_from([-8.0, -1.0, 0.5, 3.0]), st.floats(-50, 50, width=16))
@settings(max_examples=40)
def test_other_units_change_nothing_but_the_units(column: DoubleArray, factor: float, shift: float) -> None:
    found, moved = interval(column), interval(factor * column + shift)
    bounds = sorted((factor * found.low + shift, factor * found.high + shift))
    near = 1e-6 * (1 + np.abs(column).max() * abs(factor) + abs(shift))
    # A bound lies between two resamples, and may lie between the two beside them where the picture is mirrored.
    near += 0.02 * np.ptp(column) * abs(factor)
    assert (moved.low, moved.high) == pytest.approx(bounds, abs=near)


@pytest.mark.parametrize("column", [[0.1], [0.1] * 7, [-3.0] * 2, [0.0] * 100])
def test_equal_numbers_leave_no_doubt(column: list[float]) -> None:
    assert interval(np.array(column)) == Interval(column[0], column[0], column[0], len(column))


def test_two_numbers_bound_their_mean() -> None:
    assert interval(np.array([1.0, 4.0])) == Interval(2.5, 1.0, 4.0, 2)


def test_a_result_depends_on_its_own_numbers_and_the_seed() -> None:
    generator = np.random.default_rng(0)
    columns = [generator.normal(0.2, 1, count) for count in (30, 100, 30, 7, 30) * 30]
    for function in (mean_intervals, paired_p_values):
        together = function(columns, 3)
        assert together == function(columns, 3)
        for place in (0, 1, 77, 148, 149):
            assert function([columns[place]], 3) == [together[place]]
        assert together[:2] != function(columns[:2], 4)
    assert not mean_intervals([], 0) + paired_p_values([], 0)


def test_the_number_of_threads_changes_nothing() -> None:
    program = (
        "import numpy as np\n"
        "from clearface.evaluate.statistics import mean_intervals, paired_p_values\n"
        "columns = list(np.random.default_rng(0).normal(size=(70, 300)))\n"
        "print(mean_intervals(columns, 1), paired_p_values(columns, 1))\n"
    )
    said = [
        subprocess.run(
            [sys.executable, "-c", program],
            env={"OPENBLAS_NUM_THREADS": threads, "OMP_NUM_THREADS": threads},
            capture_output=True,
            check=True,
        ).stdout
        for threads in ("1", "3")
    ]
    assert said[0] == said[1]
    assert said[0]


def test_memory_does_not_grow_with_resamples_times_faces() -> None:
    """The counts of all resamples of 20,000 faces would be 800 MB."""
    column = np.random.default_rng(0).normal(size=20_000)
    tracemalloc.start()
    try:
        mean_intervals([column] * 3, 0)
        paired_p_values([column] * 3, 0)
        assert tracemalloc.get_traced_memory()[1] < 150e6
    finally:
        tracemalloc.stop()


def _difference(first: DoubleArray, second: DoubleArray, axis: int) -> DoubleArray:
    return np.asarray((first - second).sum(axis))


@pytest.mark.parametrize("count", [2, 5, 9, 14])
def test_few_faces_are_tested_exactly(count: int) -> None:
    for seed in range(5):
        column = np.random.default_rng(seed).normal(0.5, 1, count).round(1)  # rounded, so that sums tie
        reference = scipy.stats.permutation_test(
            (column, np.zeros(count)), _difference, permutation_type="samples", n_resamples=np.inf
        )
        assert p_value(column) == pytest.approx(reference.pvalue)


def test_many_faces_are_tested_by_drawing() -> None:
    for seed in range(4):
        column = np.random.default_rng(seed).normal(0.25, 1, 60)
        # By the central limit theorem for the sum of the sizes with random signs.
        expected = 2 * scipy.stats.norm.sf(abs(column.sum()) / np.sqrt(np.sum(column**2)))
        assert p_value(column) == pytest.approx(expected, abs=0.015)


def test_no_difference_is_seldom_seen_where_there_is_none() -> None:
    columns = list(np.random.default_rng(2).standard_t(3, (600, 25)))
    p_values = np.array(paired_p_values(columns, 0))
    assert np.mean(p_values <= 0.05) == pytest.approx(0.05, abs=0.025)
    assert scipy.stats.kstest(p_values, "uniform").pvalue > 0.01


def test_a_clear_difference_is_as_sure_as_the_ways_allow() -> None:
    assert p_value(np.arange(1.0, 11.0)) == 2 / 2**10
    assert p_value(np.arange(1.0, 101.0)) == 1 / (FLIPS + 1)


@given(COLUMNS, st.sampled_from([-2.0, 0.25]), st.integers(0, 20))
@settings(max_examples=40)
def test_order_of_methods_units_and_equal_faces_do_not_matter(column: DoubleArray, factor: float, equal: int) -> None:
    padded = np.concatenate([np.zeros(equal), column])
    assert p_value(factor * padded) == p_value(column)


def test_equal_methods_do_not_differ() -> None:
    assert paired_p_values([np.zeros(50), np.zeros(0), np.array([0.1, -0.1])], 0) == [1.0, 1.0, 1.0]
