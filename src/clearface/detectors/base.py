"""What every face detector is."""

from typing import Protocol

from clearface.arrays import ByteImage
from clearface.faces import Face


class Detector(Protocol):
    """Finds faces in a picture."""

    @property
    def name(self) -> str: ...

    def detect(self, image: ByteImage) -> list[Face]:
        """Every face in an RGB uint8 `(H, W, 3)` picture, most certain first, in pixels of that picture."""
        ...
