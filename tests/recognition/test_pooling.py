import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearface.recognition.pooling import pooled, weighted_means


def unit(seed: int, count: int, size: int = 8) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(count, size))
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


@given(seed=st.integers(0, 10**6), count=st.integers(1, 30), people=st.integers(1, 6))
def test_means_are_as_a_loop_makes_them(seed: int, count: int, people: int) -> None:
    generator = np.random.default_rng(seed)
    vectors, owners = unit(seed, count), generator.integers(0, people, count)
    qualities = generator.uniform(0.05, 1, count)
    found = weighted_means(vectors, owners, qualities, people)
    for person in range(people):
        total, weight = np.zeros(8), 0.0
        for vector, owner, quality in zip(vectors, owners, qualities, strict=True):
            if owner == person:
                total, weight = total + quality * vector, weight + quality
        np.testing.assert_allclose(found[person], total / weight if weight else total, atol=1e-6)
    probe = unit(seed + 1, 1)[0]
    own = owners == owners[0]
    distances = np.average(1 - vectors[own] @ probe, weights=qualities[own])
    assert 1 - found[owners[0]] @ probe == pytest.approx(distances, abs=1e-5)


def test_a_better_photo_counts_more() -> None:
    one, other = np.eye(2, dtype=np.float32)
    vector = pooled(np.stack([one, other]), np.array([0.9, 0.3]))
    np.testing.assert_allclose(vector, np.array([3, 1]) / np.sqrt(10), atol=1e-6)
    assert vector.dtype == np.float32
    np.testing.assert_allclose(pooled(one[None], np.array([0.2])), one)


def test_what_has_no_mean_is_refused() -> None:
    one = np.eye(1, 4, dtype=np.float32)
    with pytest.raises(ValueError, match="cancel each other out"):
        pooled(np.concatenate([one, -one]), np.ones(2))
    with pytest.raises(ValueError, match="nothing to pool"):
        pooled(one[:0], np.ones(0))
    for quality in (0.0, -1.0, float("nan")):
        with pytest.raises(ValueError, match="above 0"):
            pooled(one, np.array([quality]))
