import sys

import pytest
from tests.tracking.motions import face, film, follow, number_at, square, steady

from clearface.errors import DependencyError, UsageError
from clearface.faces import Box
from clearface.tracking.base import FoundFaces
from clearface.tracking.follow import FollowOptions
from clearface.tracking.trackers import TRACKERS, TrackerOptions, build_tracker

TIMES = [index / 25 for index in range(80)]
MOTIONS = [steady(100, 200, 80, 60, 10), steady(700, 240, 70, -50), steady(400, 600, 50, 0, -40)]

TRACKER_NAMES = [entry.name for entry in TRACKERS]


def needs_library(name: str) -> None:
    if name != "two-step":
        pytest.importorskip("trackers", reason="the trackers library is not installed", exc_type=ImportError)


@pytest.mark.parametrize("name", TRACKER_NAMES)
def test_every_face_keeps_its_key_through_misses_of_a_second(name):
    needs_library(name)
    tracker = build_tracker(name, TrackerOptions(1.0))
    keys: dict[int, set[int]] = {place: set() for place in range(len(MOTIONS))}

    def seen(place: int, index: int) -> bool:
        return (index + 11 * place) % 30 > 8

    for index, found in enumerate(film(MOTIONS, TIMES, seen)):
        present = [place for place in range(len(MOTIONS)) if seen(place, index)]
        for place, key in zip(present, tracker.assign(found), strict=True):
            keys[place].add(key)
    assert [len(names) for names in keys.values()] == [1, 1, 1]
    assert len(set.union(*keys.values())) == 3


@pytest.mark.parametrize("name", TRACKER_NAMES)
def test_no_key_goes_on_across_a_cut(name):
    needs_library(name)
    tracker = build_tracker(name)
    before: set[int] = set()
    after: set[int] = set()
    for found in film(MOTIONS, TIMES, cuts=[40]):
        (before if found.number <= 40 else after).update(tracker.assign(found))
    assert len(before) == len(after) == 3
    assert not before & after


@pytest.mark.parametrize("name", TRACKER_NAMES)
def test_doubtful_faces_have_keys_too(name):
    needs_library(name)
    frames = [FoundFaces(index + 1, time, (face(square(300, 300, 60), 0.2),)) for index, time in enumerate(TIMES[:20])]
    told = follow(frames, FollowOptions(tracker=name))
    assert [[tracked.track for tracked in frame.faces] for frame in told] == [[1]] * 20


@pytest.mark.parametrize("name", TRACKER_NAMES)
def test_expected_are_the_faces_of_before(name):
    needs_library(name)
    tracker = build_tracker(name)
    for found in film(MOTIONS, TIMES[:20]):
        tracker.assign(found)
    expected = tracker.expected(TIMES[20])
    assert len(expected) == 3
    for motion in MOTIONS:
        assert max(box.overlap(motion(TIMES[20])) for box in expected) > 0.7


@pytest.mark.parametrize("name", TRACKER_NAMES)
def test_an_empty_film_and_two_frames_at_one_time(name):
    needs_library(name)
    tracker = build_tracker(name)
    assert tracker.assign(FoundFaces(1, 0.0, ())) == ()
    assert tracker.expected(0.1) == ()
    (first,) = tracker.assign(FoundFaces(2, 0.1, (face(square(50, 50, 30)),)))
    assert tracker.assign(FoundFaces(3, 0.1, (face(square(50, 50, 30)),))) == (first,)


def test_a_missing_library_is_told_with_the_extra_that_brings_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "trackers", None)
    with pytest.raises(DependencyError, match="trackers"):
        build_tracker("bytetrack")


def test_an_unknown_name_is_told():
    with pytest.raises(UsageError, match="two-step"):
        build_tracker("twostep")


@pytest.mark.parametrize("rate", [8, 15, 30, 60])
def test_fast_faces_are_followed_at_any_rate(rate):
    """A face that crosses 1.5 of its sizes between two frames, however many there are a second."""
    motion = steady(100, 300, 40, 60 * rate)
    tracker = build_tracker("two-step")
    keys = {key for found in film([motion], [index / rate for index in range(20)]) for key in tracker.assign(found)}
    assert len(keys) == 1


def test_a_face_behind_another_gets_its_own_number_back():
    """A small one passes behind a large one that stands still: the tracker of overlaps alone would swap or restart."""
    motions = [steady(600, 300, 160), steady(200, 310, 70, 300)]
    told = follow(film(motions, TIMES, lambda place, index: place == 0 or not 450 < 200 + 12 * index < 750))
    start, end = told[0], told[70]
    assert number_at(start, motions[0](0)) == number_at(end, motions[0](0))
    assert number_at(end, motions[1](TIMES[70])) is not None


def test_the_box_is_a_box_when_a_face_shrinks_to_nothing():
    tracker = build_tracker("two-step")
    for index, time in enumerate(TIMES[:30]):
        tracker.assign(FoundFaces(index + 1, time, (face(square(300, 300, max(60 - 6 * index, 1.5))),)))
    assert all(isinstance(box, Box) and box.width > 0 and box.height > 0 for box in tracker.expected(TIMES[30] + 0.5))
