"""Pictures every test may use: the public-domain astronaut, found by CenterFace once."""

from pathlib import Path

import numpy as np
import pytest
import skimage.data
from PIL import Image

from clearface.arrays import ByteImage


@pytest.fixture(scope="session")
def astronaut() -> ByteImage:
    """RGB uint8 `(512, 512, 3)`, one frontal face."""
    return np.ascontiguousarray(skimage.data.astronaut())


@pytest.fixture
def portrait(tmp_path: Path, astronaut: ByteImage) -> Path:
    """A JPEG of the astronaut's upper half."""
    path = tmp_path / "portrait.jpg"
    Image.fromarray(astronaut[:300, 80:380]).save(path, quality=92)
    return path


@pytest.fixture
def meadow(tmp_path: Path) -> Path:
    """A PNG without a face."""
    path = tmp_path / "meadow.png"
    Image.fromarray(np.ascontiguousarray(skimage.data.grass()[:200, :240])).convert("RGB").save(path)
    return path
