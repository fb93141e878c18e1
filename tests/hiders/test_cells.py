"""What passes of a crop: few colours a cell, and the same noise for the same cell."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearface.errors import UsageError
from clearface.faces import Box, Face
from clearface.hiders.blur import BLUR_CELLS
from clearface.hiders.cells import CellSettings, cell_means, check_strength, lay_cells, tell_cells
from clearface.hiders.mosaic import MOSAIC_CELLS


def face_at(x: float, y: float, size: float) -> Face:
    return Face(Box(x - size / 2, y - size / 2, x + size / 2, y + size / 2), 0.9, np.zeros((5, 2)))


def speckle(height: int, width: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random((height, width, 3), np.float32)


@given(
    st.floats(-50, 150),
    st.floats(-50, 150),
    st.floats(1, 200),
    st.floats(0.5, 8),
    st.integers(1, 90),
    st.integers(1, 90),
)
def test_cells_part_the_crop(x: float, y: float, size: float, across: float, height: int, width: int) -> None:
    """Every pixel lies in one cell, cells are squares to the pixel, and their means are those NumPy finds one by one."""
    cells = lay_cells(face_at(x, y, size), across, height, width)
    for edges, length in ((cells.left, width), (cells.top, height)):
        assert edges[0] == 0
        assert edges[-1] == length
        assert (np.diff(edges) > 0).all()
        assert (np.abs(np.diff(edges)[1:-1] - cells.side) <= 1).all()
    crop = speckle(height, width)
    means = cell_means(crop, cells)
    for row in range(len(cells.top) - 1):
        for column in range(len(cells.left) - 1):
            cell = crop[cells.top[row] : cells.top[row + 1], cells.left[column] : cells.left[column + 1]]
            np.testing.assert_allclose(means[row, column], cell.mean((0, 1)), atol=1e-5)


@pytest.mark.parametrize("settings", [BLUR_CELLS, MOSAIC_CELLS])
def test_a_colour_is_one_of_few(settings: CellSettings) -> None:
    """However many crops are hidden: brightness has 17 levels, and colours lie on the grid of their steps."""
    seen = set()
    for seed in range(40):
        crop = speckle(60, 60, seed) ** np.float32(1 + seed % 5) * np.float32(seed / 40)
        cells = lay_cells(face_at(30, 30, 40), settings.across, 60, 60)
        colours = tell_cells(crop, cells, settings, np.random.default_rng(seed)).reshape(-1, 3).astype(float)
        free = colours[((colours > 0) & (colours < 1)).all(1)]  # the others were cut off at black or white
        luma = free @ [0.299, 0.587, 0.114]
        np.testing.assert_allclose(luma / settings.luma_step, np.rint(luma / settings.luma_step), atol=1e-4)
        blue = (free[:, 2] - luma) / 1.772 / settings.colour_step
        np.testing.assert_allclose(blue, np.rint(blue), atol=1e-4)
        seen |= set(np.rint(luma / settings.luma_step).astype(int))
    assert 3 <= len(seen) <= round(1 / settings.luma_step) + 1


def test_noise_belongs_to_the_cells_of_the_face() -> None:
    """Of a face that leaves the picture, the cells that are left keep their noise."""
    grey = np.full((120, 120, 3), 0.5, np.float32)
    settings = CellSettings(across=4.0, contrast=0.5, luma_step=1 / 1000)
    whole = tell_cells(grey, lay_cells(face_at(59.5, 59.5, 80), 4.0, 120, 120), settings, np.random.default_rng(5))
    part = tell_cells(
        grey[:, 60:], lay_cells(face_at(-0.5, 59.5, 80), 4.0, 120, 60), settings, np.random.default_rng(5)
    )
    np.testing.assert_allclose(part, whole[:, 3:], atol=1e-5)
    assert whole.std() > 0.03


def test_noise_is_what_the_settings_say() -> None:
    grey = np.full((400, 400, 3), 0.5, np.float32)
    settings = CellSettings(across=40.0, contrast=0.5, luma_step=1e-4, colour_step=1e-4)
    means, deviations = [], []
    for seed in range(60):
        cells = lay_cells(face_at(199.5, 199.5, 400), 40.0, 400, 400)
        luma = tell_cells(grey, cells, settings, np.random.default_rng(seed)) @ np.array([0.299, 0.587, 0.114])
        means.append(luma.mean())
        deviations.append(luma.std())
    assert np.mean(deviations) == pytest.approx(settings.luma_noise, rel=0.05)
    assert np.std(means) == pytest.approx(settings.common_noise, rel=0.3)


def test_contrast_is_what_the_settings_say() -> None:
    crop = np.zeros((80, 80, 3), np.float32)
    crop[:, :40] = 0.8
    settings = CellSettings(2.0, 0.25, 1e-4, 1e-4, luma_noise=0, colour_noise=0, common_noise=0)
    cells = lay_cells(face_at(39.5, 39.5, 80), 2.0, 80, 80)
    colours = tell_cells(crop, cells, settings, np.random.default_rng(0))
    np.testing.assert_allclose(colours[:, 0], 0.5, atol=1e-3)
    np.testing.assert_allclose(colours[:, 1], 0.3, atol=1e-3)


@pytest.mark.parametrize("strength", [0.5, 2.0, 1e100])
def test_strength_is_the_size_of_the_cells(strength: float) -> None:
    usual, strong = (lay_cells(face_at(300, 300, 300), BLUR_CELLS.at(s).across, 600, 600) for s in (1, strength))
    assert strong.side == pytest.approx(strength * usual.side)
    assert BLUR_CELLS.at(strength).luma_noise == BLUR_CELLS.luma_noise


@pytest.mark.parametrize("strength", [-1, float("nan"), float("inf"), 0, 0.49])
def test_a_strength_that_would_not_hide_is_refused(strength: float) -> None:
    with pytest.raises(UsageError, match=r"strength .*: .*0\.5"):
        check_strength(strength)


def test_tiny_faces_have_cells_of_two_pixels() -> None:
    cells = lay_cells(face_at(10, 10, 3), 4.0, 20, 20)
    assert cells.side == 2
