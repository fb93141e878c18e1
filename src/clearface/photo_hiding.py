"""One photo whose faces are hidden: read, find, hide, clean what else shows them, write, report."""

import time
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from clearface.batch import (
    PhotoOptions,
    output_name,
    reported,
    result_kind,
    source_bytes,
    source_name,
    write_result,
)
from clearface.choosing import FaceChoice
from clearface.detectors.base import Detector
from clearface.detectors.selection import FaceSelection
from clearface.errors import PhotoError
from clearface.faces import Face
from clearface.files.atomic import write_atomically
from clearface.files.explanations import shown
from clearface.files.outputs import PlannedOutput
from clearface.films.array_canvas import ArrayCanvas
from clearface.hiding import FaceHider
from clearface.photo_faces import FrameFaces, HideFace, faces_to_hide, faces_told, fill_gaps
from clearface.photos.cleaning import without_pictures
from clearface.photos.decode import read_photo
from clearface.photos.encode import EncodeOptions, encode_photo, losses
from clearface.photos.photo import AlphaPlane, Frame, Photo
from clearface.report import FaceReport, FileReport, Status
from clearface.sidecars import SidecarFrame, SidecarHeader, SidecarReader, read_sidecar, sidecar_lines
from clearface.steps import Step, Watch, unwatched
from clearface.tracking.base import Known

if TYPE_CHECKING:
    from clearface.people_choosing import PeopleJudge


@dataclass(frozen=True, eq=False)
class PhotoHiding:
    """How the faces of photos are hidden, and which. Raises UsageError where two choices contradict each other."""

    detector: Detector
    hider: FaceHider
    selection: FaceSelection = field(default_factory=FaceSelection)
    choice: FaceChoice = field(default_factory=FaceChoice)
    people: "PeopleJudge | None" = None
    """Says who is hidden by who they are, where that was asked."""

    def __post_init__(self) -> None:
        if self.people is not None:
            self.people.check_fits(self.choice)


@dataclass(frozen=True, eq=False)
class HiddenPhoto:
    """A photo with its faces hidden, and the file made of it."""

    name: str
    source: Photo
    hidden: tuple[Frame, ...]
    """Its frames afterwards."""

    frames: tuple[SidecarFrame, ...]
    """Every frame with its faces, each with whether it was hidden; the number of a face is its track."""

    encoded: bytes
    seconds: dict[str, float]
    notes: tuple[str, ...]
    """Sentences about what the photo lost on the way, and about choices that named no face."""

    left_out: int = 0
    """Faces that were found but not selected."""

    @cached_property
    def faces(self) -> tuple[FaceReport, ...]:
        """Every face of every frame."""
        return tuple(
            FaceReport(frame.number, told.tracked.track, told.tracked.face, hidden=told.hide, name=told.tracked.name)
            for frame in self.frames
            for told in frame.faces
        )

    def report(self, source: str, output: str | None) -> FileReport:
        """What became of it. source, output: what to call the photo and its result."""
        return FileReport(source, output, Status.HIDDEN, self.faces, self.seconds, self.notes, left_out=self.left_out)

    def sidecar(self) -> bytes:
        """Where its faces are, as a file that can be changed and told again (`clearface.sidecars`)."""
        width, height = self.source.size
        return b"".join(sidecar_lines(SidecarHeader(self.name, width, height), self.frames))


def hide_photo(
    data: bytes,
    name: str,
    kind: str | None,
    hiding: PhotoHiding,
    options: PhotoOptions,
    told: SidecarReader | None = None,
    watch: Watch = unwatched,
) -> HiddenPhoto:
    """Hides the faces of an encoded photo, every page and every moment of it, and writes it anew.

    name: used in sentences about the photo. kind: of the result, such as "PNG"; None keeps the photo's own. options: how it is
    read and written. told: where the faces are, instead of the detector; `hiding.choice` still applies to them. watch: told how
    far it is. The photo is written anew even where no face was found, since what it says beside its pixels may show one: no
    preview, depth map, further picture or trailer is in the result. Raises PhotoError, ModelError, and UsageError where `told`
    is of another picture.
    """
    started = time.perf_counter()
    watch(Step.READING, 0.0)
    photo = read_photo(data, name, options.limits)
    if told is not None:
        told.check_fits(name, *photo.size)
    if len(photo.frames) > 1 and told is None and hiding.choice.by_number:
        raise PhotoError(
            f"{name}: holds {len(photo.frames)} pictures whose faces are counted apart; name faces by rectangles instead"
        )
    read = time.perf_counter()
    found = _faces_of(photo, hiding, told, watch)
    detected = time.perf_counter()
    frames = []
    for index, (frame, faces) in enumerate(zip(photo.frames, found, strict=True)):
        watch(Step.HIDING, index / len(photo.frames))
        frames.append(_hidden_frame(frame, faces, hiding.hider))
    watch(Step.WRITING, 0.0)
    encoding = time.perf_counter()
    target = kind or photo.kind
    cleaned, cleaning_notes = without_pictures(replace(photo, frames=tuple(frames)))
    encoded = encode_photo(
        cleaned, EncodeOptions(target, options.jpeg_quality, options.metadata, options.gps or "drop")
    )
    seconds = {
        "read": read - started,
        "detect": detected - read,
        "hide": encoding - detected,
        "encode": time.perf_counter() - encoding,
    }
    unmatched = hiding.choice.unmatched(frozenset().union(*(faces.matched for faces in found)))
    return HiddenPhoto(
        name,
        photo,
        cleaned.frames,
        _told_frames(photo, found),
        encoded,
        seconds,
        (*photo.notes, *cleaning_notes, *losses(photo, target), *unmatched, *_who(found, hiding.people)),
        sum(faces.left_out for faces in found),
    )


def hide_file(
    planned: PlannedOutput,
    hiding: PhotoHiding,
    options: PhotoOptions,
    told: Path | None = None,
    sidecar: Path | None = None,
) -> FileReport:
    """Hides the faces of one input into its output, never half-written.

    told: a sidecar that says where the faces are. sidecar: where to write one of the faces that were found or told. What goes
    wrong on purpose, or for want of memory, becomes a report of status FAILED.
    """

    def work() -> FileReport:
        reader = None if told is None else read_sidecar(told)
        name = source_name(planned)
        hidden = hide_photo(source_bytes(planned), name, result_kind(planned), hiding, options, reader)
        writing = time.perf_counter()
        extras: tuple[str, ...] = ()
        if sidecar is not None:
            write_atomically(sidecar, hidden.sidecar(), overwrite=options.overwrite)
            extras = (shown(sidecar),)
        write_result(planned, hidden.encoded, options)
        report = hidden.report(name, output_name(planned))
        seconds = hidden.seconds | {"write": time.perf_counter() - writing}
        return replace(report, seconds=seconds, extras=extras)

    return reported(planned, work)


def hidden_frame(frame: Frame, hiding: PhotoHiding) -> Frame:
    """One frame, which is no file and says nothing beside its pixels, with its faces hidden. Raises ModelError."""
    faces = faces_to_hide(frame, hiding.detector, hiding.selection, hiding.choice, hiding.people)
    return _hidden_frame(frame, faces, hiding.hider)


def _faces_of(photo: Photo, hiding: PhotoHiding, told: SidecarReader | None, watch: Watch) -> list[FrameFaces]:
    found = []
    for index, frame in enumerate(photo.frames):
        watch(Step.FINDING, index / len(photo.frames))
        if told is None:
            found.append(faces_to_hide(frame, hiding.detector, hiding.selection, hiding.choice, hiding.people))
        else:
            found.append(faces_told(told.frame(index + 1), frame, hiding.choice, hiding.people))
    if photo.animated and told is None:
        found = fill_gaps(found)
    if not hiding.hider.hides:
        found = [replace(faces, faces=tuple(replace(face, hide=False) for face in faces.faces)) for faces in found]
    return found


def _who(found: list[FrameFaces], people: "PeopleJudge | None") -> tuple[str, ...]:
    """Who was hidden and who was not, where that was asked and there is a face."""
    if people is None:
        return ()
    faces = [face for frame in found for face in frame.faces if face.known is not Known.MARKED]
    told = people.told((face.hide, face.name) for face in faces)
    return () if told is None else (told,)


def _hidden_frame(frame: Frame, faces: FrameFaces, hider: FaceHider) -> Frame:
    """A frame whose colours, and transparency where it shows a face, are hidden; what is outside the masks stays as it is."""
    chosen = [face for face in faces.faces if face.hide]
    if not chosen:
        return frame
    pixels = frame.pixels.copy()
    hider.hide(ArrayCanvas(pixels), *_faces_and_rectangles(chosen))
    return replace(frame, pixels=pixels, alpha=_hidden_alpha(frame.alpha, chosen, hider))


def _faces_and_rectangles(faces: list[HideFace]) -> tuple[list[tuple[int, Face]], list[tuple[int, Face]]]:
    """As `FaceHider.hide` takes them."""
    marked = [(face.number, face.face) for face in faces if face.known is Known.MARKED]
    return [(face.number, face.face) for face in faces if face.known is not Known.MARKED], marked


def _hidden_alpha(alpha: AlphaPlane | None, faces: list[HideFace], hider: FaceHider) -> AlphaPlane | None:
    shown_there = [face for face in faces if face.in_alpha]
    if alpha is None or not shown_there:
        return alpha
    planes = cv2.merge([alpha] * 3)
    hider.hide(ArrayCanvas(planes), *_faces_and_rectangles(shown_there))  # type: ignore[arg-type]
    return np.ascontiguousarray(planes[..., 1])  # type: ignore[return-value]


def _told_frames(photo: Photo, found: list[FrameFaces]) -> tuple[SidecarFrame, ...]:
    seconds, frames = 0.0, []
    for number, (frame, faces) in enumerate(zip(photo.frames, found, strict=True), start=1):
        frames.append(faces.as_told(number, seconds))
        seconds += (frame.duration or 0.0) / 1000
    return tuple(frames)
