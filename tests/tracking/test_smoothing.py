import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.tracking.motions import Motion, face, follow, square, steady

from clearface.faces import Box, Face
from clearface.tracking.base import FoundFaces
from clearface.tracking.follow import FollowOptions

TIMES = [index / 30 for index in range(90)]


def shaken(motion: Motion, times: list[float], noise: float) -> list[FoundFaces]:
    """Boxes and landmarks with independent errors, normally distributed, of so many pixels."""
    random = np.random.default_rng(0)
    frames = []
    for index, seconds in enumerate(times):
        true = face(motion(seconds))
        sides = np.array([true.box.left, true.box.top, true.box.right, true.box.bottom]) + random.normal(0, noise, 4)
        found = Face(Box(*(float(side) for side in sides)), 0.9, true.landmarks + random.normal(0, noise, (5, 2)))
        frames.append(FoundFaces(index + 1, seconds, (found,)))
    return frames


def landmark_errors(motion: Motion, frames: list[FoundFaces], options: FollowOptions) -> np.ndarray:
    """`(frames, 10)`, in pixels, away from the ends."""
    told = follow(frames, options)
    errors = [(frame.faces[0].face.landmarks - face(motion(frame.seconds)).landmarks).ravel() for frame in told]
    return np.array(errors)[15:-15]


@pytest.mark.parametrize("speed", [0, 40, 400])
def test_even_motion_is_steadied_without_lag(speed):
    motion = steady(300, 400, 100, speed, speed / 3)
    frames = shaken(motion, TIMES, 0.8)
    raw = landmark_errors(motion, frames, FollowOptions(smooth=False))
    smooth = landmark_errors(motion, frames, FollowOptions())
    assert smooth.std() < 0.3 < 0.6 < raw.std()
    assert abs(smooth.mean()) < 0.1, "a lag would show as a mean error along the motion"


def test_what_moves_in_bounds_is_not_flattened():
    """A nod of half a second over a fifth of the face: a wide window would halve it."""

    def nod(seconds: float) -> Box:
        return square(500, 400 + 20 * np.sin(4 * np.pi * seconds), 100)

    frames = shaken(nod, TIMES, 0.3)
    assert np.abs(landmark_errors(nod, frames, FollowOptions())).max() < 3.5


def test_a_face_that_stops_at_once_is_not_smeared():
    def stops(seconds: float) -> Box:
        return square(300 + 600 * min(seconds, 1.5), 400, 100)

    errors = landmark_errors(stops, shaken(stops, TIMES, 0.0), FollowOptions())
    assert np.abs(errors).max() < 3


@settings(max_examples=15)
@given(st.integers(0, 2**31), st.floats(0, 0.2), st.floats(20, 300))
def test_the_smoothed_box_never_uncovers_the_found_one(seed, noise, size):
    random = np.random.default_rng(seed)
    frames = []
    for index in range(40):
        x, y = 500 + random.normal(0, noise * size, 2)
        frames.append(FoundFaces(index + 1, index / 30, (face(square(float(x), float(y), size)),)))
    for found, told in zip(frames, follow(frames), strict=True):
        for one in found.faces:
            shrunk = square(*one.box.centre, 0.95 * size - 1e-6)
            covering = [
                tracked
                for tracked in told.faces
                if tracked.face.box.left <= shrunk.left
                and tracked.face.box.top <= shrunk.top
                and tracked.face.box.right >= shrunk.right
                and tracked.face.box.bottom >= shrunk.bottom
            ]
            assert covering


def test_nothing_is_steadied_when_it_is_not_wanted():
    frames = shaken(steady(300, 400, 100), TIMES[:30], 1.0)
    for found, told in zip(frames, follow(frames, FollowOptions(smooth=False)), strict=True):
        assert told.faces[0].face.box == found.faces[0].box
        np.testing.assert_array_equal(told.faces[0].face.landmarks, found.faces[0].landmarks)
