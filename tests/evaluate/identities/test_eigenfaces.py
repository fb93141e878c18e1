import numpy as np
import pytest

from clearface.blending import face_mask
from clearface.evaluate.identities.eigenfaces import Eigenfaces, face_vectors


def test_as_the_eigenvectors_of_the_covariance() -> None:
    generator = np.random.default_rng(5)
    gallery = generator.normal(size=(30, 12)) * np.linspace(3, 0.5, 12)
    probes = generator.normal(size=(7, 12))
    values, vectors = np.linalg.eigh(np.cov(gallery.T))
    leading = vectors[:, np.argsort(values)[::-1][:4]]
    expected = (probes - gallery.mean(0)) @ leading
    found = Eigenfaces.fitted(gallery, 4).project(probes)
    np.testing.assert_allclose(np.abs(found), np.abs(expected), atol=1e-10)


def test_no_more_directions_than_there_are() -> None:
    generator = np.random.default_rng(6)
    flat = generator.normal(size=(10, 3)) @ generator.normal(size=(3, 200))
    assert Eigenfaces.fitted(flat).axes.shape == (3, 200)
    with pytest.raises(ValueError, match="all the same"):
        Eigenfaces.fitted(np.ones((4, 9)))


def test_distances_inside_the_gallery_are_kept() -> None:
    gallery = np.random.default_rng(7).normal(size=(9, 50))
    projected = Eigenfaces.fitted(gallery).project(gallery)
    for one, other in ((0, 1), (3, 8)):
        kept = np.linalg.norm(projected[one] - projected[other])
        assert kept == pytest.approx(np.linalg.norm(gallery[one] - gallery[other]))


def test_a_vector_is_the_brightness_under_the_mask() -> None:
    face = np.random.default_rng(8).random((128, 128, 3), dtype=np.float32)
    (vector,) = face_vectors(face[None])
    blocks = face.mean(2).reshape(64, 2, 64, 2).mean((1, 3)) * face_mask(64)
    np.testing.assert_allclose(vector, blocks.ravel(), atol=1e-6)
    assert np.array_equal(face_vectors(np.stack([face[::-1], face]))[1], vector)
