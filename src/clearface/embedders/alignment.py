"""From the FFHQ square to the framing an embedder was trained with."""

from dataclasses import dataclass

import numpy as np

from clearface.arrays import ByteImage, DoubleArray, FloatArray, as_bytes
from clearface.faces import TEMPLATE_SIZE, compose_transforms, resize_transform
from clearface.squares import Square, take_square


@dataclass(frozen=True, eq=False)
class Chip:
    """A smaller square inside the FFHQ square."""

    from_template: DoubleArray
    """`(2, 3)` similarity from pixels of the 512x512 FFHQ square to pixels of the chip."""

    size: int
    """Side of the chip in pixels."""

    def cut(self, face: FloatArray) -> ByteImage:
        """The chip RGB uint8 `(size, size, 3)` of one FFHQ square `(S, S, 3)` in [0, 1], rounded to the 8 bits of a photo."""
        to_template = resize_transform(TEMPLATE_SIZE / face.shape[0])
        square = Square(compose_transforms(to_template, self.from_template), self.size)
        return as_bytes(take_square(as_bytes(np.ascontiguousarray(face)), square))
