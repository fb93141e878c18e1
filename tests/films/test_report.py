"""What is said of a film."""

import json

import pytest

from clearface.faces import Box, upright_face
from clearface.films.report import FilmReport, FilmTally
from clearface.films.transform import FaceOutcome
from clearface.films.words import clock
from clearface.report import Status
from clearface.tracking.base import Known, TrackedFace, TrackedFrame
from clearface.verdicts import Verdict


def tallied(changed: set[int], verdict: Verdict | None = None) -> FilmTally:
    """Two frames in which face 1 is, and three in which face 4 is; `changed` says which are changed."""
    tally = FilmTally()
    for number, tracks in ((1, (1,)), (2, (1, 4)), (3, (4,)), (4, (4,)), (5, ())):
        faces = tuple(
            TrackedFace(track, upright_face(Box(0, 0, 10 * number, 10 * number), 0.5 + number / 10), Known.FOUND)
            for track in tracks
        )
        outcomes = tuple(FaceOutcome(face, face.track in changed, verdict) for face in faces)
        tally.frame(TrackedFrame(number, (number - 1) / 10, faces), outcomes, number == 3)
    return tally


def report(tally: FilmTally, status: Status) -> FilmReport:
    return FilmReport("a.mp4", "b.mp4", status, tally.frames, 0.5, tally.tracks, {"all": 2.0})


def test_tracks_are_summed_up_over_frames():
    tally = tallied({1, 4})
    assert tally.frames == 5
    assert tally.damaged == 1
    first, second = tally.tracks
    assert (first.track, first.first_frame, first.last_frame, first.changed) == (1, 1, 2, 2)
    assert (second.track, second.first_frame, second.last_frame, second.changed) == (4, 2, 4, 3)
    assert second.score == pytest.approx(0.9)
    assert second.size == pytest.approx(40)
    assert dict(second.known) == {Known.FOUND: 3}


@pytest.mark.parametrize(
    ("changed", "verdict", "status", "words"),
    [
        ({1, 4}, None, Status.HIDDEN, "2 faces hidden in 5 frames"),
        ({4}, None, Status.HIDDEN, "1 face hidden, 1 kept in 5 frames"),
        (set(), None, Status.HIDDEN, "0 faces hidden, 2 kept in 5 frames"),
        ({1, 4}, Verdict.RESTORED, Status.RESTORED, "2 faces restored in 5 frames"),
        ({1}, Verdict.SHARP, Status.RESTORED, "1 face restored, 1 sharp already in 5 frames"),
        (set(), Verdict.TOO_FAR_GONE, Status.RESTORED, "2 faces too far gone in 5 frames"),
        (set(), None, Status.DETECTED, "2 faces found in 5 frames"),
    ],
)
def test_the_sentence_says_what_was_done(changed, verdict, status, words):
    sentence = report(tallied(changed, verdict), status).as_sentence()
    assert sentence.splitlines()[0] == f"a.mp4 -> b.mp4: {words} (0:00:00.50 in 2.0 s, 2.5 a second)"


def test_a_film_without_faces_says_so_and_json_is_one_line():
    empty = FilmReport("a.mp4", None, Status.DETECTED, 1, 0.1, (), notes=("it was short",))
    assert empty.as_sentence() == "a.mp4: no face found in 1 frame (0:00:00.10 in 0.0 s); it was short"
    told = json.loads(report(tallied({1}), Status.HIDDEN).as_json())
    assert told["tracks"][1] == {
        "track": 4,
        "first": {"frame": 2, "time": 0.1},
        "last": {"frame": 4, "time": 0.3},
        "score": 0.9,
        "size": 40.0,
        "frames": {"found": 3},
        "changed": 0,
    }
    assert told["status"] == "hidden"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0:00:00.00"), (7.254, "0:00:07.25"), (59.999, "0:01:00"), (751, "0:12:31"), (7325.5, "2:02:05")],
)
def test_times_in_words(seconds, words):
    assert clock(seconds) == words
