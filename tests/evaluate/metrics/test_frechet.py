"""The Fréchet distance of two sets of features."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import sqrtm

from clearface.arrays import DoubleArray
from clearface.evaluate.metrics.frechet import frechet_distance


def by_matrix_root(first: DoubleArray, second: DoubleArray) -> float:
    """As the paper writes it."""
    covariances = [np.atleast_2d(np.cov(each, rowvar=False)) for each in (first, second)]
    root = sqrtm(covariances[0] @ covariances[1])
    offset = first.mean(0) - second.mean(0)
    return float(offset @ offset + np.trace(covariances[0] + covariances[1] - 2 * np.real(root)))


@given(seed=st.integers(0, 2**32 - 1), features=st.integers(1, 6), first=st.integers(8, 40), second=st.integers(8, 40))
@settings(max_examples=40)
def test_with_more_faces_than_features_it_is_the_papers_formula(
    seed: int, features: int, first: int, second: int
) -> None:
    generator = np.random.default_rng(seed)
    one = generator.normal(size=(first, features)) @ generator.normal(size=(features, features))
    other = generator.normal(size=(second, features)) + generator.normal(size=features)
    assert frechet_distance(one, other) == pytest.approx(by_matrix_root(one, other), rel=1e-6, abs=1e-6)


def with_moments(generator: np.random.Generator, count: int, mean: DoubleArray, root: DoubleArray) -> DoubleArray:
    """Samples that have exactly this mean and the covariance `root' root`."""
    raw = generator.normal(size=(count, len(mean)))
    raw -= raw.mean(0)
    white = np.linalg.qr(raw)[0] * np.sqrt(count - 1)
    return np.asarray(mean + white @ root, np.float64)


def test_the_closed_form_of_two_gaussians_that_commute() -> None:
    """|m - n|^2 + sum (s - t)^2 for standard deviations s and t along the same axes."""
    generator = np.random.default_rng(5)
    deviations, others = np.array([1.0, 2.0, 0.5, 3.0]), np.array([2.0, 2.0, 0.1, 1.0])
    mean, other_mean = np.array([0.0, 1.0, -1.0, 2.0]), np.array([1.0, 1.0, 0.0, 0.0])
    first = with_moments(generator, 50, mean, np.diag(deviations))
    second = with_moments(generator, 70, other_mean, np.diag(others))
    expected = ((mean - other_mean) ** 2).sum() + ((deviations - others) ** 2).sum()
    assert frechet_distance(first, second) == pytest.approx(expected, rel=1e-9)


def test_with_fewer_faces_than_features_nothing_breaks() -> None:
    """Two points each on two axes at right angles: nothing is shared, so all variances count."""
    first, second = np.zeros((2, 2048)), np.zeros((2, 2048))
    first[:, 0], second[:, 1] = (-1, 1), (-3, 3)
    assert frechet_distance(first, second) == pytest.approx(2 + 18)
    assert frechet_distance(first, first) == pytest.approx(0, abs=1e-9)


def test_a_shift_counts_by_its_square_and_order_does_not() -> None:
    features = np.random.default_rng(2).normal(size=(30, 100)).astype(np.float32)
    assert frechet_distance(features, features + np.float32(0.5)) == pytest.approx(25, rel=1e-4)
    assert frechet_distance(features + np.float32(0.5), features[::-1]) == pytest.approx(25, rel=1e-4)


@pytest.mark.parametrize("shapes", [((1, 4), (5, 4)), ((5, 4), (5, 3)), ((5,), (5,))])
def test_what_is_no_set_of_features_is_refused(shapes: tuple[tuple[int, ...], tuple[int, ...]]) -> None:
    with pytest.raises(ValueError, match="sets of features"):
        frechet_distance(np.zeros(shapes[0]), np.zeros(shapes[1]))
