"""What is seen of faces as they are: the vector of each, and the condition it is in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from clearface.arrays import FloatArray, Pixels
from clearface.blur_estimates import BlurEstimate
from clearface.embedders.base import Embedder
from clearface.embedders.quality import face_quality
from clearface.faces import Face, native_size
from clearface.recognition.base import Condition
from clearface.recognition.conditions import condition_of
from clearface.recognition.identify_squares import embed_squares, places_by_side, recognition_square
from clearface.squares import take_square


class BlurEstimating(Protocol):
    """Names the blur of faces, such as `clearface.restorers.smfd.estimator.BlurEstimator`."""

    def estimate(self, faces: FloatArray) -> list[BlurEstimate]:
        """The blur of each of RGB float32 `(N, S, S, 3)` in [0, 1], kernels in pixels of those faces."""
        ...


@dataclass(frozen=True, eq=False)
class Look:
    """What is seen of one face before any restoring."""

    vector: FloatArray
    """`(D,)` float32 of unit length."""

    condition: Condition

    quality: float
    """In (0, 1]: see `clearface.embedders.quality`."""


class FaceReader:
    """Looks at the faces of frames, all of one frame together."""

    def __init__(self, embedder: Embedder, estimator: BlurEstimating) -> None:
        self.embedder = embedder
        self.estimator = estimator

    def read(self, pixels: Pixels, faces: Sequence[Face]) -> list[Look]:
        """What is seen of some faces of an RGB `(H, W, 3)` frame of 8 or 16 bits, in their order. Raises ModelError."""
        if not faces:
            return []
        squares = [take_square(pixels, recognition_square(face)) for face in faces]
        vectors = embed_squares(self.embedder, squares)
        estimates = estimate_squares(self.estimator, squares)
        return [
            Look(
                vectors[index],
                condition_of(native_size(face), estimates[index], len(squares[index])),
                face_quality(squares[index], native_size(face), face.score, face.landmarks),
            )
            for index, face in enumerate(faces)
        ]


def estimate_squares(estimator: BlurEstimating, squares: Sequence[FloatArray]) -> list[BlurEstimate]:
    """The blur of N squares `(S, S, 3)` of any sides, kernels in pixels of each; those of one side together."""
    estimates: dict[int, BlurEstimate] = {}
    for places in places_by_side(squares).values():
        named = estimator.estimate(np.stack([squares[place] for place in places]))
        estimates.update(zip(places, named, strict=True))
    return [estimates[index] for index in range(len(squares))]
