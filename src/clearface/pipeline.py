"""One frame all the way: detect, align, restore, paste."""

import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from clearface.arrays import ByteImage, FloatArray, Pixels
from clearface.blending import face_mask, in_colours_of
from clearface.blur_estimates import BlurEstimate
from clearface.detectors.base import Detector
from clearface.detectors.selection import FaceSelection, select_faces
from clearface.errors import PhotoError
from clearface.faces import FFHQ_TEMPLATE, TEMPLATE_SIZE, Box, Face, invert_transform, native_size, resize_transform
from clearface.photos.photo import byte_view
from clearface.restorers.base import Framing, Restored, Restorer, restore_checked
from clearface.squares import Change, Square, paste_changes, photo_square, take_square, template_square
from clearface.steps import Step, Watch, unwatched
from clearface.verdicts import Verdict

_LONGEST_CROP = 16
"""How many times as long as wide something may be that passes for a face crop."""


@dataclass(frozen=True, eq=False)
class RestoredFace:
    """One face, before and after, at its working size."""

    face: Face

    square: Square
    """Where the square it was restored at lies in the photo."""

    before: FloatArray
    """RGB float32 `(S, S, 3)` in [0, 1], as taken from the photo."""

    after: FloatArray
    """RGB float32 `(S, S, 3)` in [0, 1], with the colours of `before`: what is pasted."""

    confidence: FloatArray | None = None
    """`(S, S)` float32 in [0, 1] where the restorer has it."""

    error: FloatArray | None = None
    """`(S, S)` float32 in [0, 1] where the restorer has it: the error in brightness nine pixels of ten stay below."""

    estimate: BlurEstimate | None = None
    """The blur that was undone, kernels in pixels of the square; None where the restorer knows of none."""

    verdict: Verdict = Verdict.RESTORED
    left: bool = False
    """Whether it was left exactly as it was."""

    @property
    def working_size(self) -> int:
        """Side S of the square it was restored at, in pixels."""
        return self.square.size

    @cached_property
    def blur(self) -> BlurEstimate | None:
        """The blur that was undone, kernels in pixels of the photo; None where the restorer knows of none."""
        return None if self.estimate is None else estimate_in_photo(self.estimate, self.square)

    @cached_property
    def explained(self) -> float | None:
        """How well `after`, blurred again, explains `before`, in [0, 1]: see `clearface.explanation.explained`.

        None where no blur was named, or the face was left as it was.
        """
        from clearface.explanation import explained

        if self.estimate is None or self.left:
            return None
        return explained(self.before, self.after, self.estimate)


@dataclass(frozen=True)
class Timings:
    """Seconds spent in each step."""

    detect: float = 0.0
    restore: float = 0.0
    paste: float = 0.0

    def plus(self, other: "Timings") -> "Timings":
        """The sum, step by step."""
        return Timings(self.detect + other.detect, self.restore + other.restore, self.paste + other.paste)


@dataclass(frozen=True, eq=False)
class RestoredFrame:
    """A frame with its faces restored."""

    pixels: Pixels
    faces: tuple[RestoredFace, ...]
    timings: Timings

    left_out: int = 0
    """Faces that were found but not selected."""


class Pipeline:
    """Finds faces in a frame and restores them: the one way through for photos, folders and servers alike."""

    def __init__(self, detector: Detector, restorer: Restorer, selection: FaceSelection | None = None) -> None:
        self.detector = detector
        self.restorer = restorer
        self.selection = selection or FaceSelection()

    def detect(self, pixels: Pixels) -> list[Face]:
        """The faces to restore in an RGB `(H, W, 3)` frame of 8 or 16 bits, most certain first."""
        return self._select(pixels)[0]

    def restore(self, pixels: Pixels, faces: list[Face] | None = None, watch: Watch = unwatched) -> RestoredFrame:
        """Restores every selected face of an RGB `(H, W, 3)` frame, or those given.

        watch: told how far it is. Pixels outside the faces' masks come back bit-identical. Raises ModelError where the network
        answers with nonsense, PhotoError for an array of another shape or type.
        """
        _check_frame(pixels)
        started = time.perf_counter()
        watch(Step.FINDING, 0.0)
        chosen, left_out = self._select(pixels) if faces is None else (faces, 0)
        detected = time.perf_counter()
        squares = [working_square(self.restorer.framing, face, self.working_size(face)) for face in chosen]
        restored = self._restore_squares(pixels, chosen, squares, watch)
        finished = time.perf_counter()
        pasted = pasted_faces(pixels, restored)
        timings = Timings(detected - started, finished - detected, time.perf_counter() - finished)
        return RestoredFrame(pasted, tuple(restored), timings, left_out)

    def restore_aligned(self, pixels: Pixels, watch: Watch = unwatched) -> RestoredFrame:
        """Restores a frame that is a face crop already, whatever its size; the same size comes back.

        Raises as `restore`, and PhotoError for a strip, since it is worked on as a square as wide as the strip is long.
        """
        _check_frame(pixels)
        if max(pixels.shape[:2]) > _LONGEST_CROP * min(pixels.shape[:2]):
            height, width = pixels.shape[:2]
            raise PhotoError(f"{width} x {height} pixels are a strip, and no face crop")
        started = time.perf_counter()
        watch(Step.RESTORING, 0.0)
        height, width = pixels.shape[:2]
        side = max(height, width)
        working_size = self.restorer.working_size(float(side))
        scale = working_size / side
        square = Square(resize_transform(scale), working_size)
        (face,) = self._run([_whole_face(byte_view(pixels))], [square], take_square(pixels, square)[None])
        restored = time.perf_counter()
        pasted = pasted_whole(pixels, face)
        return RestoredFrame(pasted, (face,), Timings(0.0, restored - started, time.perf_counter() - restored))

    def _select(self, pixels: Pixels) -> tuple[list[Face], int]:
        """The selected faces, and how many were left out."""
        _check_frame(pixels)
        found = self.detector.detect(byte_view(pixels))
        chosen = select_faces(found, pixels.shape, self.selection)
        return chosen, len(found) - len(chosen)

    def working_size(self, face: Face) -> int:
        """The side of the square a face is restored at, in pixels."""
        return self.restorer.working_size(native_size(face))

    def _restore_squares(
        self, pixels: Pixels, faces: list[Face], squares: list[Square], watch: Watch
    ) -> list[RestoredFace]:
        by_size: dict[int, list[int]] = defaultdict(list)
        for index, square in enumerate(squares):
            by_size[square.size].append(index)
        restored: dict[int, RestoredFace] = {}
        for indices in by_size.values():
            watch(Step.RESTORING, len(restored) / len(faces))
            before = np.stack([take_square(pixels, squares[index]) for index in indices])
            same_size = self._run([faces[index] for index in indices], [squares[index] for index in indices], before)
            restored.update(zip(indices, same_size, strict=True))
        return [restored[index] for index in range(len(faces))]

    def _run(self, faces: list[Face], squares: list[Square], before: FloatArray) -> list[RestoredFace]:
        """Squares of one size `(N, S, S, 3)`, restored in the colours they came in, with all the restorer says of each."""
        answer = restore_checked(self.restorer, before)
        matched = in_colours_of(before, answer.faces)
        return [
            _restored_face(face, square, before[place], matched[place], answer, place)
            for place, (face, square) in enumerate(zip(faces, squares, strict=True))
        ]


def working_square(framing: Framing, face: Face, size: int) -> Square:
    """The square of a face, `size` pixels a side, as restorers of that framing want it."""
    return photo_square(face, size) if framing is Framing.PHOTO else template_square(face, size)


def pasted_faces(pixels: Pixels, faces: Sequence[RestoredFace]) -> Pixels:
    """A copy of an RGB `(H, W, 3)` frame with the change of every face laid over it under its mask."""
    changes = [Change(face.square, face.after - face.before, face_mask(face.working_size)) for face in faces]
    return paste_changes(pixels, changes) if changes else pixels


def pasted_whole(pixels: Pixels, face: RestoredFace) -> Pixels:
    """A copy of a frame that is a face crop, with the change of that face laid over all of it."""
    whole = np.ones((face.working_size, face.working_size), np.float32)
    return paste_changes(pixels, [Change(face.square, face.after - face.before, whole)])


def estimate_in_photo(estimate: BlurEstimate, square: Square) -> BlurEstimate:
    """What is known of the blur in a square, turned and scaled into pixels of the photo."""
    from clearface.point_spread_geometry import transformed

    to_photo = invert_transform(square.to_square)[:, :2]
    if np.array_equal(to_photo, np.eye(2)):
        return estimate
    field = estimate.field
    if field is not None:
        quarters = [transformed(kernel, to_photo) for row in field for kernel in row]
        field = np.stack(quarters).reshape(2, 2, *quarters[0].shape)
    resolution = estimate.resolution / square.scale
    return replace(estimate, kernel=transformed(estimate.kernel, to_photo), field=field, resolution=resolution)


def _restored_face(
    face: Face, square: Square, before: FloatArray, after: FloatArray, answer: Restored, place: int
) -> RestoredFace:
    return RestoredFace(
        face,
        square,
        before,
        after,
        None if answer.confidence is None else answer.confidence[place],
        None if answer.error is None else answer.error[place],
        None if answer.estimates is None else answer.estimates[place],
        Verdict.RESTORED if answer.verdicts is None else answer.verdicts[place],
        answer.left is not None and answer.left[place],
    )


def _check_frame(pixels: Pixels) -> None:
    if pixels.ndim != 3 or pixels.shape[2] != 3 or not pixels.size or pixels.dtype not in (np.uint8, np.uint16):
        raise PhotoError(f"a frame is an RGB array (H, W, 3) of uint8 or uint16, not {pixels.shape} of {pixels.dtype}")


def _whole_face(picture: ByteImage) -> Face:
    height, width = picture.shape[:2]
    scale = max(height, width) / TEMPLATE_SIZE
    return Face(Box(0.0, 0.0, float(width), float(height)), 1.0, FFHQ_TEMPLATE * scale)
