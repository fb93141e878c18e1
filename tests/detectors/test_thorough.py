from typing import Any

import cv2
import numpy as np
import pytest
import skimage.data

from clearface.detectors.centerface import CenterFace
from clearface.detectors.registry import DetectorOptions
from clearface.detectors.thorough import HIDING_THRESHOLD, ThoroughDetector, ThoroughOptions, build_thorough_detector
from clearface.errors import UsageError
from clearface.faces import Box, Face, upright_face

FACE = Box(180.5, 58.0, 271.2, 178.6)
"""The astronaut's, as CenterFace gives it."""


@pytest.fixture(scope="module")
def thorough():
    return build_thorough_detector("centerface")


def gravel(height: int, width: int) -> Any:
    grey = np.tile(skimage.data.gravel(), (-(-height // 512), -(-width // 512)))[:height, :width]
    return np.repeat(grey[..., None], 3, axis=2)


def pasted(size: float, places: list[tuple[float, float]], shape: tuple[int, int] = (300, 400)) -> Any:
    """Gravel with the astronaut's head, its face `size` pixels large; places are of the top left corner of the face's box."""
    picture = gravel(*shape)
    scale = size / FACE.size
    left, top = 120, 0
    head = skimage.data.astronaut()[top:240, left:340]
    head = cv2.resize(head, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    truth = []
    for x, y in places:
        column, row = round(x - (FACE.left - left) * scale), round(y - (FACE.top - top) * scale)
        spans = [max(0, row), min(shape[0], row + head.shape[0]), max(0, column), min(shape[1], column + head.shape[1])]
        picture[spans[0] : spans[1], spans[2] : spans[3]] = head[
            spans[0] - row : spans[1] - row, spans[2] - column : spans[3] - column
        ]
        corner = (column + (FACE.left - left) * scale, row + (FACE.top - top) * scale)
        truth.append(Box(*corner, corner[0] + FACE.width * scale, corner[1] + FACE.height * scale))
    return picture, truth


def test_faces_of_ten_pixels_are_found(thorough):
    places = [(40.0 + 60 * column, 40.0 + 60 * row) for row in range(4) for column in range(5)]
    picture, truth = pasted(10, places)
    found = thorough.detect(picture)
    assert sum(any(face.box.overlap(box) > 0.4 for face in found) for box in truth) >= 19
    assert (
        sum(not any(face.box.overlap(box) > 0.1 for box in truth) for face in found) <= 4
    )  # the collar of the reduced suit


@pytest.mark.parametrize(("x", "y"), [(-6.0, 100.0), (388.0, 100.0), (200.0, -8.0), (200.0, 284.0)])
def test_a_small_face_of_which_the_edge_cuts_a_third_is_found(thorough, x, y):
    picture, (truth,) = pasted(20, [(x, y)])
    inside = Box(max(truth.left, 0), max(truth.top, 0), min(truth.right, 400), min(truth.bottom, 300))
    clipped = [
        Box(max(face.box.left, 0), max(face.box.top, 0), min(face.box.right, 400), min(face.box.bottom, 300))
        for face in thorough.detect(picture)
    ]
    assert any(box.overlap(inside) > 0.4 for box in clipped)


def test_faces_found_as_usual_keep_their_numbers(thorough, astronaut):
    picture = gravel(700, 900)
    picture[:512, :512] = astronaut
    tiny, _ = pasted(10, [(40.0, 40.0), (100.0, 90.0)])
    picture[380:680, 500:900] = tiny
    usual = CenterFace().detect(picture)
    found = thorough.detect(picture)
    assert len(found) > len(usual)
    for before, after in zip(usual, found, strict=False):
        assert before.box.overlap(after.box) > 0.9


def test_nothing_is_found_where_nothing_is(thorough):
    assert thorough.detect(np.zeros((64, 64, 3), np.uint8)) == []
    assert thorough.detect(np.full((1, 500, 3), 90, np.uint8)) == []
    assert thorough.detect(gravel(300, 400)) == []


class Told:
    """Answers the same to everything, and remembers what it was shown."""

    name = "told"

    def __init__(self, *faces: Face) -> None:
        self.faces = list(faces)
        self.shown: list[Any] = []

    def detect(self, image: Any) -> list[Face]:
        self.shown.append(image)
        return self.faces


def scored(box: Box, score: float) -> Face:
    return Face(box, score, upright_face(box).landmarks)


def test_a_small_answer_counts_by_both_its_scores():
    margin = ThoroughOptions().margin
    candidate = scored(Box(50.0 + margin, 50.0 + margin, 60.0 + margin, 60.0 + margin), 0.1)
    close_up = scored(Box(30.0, 30.0, 66.0, 66.0), 0.9)
    close = Told(close_up)
    (found,) = ThoroughDetector(Told(), Told(candidate), close, ThoroughOptions(0.3)).detect(gravel(100, 120))
    assert found.score == pytest.approx(0.3)
    assert found.box.centre == pytest.approx((55, 55), abs=0.01)
    assert found.box.width == pytest.approx(10)
    assert close.shown[0].shape == (96, 96, 3)
    assert ThoroughDetector(Told(), Told(candidate), close, ThoroughOptions(0.31)).detect(gravel(100, 120)) == []
    assert ThoroughDetector(Told(), Told(candidate), Told(), ThoroughOptions(0.1)).detect(gravel(100, 120)) == []


def test_an_answer_in_the_mirror_is_of_a_face_in_the_picture():
    margin = ThoroughOptions().margin
    left = scored(Box(margin - 25.0, margin + 20.0, margin + 5.0, margin + 60.0), 0.8)
    (found,) = ThoroughDetector(Told(), Told(left), Told()).detect(gravel(100, 120))
    assert found.box == Box(-5.0, 20.0, 25.0, 60.0)
    assert found.landmarks[0, 0] < found.landmarks[1, 0]


def test_the_threshold_is_the_one_for_hiding_unless_told():
    for name, options, threshold in (("centerface", None, HIDING_THRESHOLD), ("CenterFace", DetectorOptions(0.5), 0.5)):
        built = build_thorough_detector(name, options)
        assert isinstance(built, ThoroughDetector)
        assert built.options.threshold == threshold
    with pytest.raises(UsageError):
        build_thorough_detector("nobody")


def test_upside_down_faces_are_found_in_turns():
    picture, truth = pasted(12, [(60.0, 60.0), (200.0, 150.0)])
    picture = np.ascontiguousarray(np.rot90(picture, 2))
    found = build_thorough_detector("centerface", rotations=True).detect(picture)
    for box in truth:
        turned = Box(399 - box.right, 299 - box.bottom, 399 - box.left, 299 - box.top)
        assert any(face.box.overlap(turned) > 0.4 for face in found)
