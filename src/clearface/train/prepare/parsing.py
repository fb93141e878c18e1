"""Masks that a parsing network reads off faces nobody has labelled."""

from pathlib import Path

import cv2
import numpy as np

from clearface.arrays import ByteImage
from clearface.errors import ModelError
from clearface.masks import CLASS_COUNT, UNKNOWN, ByteMask
from clearface.sessions import open_session, run_session

LEAST_CERTAINTY = 0.6
"""Probability below which a pixel's class counts as unknown."""

_INPUT, _OUTPUT = "face", "masks"
_STRIDE = 16
_LARGEST_SIDE = 336


class FaceParser:
    """A parsing network run by ONNX Runtime: `face` `(N, 3, H, W)` RGB in [0, 1] to `masks` `(N, 11, H, W)`, probabilities in
    the order of `FaceClass`; H and W are multiples of 16.

    Raises ModelError where the file is missing, has other inputs or outputs, or answers with nonsense.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._session = open_session(path)
        names = (
            [entry.name for entry in self._session.get_inputs()],
            [entry.name for entry in self._session.get_outputs()],
        )
        if names[0] != [_INPUT] or _OUTPUT not in names[1]:
            raise ModelError(f"{path}: not a parsing network (from one input `{_INPUT}` to an output `{_OUTPUT}`)")

    def parse(self, crop: ByteImage) -> ByteMask:
        """The classes of a crop, RGB uint8 `(C, C, 3)` to `(C, C)`; `UNKNOWN` where no class is `LEAST_CERTAINTY` probable.

        Large crops are parsed at 336 pixels: classes have no finer detail worth the time.
        """
        side = max(_STRIDE, round(min(crop.shape[0], _LARGEST_SIDE) / _STRIDE) * _STRIDE)
        resized = cv2.resize(
            crop, (side, side), interpolation=cv2.INTER_AREA if side < crop.shape[0] else cv2.INTER_CUBIC
        )
        face = np.ascontiguousarray(resized.transpose(2, 0, 1)[None], np.float32) / np.float32(255)
        (answer,) = run_session(self._session, self._path, [_OUTPUT], {_INPUT: face})
        if answer.shape != (1, CLASS_COUNT, side, side):
            raise ModelError(f"{self._path}: answers {answer.shape} instead of (1, {CLASS_COUNT}, {side}, {side})")
        if not np.isfinite(answer).all() or answer.min() < -1e-3 or answer.max() > 1 + 1e-3:
            raise ModelError(f"{self._path}: the network answered with values that are no probabilities")
        planes = cv2.resize(answer[0].transpose(1, 2, 0), crop.shape[:2], interpolation=cv2.INTER_LINEAR)
        return np.where(planes.max(2) >= LEAST_CERTAINTY, planes.argmax(2), UNKNOWN).astype(np.uint8)
