"""A sharp face, and what spoils it."""

import cv2
import numpy as np
import pytest

from clearface.arrays import ByteImage, FloatArray


@pytest.fixture(scope="session")
def sharp(astronaut: ByteImage) -> FloatArray:
    """RGB float32 `(192, 192, 3)` in [0, 1]: the astronaut's face."""
    return np.ascontiguousarray(astronaut[20:212, 125:317]).astype(np.float32) / np.float32(255)


@pytest.fixture(scope="session")
def spoiled(sharp: FloatArray) -> FloatArray:
    """Blurred and noisy."""
    noise = np.random.default_rng(3).normal(0, 0.02, sharp.shape)
    return np.clip(cv2.GaussianBlur(sharp, (0, 0), 1.5) + noise, 0, 1).astype(np.float32)
