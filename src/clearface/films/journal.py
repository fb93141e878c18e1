"""What was found in the frames of a film, written down as it is found, so that a stopped run can go on with the same tracks."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from clearface.errors import FilmError
from clearface.faces import Box, Face
from clearface.files.explanations import reason, shown
from clearface.tracking.base import FoundFaces


class Journal:
    """A file with one line for each frame that was searched, in order from the first. Values are kept to the last bit."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._whole, self.last = _whole_part(path)
        if path.exists():
            os.truncate(path, self._whole)

    last: int
    """Number of the last frame an earlier run wrote down; 0 for none."""

    def known(self) -> Iterator[FoundFaces]:
        """What an earlier run wrote down, in the order of the frames."""
        left = self._whole
        if not left:
            return
        with self._path.open("rb") as file:
            for line in file:
                left -= len(line)
                if left < 0:
                    return
                yield _found(json.loads(line))

    def write(self, found: FoundFaces) -> None:
        """Adds one frame. Raises FilmError where the disk takes no more."""
        try:
            with self._path.open("ab") as file:
                file.write(json.dumps(_as_dict(found)).encode("ascii") + b"\n")
        except OSError as error:
            raise FilmError(f"{shown(self._path)}: cannot be written: {reason(error)}") from error


def _whole_part(path: Path) -> tuple[int, int]:
    """How many bytes of a journal are whole lines, and the number of the frame in the last of them."""
    if not path.exists():
        return 0, 0
    whole, last = 0, b""
    with path.open("rb") as file:
        for line in file:
            if not line.endswith(b"\n"):
                break
            whole, last = whole + len(line), line
    return whole, int(json.loads(last)["frame"]) if last else 0


def _as_dict(found: FoundFaces) -> dict[str, Any]:
    return {
        "frame": found.number,
        "seconds": found.seconds,
        "new_scene": found.new_scene,
        "faces": [
            [
                [face.box.left, face.box.top, face.box.right, face.box.bottom],
                face.score,
                np.asarray(face.landmarks, np.float64).tolist(),
            ]
            for face in found.faces
        ],
    }


def _found(values: dict[str, Any]) -> FoundFaces:
    faces = tuple(Face(Box(*box), score, np.array(points, np.float64)) for box, score, points in values["faces"])
    return FoundFaces(values["frame"], values["seconds"], faces, values["new_scene"])
