"""Which faces are kept."""

import numpy as np
import pytest

from clearface.detectors.selection import FaceSelection, select_faces
from clearface.errors import UsageError
from clearface.faces import Box, Face

SHAPE = (400, 600, 3)


def face(left: float, top: float, width: float, height: float, score: float = 0.9) -> Face:
    return Face(Box(left, top, left + width, top + height), score, np.zeros((5, 2)))


SMALL = face(10, 10, 20, 20, 0.95)
LARGE = face(30, 200, 100, 120)
CENTRAL = face(275, 170, 50, 60, 0.5)
FACES = [SMALL, LARGE, CENTRAL]


def test_by_default_all_are_kept_in_order() -> None:
    assert select_faces(FACES, SHAPE, FaceSelection()) == FACES


def test_the_minimum_is_measured_on_the_box() -> None:
    assert select_faces(FACES, SHAPE, FaceSelection(minimum_size=20)) == FACES
    assert select_faces(FACES, SHAPE, FaceSelection(minimum_size=20.01)) == [LARGE, CENTRAL]
    assert select_faces([face(0, 0, 10, 40)], SHAPE, FaceSelection(minimum_size=20)) != []


def test_the_largest_is_the_one_with_the_largest_box() -> None:
    assert select_faces(FACES, SHAPE, FaceSelection(largest_only=True)) == [LARGE]


def test_the_central_one_is_nearest_to_the_centre_of_the_photo() -> None:
    assert select_faces(FACES, SHAPE, FaceSelection(centre_only=True)) == [CENTRAL]
    assert select_faces(FACES, (40, 40), FaceSelection(centre_only=True)) == [SMALL]


def test_the_minimum_goes_first() -> None:
    chosen = select_faces([SMALL, LARGE], (40, 40), FaceSelection(minimum_size=50, centre_only=True))
    assert chosen == [LARGE]


@pytest.mark.parametrize(
    "selection", [FaceSelection(), FaceSelection(largest_only=True), FaceSelection(centre_only=True)]
)
def test_of_no_faces_none_is_chosen(selection: FaceSelection) -> None:
    assert select_faces([], SHAPE, selection) == []


def test_largest_and_centre_exclude_each_other() -> None:
    with pytest.raises(UsageError, match="not both"):
        FaceSelection(largest_only=True, centre_only=True)


@pytest.mark.parametrize("size", [-1.0, float("nan"), float("inf")])
def test_a_minimum_that_is_no_size_is_refused(size: float) -> None:
    with pytest.raises(UsageError, match="minimum size"):
        FaceSelection(minimum_size=size)
