"""Whether a face is still the same person."""

from collections.abc import Mapping, Sequence

import numpy as np

from clearface.arrays import DoubleArray, FloatArray, as_bytes
from clearface.detectors.base import Detector
from clearface.embedders.base import Embedder
from clearface.evaluate.gauges.base import Batch, Better, Measure, Metric
from clearface.evaluate.metrics.angles import angle_between
from clearface.faces import TEMPLATE_SIZE, apply_transform
from clearface.squares import Square, take_square, template_square

_AS_GOOD_AS_ALIGNED = 1 / 10
"""In parts of the side: how far the corners of the square around a face may lie from those of the picture for the picture to
count as that square. Finding the face of an FFHQ square again moves them by 0.03, and by 0.08 in the worst of 360 cases."""


class IdentityGauge:
    """The angle between embeddings, of a face and its sharp twin; where there is no twin, of a face and the input.

    Where the face of the sharp picture shows that the picture is no FFHQ square, the square around that face is cut out of all
    pictures of it; where no face is found there, a square picture is taken as it is, and any other has no angle.
    """

    def __init__(self, embedder: Embedder, detector: Detector, short_name: str = "") -> None:
        """short_name: ends the keys, where there are several of these."""
        self._embedder, self._detector = embedder, detector
        ending = f"_{short_name}" if short_name else ""
        about = f"embeddings of {embedder.name}, {embedder.dimension} numbers"
        source = "Deng et al. 2019 (ArcFace)"
        self._angle = Metric(
            f"identity_angle{ending}",
            "Identity",
            "degrees",
            Better.LOWER,
            f"{about}, angle to the sharp face's",
            source,
            1,
        )
        self._moved = Metric(
            f"identity_moved{ending}",
            "Identity moved",
            "degrees",
            Better.NEITHER,
            f"{about}, angle to the input's; there is no sharp face",
            source,
            1,
        )

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """The angle to the sharp face, and where there is none the angle to the input."""
        return self._angle, self._moved

    def against(self, sharp: FloatArray | None) -> Measure:
        """See `clearface.evaluate.gauges.base.Gauge`."""
        if sharp is None:
            return self._against_input
        squares = [self._square(picture) for picture in sharp]
        true = self._embedded(sharp, squares)

        def measure(batch: Batch) -> Mapping[str, DoubleArray]:
            return {
                self._angle.key: _angles(self._embedded(batch.after, squares), true),
                self._moved.key: np.full(len(batch.after), np.nan),
            }

        return measure

    def _against_input(self, batch: Batch) -> Mapping[str, DoubleArray]:
        moved = np.full(len(batch.after), np.nan)
        height, width = batch.after.shape[1:3]
        if batch.before is not None and height == width:
            moved = _angles(self._embedder.embed(batch.after), self._embedder.embed(batch.before))
        return {self._angle.key: np.full(len(batch.after), np.nan), self._moved.key: moved}

    def _square(self, picture: FloatArray) -> Square | None:
        """The square to cut out; None for a picture that shows no face and is no square."""
        height, width = picture.shape[:2]
        side = max(height, width)
        whole = Square(np.eye(2, 3), side)
        face = max(self._detector.detect(as_bytes(picture)), key=lambda face: face.box.size, default=None)
        if face is None:
            return whole if height == width else None
        own = template_square(face, side)
        return whole if height == width and _nearly_whole(own) else template_square(face, _whole_side(own))

    def _embedded(self, pictures: FloatArray, squares: Sequence[Square | None]) -> FloatArray:
        """`(N, D)`, NaN where there is no square to embed."""
        vectors = np.full((len(pictures), self._embedder.dimension), np.nan, np.float32)
        for place, (picture, square) in enumerate(zip(pictures, squares, strict=True)):
            if square is None:
                continue
            untouched = np.array_equal(square.to_square, np.eye(2, 3)) and picture.shape[:2] == (square.size,) * 2
            face = picture if untouched else take_square(as_bytes(picture), square)
            vectors[place] = self._embedder.embed(face[None])[0]
        return vectors


def _nearly_whole(square: Square) -> bool:
    edge = square.size - 1.0
    corners = np.array([[0, 0], [edge, 0], [edge, edge], [0, edge]])
    return bool(np.abs(apply_transform(square.to_square, corners) - corners).max() <= _AS_GOOD_AS_ALIGNED * square.size)


def _whole_side(square: Square) -> int:
    """At which the square has a pixel for each of the picture, at most the template's."""
    return int(np.clip(round(square.size / square.scale), 16, TEMPLATE_SIZE))


def _angles(first: FloatArray, second: FloatArray) -> DoubleArray:
    return np.array([angle_between(one, other) for one, other in zip(first, second, strict=True)], np.float64)
