import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearface.choosing import FaceChoice, parse_pick, parse_rectangle
from clearface.errors import UsageError
from clearface.faces import FFHQ_TEMPLATE, Box, Face, native_size, similarity_transform, transform_scale, upright_face


def face_at(x: float, y: float, size: float = 20.0) -> Face:
    return upright_face(Box(x - size / 2, y - size / 2, x + size / 2, y + size / 2))


def test_all_faces_are_chosen_without_a_word():
    assert FaceChoice().chosen(1, face_at(10, 10))
    assert FaceChoice().unmatched(frozenset()) == ()


def test_faces_are_kept_by_number_and_by_place():
    choice = FaceChoice(keep=(2, Box(0, 0, 50, 50)))
    assert [choice.chosen(number, face_at(100, 100)) for number in (1, 2, 3)] == [True, False, True]
    assert not choice.chosen(1, face_at(49, 0))
    assert choice.chosen(1, face_at(50, 0))


def test_only_some_faces_are_hidden():
    choice = FaceChoice(only=(Box(0, 0, 50, 50), 3))
    assert [choice.chosen(number, face_at(100, 100)) for number in (1, 2, 3)] == [False, False, True]
    assert choice.chosen(1, face_at(25, 25))


def test_keeping_and_hiding_only_exclude_each_other():
    with pytest.raises(UsageError, match="not both"):
        FaceChoice(keep=(1,), only=(2,))


def test_a_choice_that_names_no_face_is_told():
    choice = FaceChoice(keep=(1, 9, Box(0, 0, 5, 5)))
    matched = choice.matched(1, face_at(100, 100)) | choice.matched(2, face_at(30, 30))
    assert matched == {1}
    assert choice.unmatched(matched) == (
        "number 9 named no face, so none is kept by it",
        "rectangle 0,0,5,5 named no face, so none is kept by it",
    )
    assert FaceChoice(only=(4,)).unmatched(frozenset()) == ("number 4 named no face, so none is hidden by it",)


@given(st.integers(1, 999_999_999))
def test_numbers_are_read(number):
    assert parse_pick(f" {number} ") == number


@given(st.tuples(*[st.integers(-9999, 9999)] * 2), st.tuples(*[st.integers(1, 9999)] * 2))
def test_rectangles_are_read(corner, size):
    (left, top), (width, height) = corner, size
    assert parse_pick(f"{left},{top}, {left + width},{top + height}") == Box(left, top, left + width, top + height)


@pytest.mark.parametrize(
    "text", ["", "0", "-1", "1.5", "x", "٣", "1,2,3", "1,2,3,4,5", "5,5,5,9", "1,9,5,9", "1,2,inf,4", "nan,1,2,3"]
)
def test_nonsense_is_named_in_one_sentence(text):
    with pytest.raises(UsageError) as raised:
        parse_pick(text)
    assert f'"{text}"' in str(raised.value)
    assert "\n" not in str(raised.value)
    with pytest.raises(UsageError):
        parse_rectangle(text)


@given(st.floats(1, 5000), st.floats(1, 5000))
def test_a_rectangle_becomes_an_upright_face_of_its_size(width, height):
    box = Box(7.0, 9.0, 7.0 + width, 9.0 + height)
    (face,) = FaceChoice(also=(box,)).told_faces()
    assert (face.box, face.score) == (box, 1.0)
    transform = similarity_transform(face.landmarks, FFHQ_TEMPLATE)
    assert transform[0, 1] == pytest.approx(0, abs=1e-6)
    assert 512 / transform_scale(transform) == pytest.approx(1.61 * box.size, rel=1e-6)
    assert native_size(face) == pytest.approx(1.61 * box.size, rel=1e-6)
    assert np.allclose(face.landmarks[:2].mean(0)[0], box.centre[0], atol=0.01 * box.size)


@pytest.mark.parametrize(
    ("choice", "by_people", "hidden"),
    [
        (FaceChoice(), None, True),
        (FaceChoice(), True, True),
        (FaceChoice(), False, False),
        (FaceChoice(keep=(1,)), True, False),
        (FaceChoice(keep=(2,)), True, True),
        (FaceChoice(keep=(2,)), False, False),
        (FaceChoice(only=(1,)), False, True),
        (FaceChoice(only=(2,)), True, True),
        (FaceChoice(only=(2,)), False, False),
    ],
)
def test_who_somebody_is_counts_beside_what_was_picked(choice, by_people, hidden):
    (face,) = FaceChoice(also=(Box(0, 0, 10, 10),)).told_faces()
    assert choice.chosen(1, face, by_people) is hidden
