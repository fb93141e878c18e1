"""Merging, held against OpenCV's own suppression."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearface.detectors.suppression import merge_duplicates
from clearface.faces import Box, Face


def face(left: float, top: float, width: float, height: float, score: float) -> Face:
    return Face(Box(left, top, left + width, top + height), score, np.full((5, 2), [left, top], np.float64))


@st.composite
def crowds(draw: st.DrawFn) -> list[Face]:
    count = draw(st.integers(0, 25))
    generator = np.random.default_rng(draw(st.integers(0, 10_000)))
    scores = generator.permutation(count) / max(count, 1) * 0.9 + 0.05
    corners, sides = generator.uniform(0, 60, (count, 2)), generator.uniform(8, 40, (count, 2))
    return [
        face(left, top, width, height, float(score))
        for (left, top), (width, height), score in zip(corners, sides, scores, strict=True)
    ]


@given(crowds())
def test_the_same_faces_stay_as_with_opencv(faces: list[Face]) -> None:
    merged = merge_duplicates(faces, largest_overlap=0.3, voting_overlap=1.0, largest_part=1.0)
    boxes = [[item.box.left, item.box.top, item.box.width, item.box.height] for item in faces]
    kept = cv2.dnn.NMSBoxes(boxes, [item.score for item in faces], 0.0, 0.3) if faces else []
    assert [item.score for item in merged] == [faces[index].score for index in kept]


@given(crowds())
def test_no_two_overlap_without_voting_and_the_best_come_first(faces: list[Face]) -> None:
    merged = merge_duplicates(faces, voting_overlap=1.0)
    scores = [item.score for item in merged]
    assert scores == sorted(scores, reverse=True)
    for index, one in enumerate(merged):
        assert all(one.box.overlap(other.box) <= 0.3 + 1e-9 for other in merged[:index])


def test_answers_around_one_face_are_averaged_by_their_scores() -> None:
    (merged,) = merge_duplicates([face(0, 0, 40, 40, 0.2), face(4, 2, 40, 40, 0.6)])
    assert merged.score == 0.6
    np.testing.assert_allclose(merged.landmarks, np.full((5, 2), [3.0, 1.5]))
    assert (merged.box.left, merged.box.top) == pytest.approx((3.0, 1.5))
    assert (merged.box.right, merged.box.bottom) == pytest.approx((43.0, 41.5))


def test_an_answer_that_overlaps_little_is_dropped_without_a_vote() -> None:
    (merged,) = merge_duplicates([face(0, 0, 40, 40, 0.9), face(16, 0, 40, 40, 0.5)])
    assert merged.box == Box(0, 0, 40, 40)


def test_faces_side_by_side_both_stay() -> None:
    assert len(merge_duplicates([face(0, 0, 40, 40, 0.9), face(36, 0, 40, 40, 0.8)])) == 2


def test_empty_boxes_are_kept_as_they_are() -> None:
    (merged,) = merge_duplicates([face(3, 3, 0, 0, 0.5)])
    assert merged.box == Box(3, 3, 3, 3)
    assert merge_duplicates([]) == []


def test_half_a_face_that_answers_by_itself_is_no_second_face() -> None:
    whole, half = face(100, 100, 74, 87, 0.82), face(92, 95, 30, 82, 0.30)
    assert [found.score for found in merge_duplicates([whole, half])] == [0.82]


def test_a_small_face_before_a_large_one_stays() -> None:
    large, small = face(100, 100, 200, 240, 0.9), face(120, 200, 40, 50, 0.6)
    assert len(merge_duplicates([large, small])) == 2
    assert len(merge_duplicates([large, face(320, 200, 40, 50, 0.3)])) == 2
