"""Finding the faces of a film, frame by frame, at a cost that is bounded whatever its size."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from clearface.arrays import ByteImage
from clearface.detectors.base import Detector
from clearface.detectors.registry import DETECTORS, DetectorOptions, build_detector, check_threshold
from clearface.detectors.rotations import turned_back
from clearface.detectors.scales import ScalePyramid
from clearface.detectors.suppression import merge_duplicates
from clearface.errors import UsageError
from clearface.faces import Box, Face, carried_face
from clearface.films.base import Canvas, FilmFrame
from clearface.squares import Region
from clearface.tracking.base import FoundFaces
from clearface.tracking.closer import CloserLooks
from clearface.tracking.cuts import SceneCuts
from clearface.tracking.likeness import Likenesses
from clearface.tracking.mosaics import Part, carried_back, compose, lay_out

_AS_IT_IS = ScalePyramid(enlarged_to=1, reduced_to=10**9, coarsest_side=10**6, tile=10**6)
"""One pass over the picture as it is handed in."""

_SMALL = 14.0
"""Faces smaller than this in the reduced frame are looked for in the frame itself."""

_LARGEST_ENLARGEMENT = 2.0
_PADDED_TO = 32
"""Pixels: networks take sides of multiples of this."""

_NEARLY = 0.03
_REMEMBERED = 0.35
"""Least score of what is looked for by its looks where the detector loses it."""

_SAME_FACE = 0.3
_TOUCHING = 0.05
_DOUBT = 0.5
"""Where a face is expected, this share of the threshold is enough: it need not prove that it is one."""

_NEARBY = 0.75
"""How far from where it was expected a doubtful face may be, in its own sizes."""

_LARGEST_RATIO = 1.6


@dataclass(frozen=True)
class _Surroundings:
    """How much is searched around faces that are expected."""

    side: int
    """Pixels, in one pass with others."""

    room: float
    """In sizes of the face, where it is large; it is reduced to fit then."""

    most: int
    """Faces looked for so in one frame."""


_KNOWN = _Surroundings(side=112, room=2.4, most=12)
"""Around faces found in the frame before: most are small."""

_LOST = _Surroundings(side=256, room=5.0, most=3)
"""Around those that were not."""


@dataclass(frozen=True)
class SearchOptions:
    """How the frames of a film are searched. Raises UsageError where a side or a time is none."""

    detector: str = DETECTORS[0].name
    detector_options: DetectorOptions = field(default_factory=DetectorOptions)
    longest_side: int = 640
    """Every frame is searched at this many pixels along its longer side, small ones at twice their size at most."""

    closer_every: float | None = 1.0
    """Seconds between closer looks at the whole frame, unreduced, for small faces; None for no such looks."""

    rotations: bool = False
    """Look for faces that lie on their side or upside down too: the frame is also turned, another way every frame."""

    def __post_init__(self) -> None:
        if self.longest_side < 32:
            raise UsageError(f"frames are searched at 32 pixels a side or more, not {self.longest_side}")
        if self.closer_every is not None and not (np.isfinite(self.closer_every) and self.closer_every > 0):
            raise UsageError(f"closer looks are some seconds apart, not {self.closer_every}")


class FilmSearch:
    """Searches the frames of one film in order.

    Every frame is searched reduced. Small faces answer to closer looks, and once they are known, to a look at the frame's own
    pixels where they are expected, with others that are expected and did not answer. Raises what `build_detector` does.
    """

    def __init__(self, options: SearchOptions | None = None) -> None:
        self.options = options or SearchOptions()
        self._detector, self._threshold = _single_pass(self.options)
        self._cuts = SceneCuts()
        every = self.options.closer_every
        self._looks = None if every is None else CloserLooks(every)
        self._turn = 0
        self._before: list[Face] = []
        self._next_lost = 0
        self._likenesses = Likenesses()

    def search(self, frame: FilmFrame, expected: Sequence[Box] = ()) -> FoundFaces:
        """The faces of the next frame; `expected` is where faces known from before should be in it."""
        canvas = frame.canvas
        scale = min(_LARGEST_ENLARGEMENT, self.options.longest_side / max(canvas.width, canvas.height))
        picture = canvas.reduced(_nearly(canvas.width * scale), _nearly(canvas.height * scale))
        new_scene = self._cuts.is_cut(picture)
        self._turn = self._turn % 3 + 1
        faces = self._whole(picture, canvas)
        if scale < 1 and self._looks is not None:
            for region in self._looks.due(canvas, frame.seconds, new_scene=new_scene):
                faces += self._closer(region, canvas)
        if not new_scene:
            faces += self._where_expected(expected, faces, canvas, scale)
        faces = merge_duplicates(faces)
        if new_scene:
            self._likenesses.forget()
        sure = [face for face in faces if face.score >= max(self._threshold, _REMEMBERED)]
        doubtful = [face for face in faces if face.score < max(self._threshold, _REMEMBERED)]
        faces += self._likenesses.look(canvas, frame.seconds, sure, doubtful, expected)
        self._before = faces
        return FoundFaces(frame.number, frame.seconds, tuple(faces), new_scene)

    def _whole(self, picture: ByteImage, canvas: Canvas) -> list[Face]:
        scale = np.array([canvas.width / picture.shape[1], canvas.height / picture.shape[0]])
        transform = np.column_stack([np.diag(scale), (scale - 1) / 2])
        return [carried_face(face, transform) for face in self._answers(picture) if face.score >= self._threshold]

    def _closer(self, region: Region, canvas: Canvas) -> list[Face]:
        side = max(region.right - region.left, region.bottom - region.top)
        faces = self._parts([Part(region, 1.0, 0, 0)], canvas, side)
        return [face for face in faces if face.score >= self._threshold]

    def _where_expected(
        self, expected: Sequence[Box], found: Sequence[Face], canvas: Canvas, scale: float
    ) -> list[Face]:
        wanted = [box for box in expected if box.size * scale < _SMALL or not _among(box, found, _SAME_FACE)]
        known = [box for box in wanted if _among(box, self._before, _TOUCHING)]
        lost = [box for box in wanted if not _among(box, self._before, _TOUCHING)]
        # Taking turns, where there are more than are looked for at once.
        self._next_lost = self._next_lost % max(len(lost), 1)
        lost = lost[self._next_lost :] + lost[: self._next_lost]
        self._next_lost += _LOST.most
        return self._around(known, _KNOWN, canvas) + self._around(lost, _LOST, canvas)

    def _around(self, boxes: Sequence[Box], surroundings: _Surroundings, canvas: Canvas) -> list[Face]:
        chosen = boxes[: surroundings.most]
        parts = lay_out(chosen, canvas, surroundings.side, surroundings.room)
        faces = self._parts(parts, canvas, surroundings.side) if parts else []
        return [face for face in faces if face.score >= self._threshold or any(_fits(face, box) for box in chosen)]

    def _parts(self, parts: Sequence[Part], canvas: Canvas, side: int) -> list[Face]:
        return carried_back(self._answers(compose(parts, canvas, side)), parts, canvas, side)

    def _answers(self, picture: ByteImage) -> list[Face]:
        faces = self._detector.detect(picture)
        if self.options.rotations:
            turned = np.ascontiguousarray(np.rot90(picture, self._turn))
            back = turned_back(self._turn, *picture.shape[:2])
            faces = faces + [carried_face(face, back) for face in self._detector.detect(turned)]
        return faces


def _nearly(side: float) -> int:
    """A whole number of pixels; one that the network need not pad, where that is nearly the same."""
    even = round(side / _PADDED_TO) * _PADDED_TO
    return even if abs(even - side) <= _NEARLY * side else max(1, round(side))


def _single_pass(options: SearchOptions) -> tuple[Detector, float]:
    """The detector, told to search at one size where it can be told, and the score from which its answers count.

    Where a threshold is given, the detector is told a lower one, for faces that are expected.
    """
    takes = next((entry.takes for entry in DETECTORS if entry.name == options.detector.lower()), ())
    told, threshold = options.detector_options, 0.0
    if "pyramid" in takes:
        told = replace(told, pyramid=_AS_IT_IS)
    if told.threshold is not None:
        check_threshold(told.threshold)
        threshold = told.threshold
        told = replace(told, threshold=_DOUBT * threshold)
    return build_detector(options.detector, told), threshold


def _among(box: Box, faces: Sequence[Face], least: float) -> bool:
    return any(box.overlap(face.box) > least for face in faces)


def _fits(face: Face, box: Box) -> bool:
    ratio = face.box.size / max(box.size, 1.0)
    distance = float(np.hypot(*np.subtract(face.box.centre, box.centre)))
    return 1 / _LARGEST_RATIO <= ratio <= _LARGEST_RATIO and distance <= _NEARBY * box.size
