import math

import cv2
import numpy as np
import pytest
from skimage.transform import warp

from clearface.arrays import ByteImage
from clearface.evaluate.metrics.warped_error import flow_between, trusted_flow, warped_error

EVERYWHERE = np.ones((40, 50), bool)


def picture(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0.2, 0.8, (40, 50, 3)).astype(np.float32)


def smooth_flow(seed: int, strength: float) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(size=(40, 50, 2))
    return (cv2.GaussianBlur(noise, (0, 0), 6) * strength).astype(np.float32)


def test_still_frames_have_no_error_and_an_even_change_has_its_square() -> None:
    still = np.zeros((40, 50, 2), np.float32)
    assert warped_error(picture(0), picture(0), still, EVERYWHERE) == 0
    assert warped_error(picture(0), picture(0) + np.float32(0.1), still, EVERYWHERE) == pytest.approx(0.01, rel=1e-4)


def test_as_by_scikit_image() -> None:
    frame, following, flow = picture(1), picture(2), smooth_flow(3, 20)
    assert np.abs(flow).max() > 1
    rows, columns = np.mgrid[:40, :50].astype(float)
    ends = np.stack([rows + flow[..., 1], columns + flow[..., 0]])
    inside = (ends[0] >= 0) & (ends[0] <= 39) & (ends[1] >= 0) & (ends[1] <= 49)
    trusted = np.random.default_rng(4).random((40, 50)) < 0.7
    carried = np.stack([warp(following[..., channel], ends, order=1, mode="edge") for channel in range(3)], 2)
    expected = ((frame - carried)[inside & trusted] ** 2).mean()
    # OpenCV places what lies between pixels on thirty-seconds of them.
    assert warped_error(frame, following, flow, trusted) == pytest.approx(expected, rel=0.02)


def test_a_picture_that_moves_whole_pixels_does_not_flicker() -> None:
    wide = np.random.default_rng(5).random((50, 60, 3)).astype(np.float32)
    flow = np.broadcast_to(np.array([3, -2], np.float32), (40, 50, 2)).copy()
    assert warped_error(wide[5:45, 5:55], wide[7:47, 2:52], flow, EVERYWHERE) == pytest.approx(0, abs=1e-12)
    assert warped_error(wide[5:45, 5:55], wide[7:47, 2:52], -flow, EVERYWHERE) > 0.05


def test_where_nothing_can_be_trusted_there_is_no_value() -> None:
    away = np.full((40, 50, 2), 100, np.float32)
    assert math.isnan(warped_error(picture(0), picture(0), away, EVERYWHERE))
    assert math.isnan(warped_error(picture(0), picture(0), np.zeros_like(away), ~EVERYWHERE))


def test_trust_by_the_formula_pixel_by_pixel() -> None:
    """Flows of whole pixels need no interpolation, so that the formula can be followed literally."""
    random = np.random.default_rng(6)
    forward = np.repeat(np.repeat(random.integers(-2, 3, (5, 5, 2)), 8, 0), 10, 1).astype(np.float32)
    backward = -np.repeat(np.repeat(random.integers(-2, 3, (5, 5, 2)), 8, 0), 10, 1).astype(np.float32)
    found = trusted_flow(forward, backward)
    across = [np.gradient(forward[..., part], axis=1) for part in (0, 1)]
    down = [np.gradient(forward[..., part], axis=0) for part in (0, 1)]
    for row in range(3, 37):
        for column in range(3, 47):
            there = forward[row, column]
            back = backward[row + int(there[1]), column + int(there[0])]
            hidden = np.sum((there + back) ** 2) > 0.01 * (np.sum(there**2) + np.sum(back**2)) + 0.5
            slope = sum(part[row, column] ** 2 for part in (*across, *down))
            edge = slope > 0.01 * np.sum(there**2) + 0.002
            assert found[row, column] == (not hidden and not edge)
    assert 0 < found.mean() < 1


def test_the_flow_of_a_moved_picture_is_found(astronaut: ByteImage) -> None:
    before, after = astronaut[100:260, 100:300], astronaut[102:262, 97:297]
    flow = flow_between(before, after)
    assert np.median(flow.reshape(-1, 2), 0) == pytest.approx([3, -2], abs=0.1)
