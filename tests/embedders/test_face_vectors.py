import cv2
import numpy as np
import pytest

from clearface.blending import face_mask
from clearface.embedders.face_vectors import face_vectors, grey_pictures
from clearface.embedders.photometry import Photometry


def test_a_vector_is_the_brightness_under_the_mask() -> None:
    face = np.random.default_rng(8).random((128, 128, 3), dtype=np.float32)
    (vector,) = face_vectors(face[None])
    blocks = face.mean(2).reshape(64, 2, 64, 2).mean((1, 3)) * face_mask(64)
    np.testing.assert_allclose(vector, blocks.ravel(), atol=1e-6)
    assert np.array_equal(face_vectors(np.stack([face[::-1], face]))[1], vector)


@pytest.mark.parametrize("photometry", list(Photometry))
def test_light_is_made_even_before_the_mask(photometry: Photometry) -> None:
    face = np.random.default_rng(9).random((64, 64, 3), dtype=np.float32)
    brighter = np.asarray(0.5 * face + 0.2, np.float32)
    one, other = face_vectors(np.stack([face, brighter]), photometry)
    if photometry is Photometry.NONE:
        assert np.abs(one - other).max() > 0.1
    else:
        assert np.abs(one - other).mean() < 0.05
    if photometry is Photometry.EQUALIZED:
        levels = np.rint(grey_pictures(face[None], 64)[0] * 255).astype(np.uint8)
        np.testing.assert_allclose(one.reshape(64, 64), cv2.equalizeHist(levels) / 255 * face_mask(64), atol=1e-6)
