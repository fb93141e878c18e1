import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearface.evaluate.metrics.landmarks import landmark_error
from clearface.faces import FFHQ_TEMPLATE


def test_every_point_off_by_a_tenth_of_the_eyes_distance_is_ten_percent() -> None:
    true = np.array([[0.0, 0.0], [30.0, 40.0], [7.0, 9.0]])
    off = np.array([[5.0, 0.0], [0.0, 5.0], [3.0, 4.0]])
    assert landmark_error(true, true + off) == pytest.approx(10)


@given(angle=st.floats(0, 6.28), scale=st.floats(0.01, 100), shift=st.floats(-1e3, 1e3), seed=st.integers(0, 99))
def test_turning_moving_and_enlarging_the_picture_changes_nothing(
    angle: float, scale: float, shift: float, seed: int
) -> None:
    found = FFHQ_TEMPLATE + np.random.default_rng(seed).normal(0, 9, (5, 2))
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    plain = landmark_error(FFHQ_TEMPLATE, found)
    assert landmark_error(FFHQ_TEMPLATE @ turn.T + shift, found @ turn.T + shift) == pytest.approx(plain, rel=1e-6)


def test_eyes_in_one_place_give_no_figure() -> None:
    assert np.isnan(landmark_error(np.zeros((5, 2)), np.ones((5, 2))))
