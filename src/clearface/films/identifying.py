"""Faces of a film looked at as its frames go by, so that they can be named at the end."""

from collections.abc import Mapping, Sequence

from clearface.films.base import FilmFrame
from clearface.films.marking import FilmMarking
from clearface.films.transform import FaceOutcome
from clearface.recognition.identify import Identifier
from clearface.recognition.identify_report import IdentityReport
from clearface.recognition.identify_tracks import TrackNamer
from clearface.tracking.base import TrackedFrame


class FilmIdentifying:
    """A `FilmTransform` that looks at faces and leaves them as they are, but for marks where they are asked for."""

    together = 1

    def __init__(self, identifier: Identifier, draws: bool) -> None:
        """draws: every face is marked with the number it has throughout the film; its name is known at the end alone."""
        self._namer = TrackNamer(identifier)
        self._marking = FilmMarking() if draws else None

    def apply(self, frames: Sequence[tuple[FilmFrame, TrackedFrame]]) -> list[tuple[FaceOutcome, ...]]:
        """See `FilmTransform.apply`."""
        for frame, tracked in frames:
            self._namer.see(tracked.seconds, frame.canvas, tracked.faces)
        if self._marking is not None:
            return self._marking.apply(frames)
        return [tuple(FaceOutcome(face, changed=False) for face in tracked.faces) for _, tracked in frames]

    def identities(self) -> Mapping[int, IdentityReport]:
        """Who the faces are said to be, by their tracks."""
        return {track.track: IdentityReport.of(track.identified) for track in self._namer.answers()}
