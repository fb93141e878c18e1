"""The photos of pairs in every condition: their vectors, and what is seen of their condition."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from clearface import __version__
from clearface.arrays import AnyArray, ByteImage
from clearface.detectors.registry import build_detector
from clearface.embedders.registry import EmbedderOptions, build_embedder
from clearface.errors import UsageError
from clearface.evaluate.looking import LookJob, read_pixels, stamps_of
from clearface.evaluate.recognition.settings import SHARP
from clearface.evaluate.recognition.showing import blurred_photo, scaled_photo
from clearface.evaluate.specs import LARGEST_SIZE, SMALLEST_SIZE
from clearface.evaluate.store import UnitResult
from clearface.faces import Face, native_size
from clearface.pipeline import Pipeline
from clearface.recognition.conditions import condition_of
from clearface.recognition.identify_squares import embed_squares, recognition_square, restored_square
from clearface.restorers.registry import DEFAULT_RESTORER, build_restorer
from clearface.squares import take_square


@dataclass(frozen=True)
class Degrading:
    """How the first photo of every pair is degraded."""

    name: str
    """As it was typed."""

    protocol: str
    size: int | None
    """Side of the FFHQ square of the face in pixels, to which larger ones are reduced first; None leaves them as they are."""


def parse_degrading(text: str) -> Degrading:
    """`PROTOCOL[@SIZE]`. Raises UsageError where it cannot be meant."""
    from clearface.degrade.protocols import protocol_named

    name = text.strip().lower()
    word, at, side = name.partition("@")
    protocol = protocol_named(word)
    if protocol.from_file:
        raise UsageError(f"{text}: its kernels come from a file, which verification does not take")
    if at and not side.isdecimal():
        raise UsageError(f"{text}: a size in pixels follows @, as in shen@96")
    if at and not SMALLEST_SIZE <= int(side) <= LARGEST_SIZE:
        raise UsageError(f"{text}: faces are measured at {SMALLEST_SIZE} to {LARGEST_SIZE} pixels, not {side}")
    return Degrading(name, protocol.name, int(side) if at else None)


@dataclass(frozen=True)
class VerificationSettings:
    """What decides the numbers of a verification."""

    conditions: tuple[Degrading, ...]
    embedder: str = "fusion"
    embedder_model: Path | None = None
    embedder_preset: str | None = None
    most_pairs: int = 2_000_000
    """Of each kind."""

    seed: int = 7
    max_pixels: int = 250_000_000


@dataclass(frozen=True, eq=False)
class VerificationUnit:
    """Some photos that go through every condition together."""

    start: int
    photos: tuple[Path, ...]
    checksum: str
    """Of the embedder's network."""

    told: str
    """The settings, as text."""

    @property
    def faces(self) -> tuple[Path, ...]:
        """What is counted: one for each photo."""
        return self.photos

    @property
    def key(self) -> str:
        """A name that changes with anything the unit stands for."""
        stamps = [(str(path), stamps_of(LookJob(path.name, path))) for path in self.photos]
        what = f"verification {__version__} {self.start} {self.checksum} {self.told} {stamps}"
        return hashlib.sha256(what.encode("utf-8", "backslashreplace")).hexdigest()[:32]


class VerificationTools:
    """Everything with networks, opened once a process."""

    def __init__(self, settings: VerificationSettings) -> None:
        """Raises what detectors, restorers and embedders raise that cannot be built."""
        self.settings = settings
        self.detector = build_detector("centerface")
        options = EmbedderOptions(settings.embedder_model, settings.embedder_preset)
        self.embedder = build_embedder(settings.embedder, options)
        self._pipeline = Pipeline(self.detector, build_restorer(DEFAULT_RESTORER))

    def measure(self, unit: VerificationUnit) -> UnitResult:
        """Arrays of the photos: `found` `(N,)` says in which there is a face; the largest counts.

        `vector` `(N, D)` is of the photo as it is. For each condition `before:NAME` and `after:NAME` `(N, D)` are of the degraded
        photo and of the same restored by the default restorer, `state:NAME` `(N, 2)` is what `identify` sees of it: its size, and
        its blur, NaN where nothing can be told of it. Rows of photos without a face are zeros.
        """
        count, width = len(unit.photos), self.embedder.dimension
        arrays: dict[str, AnyArray] = {
            "found": np.zeros(count, np.float32),
            "vector": np.zeros((count, width), np.float32),
        }
        for condition in self.settings.conditions:
            arrays[f"before:{condition.name}"] = np.zeros((count, width), np.float32)
            arrays[f"after:{condition.name}"] = np.zeros((count, width), np.float32)
            arrays[f"state:{condition.name}"] = np.zeros((count, 2), np.float32)
        for place, path in enumerate(unit.photos):
            pixels = read_pixels(path, self.settings.max_pixels)
            face = max(self.detector.detect(pixels), key=lambda face: face.box.size, default=None)
            if face is None:
                continue
            arrays["found"][place] = 1
            square = take_square(pixels, recognition_square(face))
            arrays["vector"][place] = embed_squares(self.embedder, [square])[0]
            for condition in self.settings.conditions:
                seen = self._seen(*self._degraded(pixels, face, condition, unit.start + place))
                for what, values in zip(("before", "after", "state"), seen, strict=True):
                    arrays[f"{what}:{condition.name}"][place] = values
        return UnitResult((), arrays)

    def _degraded(self, pixels: ByteImage, face: Face, condition: Degrading, place: int) -> tuple[ByteImage, Face]:
        if condition.size is not None and condition.size < native_size(face):
            pixels, face = scaled_photo(pixels, face, condition.size)
        if condition.protocol == SHARP:
            return pixels, face
        return blurred_photo(pixels, condition.protocol, (self.settings.seed, place), native_size(face)), face

    def _seen(self, pixels: ByteImage, face: Face) -> tuple[AnyArray, AnyArray, AnyArray]:
        """The vectors of a face before and after restoring, and its size and blur."""
        wanted = recognition_square(face)
        before = embed_squares(self.embedder, [take_square(pixels, wanted)])[0]
        (restored,) = self._pipeline.restore(pixels, [face]).faces
        after = before if restored.left else embed_squares(self.embedder, [restored_square(restored)])[0]
        assert restored.estimate is not None
        state = condition_of(native_size(face), restored.estimate, restored.working_size, restored.verdict)
        blur = np.nan if state.blur is None else state.blur
        return before, after, np.array([state.size, blur], np.float32)


@lru_cache(maxsize=1)
def verification_tools(settings: VerificationSettings) -> VerificationTools:
    """The tools of this process, built when they are first needed."""
    return VerificationTools(settings)


def measure_verification(settings: VerificationSettings, unit: VerificationUnit) -> UnitResult:
    """`VerificationTools.measure`, for a worker process."""
    return verification_tools(settings).measure(unit)


def verification_units(
    photos: Sequence[Path], settings: VerificationSettings, checksum: str, at_once: int = 16
) -> list[VerificationUnit]:
    """The photos in parts."""
    told = repr((settings.conditions, settings.seed))
    return [
        VerificationUnit(start, tuple(photos[start : start + at_once]), checksum, told)
        for start in range(0, len(photos), at_once)
    ]
