"""The whole way from folders of photos to a set on disk."""

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from clearface.errors import ClearfaceError, UsageError
from clearface.files.atomic import write_atomically
from clearface.files.explanations import shown
from clearface.files.inputs import STANDARD_STREAM
from clearface.train.prepare.harvesting import harvest_all, plan_tasks
from clearface.train.prepare.likeness import find_duplicates
from clearface.train.prepare.options import PrepareOptions
from clearface.train.prepare.reasons import Drop, Reason
from clearface.train.prepare.records import (
    DROPPED,
    FORMAT,
    INDEX,
    MANIFEST,
    SUMMARY,
    Manifest,
    MaskOrigin,
    Part,
    manifest_text,
)
from clearface.train.prepare.shards import write_shards
from clearface.train.prepare.sources import FoundSources, find_sources
from clearface.train.prepare.staging import UNFINISHED, StagedFace, read_staged
from clearface.train.prepare.summary import Summary, dropped_table, summarize, summary_text
from clearface.version import __version__

_ORIGINS = list(MaskOrigin)


def prepare(
    inputs: Sequence[str], output: Path, options: PrepareOptions | None = None, watch: "Watch | None" = None
) -> Summary:
    """Makes a training set of the faces in photos: finds, aligns, measures, sorts out, stores them in `output`.

    inputs: photos, folders and globs; folders in the layouts of CelebAMask-HQ bring their masks. `output` becomes a folder of
    `.npy` files with `manifest.json`, which is written last, `faces.jsonl`, `summary.json` and `dropped.csv`. A run that was
    interrupted goes on where it stopped when it is called again, and ends in the same files as one that was not.

    Raises UsageError for inputs or options that cannot be meant, an output that holds something else or a set already,
    ModelError for a parser that is none, ClearfaceError where no usable face is found, PhotoError where writing fails.
    """
    settings = options or PrepareOptions()
    _check_output(output)
    sources = _sources(inputs, settings, output)
    staged = output / UNFINISHED
    tasks = plan_tasks(sources.photos, staged, settings)
    harvest_all(tasks, settings, (watch or _unwatched)(len(tasks)))
    faces: list[StagedFace] = []
    drops: list[Drop] = []
    for photo, path in tasks:
        found, dropped = read_staged(path, photo.name)
        faces += found
        drops += dropped
    kept, repeated = _without_duplicates(faces)
    drops = sorted(drops + repeated, key=lambda drop: (drop.photo, drop.face))
    write_atomically(output / DROPPED, dropped_table(drops).encode(), overwrite=True)
    if not kept:
        raise ClearfaceError(f"{shown(output)}: none of {len(tasks)} photos has a usable face; {DROPPED} says why")
    summary = _write_set(output, kept, drops, len(tasks), settings)
    shutil.rmtree(staged)
    return summary


Watch = Callable[[int], Callable[[int], None]]
"""Told how many photos there are; answers what to call with the number of photos done since."""


def _unwatched(_: int) -> Callable[[int], None]:
    return lambda _: None


def _check_output(output: Path) -> None:
    if (output / MANIFEST).exists():
        raise UsageError(f"{shown(output)}: holds a prepared set already; name another folder, or remove this one")
    if output.exists() and not output.is_dir():
        raise UsageError(f"{shown(output)}: is a file, and the set needs a folder")
    if output.is_dir() and not (output / UNFINISHED).is_dir() and any(output.iterdir()):
        raise UsageError(f"{shown(output)}: holds other files; name a new folder for the set")


def _sources(inputs: Sequence[str], options: PrepareOptions, output: Path) -> FoundSources:
    if STANDARD_STREAM in inputs:
        raise UsageError("photos for training are files and folders, not standard input")
    sources = find_sources(inputs, options.masks, output)
    if sources.problems:
        raise UsageError(sources.problems[0].sentence)
    if options.masks is not None and all(photo.mask is None for photo in sources.photos):
        raise UsageError(f"{shown(options.masks)}: no mask in this folder has the name of a photo")
    return sources


def _without_duplicates(faces: Sequence[StagedFace]) -> tuple[list[StagedFace], list[Drop]]:
    """Of faces that are the same, the one sharp at the largest size stays, then one with a mask, then the largest."""
    if not faces:
        return [], []
    order = sorted(
        range(len(faces)),
        key=lambda at: (-faces[at].sharp_at, _ORIGINS.index(faces[at].origin), -faces[at].native, at),
    )
    repeats = find_duplicates(np.stack([face.thumbnail for face in faces]), np.array(order, np.int64))
    drops = [
        Drop(face.photo, face.number, Reason.DUPLICATE, f"of face {faces[other].number} in {faces[other].photo}")
        for face, other in zip(faces, repeats, strict=True)
        if other >= 0
    ]
    return [face for face, other in zip(faces, repeats, strict=True) if other < 0], drops


def _write_set(
    output: Path, faces: Sequence[StagedFace], drops: Sequence[Drop], photos: int, options: PrepareOptions
) -> Summary:
    if options.held_back >= len(faces):
        raise UsageError(
            f"{options.held_back} faces cannot be held back of {len(faces)}: nothing would be left to train on"
        )
    chosen = np.random.default_rng(options.seed).choice(len(faces), options.held_back, replace=False)
    held_back = {int(at) for at in chosen}
    shards, records = write_shards(
        output, Part.TRAINING, [face for at, face in enumerate(faces) if at not in held_back], options.shard
    )
    more_shards, more_records = write_shards(
        output, Part.HELD_BACK, [faces[at] for at in sorted(held_back)], options.shard
    )
    shards += more_shards
    records += more_records
    index = "".join(json.dumps(asdict(record)) + "\n" for record in records)
    summary = summarize(photos, shards, records, drops)
    said = {name: str(value) if isinstance(value, Path) else value for name, value in asdict(options).items()}
    manifest = Manifest(FORMAT, __version__, said, tuple(shards))
    write_atomically(output / INDEX, index.encode(), overwrite=True)
    write_atomically(output / SUMMARY, summary_text(summary).encode(), overwrite=True)
    write_atomically(output / MANIFEST, manifest_text(manifest).encode(), overwrite=True)
    return summary
