"""The square of a photo that a face is recognized by, and the vectors of many of them."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from clearface.arrays import FloatArray
from clearface.embedders.base import Embedder
from clearface.faces import Face, compose_transforms, invert_transform, native_size, nearest_working_size
from clearface.pipeline import RestoredFace
from clearface.squares import Square, take_square, template_square

LARGEST_SIDE = 320
"""Pixels: no embedder looks at more, and no face is restored at more."""

_LEVELS = 65535


def recognition_square(face: Face) -> Square:
    """The FFHQ square of a face at the working size nearest its own, at most `LARGEST_SIDE`: what embedders are given."""
    return template_square(face, min(nearest_working_size(native_size(face)), LARGEST_SIDE))


def restored_square(restored: RestoredFace) -> FloatArray:
    """The FFHQ square RGB float32 `(S, S, 3)` in [0, 1] of a face as it was restored, whatever the framing of its restorer."""
    own = template_square(restored.face, restored.square.size)
    if np.allclose(restored.square.to_square, own.to_square, atol=1e-9):
        return restored.after
    wanted = recognition_square(restored.face)
    between = compose_transforms(invert_transform(restored.square.to_square), wanted.to_square)
    levels = np.rint(restored.after * _LEVELS).astype(np.uint16)
    return take_square(levels, Square(between, wanted.size))


def embed_squares(embedder: Embedder, squares: Sequence[FloatArray]) -> FloatArray:
    """Unit vectors `(N, D)` float32 of N squares RGB float32 `(S, S, 3)` in [0, 1] of any sides, those of one side together.

    Raises ModelError as the embedder does.
    """
    vectors = np.zeros((len(squares), embedder.dimension), np.float32)
    for places in places_by_side(squares).values():
        vectors[places] = embedder.embed(np.stack([squares[place] for place in places]))
    return vectors


def places_by_side(squares: Sequence[FloatArray]) -> dict[int, list[int]]:
    """Which of the squares have which side."""
    by_side: dict[int, list[int]] = defaultdict(list)
    for place, square in enumerate(squares):
        by_side[square.shape[0]].append(place)
    return by_side
