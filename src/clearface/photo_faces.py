"""Where the faces of a photo are that is to show none: in its colours, below what is clear, and in its transparency."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from clearface.arrays import ByteImage
from clearface.choosing import FaceChoice, Pick
from clearface.detectors.base import Detector
from clearface.detectors.selection import FaceSelection, select_faces
from clearface.faces import Box, Face
from clearface.photos.photo import AlphaPlane, Frame, byte_view, to_bytes
from clearface.sidecars import SidecarFace, SidecarFrame
from clearface.tracking.base import Known, TrackedFace

if TYPE_CHECKING:
    from clearface.people_choosing import PeopleJudge

_SAME_FACE = 0.3
"""Intersection over union from which two boxes are of one face."""

_LEVELS_OF_A_PICTURE = 16
"""The rim of a shape cut out has a few levels of transparency; a picture has more."""


@dataclass(frozen=True, eq=False)
class HideFace:
    """One face of one frame, and what becomes of it."""

    number: int
    """From 1, as `clearface detect` counts; that of its track where a person told of it."""

    face: Face
    known: Known
    hide: bool
    in_alpha: bool = False
    """Whether the transparency shows it too."""

    name: str | None = None
    """Of the person, where somebody was asked for and is known for certain."""


@dataclass(frozen=True, eq=False)
class FrameFaces:
    """The faces of one frame."""

    faces: tuple[HideFace, ...]
    left_out: int = 0
    """How many were found but not selected."""

    matched: frozenset[Pick] = frozenset()
    """The entries of the choice that named one of them."""

    def as_told(self, number: int, seconds: float) -> SidecarFrame:
        """The same for a sidecar."""
        told = (
            SidecarFace(TrackedFace(face.number, face.face, face.known, face.name), face.hide) for face in self.faces
        )
        return SidecarFrame(number, seconds, tuple(told))


def faces_to_hide(
    frame: Frame,
    detector: Detector,
    selection: FaceSelection,
    choice: FaceChoice,
    people: "PeopleJudge | None" = None,
) -> FrameFaces:
    """The faces that a detector finds in a frame, and those that the choice adds.

    people: says who is hidden by who they are. Raises ModelError, and GalleryError where a gallery cannot be reached.
    """
    found = find_in_frame(frame, detector)
    selected = {id(face) for face in select_faces([face for face, _ in found], frame.pixels.shape, selection)}
    kept = [(face, in_alpha) for face, in_alpha in found if id(face) in selected]
    faces, matched = [], frozenset[Pick]()
    judged = _judged(frame, kept, people)
    for number, ((face, in_alpha), (by_people, name)) in enumerate(zip(kept, judged, strict=True), start=1):
        hide = choice.chosen(number, face, by_people)
        faces.append(HideFace(number, face, Known.FOUND, hide, in_alpha, name))
        matched |= choice.matched(number, face)
    return FrameFaces(_with_told(faces, frame, choice), len(found) - len(kept), matched)


def faces_told(
    told: Sequence[SidecarFace], frame: Frame, choice: FaceChoice, people: "PeopleJudge | None" = None
) -> FrameFaces:
    """The faces that a person told of, less those the choice keeps, and those it adds.

    Faces without a number are counted on from the largest there is. people: as for `faces_to_hide`.
    """
    faces, matched = [], frozenset[Pick]()
    unnumbered = max((entry.tracked.track for entry in told), default=0)
    drawn = [(entry.tracked.face, _drawn_in(frame.alpha, entry.tracked.face.box)) for entry in told]
    judged = _judged(frame, drawn, people)
    for entry, (face, in_alpha), (by_people, name) in zip(told, drawn, judged, strict=True):
        unnumbered += entry.tracked.track == 0
        number = entry.tracked.track or unnumbered
        hide = entry.hide and choice.chosen(number, face, by_people)
        faces.append(HideFace(number, face, entry.tracked.known, hide, in_alpha, name or entry.tracked.name))
        matched |= choice.matched(number, face)
    return FrameFaces(_with_told(faces, frame, choice), 0, matched)


def _judged(
    frame: Frame, faces: Sequence[tuple[Face, bool]], people: "PeopleJudge | None"
) -> list[tuple[bool | None, str | None]]:
    """For each face whether it is hidden by who it is, None where nobody asked, and who that is.

    What the transparency shows too may be somebody else there: it is hidden, and nobody is named.
    """
    if people is None:
        return [(None, None)] * len(faces)
    judged = people.hide_of(frame.pixels, [face for face, _ in faces])
    return [(True, None) if in_alpha else own for (_, in_alpha), own in zip(faces, judged, strict=True)]


def _with_told(faces: list[HideFace], frame: Frame, choice: FaceChoice) -> tuple[HideFace, ...]:
    following = max((face.number for face in faces), default=0) + 1
    added = [
        HideFace(number, face, Known.MARKED, True, _drawn_in(frame.alpha, face.box))
        for number, face in enumerate(choice.told_faces(), start=following)
    ]
    return (*faces, *added)


def find_in_frame(frame: Frame, detector: Detector) -> list[tuple[Face, bool]]:
    """Every face of a frame, and whether the transparency shows it, those of the colours first.

    Colours below what is clear count, since any program can show them. Where the transparency varies, the frame is looked at as
    viewers show it on white and on black too, and so is the transparency by itself, for a picture can be drawn with it.
    """
    found = [(face, False) for face in detector.detect(byte_view(frame.pixels))]
    if frame.alpha is None or not varies(frame.alpha):
        return found
    in_alpha = detector.detect(_grey(to_bytes(frame.alpha)))
    found = [(face, _among(face, in_alpha)) for face, _ in found]
    for picture in _as_shown(byte_view(frame.pixels), to_bytes(frame.alpha)):
        in_alpha += detector.detect(picture)
    for face in in_alpha:
        if not _among(face, [other for other, _ in found]):
            found.append((face, True))
    return found


def varies(alpha: AlphaPlane | None) -> bool:
    """Whether any two pixels differ in how clear they are."""
    return alpha is not None and bool(alpha.min() != alpha.max())


def _drawn_in(alpha: AlphaPlane | None, box: Box) -> bool:
    """Whether the transparency inside a box has so many levels that it may hold a picture."""
    if alpha is None:
        return False
    left, top, right, bottom = (max(0, round(side)) for side in (box.left, box.top, box.right, box.bottom))
    return np.unique(alpha[top:bottom, left:right]).size > _LEVELS_OF_A_PICTURE


def _as_shown(pixels: ByteImage, alpha: ByteImage) -> Iterator[ByteImage]:
    opaque = alpha.astype(np.uint16)[..., None]
    for ground in (255, 0):
        yield ((pixels * opaque + ground * (255 - opaque) + 127) // 255).astype(np.uint8)


def _grey(plane: ByteImage) -> ByteImage:
    return np.repeat(plane[..., None], 3, axis=2)


def _among(face: Face, others: Sequence[Face]) -> bool:
    return any(face.box.overlap(other.box) > _SAME_FACE for other in others)


def fill_gaps(frames: Sequence[FrameFaces]) -> list[FrameFaces]:
    """The moments of an animation, each with the faces that the moments just before and after both have and it has not.

    Such a face lies halfway between the two; it is hidden where one of them is.
    """
    filled = list(frames)
    for index in range(1, len(frames) - 1):
        before, here, after = frames[index - 1 : index + 2]
        boxes = [face.face for face in here.faces]
        missing = [
            (earlier, later)
            for earlier in before.faces
            for later in after.faces
            if earlier.face.box.overlap(later.face.box) > _SAME_FACE
            and not _among(earlier.face, boxes)
            and not _among(later.face, boxes)
        ]
        number = max((face.number for face in here.faces), default=0)
        added = [
            HideFace(
                number + place,
                _halfway(earlier.face, later.face),
                Known.FILLED,
                earlier.hide or later.hide,
                earlier.in_alpha or later.in_alpha,
            )
            for place, (earlier, later) in enumerate(missing, start=1)
        ]
        filled[index] = replace(here, faces=(*here.faces, *added))
    return filled


def _halfway(first: Face, second: Face) -> Face:
    one, other = first.box, second.box
    box = Box(
        (one.left + other.left) / 2,
        (one.top + other.top) / 2,
        (one.right + other.right) / 2,
        (one.bottom + other.bottom) / 2,
    )
    return Face(box, min(first.score, second.score), (first.landmarks + second.landmarks) / 2)
