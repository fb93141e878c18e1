import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import cosine

from clearface.evaluate.metrics.angles import angle_between


@given(degrees=st.floats(0, 180), first=st.floats(1e-3, 1e3), second=st.floats(1e-3, 1e3))
def test_the_angle_two_vectors_were_made_with(degrees: float, first: float, second: float) -> None:
    radians = math.radians(degrees)
    one, other = np.array([first, 0.0, 0.0]), second * np.array([math.cos(radians), math.sin(radians), 0.0])
    assert angle_between(one, other) == pytest.approx(degrees, abs=1e-7)


@pytest.mark.parametrize("seed", range(3))
def test_as_the_cosine_distance_of_scipy(seed: int) -> None:
    one, other = np.random.default_rng(seed).normal(size=(2, 128))
    assert angle_between(one, other) == pytest.approx(math.degrees(math.acos(1 - cosine(one, other))))


def test_single_precision_is_no_reason_for_an_angle() -> None:
    vector = np.random.default_rng(0).normal(size=512).astype(np.float32)
    assert angle_between(vector, vector) == 0
    assert angle_between(vector, -vector) == 180


@pytest.mark.parametrize("value", [0.0, np.nan, np.inf])
def test_no_direction_no_angle(value: float) -> None:
    assert np.isnan(angle_between(np.full(4, value), np.ones(4)))
