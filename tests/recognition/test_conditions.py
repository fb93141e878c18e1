"""Sizes and blurs of faces, and the bins they are counted in."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearface import point_spread
from clearface.blur_estimates import BlurEstimate
from clearface.recognition.base import Condition
from clearface.recognition.conditions import CONDITION_BINS, ConditionBin, bin_of, condition_of, full_extent
from clearface.verdicts import Verdict


@given(size=st.floats(0, 1e5), blur=st.none() | st.floats(0, 10))
def test_every_condition_lies_in_one_bin(size: float, blur: float | None) -> None:
    condition = Condition(size, blur)
    held = [own for own in CONDITION_BINS if own.holds(condition)]
    assert held == [bin_of(condition)]
    assert held[0].no_easier(condition)
    assert held[0].words


@given(
    size=st.floats(0, 400),
    blur=st.none() | st.floats(0, 0.5),
    other_size=st.floats(0, 400),
    other_blur=st.none() | st.floats(0, 0.5),
)
def test_what_is_easier_is_larger_or_sharper(
    size: float, blur: float | None, other_size: float, other_blur: float | None
) -> None:
    condition, other = Condition(size, blur), bin_of(Condition(other_size, other_blur))
    own = bin_of(condition)
    smaller = other.size_from <= own.size_from
    worse = other.too_far_gone or (not own.too_far_gone and other.blur_from >= own.blur_from)
    assert other.no_easier(condition) == (smaller and worse)


def test_no_size_is_refused() -> None:
    with pytest.raises(ValueError, match="not -1"):
        bin_of(Condition(-1, 0))
    with pytest.raises(ValueError, match="not nan"):
        bin_of(Condition(float("nan"), 0))


@pytest.mark.parametrize(
    ("own", "words"),
    [
        (ConditionBin(64, 100, 0.02, 0.05), "blurred over 2% to 5% of the face's square, squares of 64 to 100 pixels"),
        (
            ConditionBin(160, None, 0, 0.02),
            "sharp, or blurred over less than 2% of the face's square, squares of 160 pixels and more",
        ),
        (ConditionBin(0, None, 0.15, None), "blurred over 15% of the face's square or more, of any size"),
        (ConditionBin(0, None), "of any blur, of any size"),
        (ConditionBin(40, 64, too_far_gone=True), "too far gone to tell their blur, squares of 40 to 64 pixels"),
    ],
)
def test_bins_have_words(own: ConditionBin, words: str) -> None:
    assert own.words == words


def test_the_extent_is_that_of_an_even_line() -> None:
    assert full_extent(np.ones((1, 1))) == 0
    for length in (5.0, 11.0, 17.5):
        for angle in (0, 30, 90):
            # From the middle of its first pixel to that of its last; sharing points among taps adds a little.
            assert full_extent(point_spread.motion(length, angle)) == pytest.approx(length - 1, rel=0.1)
    assert full_extent(point_spread.disc(8)) == pytest.approx(0.866 * 16, rel=0.05)
    assert full_extent(point_spread.gaussian(3, 3, 0)) == pytest.approx(3.46 * 3, rel=0.06)


def test_turning_and_moving_a_kernel_keeps_its_extent() -> None:
    kernel = np.pad(point_spread.motion(9, 20), ((0, 6), (4, 0)))
    assert full_extent(np.rot90(kernel)) == pytest.approx(full_extent(kernel))
    haze = kernel + 1e-4 * kernel.max()
    assert full_extent(haze / haze.sum()) == pytest.approx(full_extent(kernel), rel=1e-3)


def test_the_blur_is_relative_to_the_square() -> None:
    estimate = BlurEstimate(point_spread.motion(14, 0))
    found = condition_of(200.0, estimate, 130)
    assert found.size == 200.0
    assert found.blur == pytest.approx(0.1, abs=0.005)
    assert condition_of(200.0, estimate, 130, Verdict.RESTORED) == found
    assert condition_of(200.0, estimate, 130, Verdict.SHARP) == Condition(200.0, 0.0)
    assert condition_of(200.0, estimate, 130, Verdict.TOO_FAR_GONE) == Condition(200.0, None)


def test_of_a_blur_that_varies_the_longest_counts() -> None:
    kernels = [point_spread.motion(length, 0) for length in (3, 14, 5, 7)]
    sides = [[(21 - side) // 2] * 2 for kernel in kernels for side in kernel.shape]
    padded = np.stack([np.pad(kernel, sides[2 * place : 2 * place + 2]) for place, kernel in enumerate(kernels)])
    field = padded.reshape(2, 2, 21, 21)
    estimate = BlurEstimate(padded[0], field=field)
    assert condition_of(100, estimate, 130).blur == pytest.approx(0.1, abs=0.005)
