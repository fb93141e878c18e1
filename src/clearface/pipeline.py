"""One frame all the way: detect, align, restore, paste."""

import time
from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from clearface.arrays import ByteImage, FloatArray, Pixels
from clearface.blending import face_mask, match_colours
from clearface.detectors.base import Detector
from clearface.detectors.selection import FaceSelection, select_faces
from clearface.errors import PhotoError
from clearface.faces import FFHQ_TEMPLATE, TEMPLATE_SIZE, Box, Face, native_size
from clearface.photos.photo import byte_view
from clearface.restorers.base import Framing, Restorer, restore_checked
from clearface.squares import Change, Square, paste_changes, photo_square, take_square, template_square


@dataclass(frozen=True, eq=False)
class RestoredFace:
    """One face, before and after, at its working size."""

    face: Face

    working_size: int
    """Side S of the square it was restored at, in pixels."""

    before: FloatArray
    """RGB float32 `(S, S, 3)` in [0, 1], as taken from the photo."""

    after: FloatArray
    """RGB float32 `(S, S, 3)` in [0, 1], with the colours of `before`: what is pasted."""

    confidence: FloatArray | None
    """`(S, S)` float32 in [0, 1] where the restorer has it."""


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

    def restore(self, pixels: Pixels, faces: list[Face] | None = None) -> RestoredFrame:
        """Restores every selected face of an RGB `(H, W, 3)` frame, or those given.

        Pixels outside the faces' masks come back bit-identical. Raises ModelError where the network answers with nonsense,
        PhotoError for an array of another shape or type.
        """
        _check_frame(pixels)
        started = time.perf_counter()
        chosen, left_out = self._select(pixels) if faces is None else (faces, 0)
        detected = time.perf_counter()
        squares = [self._square(face) for face in chosen]
        restored = self._restore_squares(pixels, chosen, squares)
        finished = time.perf_counter()
        changes = [
            Change(square, face.after - face.before, face_mask(square.size))
            for square, face in zip(squares, restored, strict=True)
        ]
        pasted = paste_changes(pixels, changes) if changes else pixels
        timings = Timings(detected - started, finished - detected, time.perf_counter() - finished)
        return RestoredFrame(pasted, tuple(restored), timings, left_out)

    def restore_aligned(self, pixels: Pixels) -> RestoredFrame:
        """Restores a frame that is a face crop already, whatever its size and proportions; the same size comes back."""
        _check_frame(pixels)
        started = time.perf_counter()
        height, width = pixels.shape[:2]
        side = max(height, width)
        working_size = self.restorer.working_size(float(side))
        scale = working_size / side
        to_square = np.array([[scale, 0.0, (scale - 1) / 2], [0.0, scale, (scale - 1) / 2]])
        square = Square(to_square, working_size)
        before = take_square(pixels, square)
        after, confidence = self._run(before[None])
        change = Change(square, after[0] - before, np.ones((working_size, working_size), np.float32))
        restored = time.perf_counter()
        pasted = paste_changes(pixels, [change])
        face = RestoredFace(_whole_face(byte_view(pixels)), working_size, before, after[0], confidence[0])
        return RestoredFrame(pasted, (face,), Timings(0.0, restored - started, time.perf_counter() - restored))

    def _select(self, pixels: Pixels) -> tuple[list[Face], int]:
        """The selected faces, and how many were left out."""
        _check_frame(pixels)
        found = self.detector.detect(byte_view(pixels))
        chosen = select_faces(found, pixels.shape, self.selection)
        return chosen, len(found) - len(chosen)

    def _square(self, face: Face) -> Square:
        size = self.restorer.working_size(native_size(face))
        if self.restorer.framing is Framing.PHOTO:
            return photo_square(face, size)
        return template_square(face, size)

    def _restore_squares(self, pixels: Pixels, faces: list[Face], squares: list[Square]) -> list[RestoredFace]:
        by_size: dict[int, list[int]] = defaultdict(list)
        for index, square in enumerate(squares):
            by_size[square.size].append(index)
        restored: dict[int, RestoredFace] = {}
        for size, indices in by_size.items():
            before = np.stack([take_square(pixels, squares[index]) for index in indices])
            after, confidence = self._run(before)
            for place, index in enumerate(indices):
                restored[index] = RestoredFace(faces[index], size, before[place], after[place], confidence[place])
        return [restored[index] for index in range(len(faces))]

    def _run(self, before: FloatArray) -> tuple[FloatArray, list[FloatArray | None]]:
        """Restored squares in the colours they came in, and each one's confidence."""
        answer = restore_checked(self.restorer, before)
        matched = np.stack([old + match_colours(new - old) for old, new in zip(before, answer.faces, strict=True)])
        confidence = [None] * len(before) if answer.confidence is None else list(answer.confidence)
        return np.clip(matched, 0, 1, out=matched), confidence


def _check_frame(pixels: Pixels) -> None:
    if pixels.ndim != 3 or pixels.shape[2] != 3 or not pixels.size or pixels.dtype not in (np.uint8, np.uint16):
        raise PhotoError(f"a frame is an RGB array (H, W, 3) of uint8 or uint16, not {pixels.shape} of {pixels.dtype}")


def _whole_face(picture: ByteImage) -> Face:
    height, width = picture.shape[:2]
    scale = max(height, width) / TEMPLATE_SIZE
    return Face(Box(0.0, 0.0, float(width), float(height)), 1.0, FFHQ_TEMPLATE * scale)
