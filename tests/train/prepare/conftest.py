"""The astronaut as photos of every kind: sharp, small, blurred, enlarged, cut, saved twice."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from clearface.arrays import ByteImage
from clearface.detectors.centerface import CenterFace
from clearface.faces import Face

SavePhoto = Callable[[str, ByteImage], Path]


@pytest.fixture(scope="session")
def portrait_pixels(astronaut: ByteImage) -> ByteImage:
    """RGB `(300, 300, 3)`, one face; its FFHQ square has 174 pixels and is sharp at 160."""
    return np.ascontiguousarray(astronaut[:300, 80:380])


@pytest.fixture(scope="session")
def portrait_face(portrait_pixels: ByteImage) -> Face:
    return CenterFace().detect(portrait_pixels)[0]


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """An empty folder for photos."""
    folder = tmp_path / "photos"
    folder.mkdir()
    return folder


@pytest.fixture
def save(photos: Path) -> SavePhoto:
    def saved(name: str, pixels: ByteImage) -> Path:
        path = photos / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path)
        return path

    return saved
