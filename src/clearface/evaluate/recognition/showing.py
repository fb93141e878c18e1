"""The photos of a collection in every test: as they were, blurred, and as restorers leave them."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

from clearface import __version__
from clearface.arrays import AnyArray, ByteImage, FloatArray, as_bytes
from clearface.detectors.base import Detector
from clearface.detectors.registry import build_detector
from clearface.embedders.alignment import eye_chip
from clearface.embedders.base import Embedder
from clearface.embedders.registry import EmbedderOptions, build_embedder
from clearface.evaluate.identities.people import PersonPhoto
from clearface.evaluate.looking import read_pixels
from clearface.evaluate.methods import Method
from clearface.evaluate.recognition.collection_photos import ALIGNED_SIDE, PhotoUnit, find_faces, told
from clearface.evaluate.recognition.recognizers import embedders_of
from clearface.evaluate.recognition.settings import SHARP, Framing, RecognitionSettings, restored_test
from clearface.evaluate.store import UnitResult
from clearface.faces import Face, carried_face, native_size
from clearface.photos.photo import byte_view
from clearface.squares import take_square, template_square
from clearface.weights import checksum

_MOST_ENLARGED = 4.0

GREY = "grey"
"""What comes before the colon in the name of an array of grey pictures; of vectors, it is the embedder."""

SQUARES = "squares"
"""The same of aligned squares, which embedders look at."""


@dataclass(frozen=True, eq=False)
class ShownUnit:
    """Some photos of a collection that go through every test together."""

    collection: str
    start: int
    """Place of the first among all that show a face: with the seed, it decides what happens to it."""

    photos: tuple[PersonPhoto, ...]
    faces: tuple[Face, ...]
    framing: Framing
    shape: tuple[int, int]

    made_by: str
    """Settings and networks that decide what becomes of them, as text."""

    @property
    def key(self) -> str:
        """A name that changes with anything the unit stands for."""
        what = f"shown {self.start} {self.framing} {self.shape} {self.made_by} {told(self.collection, self.photos)}"
        return hashlib.sha256(what.encode()).hexdigest()[:32]


@dataclass(frozen=True, eq=False)
class EmbeddedUnit:
    """The aligned faces of a `ShownUnit` that an embedder looks at."""

    shown: ShownUnit
    arrays: Path
    """What became of them: the file in the store."""

    embedder: str
    checksum: str
    """Of its network."""

    @property
    def faces(self) -> tuple[Face, ...]:
        """What is counted: one for each photo."""
        return self.shown.faces

    @property
    def key(self) -> str:
        """A name that changes with anything the unit stands for."""
        return hashlib.sha256(f"embedded {self.shown.key} {self.embedder} {self.checksum}".encode()).hexdigest()[:32]


class RecognitionTools:
    """Everything with networks, opened once a process."""

    def __init__(self, settings: RecognitionSettings) -> None:
        """Raises what detectors, restorers and embedders raise that cannot be built."""
        self.settings = settings
        self.detector: Detector = build_detector("centerface")
        self.restorers = tuple(Method(spec, self.detector) for spec in settings.restorers)
        self.embedders: dict[str, Embedder] = {
            name: build_embedder(name, EmbedderOptions(settings.embedder_model if name == "onnx" else None))
            for name in embedders_of(settings.methods)
        }

    @property
    def blurred_by(self) -> str:
        """All that decides how the photos of the tests look, as text that is another where anything is."""
        own = self.settings
        networks = [
            (method.spec, [checksum(use.path) for use in method.restorer.networks(own.size)])
            for method in self.restorers
        ]
        return repr((__version__, own.size, own.seed, own.protocols, networks))

    def checksum_of(self, what: str) -> str:
        """Of the network of an embedder; nothing for grey pictures."""
        return self.embedders[what].checksum if what in self.embedders else ""

    def show(self, unit: ShownUnit) -> UnitResult:
        """Arrays `what:test` of the photos: grey pictures `(N, H, W)` in [0, 1], and aligned squares of 8 bits `(N, S, S, 3)`."""
        found: dict[str, list[AnyArray]] = {}
        chip = eye_chip(ALIGNED_SIDE)
        for place, (photo, face) in enumerate(zip(unit.photos, unit.faces, strict=True), unit.start):
            pixels = read_pixels(photo.path, self.settings.max_pixels)
            scaled, in_scaled = scaled_photo(pixels, face, self.settings.size)
            for test, shown in self._tests(scaled, in_scaled, photo.name, place):
                square = take_square(shown, template_square(in_scaled, self.settings.size))
                looked_at = shown if unit.framing is Framing.WHOLE else chip.cut(square)
                found.setdefault(f"{GREY}:{test}", []).append(grey_picture(looked_at, unit.shape))
                found.setdefault(f"{SQUARES}:{test}", []).append(as_bytes(square))
        return UnitResult((), {name: np.stack(parts) for name, parts in found.items()})

    def embed(self, unit: EmbeddedUnit) -> UnitResult:
        """Arrays `embedder:test` of unit vectors `(N, D)`. Raises ModelError where the network answers with nonsense."""
        embedder, vectors = self.embedders[unit.embedder], dict[str, FloatArray]()
        with np.load(unit.arrays, allow_pickle=False) as stored:
            for name in stored.files:
                what, _, test = name.partition(":")
                if what == SQUARES:
                    squares = stored[name].astype(np.float32) / np.float32(255)
                    vectors[f"{unit.embedder}:{test}"] = embedder.embed(squares)
        return UnitResult((), vectors)

    def _tests(self, scaled: ByteImage, face: Face, name: str, place: int) -> Iterator[tuple[str, ByteImage]]:
        yield SHARP, scaled
        for protocol in self.settings.protocols:
            blurred = blurred_photo(scaled, protocol, (self.settings.seed, place), native_size(face))
            yield protocol, blurred
            for restorer in self.restorers:
                restored = restorer.in_photo(blurred, name, [face]).pixels
                yield restored_test(protocol, restorer.spec.name), byte_view(restored)


def scaled_photo(pixels: ByteImage, face: Face, size: float) -> tuple[ByteImage, Face]:
    """A photo RGB uint8 `(H, W, 3)` scaled so that the FFHQ square of its face has `size` pixels, and the face in it.

    It is enlarged four times at most.
    """
    scale = min(size / native_size(face), _MOST_ENLARGED)
    height, width = pixels.shape[:2]
    new_height, new_width = (max(2, round(side * scale)) for side in (height, width))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    scaled = np.asarray(cv2.resize(pixels, (new_width, new_height), interpolation=way), np.uint8)
    down, across = new_height / height, new_width / width
    stretch = np.array([[across, 0.0, (across - 1) / 2], [0.0, down, (down - 1) / 2]])
    return scaled, carried_face(face, stretch)


def blurred_photo(pixels: ByteImage, protocol: str, seed: Sequence[int], face_size: float) -> ByteImage:
    """A photo RGB uint8 `(H, W, 3)` as a protocol leaves one whose face is of that size, mirrored beyond its edges."""
    from clearface.degrade.protocols import degrade_by_seeds

    faces = pixels[None].astype(np.float32) / np.float32(255)
    return as_bytes(degrade_by_seeds(faces, protocol, [seed], face_size=face_size).faces[0])


def grey_picture(pixels: ByteImage, shape: tuple[int, int]) -> FloatArray:
    """RGB uint8 `(h, w, 3)` as grey float32 in [0, 1] of another shape."""
    grey = cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2GRAY)
    shrunk = shape[0] * shape[1] < grey.shape[0] * grey.shape[1]
    way = cv2.INTER_AREA if shrunk else cv2.INTER_CUBIC
    resized = cv2.resize(grey.astype(np.float32) / np.float32(255), (shape[1], shape[0]), interpolation=way)
    return np.asarray(np.clip(resized, 0, 1), np.float32)


@lru_cache(maxsize=1)
def recognition_tools(settings: RecognitionSettings) -> RecognitionTools:
    """The tools of this process, built when they are first needed."""
    return RecognitionTools(settings)


def show_unit(settings: RecognitionSettings, unit: ShownUnit) -> UnitResult:
    """`RecognitionTools.show`, for a worker process."""
    return recognition_tools(settings).show(unit)


def embed_unit(settings: RecognitionSettings, unit: EmbeddedUnit) -> UnitResult:
    """`RecognitionTools.embed`, for a worker process."""
    return recognition_tools(settings).embed(unit)


def find_unit(settings: RecognitionSettings, unit: PhotoUnit) -> UnitResult:
    """`find_faces`, for a worker process."""
    rows = find_faces(unit.photos, recognition_tools(settings).detector, settings.max_pixels)
    return UnitResult((), {"faces": rows.astype(np.float32)})
