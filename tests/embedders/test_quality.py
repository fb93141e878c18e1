"""What makes a photo of a face worth less."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearface.arrays import ByteImage, DoubleArray, FloatArray
from clearface.embedders.quality import face_quality, frontality
from clearface.faces import FFHQ_TEMPLATE


@pytest.fixture(scope="module")
def square(astronaut: ByteImage) -> FloatArray:
    return np.asarray(astronaut[20:212, 128:320] / 255, np.float32)


def turned(degrees: float) -> DoubleArray:
    """The template's points on a head that turns aside: the nose stands out by half the distance of the eyes."""
    points = np.column_stack([FFHQ_TEMPLATE - FFHQ_TEMPLATE[:2].mean(0), [0.0, 0.0, 60.0, 0.0, 0.0]])
    angle = np.radians(degrees)
    return np.column_stack([points[:, 0] * np.cos(angle) + points[:, 2] * np.sin(angle), points[:, 1]])


def test_blur_size_and_doubt_cost_quality(square: FloatArray) -> None:
    best = face_quality(square, 200, 1.0)
    assert best > 0.5
    blurred = [
        face_quality(np.asarray(cv2.GaussianBlur(square, (0, 0), width), np.float32), 200, 1.0)
        for width in (1.5, 4.0, 8.0)
    ]
    assert best >= blurred[0] > blurred[1] > blurred[2] > 0
    assert face_quality(square, 64, 1.0) == pytest.approx(best / 2)
    assert face_quality(square, 200, 0.6) == pytest.approx(0.6 * best)
    assert face_quality(square, 1000, 1.0) == best
    assert face_quality(square, 200, 1.0, turned(40)) < 0.8 * face_quality(square, 200, 1.0, turned(0))


def test_turning_away_costs_frontality() -> None:
    values = [frontality(turned(degrees)) for degrees in (0, 10, 25, 45, 60)]
    assert values[0] == pytest.approx(1, abs=0.02)
    assert all(one > other for one, other in zip(values, values[1:], strict=False))
    assert values[-1] < 0.05
    assert frontality(turned(25)) == pytest.approx(frontality(turned(-25)), abs=0.03)
    nodding = FFHQ_TEMPLATE + np.array([[0, 0], [0, 0], [0, 25], [0, 0], [0, 0]])
    assert frontality(nodding) < 0.75


@given(
    angle=st.floats(-180, 180),
    scale=st.floats(0.01, 100),
    shift=st.tuples(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3)),
    yaw=st.floats(-60, 60),
)
def test_place_size_and_tilt_in_the_picture_do_not_matter(
    angle: float, scale: float, shift: tuple[float, float], yaw: float
) -> None:
    turn = np.radians(angle)
    linear = scale * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    moved = turned(yaw) @ linear.T + shift
    assert frontality(moved) == pytest.approx(frontality(turned(yaw)), abs=1e-4)


def test_points_that_coincide_tell_nothing() -> None:
    assert frontality(np.zeros((5, 2))) == 0
    assert frontality(np.tile([[3.0, 4.0]], (5, 1))) == 0


@given(size=st.floats(0.1, 5000), score=st.floats(0, 1), level=st.floats(0, 1))
def test_it_is_always_above_nothing(size: float, score: float, level: float) -> None:
    flat = np.full((32, 32, 3), level, np.float32)
    assert 0 < face_quality(flat, size, score, turned(80)) <= 1
