import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.tracking.motions import face, film, follow, number_at, square, steady

from clearface.errors import UsageError
from clearface.faces import Box
from clearface.tracking.base import FoundFaces, Known
from clearface.tracking.follow import FaceFollower, FollowOptions

RATE = 25
TIMES = [index / RATE for index in range(100)]
BARE = FollowOptions(hold=False, smooth=False)


def covers(told: Box, true: Box, slack: float = 0.06) -> bool:
    margin = slack * true.size
    return (
        told.left <= true.left + margin
        and told.top <= true.top + margin
        and told.right >= true.right - margin
        and told.bottom >= true.bottom - margin
    )


def test_frames_come_back_once_and_in_order():
    frames = film([steady(100, 100, 40, 30)], TIMES, cuts=[30])
    told = follow(frames)
    assert [frame.number for frame in told] == [frame.number for frame in frames]
    assert [frame.seconds for frame in told] == TIMES
    assert [frame.number for frame in told if frame.new_scene] == [31]


@settings(max_examples=25)
@given(
    start=st.integers(1, 60),
    length=st.integers(1, RATE - 1),
    across=st.floats(-2, 2),
    down=st.floats(-2, 2),
    size=st.floats(15, 300),
)
@example(start=30, length=RATE - 1, across=0.0, down=0.0, size=40.0)
def test_no_frame_of_a_gap_of_a_second_is_lost(start, length, across, down, size):
    """Of a face that moves by as many of its sizes a second. TIMES[54] - TIMES[29] is more than 1 by one bit."""
    motion = steady(1000, 600, size, across * size, down * size)
    told = follow(film([motion], TIMES, lambda _, index: not start <= index < start + length), BARE)
    for index, frame in enumerate(told):
        (tracked,) = frame.faces
        assert tracked.track == 1
        assert tracked.known == (Known.FILLED if start <= index < start + length else Known.FOUND)
        assert covers(tracked.face.box, motion(TIMES[index]))


@settings(max_examples=25)
@given(st.lists(st.floats(0.004, 0.3), min_size=5, max_size=60), st.data())
def test_gaps_are_filled_at_any_times_of_frames(steps, data):
    times = [float(time) for time in np.cumsum(steps)]
    first = data.draw(st.integers(0, len(times) - 3))
    last = data.draw(st.integers(first + 2, len(times) - 1))
    motion = steady(800, 500, 80, 60, -40)
    told = follow(film([motion], times, lambda _, index: index <= first or index >= last), BARE)
    filled = [frame for frame in told[first + 1 : last] if frame.faces]
    if times[last] - times[first] <= 0.99:
        assert len(filled) == last - first - 1
        assert {tracked.track for frame in told for tracked in frame.faces} == {1}
        for frame in filled:
            assert covers(frame.faces[0].face.box, motion(frame.seconds))
    elif times[last] - times[first] > 1.01:
        assert not filled


@settings(max_examples=25)
@given(st.randoms(use_true_random=False))
def test_the_order_of_faces_in_a_frame_decides_nothing(shuffler):
    motions = [steady(100 + 90 * index, 200 + 30 * index, 40 + 5 * index, 40 - 30 * index, 10) for index in range(4)]
    frames = film(motions, TIMES[:30], lambda place, index: (place + index) % 7 != 0)
    shuffled = []
    for frame in frames:
        faces = list(frame.faces)
        shuffler.shuffle(faces)
        shuffled.append(FoundFaces(frame.number, frame.seconds, tuple(faces), frame.new_scene))
    for one, other in zip(follow(frames), follow(shuffled), strict=True):
        assert [(tracked.track, tracked.face.box) for tracked in one.faces] == [
            (tracked.track, tracked.face.box) for tracked in other.faces
        ]


@pytest.mark.parametrize("hidden", [0, 6])
def test_two_faces_that_cross_keep_their_numbers(hidden):
    motions = [steady(100, 300, 80, 250), steady(1100, 310, 84, -250)]
    meeting = 50

    def seen(place: int, index: int) -> bool:
        return place == 1 or abs(index - meeting) > hidden / 2 or hidden == 0

    told = follow(film(motions, TIMES, seen))
    for motion in motions:
        assert number_at(told[0], motion(TIMES[0])) == number_at(told[-1], motion(TIMES[-1])) is not None
    assert number_at(told[-1], motions[0](TIMES[-1])) != number_at(told[-1], motions[1](TIMES[-1]))


def test_a_face_that_returns_within_the_time_keeps_its_number_and_a_later_one_gets_the_next():
    motion = steady(300, 300, 60, 20)
    told = follow(film([motion], TIMES, lambda _, index: not (20 <= index < 40 or 50 <= index < 85)), BARE)
    assert {tracked.track for frame in told[:50] for tracked in frame.faces} == {1}
    assert {tracked.track for frame in told[85:] for tracked in frame.faces} == {2}
    assert not any(frame.faces for frame in told[50:85])


def test_a_cut_ends_every_track():
    motion = steady(300, 300, 60)
    told = follow(film([motion], TIMES, lambda _, index: index < 28 or index >= 45, cuts=[40]))
    assert all(frame.faces for frame in told[:40]), "held up to the cut"
    assert {tracked.track for frame in told[:40] for tracked in frame.faces} == {1}
    assert {tracked.track for frame in told[40:] for tracked in frame.faces} == {2}
    assert [tracked.known for frame in told[40:45] for tracked in frame.faces] == [Known.HELD] * 5


def test_a_face_is_held_for_a_second_before_and_after():
    motion = steady(300, 300, 60)
    told = follow(film([motion], TIMES, lambda _, index: 40 <= index < 50))
    held = [index for index, frame in enumerate(told) if frame.faces and frame.faces[0].known == Known.HELD]
    assert held == [*range(40 - RATE, 40), *range(50, 49 + RATE + 1)]
    for frame in told[15:75]:
        assert covers(frame.faces[0].face.box, motion(0))
    widths = [frame.faces[0].face.box.width for frame in told[50:75]]
    assert widths == sorted(widths), "less is known the longer it is gone"


def test_what_was_seen_once_and_not_surely_is_not_held_for_long():
    frames = [
        FoundFaces(index + 1, time, (face(square(100, 100, 40), 0.2),) if index == 50 else ())
        for index, time in enumerate(TIMES)
    ]
    told = follow(frames)
    assert told[50].faces[0].known == Known.FOUND
    assert sum(bool(frame.faces) for frame in told) <= 7


def test_held_faces_stay_in_the_frame():
    motion = steady(500, 200, 80, 900)
    told = follow(film([motion], TIMES, lambda _, index: index < 20), size=(1200, 400))
    for frame in told[20:44]:
        (tracked,) = frame.faces
        x, y = tracked.face.box.centre
        assert 0 <= x <= 1200
        assert 0 <= y <= 400


def test_without_holding_nothing_is_told_before_and_after():
    told = follow(film([steady(300, 300, 60)], TIMES, lambda _, index: 40 <= index < 50), BARE)
    assert [index for index, frame in enumerate(told) if frame.faces] == list(range(40, 50))


def test_numbers_count_up_from_one_as_faces_appear():
    motions = [steady(100 + 150 * index, 300, 60) for index in range(4)]
    told = follow(film(motions, TIMES, lambda place, index: index >= 10 * (3 - place)), BARE)
    order = [number_at(told[-1], motion(TIMES[-1])) for motion in motions]
    assert order == [4, 3, 2, 1]
    for frame in told:
        numbers = [tracked.track for tracked in frame.faces]
        assert numbers == sorted(numbers)


def test_what_is_seen_for_less_than_the_shortest_time_is_not_told():
    motions = [steady(200, 200, 60), steady(600, 200, 60)]
    frames = film(motions, TIMES, lambda place, index: place == 0 or 30 <= index < 35)
    told = follow(frames, FollowOptions(shortest_seconds=0.5))
    assert {tracked.track for frame in told for tracked in frame.faces} == {1}
    assert all(len(frame.faces) == 1 for frame in told)
    assert max(len(frame.faces) for frame in follow(frames)) == 2


def test_a_face_that_only_looks_as_before_is_told_as_filled_or_held():
    box = square(300, 300, 60)
    frames = [
        FoundFaces(index + 1, time, (face(box, 0.0 if 20 <= index < 30 or index >= 60 else 0.9),))
        for index, time in enumerate(TIMES[:70])
    ]
    known = [frame.faces[0].known for frame in follow(frames)]
    assert known[:20] == [Known.FOUND] * 20
    assert known[20:30] == [Known.FILLED] * 10
    assert known[60:] == [Known.HELD] * 10


def test_one_frame_in_two_seconds_is_still_followed():
    times = [2.0 * index for index in range(10)]
    told = follow(film([steady(300, 300, 60, 5)], times))
    assert [[tracked.track for tracked in frame.faces] for frame in told] == [[1]] * 10


def test_frames_that_wait_are_bounded():
    follower = FaceFollower(FollowOptions(ahead=12))
    waiting = 0
    for found in film([steady(300, 300, 60)], [index / 1000 for index in range(300)]):
        waiting += 1 - len(follower.push(found))
        assert waiting <= 12
    assert len(follower.finish()) == waiting


def test_a_frame_waits_for_the_time_and_no_longer():
    follower = FaceFollower()
    for found in film([steady(300, 300, 60)], TIMES):
        for tracked in follower.push(found):
            assert found.seconds - tracked.seconds <= 1 + 1.5 / RATE


def test_expected_is_where_a_face_goes():
    motion = steady(100, 200, 60, 300, 40)
    follower = FaceFollower()
    for found in film([motion], TIMES[:20]):
        follower.push(found)
    (box,) = follower.expected()
    assert box.overlap(motion(TIMES[20])) > 0.85


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"fill_seconds": -1.0}, "the time for filling gaps"),
        ({"fill_seconds": float("nan")}, "the time for filling gaps"),
        ({"shortest_seconds": -0.1}, "the time for the shortest face"),
        ({"ahead": 0}, "at least one frame"),
    ],
)
def test_wrong_options_are_told(wrong, sentence):
    with pytest.raises(UsageError, match=sentence):
        FollowOptions(**wrong)


def test_an_unknown_tracker_is_told():
    with pytest.raises(UsageError, match="tracker"):
        FaceFollower(FollowOptions(tracker="deepsort"))
