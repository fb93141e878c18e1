"""Which of the faces found are meant."""

from dataclasses import dataclass

import numpy as np

from clearface.errors import UsageError
from clearface.faces import Face


@dataclass(frozen=True)
class FaceSelection:
    """Which faces to keep. Raises UsageError where `largest_only` and `centre_only` are both asked for, or a size is no size."""

    minimum_size: float = 0.0
    """Least size of the box, the geometric mean of width and height, in pixels of the photo."""

    largest_only: bool = False
    """Keep the face with the largest box."""

    centre_only: bool = False
    """Keep the face whose box is centred nearest to the centre of the photo."""

    def __post_init__(self) -> None:
        if self.largest_only and self.centre_only:
            raise UsageError("choose the largest face or the one in the centre, not both")
        if not (np.isfinite(self.minimum_size) and self.minimum_size >= 0):
            raise UsageError(f"the minimum size of a face is a number of pixels from 0 up, not {self.minimum_size}")


def select_faces(faces: list[Face], image_shape: tuple[int, ...], selection: FaceSelection) -> list[Face]:
    """The faces that the selection keeps, in the order given. `image_shape` starts with height and width."""
    kept = [face for face in faces if face.box.size >= selection.minimum_size]
    if not kept:
        return []
    if selection.largest_only:
        return [max(kept, key=lambda face: face.box.size)]
    if selection.centre_only:
        centre = np.array([image_shape[1] - 1, image_shape[0] - 1]) / 2
        return [min(kept, key=lambda face: float(np.linalg.norm(np.array(face.box.centre) - centre)))]
    return kept
