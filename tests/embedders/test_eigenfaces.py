import numpy as np
import pytest

from clearface.embedders.eigenfaces import fit_eigenfaces
from clearface.embedders.projections import principal_components


def test_as_the_eigenvectors_of_the_covariance() -> None:
    generator = np.random.default_rng(5)
    gallery = generator.normal(size=(30, 12)) * np.linspace(3, 0.5, 12)
    probes = generator.normal(size=(7, 12))
    values, vectors = np.linalg.eigh(np.cov(gallery.T))
    leading = vectors[:, np.argsort(values)[::-1][:4]]
    expected = (probes - gallery.mean(0)) @ leading
    found = fit_eigenfaces(gallery, 4).project(probes)
    np.testing.assert_allclose(np.abs(found), np.abs(expected), atol=1e-10)


def test_no_more_directions_than_there_are() -> None:
    generator = np.random.default_rng(6)
    flat = generator.normal(size=(10, 3)) @ generator.normal(size=(3, 200))
    assert fit_eigenfaces(flat).axes.shape == (3, 200)
    with pytest.raises(ValueError, match="all the same"):
        fit_eigenfaces(np.ones((4, 9)))


def test_distances_inside_the_gallery_are_kept() -> None:
    gallery = np.random.default_rng(7).normal(size=(9, 50))
    projected = fit_eigenfaces(gallery).project(gallery)
    for one, other in ((0, 1), (3, 8)):
        kept = np.linalg.norm(projected[one] - projected[other])
        assert kept == pytest.approx(np.linalg.norm(gallery[one] - gallery[other]))


def test_two_maps_are_one() -> None:
    generator = np.random.default_rng(8)
    first = principal_components(generator.normal(size=(20, 9)), 5)
    second = generator.normal(size=(3, 5))
    probes = generator.normal(size=(4, 9))
    np.testing.assert_allclose(first.then(second).project(probes), first.project(probes) @ second.T, atol=1e-12)
