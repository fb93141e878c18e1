"""What a prepared set says about itself: its files, its faces, what was left out."""

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from clearface.errors import UsageError
from clearface.files.explanations import reason, shown

FORMAT = 1
"""Raised where an older reader would misunderstand a newer set."""

MANIFEST = "manifest.json"
INDEX = "faces.jsonl"
SUMMARY = "summary.json"
DROPPED = "dropped.csv"


class MaskOrigin(StrEnum):
    """Where the mask of a face comes from."""

    GIVEN = "given"
    PSEUDO = "pseudo"
    """From a parsing network."""
    NONE = "none"


class Part(StrEnum):
    """What faces are for."""

    TRAINING = "training"
    HELD_BACK = "held-back"


@dataclass(frozen=True)
class FaceRecord:
    """One face, a line of `faces.jsonl`."""

    photo: str
    face: int
    sharp_at: int
    native: float
    score: float
    mask: MaskOrigin
    box: tuple[float, float, float, float]
    """Left, top, right, bottom in pixels of the crop."""

    shard: str
    row: int


@dataclass(frozen=True)
class ShardRecord:
    """The faces of one size that lie in one file: `NAME-faces.npy` uint8 `(N, C, C, 3)`, `NAME-masks.npy` uint8 `(N, C, C)`."""

    name: str
    part: Part
    square: int
    """Side of the FFHQ square in the crops: the size the faces are sharp at."""

    faces: int
    masks: bool
    """Whether there is a file of masks; faces without one are `UNKNOWN` all over."""

    @property
    def faces_file(self) -> str:
        return f"{self.name}-faces.npy"

    @property
    def masks_file(self) -> str:
        return f"{self.name}-masks.npy"


@dataclass(frozen=True)
class Manifest:
    """What a prepared set is; written last, so that a folder that has one is whole."""

    format: int
    clearface: str
    """The version that prepared it."""

    options: dict[str, str | int | float | bool | None]
    shards: tuple[ShardRecord, ...]


def manifest_text(manifest: Manifest) -> str:
    """As JSON."""
    return json.dumps(asdict(manifest), indent=1) + "\n"


def read_manifest(folder: Path) -> Manifest:
    """Raises UsageError where the folder holds no whole set, or one of another format."""
    path = folder / MANIFEST
    try:
        values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if values["format"] != FORMAT:
            raise UsageError(
                f"{shown(path)}: this set has format {values['format']}, and this clearface reads {FORMAT}"
            )
        shards = tuple(ShardRecord(**entry | {"part": Part(entry["part"])}) for entry in values["shards"])
        return Manifest(values["format"], values["clearface"], values["options"], shards)
    except OSError as error:
        raise UsageError(
            f"{shown(folder)}: no prepared set, which `clearface train prepare` makes ({reason(error)})"
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"{shown(path)}: damaged, prepare the set again") from error


def read_index(folder: Path) -> list[FaceRecord]:
    """Every face of a prepared set, in the order of its shards. Raises UsageError where it is missing or damaged."""
    path = folder / INDEX
    try:
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        return [
            FaceRecord(**entry | {"mask": MaskOrigin(entry["mask"]), "box": tuple(map(float, entry["box"]))})
            for entry in lines
        ]
    except OSError as error:
        raise UsageError(f"{shown(path)}: cannot be read: {reason(error)}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{shown(path)}: damaged, prepare the set again") from error
