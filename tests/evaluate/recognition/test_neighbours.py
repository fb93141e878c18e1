"""Nearest neighbours against loops."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from clearface.evaluate.recognition.neighbours import nearest_people
from clearface.evaluate.recognition.settings import Distance


@given(st.integers(0, 2**32 - 1), st.integers(1, 9), st.sampled_from(list(Distance)))
def test_the_vote_is_that_of_counting(seed: int, neighbours: int, distance: Distance) -> None:
    generator = np.random.default_rng(seed)
    known, probes, owners = generator.normal(size=(8, 3)), generator.normal(size=(5, 3)), generator.integers(0, 3, 8)
    apart = cdist(probes, known, distance.value)
    expected = []
    for row in apart:
        near = owners[np.argsort(row)[:neighbours]].tolist()
        most = max(near.count(person) for person in near)
        expected.append(next(person for person in near if near.count(person) == most))
    assert nearest_people(known, owners, probes, neighbours, distance).tolist() == expected


def test_nobody_known_is_refused() -> None:
    with pytest.raises(ValueError, match="somebody"):
        nearest_people(np.zeros((0, 3)), np.zeros(0, np.intp), np.zeros((1, 3)))
