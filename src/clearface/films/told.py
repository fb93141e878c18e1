"""Faces of a film that a person told: in a list of faces, as rectangles, or by number."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from clearface.choosing import FaceChoice, Pick
from clearface.errors import UsageError
from clearface.films.base import FilmFrame, FilmInfo, Mark
from clearface.films.engine import DecidedFrame, FaceFinder
from clearface.sidecars import SidecarFace, SidecarReader
from clearface.tracking.base import Known, TrackedFace, TrackedFrame

_UNNUMBERED = 1_000_000
"""Tracks from here on are faces somebody added without a number; from twice that on, rectangles."""


class SidecarFaces:
    """Faces by frame, as a list of faces tells them, with whether each is to be hidden. Frames are asked for forward."""

    def __init__(self, reader: SidecarReader) -> None:
        self._reader = reader
        self._left: set[tuple[int, int]] = set()

    def check_fits(self, info: FilmInfo) -> None:
        """Raises UsageError where the list is of another film."""
        self._reader.check_fits(info.name, info.width, info.height)
        if self._reader.header.rate is None:
            raise UsageError(f"{info.name}: the list of faces is one of a photo, and this is a video")

    def tracked(self, number: int, seconds: float | None) -> TrackedFrame:
        """See `ToldFaces.tracked`."""
        faces = []
        for place, told in enumerate(self._reader.frame(number)):
            face = _numbered(told, place)
            faces.append(face)
            if not told.hide:
                self._left.add((number, face.track))
        return TrackedFrame(number, 0.0 if seconds is None else seconds, tuple(faces))

    def hidden(self, number: int, face: TrackedFace) -> bool:
        """Whether a face of a frame is to be hidden; each is asked about once."""
        place = (number, face.track)
        if place not in self._left:
            return True
        self._left.remove(place)
        return False


class AlsoFinder:
    """A `FaceFinder` that adds rectangles to every frame, which somebody wants hidden whatever is there."""

    def __init__(self, finder: FaceFinder, choice: FaceChoice) -> None:
        self._finder = finder
        self._added = tuple(
            TrackedFace(2 * _UNNUMBERED + place, face, Known.MARKED) for place, face in enumerate(choice.told_faces())
        )

    def follow(self, frames: Iterable[FilmFrame], done: Mark | None) -> Iterator[DecidedFrame]:
        """See `FaceFinder.follow`."""
        for frame, tracked in self._finder.follow(frames, done):
            yield frame, replace(tracked, faces=tracked.faces + self._added)


class ChosenFaces:
    """Which faces of a film are hidden, and what was asked for but never met."""

    def __init__(
        self,
        choice: FaceChoice,
        told: SidecarFaces | None,
        by_people: Callable[[int, TrackedFace], bool] | None = None,
    ) -> None:
        """by_people: told the number of a frame and a face of it, says whether it is hidden by who it is; asked once for each."""
        self._choice = choice
        self._told = told
        self._by_people = by_people
        self._matched: set[Pick] = set()
        self._people: dict[int, tuple[bool, str | None]] = {}

    def chosen(self, number: int, face: TrackedFace) -> bool:
        """Whether a face of a frame is hidden."""
        wanted = self._told is None or self._told.hidden(number, face)
        if face.known is Known.MARKED:
            return wanted
        self._matched |= self._choice.matched(face.track, face.face)
        people = None if self._by_people is None else self._by_people(number, face)
        hidden = wanted and self._choice.chosen(face.track, face.face, people)
        self._note(hidden, face)
        return hidden

    def people(self) -> list[tuple[bool, str | None]]:
        """For every track whether it was hidden throughout, and who it was taken for while it was seen, or else at last."""
        return [self._people[track] for track in sorted(self._people)]

    def _note(self, hidden: bool, face: TrackedFace) -> None:
        before, name = self._people.get(face.track, (True, None))
        if hidden == before:
            name = face.name or name
        elif not hidden:
            name = face.name
        self._people[face.track] = (hidden and before, name)

    def notes(self) -> tuple[str, ...]:
        """A sentence for each number or rectangle that named no face in the whole film."""
        return self._choice.unmatched(self._matched)


def _numbered(told: SidecarFace, place: int) -> TrackedFace:
    tracked = told.tracked
    return tracked if tracked.track else replace(tracked, track=_UNNUMBERED + place)
