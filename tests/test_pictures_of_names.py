"""Names drawn on pictures: whatever they are, something is drawn, and only there."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearface.faces import Box, upright_face
from clearface.pictures_of_names import draw_names

GREY = np.full((200, 300, 3), 120, np.uint8)
FACE = upright_face(Box(100, 40, 180, 130))


def changed(name: str, face: object = FACE) -> np.ndarray:
    before = GREY.copy()
    drawn = draw_names(before, [(face, name)])  # type: ignore[list-item]
    assert (before == GREY).all()
    assert drawn.shape == GREY.shape
    assert drawn.dtype == np.uint8
    return np.asarray((drawn != GREY).any(2))


@pytest.mark.parametrize(
    "name", ["Ada", 'Grace "G" O\'Neil', "Zoë Ångström", "😀", "山田太郎", "a" * 500, "two\nlines", "\ud800"]
)
def test_a_name_is_drawn_below_its_face(name: str):
    rows = np.flatnonzero(changed(name).any(1))
    assert rows.min() >= 128
    assert rows.max() < 200


def test_letters_the_font_lacks_are_question_marks():
    assert (changed("😀") == changed("?")).all()
    assert (changed("Ada 山") == changed("Ada ?")).all()
    assert not (changed("Ada") == changed("Eva")).all()


def test_long_names_stay_inside():
    assert not changed("M" * 500)[:, 299:].all()
    assert changed("M" * 500)[:, :290].any()
    assert (changed("M" * 500) == changed("M" * 400)).all()


def test_a_face_at_the_rim_keeps_its_name_in_the_picture():
    full = changed("Ada").sum()
    low = changed("Ada", upright_face(Box(100, 110, 180, 199)))
    right = changed("Ada", upright_face(Box(250, 40, 299, 130)))
    outside = changed("Ada", upright_face(Box(280, 150, 420, 320)))
    assert low.sum() > 0.9 * full
    assert right.sum() > 0.3 * full
    assert outside.any()


def test_no_name_changes_nothing():
    assert draw_names(GREY, []) is GREY
    assert not changed("").any()
    assert not changed("   ").any()


@given(st.text(max_size=40))
def test_no_name_is_too_strange(name: str):
    changed(name)
