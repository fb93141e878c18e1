"""Which faces of a film are hidden by who they are, frame by frame, by what is seen of each track.

The pixels of a face say who it is: red is Anna, green is a stranger, yellow may be Anna, and what is dark cannot be told.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from clearface.arrays import FloatArray, Pixels
from clearface.embedders.lbp import LbpEmbedder
from clearface.errors import GalleryError, UsageError
from clearface.faces import Box, Face, upright_face
from clearface.films.array_canvas import ArrayCanvas
from clearface.films.base import FilmFrame, Mark
from clearface.films.engine import DecidedFrame
from clearface.films.people import EVERY, FilmPeople
from clearface.people_choosing import PeopleJudge
from clearface.recognition.base import Condition, KnownFaces, KnownPerson
from clearface.recognition.conditions import ConditionBin
from clearface.recognition.identify_looks import Look
from clearface.recognition.measuring_tables import PairDistances, measure_error_table
from clearface.tracking.base import Known, TrackedFace, TrackedFrame

RATE = 25
RED, GREEN, YELLOW, DARK, POOR = (200, 0, 0), (0, 200, 0), (200, 150, 0), (0, 0, 20), (0, 199, 0)
BOX = Box(20, 10, 50, 52)
OTHER = Box(80, 10, 110, 52)


class Colours:
    """Reads who a face is off its colour: directions in the space of colours are the vectors."""

    def read(self, pixels: Pixels, faces: Sequence[Face]) -> list[Look]:
        return [self._look(pixels, face) for face in faces]

    def _look(self, pixels: Pixels, face: Face) -> Look:
        x, y = (round(side) for side in face.box.centre)
        colour = tuple(int(value) for value in pixels[y, x])
        vector = np.asarray(colour, np.float32) / np.float32(np.linalg.norm(colour))
        blur = None if colour == DARK else 0.0
        return Look(vector, Condition(100.0, blur), 0.2 if colour == POOR else 0.9)


@cache
def judge(keep: bool, **options: object) -> PeopleJudge:
    """Anna is red, and Otto is blue. Photos of one person lie within 0.4 and strangers beyond 0.1, all but 1 in 10,000."""
    vectors: FloatArray = np.eye(3, dtype=np.float32)[[0, 2]]
    people = (KnownPerson("Anna"), KnownPerson("Otto"))
    known = KnownFaces(vectors, np.arange(2), np.ones(2, np.float32), ("anna.jpg", "otto.jpg"), people)
    pairs = PairDistances(np.linspace(0, 0.4, 1_000), np.linspace(0.1, 1.2, 40_000))
    errors = measure_error_table(LbpEmbedder(), "colours", {ConditionBin(0.0, None): pairs})
    return PeopleJudge(Colours(), known, errors, keep=keep, **{"names": ("Anna",), **options})  # type: ignore[arg-type]


def picture(colour: tuple[int, int, int], other: tuple[int, int, int] | None = None) -> FilmFrame:
    pixels = np.full((70, 140, 3), 90, np.uint8)
    pixels[:, :70] = colour
    if other is not None:
        pixels[:, 70:] = other
    return FilmFrame(0, 0.0, 0, ArrayCanvas(pixels))


class Scripted:
    """A finder that tells what it was given, frame by frame."""

    def __init__(
        self, frames: Sequence[tuple[FilmFrame | None, Sequence[TrackedFace]]], cuts: Sequence[int] = ()
    ) -> None:
        self._frames = frames
        self._cuts = cuts

    def follow(self, frames: Iterable[FilmFrame], done: Mark | None) -> Iterator[DecidedFrame]:
        for number, (frame, faces) in enumerate(self._frames, 1):
            yield frame, TrackedFrame(number, (number - 1) / RATE, tuple(faces), number in self._cuts)


def told(people: FilmPeople, finder: Scripted, most_waiting: int = 100) -> list[list[tuple[int, bool, str | None]]]:
    """Track, whether it is hidden, and its name, for each face of each frame."""
    watched = people.over(finder, most_waiting, RATE)
    found = []
    for number, (frame, tracked) in enumerate(watched.follow((), None), 1):
        assert tracked.number == number
        found.append(
            [(face.track, people.hidden(number, face), face.name) for face in tracked.faces]
            if frame is not None
            else []
        )
    return found


def one_track(
    people: FilmPeople, colours: Sequence[tuple[int, int, int]], known: Known = Known.FOUND, most_waiting: int = 100
) -> list[bool]:
    """Whether the one face of each frame is hidden."""
    frames = [(picture(colour), [TrackedFace(1, upright_face(BOX), known)]) for colour in colours]
    return [faces[0][1] for faces in told(people, Scripted(frames), most_waiting)]


def stretches(hidden: Sequence[bool]) -> list[tuple[bool, int]]:
    """Runs of hidden and shown frames, with their lengths."""
    runs: list[tuple[bool, int]] = []
    for own in hidden:
        runs = [*runs[:-1], (own, runs[-1][1] + 1)] if runs and runs[-1][0] == own else [*runs, (own, 1)]
    return runs


def test_somebody_known_is_seen_from_the_first_frame_to_the_last():
    assert not any(one_track(FilmPeople(judge(keep=True)), [RED] * 90))
    assert all(one_track(FilmPeople(judge(keep=True)), [GREEN] * 90))
    assert all(one_track(FilmPeople(judge(keep=False)), [RED] * 90))
    assert not any(one_track(FilmPeople(judge(keep=False)), [GREEN] * 90))


@pytest.mark.parametrize("colour", [YELLOW, DARK])
def test_doubt_hides_either_way(colour):
    for keep in (True, False):
        assert all(one_track(FilmPeople(judge(keep=keep)), [colour] * 60))


def test_too_few_looks_decide_nothing():
    assert all(one_track(FilmPeople(judge(keep=True)), [RED] * 5))


def test_everybody_in_the_gallery_is_meant_where_nobody_is_named():
    blue = (0, 0, 200)
    assert not any(one_track(FilmPeople(judge(keep=True, names=())), [blue] * 40))
    assert all(one_track(FilmPeople(judge(keep=True)), [blue] * 40))
    assert all(one_track(FilmPeople(judge(keep=False, names=())), [blue] * 40))
    assert not any(one_track(FilmPeople(judge(keep=False)), [blue] * 40))


def test_who_takes_the_place_of_somebody_kept_is_hidden_from_the_first_frame_on():
    hidden = one_track(FilmPeople(judge(keep=True)), [RED] * 53 + [GREEN] * 60)
    assert all(hidden[53:])
    assert not any(hidden[: 53 - round(EVERY * RATE) - 1])


def test_who_comes_after_a_stranger_in_the_same_track_uncovers_nothing():
    hidden = one_track(FilmPeople(judge(keep=True)), [GREEN] * 53 + [RED] * 90)
    assert all(hidden[:53])


def test_somebody_to_hide_is_hidden_at_once_and_for_good():
    hidden = one_track(FilmPeople(judge(keep=False)), [GREEN] * 53 + [RED] * 30 + [GREEN] * 200)
    assert all(hidden[53:])
    assert not any(hidden[:20])


def test_a_face_turned_away_for_a_moment_stays_as_it_was():
    """Poor looks and such that tell nothing are no sign of somebody else; for more than a second they are doubt."""
    for colour in (DARK, POOR):
        assert not any(one_track(FilmPeople(judge(keep=True)), [RED] * 40 + [colour] * 15 + [RED] * 40))
        runs = stretches(one_track(FilmPeople(judge(keep=True)), [RED] * 40 + [colour] * 60 + [RED] * 60))
        assert [hidden for hidden, _ in runs] == [False, True, False]


def test_nothing_flickers():
    """Somebody who is not like the person for a moment is hidden for a second at least, and for two after more than that."""
    for length, least in ((7, RATE), (25, 2 * RATE)):
        runs = stretches(one_track(FilmPeople(judge(keep=True)), [RED] * 40 + [GREEN] * length + [RED] * 150))
        assert [hidden for hidden, _ in runs] == [False, True, False]
        assert runs[1][1] >= least


@pytest.mark.parametrize("most_waiting", [1, 3, 8])
def test_few_waiting_frames_show_less_but_never_more(most_waiting):
    hidden = one_track(FilmPeople(judge(keep=True)), [RED] * 50 + [GREEN] * 50, most_waiting=most_waiting)
    assert all(hidden[50:])
    assert not any(hidden[10:48])


RUNS = st.lists(st.tuples(st.sampled_from([RED, GREEN, YELLOW, DARK]), st.integers(7, 60)), min_size=1, max_size=7)


@settings(max_examples=40)
@given(RUNS, st.sampled_from([100, 12, 1]))
@example([(RED, 40), (GREEN, 7), (RED, 40)], 100)
def test_whatever_a_track_goes_through_nobody_is_uncovered(runs, most_waiting):
    colours = [colour for colour, count in runs for _ in range(count)]
    kept = one_track(FilmPeople(judge(keep=True)), colours, most_waiting=most_waiting)
    assert all(hidden for hidden, colour in zip(kept, colours, strict=True) if colour == GREEN)
    others = one_track(FilmPeople(judge(keep=False)), colours, most_waiting=most_waiting)
    assert all(hidden for hidden, colour in zip(others, colours, strict=True) if colour == RED)


def test_tracks_are_told_apart_and_rectangles_left_alone():
    faces = [
        TrackedFace(1, upright_face(BOX)),
        TrackedFace(2, upright_face(OTHER)),
        TrackedFace(9, upright_face(OTHER), Known.MARKED),
    ]
    frames = [(picture(RED, GREEN), faces)] * 40
    found = told(FilmPeople(judge(keep=True)), Scripted(frames))
    assert {tuple(each) for each in found} == {((1, False, "Anna"), (2, True, None), (9, True, None))}


def test_before_and_after_it_is_seen_a_face_is_as_it_is_when_seen():
    """The places where a face is supposed to be are shown where it is, for a second; what goes on longer is doubt."""
    ways = [Known.HELD] * 20 + [Known.FOUND] * 40 + [Known.HELD] * 40
    frames = [(picture(RED), [TrackedFace(1, upright_face(BOX), known)]) for known in ways]
    hidden = [faces[0][1] for faces in told(FilmPeople(judge(keep=True)), Scripted(frames))]
    assert not any(hidden[:80])
    assert all(hidden[86:])


def test_no_look_goes_across_a_cut():
    frames = [
        (picture(colour), [TrackedFace(track, upright_face(BOX))])
        for colour, track in [(RED, 1)] * 40 + [(GREEN, 2)] * 40
    ]
    found = told(FilmPeople(judge(keep=True)), Scripted(frames, cuts=(41,)))
    assert [faces[0][:2] for faces in found] == [(1, False)] * 40 + [(2, True)] * 40


def test_frames_an_earlier_run_wrote_go_through_first():
    face = [TrackedFace(1, upright_face(BOX))]
    frames: list[tuple[FilmFrame | None, list[TrackedFace]]] = [(None, face)] * 10
    frames += [(picture(RED), face)] * 40
    found = told(FilmPeople(judge(keep=True)), Scripted(frames))
    assert found[:10] == [[]] * 10
    assert not any(hidden for faces in found[10:] for _, hidden, _ in faces)


def test_a_face_outside_the_frame_is_hidden():
    away = TrackedFace(1, upright_face(Box(-400, -400, -360, -350)))
    found = told(FilmPeople(judge(keep=True)), Scripted([(picture(RED), [away])] * 40))
    assert all(hidden for faces in found for _, hidden, _ in faces)


def test_the_rate_asked_for_must_be_one_the_table_tells():
    with pytest.raises(UsageError, match="cannot be told"):
        judge(keep=True, false_match_rate=1e-7)
    assert judge(keep=True).false_match_rate == 1e-4
    nobody = KnownFaces(np.zeros((0, 3), np.float32), np.zeros(0, np.intp), np.zeros(0, np.float32), (), ())
    errors = measure_error_table(
        LbpEmbedder(), "", {ConditionBin(0.0, None): PairDistances(np.linspace(0, 1, 50), np.linspace(0, 1, 500))}
    )
    with pytest.raises(GalleryError, match="empty"):
        PeopleJudge(Colours(), nobody, errors, keep=True)  # type: ignore[arg-type]
