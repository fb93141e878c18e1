"""What photos yielded so far, a file each, so that an interrupted run goes on where it stopped."""

import hashlib
import json
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from clearface.arrays import ByteImage, FloatArray
from clearface.errors import PhotoError
from clearface.files.atomic import write_atomically
from clearface.files.explanations import reason, shown
from clearface.masks import ByteMask
from clearface.train.prepare.harvest import Harvest
from clearface.train.prepare.options import PrepareOptions
from clearface.train.prepare.reasons import Drop, Reason
from clearface.train.prepare.records import MaskOrigin
from clearface.train.prepare.sources import SourcePhoto
from clearface.version import __version__

UNFINISHED = "unfinished"
"""The folder inside the output; gone when the set is whole."""


@dataclass(frozen=True, eq=False)
class StagedFace:
    """What is known of one face without its pixels."""

    staged: Path
    place: int
    photo: str
    number: int
    sharp_at: int
    native: float
    score: float
    origin: MaskOrigin
    box: tuple[float, float, float, float]
    thumbnail: FloatArray

    def pixels(self) -> tuple[ByteImage, ByteMask | None]:
        """The crop and the mask."""
        with np.load(self.staged, allow_pickle=False) as arrays:
            mask = arrays[f"mask{self.place}"] if self.origin is not MaskOrigin.NONE else None
            return arrays[f"crop{self.place}"], mask


def staged_path(folder: Path, photo: SourcePhoto, options: PrepareOptions, parser_checksum: str | None) -> Path:
    """Where the yield of a photo lies: another place when the photo, its mask or an option that matters to it has changed.

    Raises PhotoError where a file has gone since it was found.
    """
    files = (photo.path, *(photo.mask.files if photo.mask is not None else ()))
    identity = [
        __version__,
        photo.name,
        [_state(path) for path in files],
        [options.scheme, options.largest_only, options.threshold, parser_checksum],
    ]
    return folder / f"{hashlib.sha256(json.dumps(identity).encode()).hexdigest()[:32]}.npz"


def stage(path: Path, harvest: Harvest) -> None:
    """Writes what a photo yielded, whole or not at all."""
    arrays: dict[str, np.ndarray[Any, Any]] = {}
    faces: list[dict[str, object]] = []
    for place, face in enumerate(harvest.faces):
        arrays[f"crop{place}"] = face.crop
        arrays[f"thumbnail{place}"] = face.thumbnail
        if face.mask is not None:
            arrays[f"mask{place}"] = face.mask
        faces.append(
            {
                "number": face.number,
                "sharp_at": face.sharp_at,
                "native": face.native,
                "score": face.score,
                "origin": face.origin,
                "box": [float(side) for side in face.box],
            }
        )
    text = json.dumps({"faces": faces, "drops": [asdict(drop) for drop in harvest.drops]})
    arrays["record"] = np.frombuffer(text.encode(), np.uint8)
    stream = BytesIO()
    np.savez(stream, allow_pickle=False, **arrays)
    write_atomically(path, stream.getvalue(), overwrite=True)


def read_staged(path: Path, photo: str) -> tuple[list[StagedFace], list[Drop]]:
    """What a photo yielded, without the pixels."""
    with np.load(path, allow_pickle=False) as arrays:
        record = json.loads(arrays["record"].tobytes())
        faces = [
            StagedFace(
                staged=path,
                place=place,
                photo=photo,
                number=entry["number"],
                sharp_at=entry["sharp_at"],
                native=entry["native"],
                score=entry["score"],
                origin=MaskOrigin(entry["origin"]),
                box=tuple(entry["box"]),
                thumbnail=arrays[f"thumbnail{place}"],
            )
            for place, entry in enumerate(record["faces"])
        ]
    return faces, [Drop(**entry | {"reason": Reason(entry["reason"])}) for entry in record["drops"]]


def _state(path: Path) -> list[object]:
    try:
        status = path.stat()
    except OSError as error:
        raise PhotoError(f"{shown(path)}: cannot be read: {reason(error)}") from error
    return [str(path.resolve()), status.st_size, status.st_mtime_ns]
