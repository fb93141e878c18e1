"""What became of each input, for people and for machines."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from clearface.faces import Face
from clearface.files.inputs import STANDARD_STREAM
from clearface.point_spread_words import KernelDescription
from clearface.verdicts import Verdict

if TYPE_CHECKING:
    from clearface.recognition.identify_report import IdentityReport


class Status(StrEnum):
    """What became of one input."""

    RESTORED = "restored"
    UNCHANGED = "unchanged"
    """No face, or none that was restored: the very bytes of the input."""

    CONVERTED = "converted"
    """No face, or none that was restored, but written anew: as another kind, or without metadata."""

    DETECTED = "detected"
    IDENTIFIED = "identified"
    HIDDEN = "hidden"
    """Written anew with its faces hidden, also where there was no face to hide."""

    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True)
class BlurReport:
    """The blur of one face, lengths in pixels of the photo."""

    description: KernelDescription
    certainty: float

    varies: bool
    """Whether the blur is another in another quarter of the face; the description is then that of all together."""

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        angle = self.description.angle
        return {
            "words": self.description.words,
            "kind": self.description.kind.value,
            "length": round(self.description.length, 2),
            "angle": None if angle is None else round(angle, 1),
            "certainty": round(self.certainty, 4),
            "varies": self.varies,
        }

    def as_words(self) -> str:
        """For people."""
        varying = ", not the same everywhere" if self.varies else ""
        return f"{self.description.words}{varying} (certainty {self.certainty:.2f})"


@dataclass(frozen=True)
class FaceReport:
    """One face of one frame."""

    frame: int
    number: int
    face: Face
    working_size: int | None = None
    """Side of the square it was restored at, in pixels."""

    verdict: Verdict | None = None
    """What was decided about it; None where it was only looked for."""

    left: bool = False
    """Whether it was left exactly as it was."""

    explained: float | None = None
    """How well the result, blurred again, explains the input, in [0, 1]; None where that was not asked or nothing changed."""

    blur: BlurReport | None = None
    """How it was blurred, where that was asked."""

    hidden: bool | None = None
    """Whether it was hidden; None where that was not the task."""

    marked: bool = False
    """It is a rectangle somebody wanted hidden, and perhaps no face."""

    identity: "IdentityReport | None" = None
    """Who it is said to be, where that was asked."""

    name: str | None = None
    """Of the person, where faces were hidden by who they are and this one is known for certain."""

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
        if self.verdict is not None:
            values["verdict"] = self.verdict.value
            values["left_as_it_was"] = self.left
        if self.explained is not None:
            values["explained"] = round(self.explained, 4)
        if self.blur is not None:
            values["blur"] = self.blur.as_dict()
        if self.hidden is not None:
            values["hidden"] = self.hidden
        if self.marked:
            values["marked"] = True
        if self.name is not None:
            values["name"] = self.name
        if self.identity is not None:
            values["identity"] = self.identity.as_dict()
        return values

    def as_line(self) -> str:
        """One line for people: where it is."""
        return f"{self._name()}: {self._place()}, score {self.face.score:.2f}"

    def findings(self) -> str | None:
        """One line for people: how it was blurred, and how well that explains the input; None where neither was asked."""
        told = [] if self.blur is None else [self.blur.as_words()]
        if self.explained is not None:
            told.append(f"blurred again, the result explains {self.explained:.2f} of the input")
        return f"{self._name()}: {'; '.join(told)}" if told else None

    def identity_lines(self) -> list[str]:
        """Lines for people: who it is, and how far that can be trusted; none where that was not asked."""
        if self.identity is None:
            return []
        first, *others = self.identity.as_lines()
        return [f"{self._name()}, {self._place()}: {first}", *(f"  {line}" for line in others)]

    def _place(self) -> str:
        box = self.face.box
        return f"{box.width:.0f} x {box.height:.0f} pixels at ({box.left:.0f}, {box.top:.0f})"

    def _name(self) -> str:
        frame = f"frame {self.frame}, " if self.frame > 1 else ""
        return f"{frame}face {self.number}"


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

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON, seconds rounded."""
        return {
            "input": self.source,
            "output": self.output,
            "status": self.status.value,
            "faces": [face.as_dict() for face in self.faces],
            "left_out": self.left_out,
            "seconds": rounded_seconds(self.seconds),
            "notes": list(self.notes),
            "extras": list(self.extras),
            "error": self.error,
        }

    def as_json(self) -> str:
        """One line of JSON."""
        return json.dumps(self.as_dict(), ensure_ascii=False)

    def as_sentence(self) -> str:
        """One line for people."""
        if self.error is not None:
            return self.error
        where = f" -> {self.output}" if self.output not in (None, STANDARD_STREAM) else ""
        told = {
            Status.RESTORED: f"{self._verdicts()} in {sum(self.seconds.values()):.2f} s",
            Status.UNCHANGED: f"{self._verdicts()}, passed through unchanged",
            Status.CONVERTED: f"{self._verdicts()}, its pixels written anew",
            Status.DETECTED: f"{_count(len(self.faces))} found in {sum(self.seconds.values()):.2f} s",
            Status.IDENTIFIED: self._identified(),
            Status.HIDDEN: self._hidden(),
            Status.SKIPPED: "skipped, the result exists already",
        }[self.status]
        details = [f"; {note}" for note in self.notes]
        if self.status is Status.DETECTED:
            details += [f"\n  {face.as_line()}" for face in self.faces]
        details += [f"\n  {line}" for face in self.faces if (line := face.findings()) is not None]
        details += [f"\n  {line}" for face in self.faces for line in face.identity_lines()]
        return f"{self.source}{where}: {told}" + "".join(details)

    def _identified(self) -> str:
        """How many faces there are, and how many of them somebody is named for."""
        if not self.faces:
            return f"no face among those selected ({self.left_out} found)" if self.left_out else "no face found"
        named = sum(face.identity is not None and face.identity.named for face in self.faces)
        return f"{_count(len(self.faces))} found, {named} named in {sum(self.seconds.values()):.2f} s"

    def _hidden(self) -> str:
        """How many faces were hidden, and how many can still be seen."""
        seen = f"{self.left_out} not selected" if self.left_out else ""
        if not self.faces:
            return (
                f"no face among those selected ({self.left_out} found); written anew"
                if seen
                else "no face found; written anew"
            )
        faces = [face for face in self.faces if not face.marked]
        hidden = sum(face.hidden is True for face in faces)
        kept, marked = len(faces) - hidden, len(self.faces) - len(faces)
        rectangles = f"{marked} rectangle{'' if marked == 1 else 's'} hidden" if marked else ""
        told = [f"{_count(hidden)} hidden", f"{kept} kept" if kept else "", rectangles, seen]
        return f"{', '.join(filter(None, told))} in {sum(self.seconds.values()):.2f} s"

    def _verdicts(self) -> str:
        """How many faces came to what: those left as they were, and why, told apart from those restored."""
        if not self.faces:
            return f"no face among those selected ({self.left_out} found)" if self.left_out else "no face found"
        done = [face.verdict for face in self.faces if not face.left]
        against_advice = [f"{count} {reason}" for count, reason in _reasons(done)]
        told = [f"{_count(len(done))} restored" + (f" ({', '.join(against_advice)})" if against_advice else "")]
        left = _reasons([face.verdict for face in self.faces if face.left])
        if not done:
            (first, reason), *left = left
            told = [f"{_count(first)} {reason}"]
        return ", ".join(told + [f"{count} {reason}" for count, reason in left])


def rounded_seconds(seconds: Mapping[str, float]) -> dict[str, float]:
    """Time spent in each step, as it is told."""
    return {step: round(value, 4) for step, value in seconds.items()}


def _count(faces: int) -> str:
    return f"{faces} face{'' if faces == 1 else 's'}"


def _reasons(verdicts: list[Verdict | None]) -> list[tuple[int, str]]:
    """How many faces there was a reason not to restore, reason by reason."""
    reasons = (
        (Verdict.SHARP, "sharp already"),
        (Verdict.TOO_FAR_GONE, "too far gone"),
        (Verdict.LEFT_ON_REQUEST, "left on request"),
    )
    return [(verdicts.count(verdict), reason) for verdict, reason in reasons if verdict in verdicts]
