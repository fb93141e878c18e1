"""NIQE: features as other implementations compute them, and how it answers to what spoils a face."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from scipy import ndimage, special, stats

from clearface.arrays import ByteImage, DoubleArray, FloatArray
from clearface.evaluate.metrics.grey import grey_levels
from clearface.evaluate.metrics.niqe import PATCH, PristineModel, niqe, patch_statistics
from clearface.evaluate.metrics.niqe_models import shipped_pristine_model


@pytest.fixture(scope="module")
def model() -> PristineModel:
    return shipped_pristine_model()


def coefficients(grey: DoubleArray) -> DoubleArray:
    """Locally normalized brightness, by a window laid down as a table."""
    steps = np.arange(-3, 4)
    window = np.exp(-(steps[:, None] ** 2 + steps**2) / (2 * (7 / 6) ** 2))
    window /= window.sum()
    mean = ndimage.convolve(grey, window, mode="nearest")
    variance = ndimage.convolve(grey**2, window, mode="nearest") - mean**2
    return np.asarray((grey - mean) / (np.sqrt(np.abs(variance)) + 1), np.float64)


def by_search(values: DoubleArray) -> tuple[float, float, float]:
    """Shape and both scales of an asymmetric generalized Gaussian: the grid of the authors, searched through."""
    grid = np.arange(0.2, 10.001, 0.001)
    ratios = special.gamma(2 / grid) ** 2 / special.gamma(1 / grid) / special.gamma(3 / grid)
    left, right = (np.sqrt(np.mean(side**2)) for side in (values[values < 0], values[values > 0]))
    skew = left / right
    wanted = np.mean(np.abs(values)) ** 2 / np.mean(values**2) * (skew**3 + 1) * (skew + 1) / (skew**2 + 1) ** 2
    shape = float(grid[np.abs(ratios - wanted).argmin()])
    to_scale = np.sqrt(special.gamma(1 / shape) / special.gamma(3 / shape))
    return shape, float(left * to_scale), float(right * to_scale)


def features_of(block: DoubleArray) -> list[float]:
    shape, left, right = by_search(block)
    features = [shape, (left + right) / 2]
    for shift in ((0, 1), (1, 0), (1, 1), (1, -1)):
        shape, left, right = by_search(block * np.roll(block, shift, axis=(0, 1)))
        features += [shape, (right - left) * special.gamma(2 / shape) / special.gamma(1 / shape), left, right]
    return features


def test_features_are_those_of_the_paper(sharp: FloatArray) -> None:
    """Of patches side by side; the coarse scale by Pillow's bicubic reduction, which differs at the rim of the picture alone."""
    grey = grey_levels(sharp)
    image = Image.fromarray(grey.astype(np.float32), mode="F").resize((96, 96), Image.Resampling.BICUBIC)
    fine, coarse = coefficients(grey), coefficients(np.asarray(image, np.float64))
    found = patch_statistics(sharp).features
    assert found.shape == (4, 36)
    for number, (row, column) in enumerate(((0, 0), (0, 1), (1, 0), (1, 1))):
        block = fine[96 * row : 96 * row + 96, 96 * column : 96 * column + 96]
        half = coarse[48 * row : 48 * row + 48, 48 * column : 48 * column + 48]
        np.testing.assert_allclose(found[number, :18], features_of(block), rtol=1e-9)
        np.testing.assert_allclose(found[number, 18:], features_of(half), rtol=0.02, atol=2e-3)


def test_the_figure_is_the_papers_distance(sharp: FloatArray) -> None:
    features = patch_statistics(sharp).features
    generator = np.random.default_rng(1)
    spread = generator.normal(size=(36, 36)) * 0.1
    model = PristineModel("drawn", generator.random(36), spread @ spread.T + 0.01 * np.eye(36))
    offset = model.mean - features.mean(0)
    expected = np.sqrt(offset @ np.linalg.solve((model.covariance + np.cov(features.T)) / 2, offset))
    assert niqe(sharp, model) == pytest.approx(expected, rel=1e-6)


@given(shape=st.floats(0.5, 4), left=st.floats(0.3, 3), right=st.floats(0.3, 3), seed=st.integers(0, 2**32 - 1))
@settings(max_examples=15)
def test_the_fit_finds_the_distribution_it_was_drawn_from(shape: float, left: float, right: float, seed: int) -> None:
    from clearface.evaluate.metrics.niqe import _fitted

    generator = np.random.default_rng(seed)
    size = (1, 300, 300)
    amount = np.abs(stats.gennorm.rvs(shape, size=size, random_state=generator))
    negative = generator.random(size) < left / (left + right)
    drawn = np.where(negative, -left * amount, right * amount)
    found_shape, found_left, found_right, found_mean = (float(each[0]) for each in _fitted(drawn))
    assert found_shape == pytest.approx(shape, rel=0.08)
    assert found_left == pytest.approx(left, rel=0.1)
    assert found_right == pytest.approx(right, rel=0.1)
    assert found_mean == pytest.approx(drawn.mean(), abs=0.1 * (left + right))


@pytest.mark.parametrize(
    ("side", "patches"), [(95, 0), (96, 1), (97, 4), (128, 4), (192, 4), (193, 9), (256, 9), (512, 36)]
)
def test_patches_cover_the_picture(side: int, patches: int, astronaut: ByteImage) -> None:
    picture = astronaut[:side, :side].astype(np.float32) / np.float32(255)
    found = patch_statistics(picture)
    assert found.features.shape == (patches, 36)
    assert found.contrast.shape == (patches,)
    if patches > 1:
        changed = picture.copy()
        changed[-16:, -16:] = 1 - changed[-16:, -16:]
        assert (patch_statistics(changed).features[-1] != found.features[-1]).any()


@pytest.mark.parametrize("size", [128, 256])
def test_it_grows_with_blur_and_with_noise(size: int, astronaut: ByteImage, model: PristineModel) -> None:
    face = astronaut[10:266, 90:346].astype(np.float32) / np.float32(255)
    face = np.asarray(cv2.resize(face, (size, size), interpolation=cv2.INTER_AREA), np.float32)
    noise = np.random.default_rng(0).normal(size=face.shape)
    clean = niqe(face, model)
    blurred = [niqe(np.asarray(cv2.GaussianBlur(face, (0, 0), sigma), np.float32), model) for sigma in (1.0, 2.0, 4.0)]
    noisy = [niqe(np.clip(face + deviation * noise, 0, 1).astype(np.float32), model) for deviation in (0.02, 0.05, 0.1)]
    assert clean < blurred[0] < blurred[1] < blurred[2]
    assert clean < noisy[0] < noisy[1] < noisy[2]


def test_a_single_patch_is_measured_with_the_models_own_covariance(sharp: FloatArray, model: PristineModel) -> None:
    patch = sharp[:PATCH, :PATCH]
    offset = model.mean - patch_statistics(patch).features[0]
    assert niqe(patch, model) == pytest.approx(np.sqrt(offset @ np.linalg.solve(model.covariance, offset)), rel=1e-6)


def test_flat_and_small_pictures_have_no_value(model: PristineModel) -> None:
    assert np.isnan(niqe(np.full((128, 128, 3), 0.5, np.float32), model))
    assert np.isnan(niqe(np.random.default_rng(0).random((95, 200, 3)).astype(np.float32), model))


def test_flat_patches_do_not_count(sharp: FloatArray, model: PristineModel) -> None:
    """Nor is there a warning: a portrait before a white wall has some."""
    half = np.ones_like(sharp)
    half[:, :96] = sharp[:, :96]
    assert np.isfinite(niqe(half, model))
    assert np.isnan(patch_statistics(np.ones_like(sharp)).features).all()


def test_the_number_of_threads_changes_no_bit(sharp: FloatArray, model: PristineModel) -> None:
    threads = cv2.getNumThreads()
    try:
        values = []
        for count in (1, 4):
            cv2.setNumThreads(count)
            values.append(niqe(sharp, model))
    finally:
        cv2.setNumThreads(threads)
    assert values[0] == values[1]
