"""What is kept of a restored photo, so that its faces can be pasted anew without looking for them or restoring them again."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from clearface.arrays import DoubleArray, FloatArray
from clearface.pipeline import RestoredFrame

FACES_FILE = "faces.npz"
REPORT_FILE = "report.json"


@dataclass(frozen=True, eq=False)
class KeptFace:
    """One restored face."""

    frame: int
    number: int
    to_square: DoubleArray
    """`(2, 3)`: see `clearface.squares.Square`."""

    after: FloatArray
    """RGB float32 `(S, S, 3)` in [0, 1]."""

    confidence: FloatArray | None
    """`(S, S)` float32 in [0, 1]."""


def save_kept(folder: Path, frames: tuple[RestoredFrame, ...], report: dict[str, Any]) -> None:
    """Writes the faces of every frame, and the report on them as it was after restoring, into a folder that exists."""
    arrays: dict[str, Any] = {}
    for frame_number, frame in enumerate(frames, start=1):
        for number, face in enumerate(frame.faces, start=1):
            key = f"{frame_number}.{number}"
            arrays[f"{key}.to_square"] = face.square.to_square
            arrays[f"{key}.after"] = face.after
            if face.confidence is not None:
                arrays[f"{key}.confidence"] = face.confidence
    np.savez(folder / FACES_FILE, **arrays)
    (folder / REPORT_FILE).write_text(json.dumps(report, ensure_ascii=False), encoding="utf-8")


def load_kept(folder: Path) -> tuple[list[KeptFace], dict[str, Any]]:
    """The faces that `save_kept` wrote, frame by frame in the order of their numbers, and the report."""
    faces = []
    with np.load(folder / FACES_FILE, allow_pickle=False) as arrays:
        names = set(arrays.files)
        keys = sorted(tuple(int(part) for part in name.split(".")[:2]) for name in names if name.endswith(".after"))
        for frame, number in keys:
            key = f"{frame}.{number}"
            confidence = arrays[f"{key}.confidence"] if f"{key}.confidence" in names else None
            faces.append(KeptFace(frame, number, arrays[f"{key}.to_square"], arrays[f"{key}.after"], confidence))
    report: dict[str, Any] = json.loads((folder / REPORT_FILE).read_text(encoding="utf-8"))
    return faces, report
