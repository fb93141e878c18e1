"""Names of results are safe to write anywhere, and each is there once."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearface.server.jobs.names import result_stem, unique_names
from clearface.server.orders import Task


@given(st.text(max_size=60), st.integers(1, 99), st.sampled_from(Task))
def test_a_name_is_letters_digits_and_little_else(photo: str, number: int, task: Task) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]*_(restored|faces|hidden|named)", result_stem(photo, number, task))


@pytest.mark.parametrize(
    ("photo", "stem"),
    [
        ("holiday.jpg", "holiday_restored"),
        ("../../etc/passwd", "passwd_restored"),
        ("a b<script>.tar.png", "a_bscript.tar_restored"),
        ("写真.jpg", "photo-3_restored"),
        ("", "photo-3_restored"),
        ("-rf.jpg", "rf_restored"),
        ("C:\\Users\\me\\x.png", "x_restored"),
    ],
)
def test_names_stay_recognizable(photo: str, stem: str) -> None:
    assert result_stem(photo, 3, Task.RESTORE) == stem


@given(st.lists(st.sampled_from(["a", "A", "a-2", "b"])))
def test_every_name_is_there_once(stems: list[str]) -> None:
    names = unique_names(stems)
    assert len({name.lower() for name in names}) == len(stems)
    for first, name in enumerate(names):
        if stems[first].lower() not in {stem.lower() for stem in stems[:first]} and name != stems[first]:
            assert stems[first].lower() in {other.lower() for other in names[:first]}
