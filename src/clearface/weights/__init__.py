"""The networks and models that ship with clearface: `index.json` lists them, and a model card lies beside each."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from clearface.errors import ModelError

_READ_AT_ONCE = 1 << 20


@dataclass(frozen=True)
class ShippedWeights:
    """One file as `index.json` lists it."""

    file: str
    """Its name, in this folder."""

    name: str
    """The detector, embedder, restorer or metric that uses it."""

    kind: Literal["detector", "embedder", "restorer", "metric"]
    licence: str
    source: str
    """Where it is from."""

    sha256: str
    """Checksum, in lower-case hexadecimal."""

    bytes: int
    """Size of the file."""

    summary: str


def weight_path(file_name: str) -> Path:
    """Where a shipped file lies."""
    return Path(__file__).with_name(file_name)


def shipped_weights() -> tuple[ShippedWeights, ...]:
    """Everything that ships with clearface, in the order of `index.json`."""
    entries = json.loads(weight_path("index.json").read_text(encoding="utf-8"))
    return tuple(ShippedWeights(**entry) for entry in entries)


def verify_weight(weight: ShippedWeights) -> bool:
    """Whether the file is there and is, to the last bit, the one that was shipped.

    Raises ModelError where it cannot be read.
    """
    path = weight_path(weight.file)
    if not path.is_file():
        return False
    try:
        return path.stat().st_size == weight.bytes and checksum(path) == weight.sha256
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror})") from error


def checksum(path: Path) -> str:
    """SHA-256 of a file in lower-case hexadecimal, read piece by piece."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while piece := stream.read(_READ_AT_ONCE):
            digest.update(piece)
    return digest.hexdigest()
