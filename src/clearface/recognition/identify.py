"""Who the faces of a frame are: found, looked at as they are and restored, compared with those that are known."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Protocol

import numpy as np

from clearface.arrays import FloatArray, Pixels
from clearface.blur_estimates import BlurEstimate
from clearface.detectors.base import Detector
from clearface.detectors.selection import FaceSelection, select_faces
from clearface.embedders.base import Embedder
from clearface.embedders.quality import face_quality
from clearface.faces import Face, native_size
from clearface.photos.photo import byte_view
from clearface.pipeline import Pipeline, RestoredFace
from clearface.recognition.base import Answer, Condition, Decision, KnownFaces
from clearface.recognition.conditions import condition_of
from clearface.recognition.deciding import Decider, DecisionRule
from clearface.recognition.error_tables import ErrorTable
from clearface.recognition.identify_agreement import agree, names_of
from clearface.recognition.identify_looks import BlurEstimating, FaceReader, estimate_squares
from clearface.recognition.identify_squares import embed_squares, recognition_square, restored_square
from clearface.restorers.base import Framing, Restorer
from clearface.restorers.registry import DEFAULT_RESTORER
from clearface.squares import take_square
from clearface.verdicts import Verdict

LARGEST_RESTORED = 160
"""Side of the FFHQ square in pixels: the chips that embedders cut out of it then have 112 to 150, as many as they look at."""

TOP = 3
"""People each answer tells, unless it is said otherwise."""


class Restoring(StrEnum):
    """Whether faces are restored before they are recognized."""

    FIRST = "first"
    NEVER = "never"
    BOTH = "both"
    """They are looked at as they are and restored, and both answers are compared."""


class KnownSource(Protocol):
    """Where those that are known come from, such as a `clearface.gallery` that is open."""

    def known_faces(self, near: FloatArray | None = None) -> KnownFaces:
        """All of them, or those that may be near the vectors `(M, D)`."""
        ...


@dataclass(frozen=True, eq=False)
class DescribedFace:
    """One face and its vectors, not yet compared with anybody."""

    face: Face
    condition: Condition

    quality: float
    """In (0, 1]: see `clearface.embedders.quality`."""

    before: FloatArray | None
    """`(D,)`: as it is; None where only the restored face is asked for."""

    after: FloatArray | None
    """`(D,)`: restored; None where nothing is restored."""

    verdict: Verdict | None
    """What the restorer decided about it; None where there is none. A face that was left has the same vector twice."""


@dataclass(frozen=True, eq=False)
class IdentifiedFace:
    """One face and who it is."""

    face: Face
    condition: Condition

    answer: Answer
    """What is said."""

    before: Answer | None
    """For the face as it is; None where that was not asked."""

    after: Answer | None
    """For the restored face; None where that was not asked."""

    verdict: Verdict | None
    """What the restorer decided about it; None where nothing was restored."""

    disagreement: str | None
    """How both answers contradict each other, where they do: then nobody is named."""

    @property
    def name(self) -> str | None:
        """Of the person, where one is named."""
        return names_of(self.answer)[0] if self.answer.decision is Decision.NAMED else None


class Identifier:
    """Says who the faces of frames are. Keep one for many: its networks are loaded once."""

    def __init__(
        self,
        detector: Detector,
        embedder: Embedder,
        known: KnownFaces | KnownSource,
        rule: DecisionRule,
        errors: ErrorTable,
        *,
        restore: Restoring = Restoring.BOTH,
        restorer: Restorer | None = None,
        estimator: BlurEstimating | None = None,
        selection: FaceSelection | None = None,
        top: int = TOP,
    ) -> None:
        """known: faces whose vectors `embedder` made, or where they come from. errors: measured for `embedder`. restorer: the
        default one without. estimator: tells the blur where no restorer does; the one that ships with clearface without. top: how
        many people each answer tells at most, but that those who are tied are all told.

        Raises ModelError where a network that is needed is missing or damaged, and what `Decider` raises where the parts do not
        fit each other.
        """
        self.detector = detector
        self.embedder = embedder
        self.restoring = restore
        self.selection = selection or FaceSelection()
        self._rule = rule
        self._errors = errors
        self._top = top
        self._source = None if isinstance(known, KnownFaces) else known
        self.decider = Decider(known, rule, errors) if isinstance(known, KnownFaces) else None
        self._pipeline = (
            None if restore is Restoring.NEVER else _SmallPipeline(detector, restorer or _default_restorer())
        )
        self._restorer_tells = self._pipeline is not None and self._pipeline.restorer.name == DEFAULT_RESTORER
        self.reader = FaceReader(embedder, estimator or ShippedEstimator())

    def find(self, pixels: Pixels) -> tuple[list[Face], int]:
        """The selected faces of an RGB `(H, W, 3)` frame of 8 or 16 bits, most certain first, and how many were left out."""
        found = self.detector.detect(byte_view(pixels))
        chosen = select_faces(found, pixels.shape, self.selection)
        return chosen, len(found) - len(chosen)

    def identify_frame(self, pixels: Pixels) -> list[IdentifiedFace]:
        """Who the selected faces of an RGB `(H, W, 3)` frame of 8 or 16 bits are, most certain face first. Raises ModelError."""
        return self.identify_faces(pixels, self.find(pixels)[0])

    def identify_faces(self, pixels: Pixels, faces: Sequence[Face]) -> list[IdentifiedFace]:
        """Who some faces of a frame are, in their order. Raises ModelError."""
        return self.answer(self.describe(pixels, faces))

    def describe(self, pixels: Pixels, faces: Sequence[Face]) -> list[DescribedFace]:
        """The vectors of some faces of a frame, and the condition they are in. Raises ModelError."""
        if not faces:
            return []
        if self._pipeline is None:
            looks = self.reader.read(pixels, faces)
            return [
                DescribedFace(face, look.condition, look.quality, look.vector, None, None)
                for face, look in zip(faces, looks, strict=True)
            ]
        squares = [take_square(pixels, recognition_square(face)) for face in faces]
        restored = self._pipeline.restore(pixels, list(faces)).faces
        conditions = self._conditions(squares, restored)
        before = list(embed_squares(self.embedder, squares)) if self.restoring is Restoring.BOTH else None
        after = self._after(restored, before)
        return [
            DescribedFace(
                face,
                conditions[index],
                face_quality(squares[index], native_size(face), face.score, face.landmarks),
                None if before is None else before[index],
                after[index],
                restored[index].verdict,
            )
            for index, face in enumerate(faces)
        ]

    def answer(self, described: Sequence[DescribedFace]) -> list[IdentifiedFace]:
        """Who faces are that were described. Raises what the source of known faces raises."""
        if not described:
            return []
        conditions = [face.condition for face in described]
        before = self._decided([face.before for face in described], conditions)
        after = self._decided([face.after for face in described], conditions)
        return [_identified(face, *answers) for face, *answers in zip(described, before, after, strict=True)]

    def _decided(
        self, vectors: Sequence[FloatArray | None], conditions: Sequence[Condition]
    ) -> Sequence[Answer | None]:
        given = [vector for vector in vectors if vector is not None]
        if not given:
            return [None] * len(vectors)
        together = np.stack(given)
        decider = self.decider
        if decider is None:
            assert self._source is not None
            decider = Decider(self._source.known_faces(together), self._rule, self._errors)
        return decider.decide(together, conditions, self._top)

    def _conditions(self, squares: Sequence[FloatArray], restored: Sequence[RestoredFace]) -> list[Condition]:
        """By the blur the default restorer found, as errors are measured; where another restores, it is estimated anew."""
        if self._restorer_tells:
            return [
                condition_of(native_size(face.face), face.estimate, face.working_size, face.verdict)
                for face in restored
                if face.estimate is not None
            ]
        estimates = estimate_squares(self.reader.estimator, squares)
        return [
            condition_of(native_size(face.face), estimate, len(square))
            for face, estimate, square in zip(restored, estimates, squares, strict=True)
        ]

    def _after(self, restored: Sequence[RestoredFace], before: Sequence[FloatArray] | None) -> list[FloatArray]:
        """The vector of each face as it was restored; one that was left has the vector it had."""
        changed = [index for index, face in enumerate(restored) if before is None or not face.left]
        embedded = embed_squares(self.embedder, [restored_square(restored[index]) for index in changed])
        vectors = dict(zip(changed, embedded, strict=True))
        return [vectors[index] if index in vectors else before[index] for index in range(len(restored))]  # type: ignore[index]


class _SmallPipeline(Pipeline):
    """Restores no larger than it shows to an embedder: sixteen large faces would take seconds otherwise."""

    def working_size(self, face: Face) -> int:
        """See `Pipeline.working_size`; a restorer that works on the photo's own pixels has its own way."""
        if self.restorer.framing is not Framing.TEMPLATE:
            return super().working_size(face)
        # Asked of the restorer itself: a network of one size takes no other.
        return self.restorer.working_size(min(native_size(face), LARGEST_RESTORED))


def _identified(face: DescribedFace, before: Answer | None, after: Answer | None) -> IdentifiedFace:
    disagreement = None
    if before is not None and after is not None:
        answer, disagreement = agree(before, after)
    else:
        only = before or after
        assert only is not None
        answer = only
    return IdentifiedFace(face.face, face.condition, answer, before, after, face.verdict, disagreement)


def _default_restorer() -> Restorer:
    from clearface.restorers.registry import build_restorer

    return build_restorer(DEFAULT_RESTORER)


class ShippedEstimator:
    """The estimator that ships with clearface, loaded when it is first needed: where the default restorer runs, it never is."""

    @cached_property
    def _estimator(self) -> BlurEstimating:
        from clearface.restorers.smfd.estimator import BlurEstimator

        return BlurEstimator.from_folder()

    def estimate(self, faces: FloatArray) -> list[BlurEstimate]:
        """As the estimator. Raises ModelError where it cannot be loaded."""
        return self._estimator.estimate(faces)
