"""Looks at the faces of a film: how often, which are kept, and what they are together."""

from collections.abc import Sequence

import numpy as np
import pytest

from clearface.arrays import FloatArray, Pixels
from clearface.faces import Box, Face, upright_face
from clearface.films.array_canvas import ArrayCanvas
from clearface.recognition.base import Condition
from clearface.recognition.identify import DescribedFace
from clearface.recognition.identify_squares import recognition_square
from clearface.recognition.identify_tracks import TrackLooks, pooled_looks
from clearface.squares import take_square
from clearface.tracking.base import Known, TrackedFace

CANVAS = ArrayCanvas(np.zeros((200, 300, 3), np.uint8))
BOX = Box(100, 60, 150, 120)


def described(face: Face, quality: float, vector: FloatArray) -> DescribedFace:
    return DescribedFace(face, Condition(100.0, 0.0), quality, vector / np.linalg.norm(vector), None, None)


class Qualities:
    """Describes one face after another, each of the next quality, along the axis of its number."""

    def __init__(self, *qualities: float) -> None:
        self._qualities = list(qualities)

    def describe(self, pixels: Pixels, faces: Sequence[Face]) -> list[DescribedFace]:
        vector = np.zeros(12, np.float32)
        vector[len(self._qualities)] = 1
        return [described(face, self._qualities.pop(0), vector) for face in faces]


def tracked(track: int = 1, known: Known = Known.FOUND, box: Box = BOX) -> TrackedFace:
    return TrackedFace(track, upright_face(box), known)


def test_a_face_is_looked_at_now_and_then_and_only_where_it_was_seen():
    looks = TrackLooks(Qualities(*[0.5] * 9).describe, every=0.4)
    counts = [len(looks.see(number / 10, CANVAS, [tracked()])) for number in range(9)]
    assert counts == [1, 0, 0, 0, 1, 0, 0, 0, 1]
    assert looks.see(0.9, CANVAS, [tracked(2, Known.FILLED), tracked(3, Known.HELD), tracked(4, Known.MARKED)]) == []
    assert [face.track for face, _ in looks.see(1.0, CANVAS, [tracked(5, Known.TOLD), tracked(1)])] == [5]
    assert looks.span(1) == (0.0, 0.8)
    assert looks.tracks == (1, 5)
    assert len(looks.see(1.0, CANVAS, [tracked(1)], every=0.0)) == 1
    assert looks.see(1.0, CANVAS, [tracked(1)], every=0.0) == []


def test_the_best_are_kept_and_forgotten_when_asked():
    looks = TrackLooks(Qualities(0.2, 0.9, 0.1, 0.6).describe, best=2, every=0.0)
    for second in range(4):
        looks.see(float(second), CANVAS, [tracked()])
    pooled = looks.pooled(1)
    assert (pooled.quality, looks.looks(1)) == (0.9, 2)
    assert pooled.before is not None
    # The second look of four left three qualities behind it, the fourth one: axes 3 and 1.
    expected = np.zeros(12)
    expected[[3, 1]] = 0.9, 0.6
    np.testing.assert_allclose(pooled.before, expected / np.linalg.norm(expected), atol=1e-6)
    looks.begin_anew(1)
    assert (looks.looks(1), looks.span(1)) == (0, (0.0, 3.0))
    looks.forget([1, 7])
    assert looks.tracks == ()
    with pytest.raises(KeyError):
        looks.pooled(1)


def test_what_is_looked_at_is_the_face_where_it_lies():
    random = np.random.default_rng(0)
    canvas = ArrayCanvas(random.integers(0, 256, (200, 300, 3), dtype=np.uint8))
    seen = []

    def describe(pixels: Pixels, faces: Sequence[Face]) -> list[DescribedFace]:
        seen.append(take_square(pixels, recognition_square(faces[0])))
        return [described(faces[0], 0.5, np.ones(3, np.float32))]

    looks = TrackLooks(describe)
    for track, box in enumerate((BOX, Box(-10, -12, 40, 40)), 1):
        looks.see(0.0, canvas, [tracked(track, box=box)])
        square = take_square(canvas.pixels, recognition_square(upright_face(box)))
        np.testing.assert_allclose(seen[-1], square, atol=2e-3)
    assert looks.see(9.0, canvas, [tracked(3, box=Box(900, 900, 940, 950))]) == []


def test_pooling_weighs_by_quality_and_keeps_the_best_face():
    faces = [upright_face(Box(0, 0, side, side)) for side in (10, 20)]
    first, second = described(faces[0], 0.8, np.array([1.0, 0.0])), described(faces[1], 0.4, np.array([0.0, 1.0]))
    pooled = pooled_looks([second, first])
    assert pooled.face is faces[0]
    assert pooled.after is None
    assert pooled.before is not None
    np.testing.assert_allclose(pooled.before, np.array([2, 1]) / np.sqrt(5), atol=1e-6)
