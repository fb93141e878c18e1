"""Kernel banks and camera shake."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearface.degrade.bank import BlurMix, fitted_kernel, make_bank
from clearface.degrade.trajectories import shake_kernel, shake_path


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 31))
def test_shake_kernels_sum_to_one_and_are_centred(seed: int, size: int) -> None:
    kernel = shake_kernel(np.random.default_rng(seed), size)
    assert kernel.sum() == pytest.approx(1)
    assert kernel.min() >= 0
    rows, columns = np.indices(kernel.shape)
    middle = (np.array(kernel.shape) - 1) / 2
    assert abs((kernel * rows).sum() - middle[0]) < 1e-6
    assert abs((kernel * columns).sum() - middle[1]) < 1e-6


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(5, 31))
def test_shake_kernels_span_their_size(seed: int, size: int) -> None:
    kernel = shake_kernel(np.random.default_rng(seed), size)
    extents = [np.ptp(np.flatnonzero(kernel.sum(axis) > 1e-12)) + 1 for axis in (0, 1)]
    assert size <= max(extents) <= size + 2


def test_the_hand_moves_at_constant_speed() -> None:
    steps = np.linalg.norm(np.diff(shake_path(np.random.default_rng(3)), axis=0), axis=1)
    np.testing.assert_allclose(steps, 60 / 1999, rtol=1e-9)


def test_a_bank_repeats_for_its_seed_and_sums_to_one() -> None:
    bank = make_bank(np.random.default_rng(5), 60, 41)
    assert bank.shape == (60, 41, 41)
    np.testing.assert_allclose(bank.sum((1, 2)), 1, atol=1e-5)
    np.testing.assert_array_equal(bank, make_bank(np.random.default_rng(5), 60, 41))


def test_the_mix_decides_the_kinds() -> None:
    unblurred = make_bank(np.random.default_rng(0), 20, 9, BlurMix(shake=0, line=0, gaussian=0, disc=0, box=0, none=1))
    assert (unblurred[:, 4, 4] == 1).all()
    boxes = make_bank(
        np.random.default_rng(0), 20, 11, BlurMix(shake=0, line=0, gaussian=0, disc=0, none=0, box_sides=(5, 5))
    )
    np.testing.assert_allclose(boxes[:, 3:8, 3:8], 1 / 25, rtol=1e-6)


def test_an_even_bank_is_refused() -> None:
    with pytest.raises(ValueError, match="odd"):
        make_bank(np.random.default_rng(0), 1, 30)


def test_a_large_kernel_is_cut_around_its_middle() -> None:
    large = np.zeros((9, 9))
    large[4, 2:7] = [1, 2, 3, 2, 1]
    np.testing.assert_allclose(fitted_kernel(large, 3)[1], np.array([2, 3, 2]) / 7)
