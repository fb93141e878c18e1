"""Light taken out of pictures, against the formulas written with SciPy."""

import numpy as np
from scipy import ndimage

from clearface.arrays import FloatArray
from clearface.embedders.photometry import Photometry, equalized, in_even_light, tan_triggs


def pictures(count: int = 3) -> FloatArray:
    noise = np.random.default_rng(1).random((count, 60, 48), dtype=np.float32)
    return np.asarray(ndimage.gaussian_filter(noise, (0, 1.5, 1.5)), np.float32)


def test_equalized_levels_are_those_of_the_cumulative_histogram() -> None:
    for picture, found in zip(pictures(), equalized(pictures()), strict=True):
        levels = np.rint(picture * 255).astype(int)
        cumulative = np.cumsum(np.bincount(levels.ravel(), minlength=256))
        least = cumulative[cumulative > 0][0]
        expected = (cumulative[levels] - least) / (levels.size - least)
        np.testing.assert_allclose(found, expected, atol=1 / 255)


def test_tan_triggs_is_the_chain_of_its_paper() -> None:
    for picture, found in zip(pictures(), tan_triggs(pictures()), strict=True):
        bright = picture.astype(np.float64) ** 0.2
        inner, outer = (ndimage.gaussian_filter(bright, width, mode="reflect", truncate=4) for width in (1, 2))
        detail = inner - outer
        detail /= np.mean(np.abs(detail) ** 0.1) ** 10
        detail /= np.mean(np.minimum(10, np.abs(detail)) ** 0.1) ** 10
        np.testing.assert_allclose(found, 0.5 + 0.5 * np.tanh(detail / 10), atol=0.005)


def test_a_shadow_disappears() -> None:
    (picture,) = pictures(1)
    shadow = np.linspace(0.3, 1, picture.shape[1], dtype=np.float32)
    kept = np.abs(tan_triggs(np.stack([picture, picture * shadow])))
    assert np.corrcoef(kept[0].ravel(), kept[1].ravel())[0, 1] > 0.98
    flat = np.full((1, 20, 20), 0.4, np.float32)
    np.testing.assert_allclose(tan_triggs(flat), 0.5, atol=1e-3)


def test_without_photometry_nothing_changes() -> None:
    assert np.array_equal(in_even_light(pictures(), Photometry.NONE), pictures())
