"""What became of a film, for people and for machines."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from clearface.films.transform import FaceOutcome
from clearface.films.words import clock
from clearface.report import Status, rounded_seconds
from clearface.tracking.base import Known, TrackedFace, TrackedFrame
from clearface.verdicts import Verdict

if TYPE_CHECKING:
    from clearface.recognition.identify_report import IdentityReport


@dataclass(frozen=True)
class TrackReport:
    """One face throughout a film."""

    track: int
    first_frame: int
    first_seconds: float
    last_frame: int
    last_seconds: float
    score: float
    """The best, in [0, 1]."""

    size: float
    """The largest: geometric mean of width and height, in pixels."""

    known: tuple[tuple[Known, int], ...]
    """In how many frames it is known in which way."""

    changed: int
    """In how many frames anything was done to it."""

    verdicts: tuple[tuple[Verdict, int], ...] = ()
    """In how many frames what was decided."""

    identity: "IdentityReport | None" = None
    """Who it is said to be, by its best frames together, where that was asked."""

    names: tuple[tuple[str, int], ...] = ()
    """In how many frames it was taken for whom, where faces were hidden by who they are."""

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        values: dict[str, Any] = {
            "track": self.track,
            "first": {"frame": self.first_frame, "time": round(self.first_seconds, 4)},
            "last": {"frame": self.last_frame, "time": round(self.last_seconds, 4)},
            "score": round(self.score, 4),
            "size": round(self.size, 1),
            "frames": {known.value: count for known, count in self.known},
            "changed": self.changed,
        }
        if self.verdicts:
            values["verdicts"] = {verdict.value: count for verdict, count in self.verdicts}
        if self.identity is not None:
            values["identity"] = self.identity.as_dict()
        if self.names:
            values["names"] = dict(self.names)
        return values

    def as_lines(self) -> list[str]:
        """For people: when it is seen, and who it is said to be, where that was asked."""
        told = [] if self.identity is None else self.identity.as_lines()
        return [self.as_line(), *(f"  {line}" for line in told)]

    def as_line(self) -> str:
        """One line for people."""
        frames = sum(count for _, count in self.known)
        if dict(self.known).get(Known.MARKED):
            return f"rectangle: {frames} frames"
        who = f" ({', '.join(name for name, _ in self.names)})" if self.names else ""
        return (
            f"face {self.track}{who}: {clock(self.first_seconds)} to {clock(self.last_seconds)}, {frames} frames, "
            f"up to {self.size:.0f} pixels, score {self.score:.2f}"
        )


class FilmTally:
    """Counts the faces of a film as its frames go by; what it holds grows with the tracks, not with the frames."""

    def __init__(self) -> None:
        self.frames = 0
        self.damaged = 0
        self.last = 0.0
        """When the last frame was shown, in seconds."""

        self._tracks: dict[int, TrackReport] = {}

    def frame(self, tracked: TrackedFrame, outcomes: tuple[FaceOutcome, ...] | None, damaged: bool) -> None:
        """See `FrameListener.frame`."""
        self.frames += 1
        self.damaged += damaged
        self.last = tracked.seconds
        by_track = {outcome.tracked.track: outcome for outcome in outcomes or ()}
        for face in tracked.faces:
            self._add(tracked, face, by_track.get(face.track))

    def _add(self, frame: TrackedFrame, face: TrackedFace, outcome: FaceOutcome | None) -> None:
        size = face.face.box.size
        before = self._tracks.get(face.track) or TrackReport(
            face.track, frame.number, frame.seconds, frame.number, frame.seconds, 0.0, 0.0, (), 0
        )
        known, verdicts = Counter(dict(before.known)), Counter(dict(before.verdicts))
        names = Counter(dict(before.names))
        known[face.known] += 1
        if face.name is not None:
            names[face.name] += 1
        if outcome is not None and outcome.verdict is not None:
            verdicts[outcome.verdict] += 1
        self._tracks[face.track] = replace(
            before,
            last_frame=frame.number,
            last_seconds=frame.seconds,
            score=max(before.score, face.face.score),
            size=max(before.size, size),
            known=tuple(known.items()),
            changed=before.changed + (outcome is not None and outcome.changed),
            verdicts=tuple(verdicts.items()),
            names=tuple(names.items()),
        )

    @property
    def tracks(self) -> tuple[TrackReport, ...]:
        """By number."""
        return tuple(self._tracks[track] for track in sorted(self._tracks))


@dataclass(frozen=True)
class FilmReport:
    """What became of one film."""

    source: str
    output: str | None
    status: Status
    frames: int
    length: float
    """Seconds, the last frame's own included."""

    tracks: tuple[TrackReport, ...]
    seconds: dict[str, float] = field(default_factory=dict)
    """How long it took."""

    notes: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    """Other files written."""

    damaged: int = 0
    """Frames the decoder could not make all of out."""

    error: str | None = None
    """Why it failed or was stopped: one sentence that names the input."""

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "input": self.source,
            "output": self.output,
            "status": self.status.value,
            "frames": self.frames,
            "length": round(self.length, 4),
            "tracks": [track.as_dict() for track in self.tracks],
            "seconds": rounded_seconds(self.seconds),
            "damaged_frames": self.damaged,
            "notes": list(self.notes),
            "extras": list(self.extras),
            "error": self.error,
        }

    def as_json(self) -> str:
        """One line of JSON."""
        return json.dumps(self.as_dict(), ensure_ascii=False)

    def as_sentence(self) -> str:
        """For people: one line, and one for each face where they are told apart by their numbers."""
        if self.error is not None:
            return self.error
        where = f" -> {self.output}" if self.output is not None else ""
        if self.status is Status.SKIPPED:
            return f"{self.source}{where}: skipped, the result exists already"
        lines = [f"{self.source}{where}: {self._done()}" + "".join(f"; {note}" for note in self.notes)]
        if self.status in (Status.DETECTED, Status.HIDDEN, Status.IDENTIFIED):
            lines += [f"  {line}" for track in self.tracks[:_MOST_LINES] for line in track.as_lines()]
            more = len(self.tracks) - _MOST_LINES
            lines += [f"  and {more} more; --json tells all"] if more > 0 else []
        return "\n".join(lines)

    def _done(self) -> str:
        took = sum(self.seconds.values())
        speed = f", {self.frames / took:.1f} a second" if took > 0 else ""
        frames = (
            f"in {self.frames} frame{'' if self.frames == 1 else 's'} ({clock(self.length)} in {took:.1f} s{speed})"
        )
        return f"{self._faces()} {frames}"

    def _faces(self) -> str:
        marked = [track for track in self.tracks if dict(track.known).get(Known.MARKED)]
        tracks = [track for track in self.tracks if track not in marked]
        rectangles = f"{len(marked)} rectangle{'' if len(marked) == 1 else 's'} hidden"
        if not tracks:
            anew = "" if self.status in (Status.DETECTED, Status.IDENTIFIED) else ", encoded anew"
            return f"no face found, {rectangles}" if marked else f"no face found{anew}"
        changed = [track for track in tracks if track.changed]
        if self.status is Status.IDENTIFIED:
            named = sum(track.identity is not None and track.identity.named for track in tracks)
            return f"{_count(len(tracks))} found, {named} named"
        verb = {Status.HIDDEN: "hidden", Status.RESTORED: "restored"}.get(self.status)
        if verb is None:
            return f"{_count(len(tracks))} found"
        told = [f"{_count(len(changed))} {verb}"] if changed or self.status is Status.HIDDEN else []
        rest = [track for track in tracks if not track.changed]
        if self.status is Status.HIDDEN:
            return ", ".join(told + ([f"{len(rest)} kept"] if rest else []) + ([rectangles] if marked else []))
        for verdict, words in _REASONS:
            count = sum(_mostly(track) is verdict for track in rest)
            if count:
                told.append(f"{count if told else _count(count)} {words}")
        return ", ".join(told) or f"{_count(len(rest))} found, none restored"


_MOST_LINES = 40

_REASONS: Sequence[tuple[Verdict, str]] = ((Verdict.SHARP, "sharp already"), (Verdict.TOO_FAR_GONE, "too far gone"))


def _mostly(track: TrackReport) -> Verdict | None:
    return max(track.verdicts, key=lambda pair: pair[1])[0] if track.verdicts else None


def _count(faces: int) -> str:
    return f"{faces} face{'' if faces == 1 else 's'}"
