"""What the student is shown and what the teacher says of it, made once from a prepared set."""

import hashlib
import json
import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from clearface.arrays import AnyArray, ByteImage, FloatArray, as_bytes
from clearface.embedders.base import Embedder
from clearface.embedders.registry import EmbedderOptions, build_embedder
from clearface.errors import UsageError
from clearface.files.atomic import write_atomically
from clearface.files.explanations import shown
from clearface.recognition.base import IndexArray
from clearface.train.embedder.recipe import EmbedderRecipe
from clearface.train.engine.recipes import recipe_from_values, recipe_values
from clearface.train.face_sets import load_face_sets
from clearface.train.prepare.records import Part
from clearface.train.samples import FaceSet, wide_side

_FACES, _TARGETS, _RESTORED, _ROWS, _ABOUT = "faces.npy", "targets.npy", "restored.npy", "rows.npy", "about.json"
_AT_ONCE = 64
_RESTORED_AT_ONCE = 16
_DRAWN = 5


@dataclass(frozen=True)
class Teacher:
    """The embedder that is learned from."""

    name: str
    model: Path | None = None
    """Its network file, where it has none of its own."""

    def build(self) -> Embedder:
        """Raises as `build_embedder`."""
        return build_embedder(self.name, EmbedderOptions(model=self.model))


@dataclass(frozen=True, eq=False)
class Lessons:
    """Faces and what the teacher says of them, mapped into memory."""

    wide: ByteImage
    """RGB uint8 `(N, C, C, 3)`, C being `wide_side(square)`: the FFHQ square in the middle."""

    targets: FloatArray
    """`(N, D)` float32 of unit length: the teacher's vectors of the sharp faces."""

    restored: ByteImage
    """RGB uint8 `(M, S, S, 3)`: faces that were blurred and restored, as FFHQ squares."""

    rows: IndexArray
    """`(M,)`: whose each of these is, a place in `wide`."""

    teacher: str
    """Name of the teacher, with the first digits of its checksum."""


def make_lessons(
    data: Path,
    folder: Path,
    part: Part,
    teacher: Teacher,
    recipe: EmbedderRecipe,
    jobs: int,
    tell: Callable[[str], None],
) -> Lessons:
    """The lessons of one part of a prepared set, made in `folder` unless they lie there already.

    jobs: processes. Raises UsageError where the set holds no such faces, the folder holds lessons by another teacher or recipe or
    the teacher's vectors are of another length than the network's; ModelError and DependencyError as `build_embedder`.
    """
    sets = load_face_sets(data, part)
    count = sum(len(faces.crops) for faces in sets)
    if not count:
        raise UsageError(f"{shown(data)}: no {part.value} faces are there: prepare the set with --held-back")
    embedder = teacher.build()
    told = embedder.name
    if embedder.dimension != recipe.network.dimension:
        raise UsageError(
            f"the teacher's vectors are {embedder.dimension} numbers long, and the network's {recipe.network.dimension}: "
            'set "dimension" of "network" in the recipe'
        )
    about = {"teacher": told, "faces": count, "recipe": _decides(recipe)}
    if (folder / _ABOUT).is_file():
        if json.loads((folder / _ABOUT).read_text(encoding="utf-8")) != about:
            raise UsageError(f"{shown(folder)}: these lessons were made with other settings: name another folder")
        return _load(folder, told)
    folder.mkdir(parents=True, exist_ok=True)
    wide = _gathered(sets, recipe.lessons.square, folder / _FACES)
    tell(f"{count} faces gathered; the teacher {told} looks at them")
    size, square, path = recipe.lessons.restored_size, recipe.lessons.square, folder / _FACES
    chunks = [range(start, min(start + _AT_ONCE, count)) for start in range(0, count, _AT_ONCE)]
    drawn = np.random.default_rng((recipe.seed, _DRAWN)).permutation(count)
    rows = np.sort(drawn[: round(count * recipe.lessons.restored)])
    parts = [rows[start : start + _RESTORED_AT_ONCE] for start in range(0, len(rows), _RESTORED_AT_ONCE)]
    with _mapping(jobs) as mapped:
        taught = mapped(_taught, repeat(path), repeat(square), repeat(teacher), chunks)
        np.save(folder / _TARGETS, np.concatenate(list(_counted(taught, len(chunks), "taught", tell))))
        restored = mapped(_restored, repeat(path), repeat(recipe), parts)
        squares = list(_counted(restored, len(parts), "restored", tell))
        np.save(folder / _RESTORED, np.concatenate([np.zeros((0, size, size, 3), np.uint8), *squares]))
    np.save(folder / _ROWS, rows)
    assert len(wide) == count
    write_atomically(folder / _ABOUT, json.dumps(about).encode(), overwrite=True)
    return _load(folder, told)


def middle(wide: ByteImage, square: int) -> ByteImage:
    """The FFHQ squares `(N, square, square, 3)` in the middle of wide crops `(N, C, C, 3)`."""
    rim = (wide.shape[1] - square) // 2
    return wide[:, rim : rim + square, rim : rim + square]


def teacher_of(folder: Path) -> str:
    """Whose lessons lie in a folder. Raises UsageError where there are none."""
    try:
        return str(json.loads((folder / _ABOUT).read_text(encoding="utf-8"))["teacher"])
    except (OSError, ValueError, KeyError) as error:
        raise UsageError(f"{shown(folder)}: no whole lessons, which `clearface train embedder` makes") from error


def _load(folder: Path, teacher: str) -> Lessons:
    def read(name: str) -> AnyArray:
        return np.asarray(np.load(folder / name, mmap_mode="r", allow_pickle=False))

    return Lessons(read(_FACES), read(_TARGETS), read(_RESTORED), read(_ROWS), teacher)


@contextmanager
def _mapping(jobs: int) -> Iterator[Callable[..., Iterator[Any]]]:
    """`map`, in so many processes."""
    if jobs == 1:
        yield map
        return
    with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield pool.map


def _decides(recipe: EmbedderRecipe) -> str:
    """A checksum of what lessons depend on in a recipe."""
    recipe = recipe_from_values(EmbedderRecipe, recipe_values(recipe), "the recipe")  # as it is read again: 5.0, not 5
    appearance = recipe.appearance
    parts = [recipe.seed, recipe_values(recipe.lessons), recipe_values(appearance.mix), appearance.taps]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _gathered(sets: tuple[FaceSet, ...], square: int, path: Path) -> ByteImage:
    side = wide_side(square)
    count = sum(len(faces.crops) for faces in sets)
    wide = np.lib.format.open_memmap(path, "w+", np.uint8, (count, side, side, 3))
    place = 0
    for faces in sets:
        smaller = faces.square > square
        for crop in faces.crops:
            method = cv2.INTER_AREA if smaller else cv2.INTER_CUBIC
            wide[place] = cv2.resize(np.asarray(crop), (side, side), interpolation=method)
            place += 1
    wide.flush()
    return np.asarray(wide)


def _counted(parts: Iterator[AnyArray], count: int, word: str, tell: Callable[[str], None]) -> Iterator[AnyArray]:
    for number, part in enumerate(parts, 1):
        if number % 20 == 0 or number == count:
            tell(f"{word}: {number} of {count} batches")
        yield part


def _taught(path: Path, square: int, teacher: Teacher, chunk: range) -> FloatArray:
    cv2.setNumThreads(1)
    faces = middle(np.load(path, mmap_mode="r", allow_pickle=False)[chunk.start : chunk.stop], square)
    embedder = teacher.build()
    sharp = np.asarray(faces, np.float32) / np.float32(255)
    return embedder.embed(sharp)


def _restored(path: Path, recipe: EmbedderRecipe, rows: IndexArray) -> ByteImage:
    import torch

    from clearface.degrade.bank import make_bank
    from clearface.degrade.blurring import mirrored
    from clearface.degrade.randomized import degrade_batch
    from clearface.restorers.registry import DEFAULT_RESTORER, build_restorer

    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    size, appearance = recipe.lessons.restored_size, recipe.appearance
    faces = middle(np.load(path, mmap_mode="r", allow_pickle=False), recipe.lessons.square)
    sharp = np.stack([cv2.resize(np.asarray(faces[row]), (size, size), interpolation=cv2.INTER_AREA) for row in rows])
    generator = np.random.default_rng((recipe.seed, _DRAWN, int(rows[0])))
    bank = make_bank(generator, 2 * len(rows), appearance.taps, appearance.mix.blurs, 2, appearance.mix.fields)
    wide = mirrored(torch.from_numpy(sharp).permute(0, 3, 1, 2) / 255, appearance.taps // 2)
    blurred = degrade_batch(wide, bank, generator, appearance.mix).faces.permute(0, 2, 3, 1).numpy()
    return as_bytes(build_restorer(DEFAULT_RESTORER).restore(np.ascontiguousarray(blurred)).faces)
