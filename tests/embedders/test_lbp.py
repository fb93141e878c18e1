"""Histograms of local binary patterns, against patterns and histograms written as loops."""

import numpy as np
import pytest
from scipy import ndimage

from clearface.arrays import FloatArray
from clearface.embedders.lbp import LbpOptions, cell_weights, lbp_histograms
from clearface.embedders.photometry import Photometry
from clearface.embedders.registry import build_embedder


def texture(count: int, height: int = 42, width: int = 35) -> FloatArray:
    noise = np.random.default_rng(4).random((count, height, width), dtype=np.float32)
    return np.asarray(np.rint(ndimage.gaussian_filter(noise, (0, 1, 1)) * 255) / 255, np.float32)


def patterns_by_hand(picture: np.ndarray) -> list[list[str]]:
    """For each pixel its pattern as a word of eight letters, or "other" where it changes more than twice around the circle."""
    levels = np.rint(picture * 255)
    height, width = levels.shape
    angles = 2 * np.pi * np.arange(8) / 8
    steps = np.stack([-2 * np.sin(angles), 2 * np.cos(angles)], 1).round(5)
    words: list[list[str]] = []
    for row in range(height):
        words.append([])
        for column in range(width):
            places = steps + [row, column]
            around = ndimage.map_coordinates(levels, places.T, order=1, mode="constant", cval=0.0)
            inside = (places >= 0).all(1) & (places <= [height - 1, width - 1]).all(1)
            word = "".join("1" if value >= levels[row, column] else "0" for value in around)
            changes = sum(word[place] != word[place - 1] for place in range(8))
            words[-1].append((word if changes <= 2 else "other") if inside.all() else "rim")
    return words


def test_cells_are_alike_as_far_as_their_patterns_are() -> None:
    """The product of two vectors is the mean over the cells of sum sqrt(p q): held against patterns found without scikit-image.

    Labels are compared by what they part, so that their numbering is free; beyond the rim scikit-image fills in otherwise.
    """
    from skimage.feature import local_binary_pattern

    (picture,) = texture(1)
    labels = local_binary_pattern(np.rint(picture * 255).astype(np.uint8), 8, 2, "nri_uniform")
    seen: dict[str, set[float]] = {}
    for row, words in enumerate(patterns_by_hand(picture)):
        for column, word in enumerate(words):
            if word != "rim":
                seen.setdefault(word, set()).add(labels[row, column])
    assert all(len(found) == 1 for found in seen.values())
    assert len({next(iter(found)) for found in seen.values()}) == len(seen)


@pytest.mark.parametrize("weighted", [False, True])
def test_a_product_is_the_likeness_of_histograms(weighted: bool) -> None:
    from skimage.feature import local_binary_pattern

    pictures = texture(2)
    one, other = lbp_histograms(pictures, LbpOptions(7, weighted, Photometry.NONE))
    likeness, whole = 0.0, 0.0
    for row in range(7):
        for column in range(7):
            cell = np.s_[row * 6 : row * 6 + 6, column * 5 : column * 5 + 5]
            shares = []
            for picture in pictures:
                labels = local_binary_pattern(np.rint(picture * 255).astype(np.uint8), 8, 2, "nri_uniform")[cell]
                shares.append([float((labels == label).mean()) for label in range(59)])
            weight = cell_weights(7)[row * 7 + column] if weighted else 1.0
            likeness += weight * sum(np.sqrt(p * q) for p, q in zip(*shares, strict=True))
            whole += weight
    assert float(one @ other) == pytest.approx(likeness / whole, abs=1e-5)
    assert np.linalg.norm(one) == pytest.approx(1, abs=1e-5)
    assert one.shape == (7 * 7 * 59,)


def test_brightness_does_not_matter() -> None:
    (picture,) = texture(1)
    options = LbpOptions(photometry=Photometry.NONE)
    darker = np.rint(picture * 255 / 2) * 2 / 255  # so that halving rounds nothing
    found = lbp_histograms(np.stack([darker, darker / 2]).astype(np.float32), options)
    np.testing.assert_allclose(found[0], found[1], atol=1e-6)


def test_middle_cells_count_most() -> None:
    weights = cell_weights(7).reshape(7, 7)
    assert weights.argmax() == 24
    assert np.allclose(weights, weights[::-1])
    assert np.allclose(weights, weights.T)


def test_pictures_smaller_than_the_grid_are_refused() -> None:
    with pytest.raises(ValueError, match="6x40 have no 7x7 cells"):
        lbp_histograms(np.zeros((1, 40, 6), np.float32), LbpOptions(7))


def test_the_embedder_needs_no_file() -> None:
    embedder = build_embedder("lbp")
    square = np.repeat(texture(1, 160, 160)[0][..., None], 3, 2)
    vectors = embedder.embed(np.stack([square, square[:, ::-1]]))
    assert vectors.shape == (2, embedder.dimension)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    assert np.array_equal(vectors[1:], embedder.embed(square[None, :, ::-1]))
    assert embedder.checksum == build_embedder("lbp").checksum
    assert len(embedder.checksum) == 64
    assert embedder.embed(square[None][:0]).shape == (0, embedder.dimension)
