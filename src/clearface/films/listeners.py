"""Who is told of every frame once it is written: the list of faces beside the result, lines for machines, the bar."""

import json
from collections.abc import Callable
from typing import Any

from clearface.films.transform import FaceOutcome
from clearface.sidecars import SidecarFace, SidecarFrame, SidecarWriter, face_values
from clearface.tracking.base import TrackedFrame


class SidecarListener:
    """Writes the faces of every frame, and whether they were hidden; what nothing was done to is marked as kept."""

    def __init__(self, writer: SidecarWriter, hides: bool) -> None:
        self._writer = writer
        self._hides = hides

    def frame(self, tracked: TrackedFrame, outcomes: tuple[FaceOutcome, ...] | None, damaged: bool) -> None:
        """See `FrameListener.frame`."""
        self._writer.write(SidecarFrame(tracked.number, tracked.seconds, _told(tracked, outcomes, self._hides)))


class LinesListener:
    """One line of JSON for every frame that has faces."""

    def __init__(self, source: str, say: Callable[[str], None], hides: bool) -> None:
        self._source = source
        self._say = say
        self._hides = hides

    def frame(self, tracked: TrackedFrame, outcomes: tuple[FaceOutcome, ...] | None, damaged: bool) -> None:
        """See `FrameListener.frame`."""
        if not tracked.faces and not damaged:
            return
        faces = []
        for told, outcome in zip(
            _told(tracked, outcomes, self._hides), outcomes or [None] * len(tracked.faces), strict=True
        ):
            values = face_values(told)
            if not self._hides:
                del values["hide"]
            if outcome is not None and outcome.verdict is not None:
                values |= {"verdict": outcome.verdict.value, "left_as_it_was": not outcome.changed}
            faces.append(values)
        line: dict[str, Any] = {
            "input": self._source,
            "frame": tracked.number,
            "time": round(tracked.seconds, 6),
            "faces": faces,
        }
        if damaged:
            line["damaged"] = True
        self._say(json.dumps(line, ensure_ascii=False))


class ProgressListener:
    """Moves a bar on by one for every frame."""

    def __init__(self, advance: Callable[[int], None]) -> None:
        self._advance = advance

    def frame(self, tracked: TrackedFrame, outcomes: tuple[FaceOutcome, ...] | None, damaged: bool) -> None:
        """See `FrameListener.frame`."""
        self._advance(1)


def _told(tracked: TrackedFrame, outcomes: tuple[FaceOutcome, ...] | None, hides: bool) -> tuple[SidecarFace, ...]:
    changed = {outcome.tracked.track: outcome.changed for outcome in outcomes or ()}
    return tuple(SidecarFace(face, changed.get(face.track, True) if hides else True) for face in tracked.faces)
