"""How much one photo of a face tells about the person."""

import numpy as np

from clearface.arrays import DoubleArray, FloatArray
from clearface.faces import FFHQ_TEMPLATE
from clearface.restorers.smfd.judgement import detail_share

_LEAST_TERM = 0.1
"""However bad a photo is in one respect, it counts."""

_LARGE_ENOUGH = 128.0
"""Side of the FFHQ square in pixels from which on a larger face tells an embedder no more."""

_SHARP_ENOUGH = 0.2
"""`detail_share` of a sharp face: of sharp portraits few have less, after a camera shake none has as much."""

_NOSE_DOWN = float(
    (FFHQ_TEMPLATE[2, 1] - FFHQ_TEMPLATE[:2, 1].mean()) / (FFHQ_TEMPLATE[3:, 1].mean() - FFHQ_TEMPLATE[:2, 1].mean())
)
"""Where between eyes (0) and mouth (1) the nose of a face lies that looks ahead."""


def face_quality(square: FloatArray, native_size: float, score: float, landmarks: DoubleArray | None = None) -> float:
    """The quality of a face photo in (0, 1], by which it counts where several photos of a person are pooled.

    The product of, each in [0.1, 1]:

    - size: the side of the face's FFHQ square in pixels of the photo, `native_size`, by 128;
    - certainty: the `score` of the detector, in [0, 1];
    - sharpness: the `detail_share` of the square, by 0.2;
    - `frontality` of the landmarks, where they are given.

    square: RGB float32 `(S, S, 3)` in [0, 1]. landmarks: `(5, 2)`, those of `FFHQ_TEMPLATE`, in pixels of whatever picture.
    """
    terms = [native_size / _LARGE_ENOUGH, score, detail_share(square) / _SHARP_ENOUGH]
    if landmarks is not None:
        terms.append(frontality(landmarks))
    return float(np.prod([min(max(term, _LEAST_TERM), 1.0) for term in terms]))


def frontality(landmarks: DoubleArray) -> float:
    """How much a face looks ahead, in [0, 1], from where its nose is among eyes and mouth; turned in the picture or not.

        (1 - 2 |a - 1/2|) * (1 - 2 |d - d0|), each factor at least 0

    a: how far across from the left eye (0) to the right (1) the nose is: at one of them in a profile. d: how far down from the
    eyes (0) to the mouth (1), which a nod changes; d0: the same in `FFHQ_TEMPLATE`. 0 where eyes, or eyes and mouth, coincide.
    """
    left, right, nose = landmarks[:3]
    eyes, mouth = (left + right) / 2, landmarks[3:].mean(0)
    across, down = right - left, mouth - eyes
    # Nose - eyes as a part of the way across and a part of the way down, which need not be square to each other.
    ways = np.column_stack([across, down])
    if abs(np.linalg.det(ways)) < 1e-6 * max(float(across @ across), float(down @ down), 1e-12):
        return 0.0
    aside, nose_down = np.linalg.solve(ways, nose - eyes)
    return float(max(1 - 2 * abs(aside), 0.0) * max(1 - 2 * abs(nose_down - _NOSE_DOWN), 0.0))
