"""Kernels brought from one size of face to another, and centres of eyes and mouths."""

import numpy as np
import pytest
import torch

from clearface.degrade import kernels as families
from clearface.masks import CLASS_COUNT, FaceClass
from clearface.point_spread_geometry import scaled
from clearface.restorers.smfd.estimator import resized as restorers_resized
from clearface.train.smfd.detail import centres_of
from clearface.train.smfd.forward import kernels_at, resized, taps_at


@pytest.mark.parametrize(("size", "own_size"), [(256, 128), (96, 128), (192, 128), (128, 512)])
def test_kernels_grow_and_shrink_with_the_face_as_the_restorer_has_them(size: int, own_size: int) -> None:
    sigma, angles, ratio = torch.tensor([3.0, 4.0]), torch.tensor([0.0, 30.0]), size / own_size
    own = families.gaussian(sigma, sigma / 2, angles, 37)
    taps = taps_at(37, size, own_size)
    found = kernels_at(own, taps, size, own_size)
    expected = np.stack([scaled(kernel.double().numpy(), ratio, taps) for kernel in own])
    np.testing.assert_allclose(found.numpy(), expected, atol=1e-5)
    analytic = families.gaussian(sigma * ratio, sigma * ratio / 2, angles, taps)
    if ratio > 0.5:
        assert float((found - analytic).abs().sum((1, 2)).max()) < 0.06


def test_a_point_stays_a_point_in_the_middle() -> None:
    point = families.unblurred(1, 37)
    for size in (64, 96, 128, 256, 512):
        scaled = kernels_at(point, taps_at(37, size, 128), size, 128)
        torch.testing.assert_close(scaled, scaled.flip(1, 2), atol=1e-5, rtol=0)
        assert float(scaled.amax()) == pytest.approx(float(scaled[0, scaled.shape[1] // 2, scaled.shape[2] // 2]))
    assert torch.equal(kernels_at(point, 37, 128, 128), point)


def test_eyes_are_looked_at_where_they_are() -> None:
    masks = torch.zeros(2, CLASS_COUNT, 32, 48)
    masks[:, FaceClass.BACKGROUND] = 1
    masks[0, FaceClass.EYES, 10:13, 5:8] = 1
    masks[0, FaceClass.EYES, 14:17, 25:28] = 1
    centres = centres_of(masks, (FaceClass.EYES,))
    torch.testing.assert_close(centres, torch.tensor([[16.0, 13.0], [23.5, 15.5]]))


@pytest.mark.parametrize(("own_size", "size"), [(256, 128), (192, 128), (160, 128), (96, 128)])
def test_faces_are_brought_to_the_estimators_size_as_the_restorer_does(own_size: int, size: int) -> None:
    faces = np.random.default_rng(0).random((2, own_size, own_size, 3), dtype=np.float32)
    found = resized(torch.from_numpy(faces.transpose(0, 3, 1, 2).copy()), size)
    np.testing.assert_allclose(found.numpy().transpose(0, 2, 3, 1), restorers_resized(faces, size), atol=2e-5)
