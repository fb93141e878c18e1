"""Chips, against warping by scikit-image."""

import numpy as np
import pytest
import skimage.transform

from clearface.arrays import ByteImage
from clearface.embedders.alignment import Chip, arcface_chip, eye_chip


@pytest.mark.parametrize("chip", [arcface_chip(), eye_chip(112), eye_chip(150)], ids=["arcface", "eyes", "dlib"])
@pytest.mark.parametrize("side", [96, 160, 320])
def test_a_chip_is_what_warping_the_whole_square_gives(astronaut: ByteImage, chip: Chip, side: int) -> None:
    square = skimage.transform.resize(astronaut[0:256, 96:352], (side, side), anti_aliasing=True).astype(np.float32)
    scale = side / 512
    to_chip = np.eye(3)
    to_chip[:2] = chip.from_template
    to_template = np.array([[1 / scale, 0, (1 / scale - 1) / 2], [0, 1 / scale, (1 / scale - 1) / 2], [0, 0, 1]])
    inverse = np.linalg.inv(to_chip @ to_template)
    expected = skimage.transform.warp(square, inverse, output_shape=(chip.size, chip.size), order=3, mode="reflect")
    found = chip.cut_values(square)
    assert found.shape == (chip.size, chip.size, 3)
    assert found.dtype == np.float32
    # What is reduced is smoothed before, which plain warping does not.
    assert np.abs(found - expected).mean() < (0.004 if side < 300 else 0.02)
    assert np.array_equal(chip.cut(square), np.rint(found * 255).astype(np.uint8))


def test_what_lies_outside_the_chip_does_not_count() -> None:
    chip = eye_chip(112)
    face = np.random.default_rng(0).random((320, 320, 3)).astype(np.float32)
    other = face.copy()
    other[:30], other[:, :20] = 0, 1
    assert np.array_equal(chip.cut_values(face), chip.cut_values(other))


def test_eyes_lie_where_dlib_puts_them() -> None:
    corners = np.array([[0.12, 0.21], [0.33, 0.23], [0.86, 0.21], [0.65, 0.23]])  # dlib's own, to two digits
    eyes = ((corners[::2] + corners[1::2]) / 2 + 0.25) / 1.5 * 112
    points = np.array([[192.98, 239.95], [318.90, 240.19]])
    chip = eye_chip(112).from_template
    np.testing.assert_allclose(points @ chip[:, :2].T + chip[:, 2], eyes, atol=0.5)
