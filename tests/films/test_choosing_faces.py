"""Which faces of a film are meant: the largest, those told, rectangles."""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

import pytest

from clearface.choosing import FaceChoice
from clearface.detectors.selection import FaceSelection
from clearface.errors import UsageError
from clearface.faces import Box, upright_face
from clearface.films.base import FilmFrame, FilmInfo, Mark
from clearface.films.engine import DecidedFrame, FaceFinder
from clearface.films.selecting import SelectingFinder
from clearface.films.told import AlsoFinder, ChosenFaces, SidecarFaces
from clearface.sidecars import SidecarFace, SidecarFrame, SidecarHeader, read_sidecar, sidecar_lines
from clearface.tracking.base import Known, TrackedFace, TrackedFrame


def face(track: int, size: float, left: float = 0.0) -> TrackedFace:
    return TrackedFace(track, upright_face(Box(left, 0, left + size, size)))


class Told:
    """A finder that tells frames it was given."""

    def __init__(self, *frames: Sequence[TrackedFace]) -> None:
        self.frames = [TrackedFrame(number, number / 10, tuple(faces)) for number, faces in enumerate(frames, 1)]

    def follow(self, frames: Iterable[FilmFrame], done: Mark | None) -> Iterator[DecidedFrame]:
        return ((None, tracked) for tracked in self.frames)


def tracks(finder: FaceFinder) -> list[tuple[int, ...]]:
    return [tuple(face.track for face in tracked.faces) for _, tracked in finder.follow([], None)]


def test_small_faces_are_left_out():
    finder = SelectingFinder(Told([face(1, 30), face(2, 9)], [face(2, 11)]), FaceSelection(minimum_size=10))
    assert tracks(finder) == [(1,), (2,)]


def test_the_largest_stays_chosen_until_another_is_clearly_larger():
    frames = ([face(1, 30), face(2, 29)], [face(1, 30), face(2, 33)], [face(1, 30), face(2, 40)], [face(1, 30)])
    assert tracks(SelectingFinder(Told(*frames), FaceSelection(largest_only=True))) == [(1,), (1,), (2,), (1,)]


def test_rectangles_are_added_to_every_frame():
    finder = AlsoFinder(Told([face(1, 30)], []), FaceChoice(also=(Box(5, 6, 25, 36),)))
    frames = [tracked for _, tracked in finder.follow([], None)]
    assert [len(frame.faces) for frame in frames] == [2, 1]
    assert all(frame.faces[-1].face.box == Box(5, 6, 25, 36) for frame in frames)
    assert all(frame.faces[-1].known is Known.MARKED for frame in frames)
    chosen = ChosenFaces(FaceChoice(keep=(1,), also=(Box(5, 6, 25, 36),)), None)
    assert [chosen.chosen(1, told) for told in frames[0].faces] == [False, True]
    assert chosen.notes() == ()


def test_numbers_that_name_no_face_are_told_at_the_end():
    chosen = ChosenFaces(FaceChoice(only=(2, 7)), None)
    assert [chosen.chosen(1, face(track, 10)) for track in (1, 2)] == [False, True]
    (note,) = chosen.notes()
    assert "7" in note


def test_faces_a_person_told_are_taken_with_what_is_to_be_hidden(tmp_path):
    path = tmp_path / "faces.jsonl"
    told = [
        SidecarFrame(2, 0.1, (SidecarFace(face(3, 30), hide=False), SidecarFace(face(0, 20, 50)))),
        SidecarFrame(4, 0.3, (SidecarFace(face(3, 30)),)),
    ]
    path.write_bytes(b"".join(sidecar_lines(SidecarHeader("a.mp4", 640, 360, 10.0), told)))
    faces = SidecarFaces(read_sidecar(path))
    faces.check_fits(FilmInfo("a.mp4", 640, 360, Fraction(10)))
    chosen = ChosenFaces(FaceChoice(), faces)
    frames = [faces.tracked(number, number / 10) for number in range(1, 6)]
    assert [len(frame.faces) for frame in frames] == [0, 2, 0, 1, 0]
    assert [chosen.chosen(2, told) for told in frames[1].faces] == [False, True]
    assert [chosen.chosen(4, told) for told in frames[3].faces] == [True]
    assert len({told.track for told in frames[1].faces}) == 2


@pytest.mark.parametrize(("rate", "width"), [(None, 640), (10.0, 320)])
def test_a_list_of_another_picture_is_refused(tmp_path, rate, width):
    path = tmp_path / "faces.jsonl"
    path.write_bytes(b"".join(sidecar_lines(SidecarHeader("a", width, 360, rate), [])))
    with pytest.raises(UsageError, match=r"a\.mp4"):
        SidecarFaces(read_sidecar(path)).check_fits(FilmInfo("a.mp4", 640, 360, Fraction(10)))
