"""People without photos of anybody: the astronaut and others made of her by warping and colouring."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from clearface.arrays import ByteImage

PEOPLE = {"ada": (1.0, 0.0), "grace": (1.25, 0.35), "hedy": (0.82, -0.3)}
"""How much each is wider than the astronaut, and how much lighter."""


def portrait_of(astronaut: ByteImage, wider: float, lighter: float, number: int) -> ByteImage:
    """A photo of somebody else, each number in a place and light of its own."""
    crop = astronaut[0 + 3 * number : 260 + 3 * number, 100 + 4 * number : 360 + 4 * number]
    shaped = cv2.resize(crop, (round(160 * wider), 160), interpolation=cv2.INTER_AREA).astype(np.float64) / 255
    lit = shaped ** np.exp(-lighter) * (0.9 + 0.05 * (number % 3))
    return np.asarray(np.rint(np.clip(lit, 0, 1) * 255), np.uint8)


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory, astronaut: ByteImage) -> Path:
    """A folder for each of three people, four photos in each, and one photo without a face."""
    folder = tmp_path_factory.mktemp("collections") / "people"
    for name, (wider, lighter) in PEOPLE.items():
        (folder / name).mkdir(parents=True)
        for number in range(4):
            Image.fromarray(portrait_of(astronaut, wider, lighter, number)).save(folder / name / f"{number}.png")
    Image.new("RGB", (150, 150), (10, 120, 30)).save(folder / "ada" / "meadow.png")
    return folder
