"""Faces to files that are mapped into memory, never decoded."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np

from clearface.errors import PhotoError
from clearface.files.explanations import reason, shown
from clearface.masks import UNKNOWN
from clearface.train.prepare.records import FaceRecord, MaskOrigin, Part, ShardRecord
from clearface.train.prepare.staging import StagedFace
from clearface.train.samples import wide_side


def write_shards(
    folder: Path, part: Part, faces: Sequence[StagedFace], largest: int
) -> tuple[list[ShardRecord], list[FaceRecord]]:
    """Writes faces grouped by the size they are sharp at, at most `largest` in a file, each size in the order given.

    Raises PhotoError where they cannot be written.
    """
    shards: list[ShardRecord] = []
    records: list[FaceRecord] = []
    for square in sorted({face.sharp_at for face in faces}):
        alike = [face for face in faces if face.sharp_at == square]
        for count, start in enumerate(range(0, len(alike), largest)):
            group = alike[start : start + largest]
            masks = any(face.origin is not MaskOrigin.NONE for face in group)
            shard = ShardRecord(f"{part}-{square}-{count:03d}", part, square, len(group), masks)
            _write(folder, shard, group)
            shards.append(shard)
            records += [_record(face, shard.name, row) for row, face in enumerate(group)]
    return shards, records


def _record(face: StagedFace, shard: str, row: int) -> FaceRecord:
    return FaceRecord(
        photo=face.photo,
        face=face.number,
        sharp_at=face.sharp_at,
        native=round(face.native, 2),
        score=round(face.score, 4),
        mask=face.origin,
        box=face.box,
        shard=shard,
        row=row,
    )


def _write(folder: Path, shard: ShardRecord, faces: Sequence[StagedFace]) -> None:
    side = wide_side(shard.square)
    try:
        with (folder / shard.faces_file).open("wb") as crops:
            _write_header(crops, (len(faces), side, side, 3))
            if not shard.masks:
                for crop, _ in _pixels(faces):
                    crops.write(crop)
                return
            with (folder / shard.masks_file).open("wb") as masks:
                _write_header(masks, (len(faces), side, side))
                for crop, mask in _pixels(faces):
                    crops.write(crop)
                    masks.write(mask)
    except OSError as error:
        raise PhotoError(f"{shown(folder / shard.faces_file)}: cannot be written: {reason(error)}") from error


def _write_header(stream: BinaryIO, shape: tuple[int, ...]) -> None:
    header = {"descr": np.lib.format.dtype_to_descr(np.dtype(np.uint8)), "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(stream, header)


def _pixels(faces: Sequence[StagedFace]) -> Iterator[tuple[bytes, bytes]]:
    for face in faces:
        crop, mask = face.pixels()
        known = np.full(crop.shape[:2], UNKNOWN, np.uint8) if mask is None else mask
        yield crop.tobytes(), known.tobytes()
