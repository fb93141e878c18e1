"""What every embedder is, and the names and lengths all of them share."""

from pathlib import Path
from typing import Protocol

import numpy as np

from clearface.arrays import AnyArray, FloatArray
from clearface.errors import ModelError
from clearface.weights import checksum

_NAMED_BY = 8


class Embedder(Protocol):
    """Turns faces into vectors that lie near each other where the person is the same."""

    @property
    def name(self) -> str:
        """Which network it is, to the bit: the name of its file and the first hexadecimal digits of its SHA-256."""
        ...

    @property
    def checksum(self) -> str:
        """SHA-256 of its network or fitted model in lower-case hexadecimal; vectors of another are in another space."""
        ...

    @property
    def dimension(self) -> int:
        """Length D of a vector."""
        ...

    def embed(self, faces: FloatArray) -> FloatArray:
        """Vectors `(N, D)` float32 of unit length for RGB float32 `(N, S, S, 3)` in [0, 1], FFHQ squares of any side S.

        A face's vector does not depend on the others. Raises ModelError where the network answers with nonsense.
        """
        ...


def network_checksum(path: Path) -> str:
    """SHA-256 of a network's file in lower-case hexadecimal. Raises ModelError where it cannot be read."""
    try:
        return checksum(path)
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror})") from error


def network_name(path: Path, sha256: str) -> str:
    """A name that changes with every bit of a network: `model.onnx (1a2b3c4d)`. sha256: its checksum."""
    return f"{path.name} ({sha256[:_NAMED_BY]})"


def unit_vectors(vectors: AnyArray, path: Path) -> FloatArray:
    """`(N, D)` scaled to unit length, float32. Raises ModelError, naming the network, where one has no direction."""
    lengths = np.linalg.norm(vectors.astype(np.float64), axis=1, keepdims=True)
    if not (np.isfinite(lengths).all() and (lengths > 0).all()):
        raise ModelError(f"{path}: answered with an embedding that points nowhere (zeros, NaN or infinity)")
    return np.asarray(vectors / lengths, np.float32)
