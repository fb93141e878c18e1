"""Resampling against Pillow and against averages worked out by hand."""

import numpy as np
import pytest
import torch
from PIL import Image

from clearface.degrade.resampling import resample

PILLOW = {
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}


@pytest.mark.parametrize("name", sorted(PILLOW))
@pytest.mark.parametrize(("height", "width"), [(50, 61), (200, 301), (97, 40), (150, 131)])
def test_filters_agree_with_pillow(name: str, height: int, width: int) -> None:
    picture = np.random.default_rng(0).random((97, 131), dtype=np.float32)
    answer = resample(torch.from_numpy(picture)[None], height, width, name)[0]
    expected = np.asarray(Image.fromarray(picture).resize((width, height), PILLOW[name]))
    np.testing.assert_allclose(answer, expected, atol=2e-5)


def test_area_averages_what_is_covered() -> None:
    picture = torch.arange(6.0).repeat(6, 1)[None]
    np.testing.assert_allclose(resample(picture, 6, 3, "area")[0, 0], [0.5, 2.5, 4.5], atol=1e-6)
    weighted = [(0 + 0.5 * 1) / 1.5, (0.5 * 1 + 2) / 1.5, (3 + 0.5 * 4) / 1.5, (0.5 * 4 + 5) / 1.5]
    np.testing.assert_allclose(resample(picture, 6, 4, "area")[0, 0], weighted, atol=1e-6)


@pytest.mark.parametrize("name", ["area", *sorted(PILLOW)])
def test_level_pictures_stay_level(name: str) -> None:
    answer = resample(torch.full((3, 90, 70), 0.3), 37, 23, name)
    torch.testing.assert_close(answer, torch.full((3, 37, 23), 0.3), atol=1e-5, rtol=0)


def test_the_same_size_is_the_same_picture() -> None:
    picture = torch.rand(3, 20, 20)
    assert torch.equal(resample(picture, 20, 20, "lanczos"), picture)
