"""Which photos are compared."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearface.errors import PhotoError, UsageError
from clearface.evaluate.recognition.pairs import kept_pairs, pairs_of_people, read_pairs


@given(st.lists(st.integers(0, 4), min_size=2, max_size=14), st.integers(0, 1000))
def test_all_pairs_are_there_once(people: list[int], seed: int) -> None:
    pairs = pairs_of_people(np.array(people), 10_000, seed)
    found = {frozenset(pair) for pair in zip(pairs.first.tolist(), pairs.second.tolist(), strict=True)}
    assert len(found) == len(pairs)
    assert found == {frozenset(pair) for pair in combinations(range(len(people)), 2)}
    assert [bool(same) for same in pairs.same] == [
        people[first] == people[second] for first, second in zip(pairs.first, pairs.second, strict=True)
    ]


@given(st.integers(1, 40), st.integers(0, 1000))
def test_no_more_than_are_wanted_are_drawn_and_none_twice(most: int, seed: int) -> None:
    people = np.arange(60) // 4
    pairs = pairs_of_people(people, most, seed)
    assert int(pairs.same.sum()) == min(most, 15 * 6)
    assert int((~pairs.same).sum()) == most
    assert (people[pairs.first] == people[pairs.second]).tolist() == pairs.same.tolist()
    codes = {frozenset(pair) for pair in zip(pairs.first.tolist(), pairs.second.tolist(), strict=True)}
    assert len(codes) == len(pairs)
    again = pairs_of_people(people, most, seed)
    np.testing.assert_array_equal(again.first, pairs.first)


def test_each_photo_comes_first_about_half_the_time() -> None:
    pairs = pairs_of_people(np.arange(200) // 2, 10**6, 0)
    assert 0.45 < np.mean(pairs.first < pairs.second) < 0.55


def test_pairs_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "pairs.csv"
    path.write_text('same,first,second,note\nyes,a.jpg,"b, c.jpg",x\n\nno,a.jpg,sub/d.jpg,\nFalse,d.jpg,a.jpg,\n')
    photos, pairs = read_pairs(path)
    assert photos == tuple(tmp_path / name for name in ("a.jpg", "b, c.jpg", "sub/d.jpg", "d.jpg"))
    assert pairs.first.tolist() == [0, 0, 3]
    assert pairs.second.tolist() == [1, 2, 0]
    assert pairs.same.tolist() == [True, False, False]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("\n", "the columns first, second and same are expected in its first line"),
        ("first,second\na,b\n", "the columns first, second and same are expected in its first line"),
        ("first,second,same\na,b\n", "line 2 has 2 fields, and the first line 3"),
        ("first,second,same\na,b,yes\na,c,perhaps\n", 'line 3 has "perhaps" for same: yes or no is expected'),
        ("first,second,same\n,b,yes\n", "line 2 names no photo"),
        ("first,second,same\na,a,yes\n", "line 2 compares a photo with itself"),
        ("first,second,same\na,b,yes\n", "there are no pairs of two people to compare"),
        ("first,second,same\na,b,no\n", "there are no pairs of one person to compare"),
        ("first,second,same\n", "there are no pairs at all to compare"),
        ("\x00\xff", "this is no CSV file"),
    ],
)
def test_files_that_are_no_pairs_are_told(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "pairs.csv"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(UsageError, match=sentence) as caught:
        read_pairs(path)
    assert "pairs.csv" in str(caught.value)


def test_a_file_that_is_not_there_or_empty(tmp_path: Path) -> None:
    path = tmp_path / "pairs.csv"
    with pytest.raises(PhotoError, match=r"pairs\.csv: there is no such file"):
        read_pairs(path)
    path.write_bytes(b"")
    with pytest.raises(PhotoError, match=r"pairs\.csv: the file is empty"):
        read_pairs(path)


def test_pairs_of_photos_without_a_face_are_left_out() -> None:
    pairs = pairs_of_people(np.array([0, 0, 1, 1, 2]), 100, 0)
    kept = kept_pairs(pairs, [True, True, True, False, True])
    assert not ({3} & {*kept.first.tolist(), *kept.second.tolist()})
    assert int(kept.same.sum()) == 1
    with pytest.raises(UsageError, match="no pairs of one person"):
        kept_pairs(pairs, [True, False, True, False, True])
