"""What became of each input, for people and for machines."""

import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from clearface.faces import Face
from clearface.files.inputs import STANDARD_STREAM


class Status(StrEnum):
    """What became of one input."""

    RESTORED = "restored"
    UNCHANGED = "unchanged"
    """No face: the very bytes of the input."""

    CONVERTED = "converted"
    """No face, but written anew: as another kind, or without metadata."""

    DETECTED = "detected"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True)
class FaceReport:
    """One face of one frame."""

    frame: int
    number: int
    face: Face
    working_size: int | None = None
    """Side of the square it was restored at, in pixels."""

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON, pixels rounded to hundredths."""
        box = self.face.box
        values: dict[str, Any] = {
            "frame": self.frame,
            "number": self.number,
            "box": [round(side, 2) for side in (box.left, box.top, box.right, box.bottom)],
            "landmarks": [[round(float(value), 2) for value in point] for point in self.face.landmarks],
            "score": round(self.face.score, 4),
        }
        if self.working_size is not None:
            values["working_size"] = self.working_size
        return values

    def as_line(self) -> str:
        """One line for people."""
        box = self.face.box
        frame = f"frame {self.frame}, " if self.frame > 1 else ""
        place = f"{box.width:.0f} x {box.height:.0f} pixels at ({box.left:.0f}, {box.top:.0f})"
        return f"{frame}face {self.number}: {place}, score {self.face.score:.2f}"


@dataclass(frozen=True)
class FileReport:
    """What became of one input file."""

    source: str
    output: str | None
    status: Status
    faces: tuple[FaceReport, ...] = ()
    seconds: dict[str, float] = field(default_factory=dict)
    """Time spent in each step."""

    notes: tuple[str, ...] = ()
    """Sentences about what the file lost or gained on the way."""

    extras: tuple[str, ...] = ()
    """Other files written: crops, comparison, boxes."""

    left_out: int = 0
    """Faces that were found but not selected."""

    error: str | None = None
    """Why it failed: one sentence that names the input."""

    def as_json(self) -> str:
        """One line of JSON."""
        values = {
            "input": self.source,
            "output": self.output,
            "status": self.status.value,
            "faces": [face.as_dict() for face in self.faces],
            "left_out": self.left_out,
            "seconds": {step: round(value, 4) for step, value in self.seconds.items()},
            "notes": list(self.notes),
            "extras": list(self.extras),
            "error": self.error,
        }
        return json.dumps(values, ensure_ascii=False)

    def as_sentence(self) -> str:
        """One line for people."""
        if self.error is not None:
            return self.error
        where = f" -> {self.output}" if self.output not in (None, STANDARD_STREAM) else ""
        count = f"{len(self.faces)} face{'' if len(self.faces) == 1 else 's'}"
        told = {
            Status.RESTORED: f"{count} restored in {sum(self.seconds.values()):.2f} s",
            Status.UNCHANGED: f"{self._no_face()}, passed through unchanged",
            Status.CONVERTED: f"{self._no_face()}, its pixels written anew",
            Status.DETECTED: f"{count} found in {sum(self.seconds.values()):.2f} s",
            Status.SKIPPED: "skipped, the result exists already",
        }[self.status]
        details = [f"; {note}" for note in self.notes]
        if self.status is Status.DETECTED:
            details += [f"\n  {face.as_line()}" for face in self.faces]
        return f"{self.source}{where}: {told}" + "".join(details)

    def _no_face(self) -> str:
        return f"no face among those selected ({self.left_out} found)" if self.left_out else "no face found"
