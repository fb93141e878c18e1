"""Locality preserving projections: nothing keeps neighbours nearer together."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearface.arrays import DoubleArray
from clearface.embedders.lpp import LppOptions, fit_lpp, neighbour_weights
from clearface.recognition.base import IndexArray

OPTIONS = (
    LppOptions(),
    LppOptions(neighbours=2),
    LppOptions(heat=0.5),
    LppOptions(supervised=False, neighbours=4),
    LppOptions(supervised=False, heat=1.0),
)


def people(seed: int = 0, size: int = 30) -> tuple[DoubleArray, IndexArray]:
    generator = np.random.default_rng(seed)
    owners = np.repeat(np.arange(6), 5)
    return generator.normal(size=(6, size))[owners] + 0.5 * generator.normal(size=(30, size)), owners


def objective(values: DoubleArray, weights: DoubleArray) -> float:
    """Written as loops: sum W_ij (y_i - y_j)^2 by sum D_ii y_i^2."""
    apart, size = 0.0, 0.0
    for one in range(len(values)):
        for other in range(len(values)):
            apart += weights[one, other] * (values[one] - values[other]) ** 2
            size += weights[one, other] * values[one] ** 2
    return apart / size


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_no_other_direction_keeps_neighbours_nearer(options: LppOptions) -> None:
    vectors, owners = people()
    found = fit_lpp(vectors, owners, options)
    centred = vectors - vectors.mean(0)
    # The directions there are: those of as many principal components as photos less people.
    span = np.linalg.svd(centred, full_matrices=False)[2][:24]
    weights = neighbour_weights(centred @ span.T, owners, options)
    best = objective(found.project(vectors)[:, 0], weights)
    generator = np.random.default_rng(1)
    for step in (1e-3, 1e-2, 0.1, 1, 100):
        for _ in range(4):
            other = found.axes[0] + step * np.linalg.norm(found.axes[0]) * generator.normal(size=24) @ span / 5
            assert objective(centred @ other, weights) >= best - 1e-9


def test_directions_are_of_unit_size_and_apart_from_each_other() -> None:
    vectors, owners = people(2)
    points = fit_lpp(vectors, owners).project(vectors)
    assert points.shape == (30, 5)
    sums = (owners[:, None] == owners).sum(1)
    np.testing.assert_allclose(points.T @ (points * sums[:, None]), np.eye(5), atol=1e-8)


def test_neighbours_are_as_a_loop_finds_them() -> None:
    vectors, owners = people(3, 4)
    weights = neighbour_weights(vectors, owners, LppOptions(supervised=False, neighbours=3, heat=2.0))
    squares = ((vectors[:, None] - vectors) ** 2).sum(2)
    nearest = [
        {other for _, other in sorted((squares[one, other], other) for other in range(30))[:4]} for one in range(30)
    ]
    joined = [[other in nearest[one] or one in nearest[other] for other in range(30)] for one in range(30)]
    scale = squares[np.array(joined) & ~np.eye(30, dtype=bool)].mean()
    np.testing.assert_allclose(weights, np.where(joined, np.exp(-squares / (2 * scale)), 0), atol=1e-12)


@given(seed=st.integers(0, 1000), choice=st.sampled_from(OPTIONS))
def test_weights_are_a_graph(seed: int, choice: LppOptions) -> None:
    vectors, owners = people(seed, 3)
    weights = neighbour_weights(vectors, owners, choice)
    assert np.array_equal(weights, weights.T)
    assert (np.diag(weights) == 1).all()
    assert weights.min() >= 0
    assert weights.max() <= 1
    if choice.supervised:
        assert not weights[owners[:, None] != owners].any()


def test_too_few_photos_are_refused() -> None:
    vectors, _ = people()
    for owners in (np.zeros(30, np.intp), np.arange(30)):
        with pytest.raises(ValueError, match="two people or more"):
            fit_lpp(vectors, owners)
    with pytest.raises(ValueError, match="all the same"):
        fit_lpp(np.ones((4, 9)), np.array([0, 0, 1, 1]))
