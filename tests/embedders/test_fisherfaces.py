"""Linear discriminants against the textbook, and what they are for."""

import numpy as np
import pytest
from scipy import linalg

from clearface.arrays import DoubleArray
from clearface.embedders.fisherfaces import fit_fisherfaces
from clearface.recognition.base import IndexArray


def people(count: int, photos: int, size: int, seed: int = 0) -> tuple[DoubleArray, IndexArray]:
    """Photos that differ far more in one direction, which is the same for all, than people do."""
    generator = np.random.default_rng(seed)
    own = generator.normal(size=(count, size))
    light = 10 * generator.normal(size=(count * photos, 1)) * generator.normal(size=size)
    owners = np.repeat(np.arange(count), photos)
    return own[owners] + light + 0.3 * generator.normal(size=(count * photos, size)), owners


def test_as_the_generalized_eigenproblem_where_nothing_has_to_be_reduced() -> None:
    vectors, owners = people(5, 20, 6)
    within, between = np.zeros((6, 6)), np.zeros((6, 6))
    for person in range(5):
        own = vectors[owners == person]
        within += (len(own) - 1) * np.cov(own.T)
        away = (own.mean(0) - vectors.mean(0))[:, None]
        between += len(own) * away @ away.T
    values, directions = linalg.eig(np.linalg.inv(within) @ between)
    order = np.argsort(values.real)[::-1][:4]
    expected = directions.real[:, order]
    found = fit_fisherfaces(vectors, owners, shrinkage=0).axes.T
    for one, other in zip(found.T, expected.T, strict=True):
        assert abs(one @ other) / np.linalg.norm(one) / np.linalg.norm(other) == pytest.approx(1, abs=1e-8)


def test_the_directions_are_uncorrelated_within_people() -> None:
    vectors, owners = people(8, 5, 300)
    points = fit_fisherfaces(vectors, owners, shrinkage=0).project(vectors)
    assert points.shape == (40, 7)
    inner = points - np.stack([points[owners == person].mean(0) for person in range(8)])[owners]
    np.testing.assert_allclose(inner.T @ inner, np.eye(7), atol=1e-8)


@pytest.mark.parametrize("shrinkage", [0.0, 0.1])
def test_people_are_told_apart_under_changing_light(shrinkage: float) -> None:
    vectors, owners = people(10, 12, 80, seed=3)
    known = np.arange(len(owners)) % 12 < 6
    space = fit_fisherfaces(vectors[known], owners[known], shrinkage=shrinkage)
    gallery, probes = space.project(vectors[known]), space.project(vectors[~known])
    nearest = np.linalg.norm(probes[:, None] - gallery, axis=2).argmin(1)
    plain = np.linalg.norm(vectors[~known][:, None] - vectors[known], axis=2).argmin(1)
    right, without = ((owners[known][found] == owners[~known]).mean() for found in (nearest, plain))
    assert right > 0.95
    assert without < 0.5


def test_shrinking_is_between_the_scatter_and_the_identity() -> None:
    vectors, owners = people(6, 4, 40)
    alone = fit_fisherfaces(vectors, owners, components=10, shrinkage=1.0)
    inner = alone.axes @ alone.axes.T  # orthogonal, where all directions count the same
    np.testing.assert_allclose(inner, np.diag(np.diag(inner)), atol=1e-8)


def test_too_few_photos_are_refused() -> None:
    generator = np.random.default_rng(0)
    for owners in (np.zeros(6, np.intp), np.arange(6)):
        with pytest.raises(ValueError, match="two people or more"):
            fit_fisherfaces(generator.normal(size=(6, 20)), owners)
    twice = np.repeat(generator.normal(size=(3, 20)), 2, 0)
    with pytest.raises(ValueError, match="do not differ"):
        fit_fisherfaces(twice, np.repeat(np.arange(3), 2), shrinkage=0)
