"""Prepared sets of faces, mapped into memory as training reads them."""

from pathlib import Path

import numpy as np

from clearface.errors import UsageError
from clearface.files.explanations import shown
from clearface.train.prepare.records import FaceRecord, Part, ShardRecord, read_index, read_manifest
from clearface.train.samples import FaceSet


def load_face_sets(folder: Path, part: Part = Part.TRAINING) -> tuple[FaceSet, ...]:
    """The faces of a folder that `clearface train prepare` wrote, a `FaceSet` for each of its files; nothing is read yet.

    Raises UsageError where the folder holds no whole set, a file of it is missing or damaged.
    """
    manifest = read_manifest(folder)
    by_shard: dict[str, list[FaceRecord]] = {}
    for record in read_index(folder):
        by_shard.setdefault(record.shard, []).append(record)
    return tuple(_load(folder, shard, by_shard.get(shard.name, [])) for shard in manifest.shards if shard.part is part)


def _load(folder: Path, shard: ShardRecord, records: list[FaceRecord]) -> FaceSet:
    boxes = np.array([record.box for record in sorted(records, key=lambda record: record.row)], np.float32)
    try:
        crops = np.load(folder / shard.faces_file, mmap_mode="r", allow_pickle=False)
        masks = np.load(folder / shard.masks_file, mmap_mode="r", allow_pickle=False) if shard.masks else None
        return FaceSet(crops, shard.square, boxes.reshape(-1, 4), masks)
    except (OSError, ValueError) as error:
        raise UsageError(f"{shown(folder / shard.faces_file)}: missing or damaged, prepare the set again") from error
