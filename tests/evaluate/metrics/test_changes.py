import numpy as np
import pytest

from clearface.blending import face_mask
from clearface.evaluate.metrics.changes import change_outside, changed_share, colour_shift


def faces(seed: int, height: int = 48, width: int = 48) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0.2, 0.8, (height, width, 3)).astype(np.float32)


def test_the_channel_that_moves_most_counts() -> None:
    before = faces(0)
    assert colour_shift(before, before + np.array([0.01, -0.04, 0.02], np.float32)) == pytest.approx(10.2, rel=1e-4)
    assert colour_shift(before, before[::-1, ::-1]) == pytest.approx(0, abs=1e-9)


def test_an_even_change_is_told_in_levels_and_one_under_the_mask_not_at_all() -> None:
    before = faces(1)
    assert change_outside(before, before - np.float32(0.1)) == pytest.approx(25.5, rel=1e-4)
    under = before.copy()
    under[face_mask(48) == 1] = 0
    assert change_outside(before, under) == 0


def test_as_a_weighted_mean() -> None:
    before, after = faces(2), faces(3)
    expected = 255 * np.average(np.abs(after - before).mean(2), weights=1 - face_mask(48).astype(float))
    assert change_outside(before, after) == pytest.approx(expected, rel=1e-6)


def test_beside_the_square_in_the_middle_all_counts() -> None:
    before = faces(4, 40, 60)
    after = before.copy()
    after[:, :10] += np.float32(0.1)
    rim = 1 - face_mask(40).astype(float)
    assert change_outside(before, after) == pytest.approx(25.5 * 400 / (800 + rim.sum()), rel=1e-4)
    tall = (picture.transpose(1, 0, 2) for picture in (before, after))
    assert change_outside(*tall) == pytest.approx(change_outside(before, after))


def test_less_than_a_level_is_no_change() -> None:
    before = np.full((4, 4, 3), 100 / 255, np.float32)
    after = before + np.float32(0.3 / 255)
    assert changed_share(before, after) == 0
    after[0, :2, 1] += np.float32(1 / 255)
    assert changed_share(before, after) == 2 / 16
