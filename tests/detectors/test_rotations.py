from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearface.detectors.centerface import CenterFace
from clearface.detectors.rotations import RotatingDetector, turned_back
from clearface.faces import Box, Face, apply_transform, carried_face


class Spots:
    """Finds the one pixel that is bright, as a face of which all landmarks lie there, and knows nothing but upright pictures."""

    name = "spots"

    def detect(self, image: Any) -> list[Face]:
        row, column = np.argwhere(image[..., 0] == 255)[0]
        box = Box(column - 1.0, row - 2.0, column + 1.0, row + 2.0)
        return [Face(box, 0.5, np.tile([[float(column), float(row)]], (5, 1)))]


@given(st.integers(1, 40), st.integers(1, 40), st.data())
def test_a_place_is_carried_back_from_every_turn(height, width, data):
    row, column = data.draw(st.integers(0, height - 1)), data.draw(st.integers(0, width - 1))
    picture = np.zeros((height, width, 3), np.uint8)
    picture[row, column] = 255
    for turns in range(4):
        (found,) = Spots().detect(np.rot90(picture, turns))
        face = carried_face(found, turned_back(turns, height, width))
        assert np.allclose(face.landmarks, [column, row])
        assert np.allclose(face.box.centre, [column, row])
        wide = (4, 2) if turns % 2 else (2, 4)
        assert (face.box.width, face.box.height) == wide


@given(st.integers(0, 3), st.integers(1, 99), st.integers(1, 99))
def test_turning_keeps_distances(turns, height, width):
    points = np.array([[0.0, 0.0], [3.0, 4.0]])
    carried = apply_transform(turned_back(turns, height, width), points)
    assert np.linalg.norm(carried[1] - carried[0]) == pytest.approx(5)


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_faces_are_found_whichever_way_up(astronaut, turns):
    detector = CenterFace()
    (upright,) = detector.detect(astronaut)
    turned = np.ascontiguousarray(np.rot90(astronaut, turns))
    (found,) = RotatingDetector(detector).detect(turned)
    expected = carried_face(upright, turned_back((4 - turns) % 4, *turned.shape[:2]))
    assert found.box.overlap(expected.box) > 0.8
    eyes = np.linalg.norm(upright.landmarks[1] - upright.landmarks[0])
    assert np.abs(found.landmarks - expected.landmarks).max() < 0.2 * eyes


def test_a_face_seen_in_several_turns_is_one(astronaut):
    found = RotatingDetector(CenterFace()).detect(astronaut)
    assert len(found) == 1
    assert RotatingDetector(CenterFace()).name == "centerface"
    assert RotatingDetector(CenterFace()).detect(np.zeros((40, 60, 3), np.uint8)) == []
