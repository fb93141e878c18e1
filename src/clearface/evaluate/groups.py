"""From the photos of a unit to faces, sharp, degraded and as each method leaves them."""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from clearface.arrays import DoubleArray, FloatArray
from clearface.evaluate.gauges.base import Batch
from clearface.evaluate.looking import read_pixels
from clearface.evaluate.methods import Method
from clearface.evaluate.planning import output_names
from clearface.evaluate.results import INPUT
from clearface.evaluate.settings import EvaluationSettings, PairedFolders, RealFolder
from clearface.evaluate.specs import TestSpec
from clearface.evaluate.units import Group, Unit, UnitFace, row_names
from clearface.faces import Face, native_size, nearest_working_size
from clearface.pipeline import RestoredFrame
from clearface.squares import Square, take_square, template_square

TILT = 20.0
"""Greatest tilt of a tight face, in degrees."""

LARGEST_REAL_SIZE = 320
"""The faces of real photos are measured at the working size nearest their own, up to this side."""

_LIGHT_KEPT = 0.99


def groups_of(unit: Unit, settings: EvaluationSettings, methods: Sequence[Method]) -> Iterator[Group]:
    """The faces of a unit. Raises PhotoError for a photo that cannot be read any more, ModelError where a method fails."""
    if isinstance(settings.source, PairedFolders):
        yield _paired(unit, settings, settings.source, methods)
    elif isinstance(settings.source, RealFolder):
        for photo in unit.faces:
            yield from _real(photo, settings, methods)
    else:
        test = next(test for test in settings.tests if test.name == unit.test)
        yield _degraded(unit, test, settings, methods)


def _degraded(unit: Unit, test: TestSpec, settings: EvaluationSettings, methods: Sequence[Method]) -> Group:
    names = tuple(face.name for face in unit.faces)
    sharp = np.stack([_cut(face, test, settings) for face in unit.faces])
    before, kernels = degraded(sharp, test, settings, [face.index for face in unit.faces])

    shown = partial(by_methods, before, kernels, names, methods)
    return Group(names, sharp, tuple(kernel_reach(kernel) for kernel in kernels), shown)


def by_methods(
    before: FloatArray, kernels: Sequence[DoubleArray], names: Sequence[str], methods: Sequence[Method]
) -> Iterator[tuple[str, Batch]]:
    """Degraded faces `(N, S, S, 3)` as they are, and as each method leaves them."""
    yield INPUT, Batch(before, before)
    for method in methods:
        yield method.spec.name, method.restored(before, names, kernels)


def degraded(
    sharp: FloatArray, test: TestSpec, settings: EvaluationSettings, places: Sequence[int]
) -> tuple[FloatArray, list[DoubleArray]]:
    """Faces `(N, S, S, 3)` as the protocol of a test leaves them, and the true kernel of each.

    places: of the faces among all, which with the seed decide what happens to them.
    """
    from clearface.degrade.protocols import degrade_by_seeds, protocol_named

    kernels = settings.kernels if protocol_named(test.protocol).from_file else None
    done = degrade_by_seeds(sharp, test.protocol, [(settings.seed, place) for place in places], kernels)
    told = [kernel.astype(np.float64) for kernel in done.kernels]
    return done.faces, [kernel / kernel.sum() for kernel in told]


def kernel_reach(kernel: DoubleArray) -> float:
    """The larger side in pixels of the least upright box around the middle of a kernel that holds 99% of its light."""
    middle = np.array(kernel.shape) // 2
    rows, columns = np.indices(kernel.shape)
    away = np.maximum(np.abs(rows - middle[0]), np.abs(columns - middle[1]))
    within = np.cumsum(np.bincount(away.ravel(), kernel.ravel()))
    return float(2 * int(np.argmax(within >= _LIGHT_KEPT * kernel.sum() - 1e-9)) + 1)


def _cut(face: UnitFace, test: TestSpec, settings: EvaluationSettings) -> FloatArray:
    pixels = read_pixels(face.path, settings.max_pixels)
    (found,) = face.faces
    if not test.tight:
        return take_square(pixels, template_square(found, test.size))
    tilt = np.random.default_rng(settings.seed).uniform(-TILT, TILT, face.index + 1)[face.index]
    return take_square(pixels, tight_square(found, test.size, float(tilt)))


def tight_square(face: Face, size: int, tilt: float) -> Square:
    """The square of a face's box, turned by `tilt` degrees around its middle."""
    box = face.box
    scale, angle = size / box.size, np.radians(tilt)
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return Square(np.column_stack([turn, (size - 1) / 2 - turn @ np.array(box.centre)]), size)


def _paired(unit: Unit, settings: EvaluationSettings, source: PairedFolders, methods: Sequence[Method]) -> Group:
    names = tuple(face.name for face in unit.faces)
    sharp = np.stack([_of_pair(face, face.path, source, settings) for face in unit.faces])
    other, *outputs = (
        np.stack([_of_pair(face, face.twins[place], source, settings) for face in unit.faces])
        for place in range(1 + len(source.outputs))
    )

    def shown() -> Iterator[tuple[str, Batch]]:
        if not methods and not outputs:
            yield output_names(source)[0], Batch(other)
            return
        yield INPUT, Batch(other, other)
        for method in methods:
            yield method.spec.name, method.restored(other, names)
        for name, pictures in zip(output_names(source) if outputs else (), outputs, strict=True):
            yield name, Batch(pictures, other)

    return Group(names, sharp, (None,) * len(names), shown)


def _of_pair(face: UnitFace, path: Path, source: PairedFolders, settings: EvaluationSettings) -> FloatArray:
    pixels = read_pixels(path, settings.max_pixels)
    if source.faces_size is None:
        return pixels.astype(np.float32) / np.float32(255)
    return take_square(pixels, template_square(face.faces[0], source.faces_size))


def _real(photo: UnitFace, settings: EvaluationSettings, methods: Sequence[Method]) -> Iterator[Group]:
    """Every face of a photo as a group of its own, since each has its own size."""
    pixels = read_pixels(photo.path, settings.max_pixels)
    results: dict[str, RestoredFrame] = {}

    def restored(method: Method) -> RestoredFrame:
        name = method.spec.name
        if name not in results:
            results[name] = method.in_photo(pixels, photo.name, photo.faces)
        return results[name]

    for place, (name, face) in enumerate(zip(row_names(photo.name, len(photo.faces)), photo.faces, strict=True)):
        size = min(nearest_working_size(native_size(face)), LARGEST_REAL_SIZE)
        square = template_square(face, size)
        before = take_square(pixels, square)[None]

        def shown(
            place: int = place, square: Square = square, before: FloatArray = before
        ) -> Iterator[tuple[str, Batch]]:
            yield INPUT, Batch(before, before)
            for method in methods:
                frame = restored(method)
                own = frame.faces[place]
                after = take_square(frame.pixels, square)[None]
                same = own.square.size == square.size and np.array_equal(own.square.to_square, square.to_square)
                estimates = (None if own.left else own.estimate,) if same else None
                yield method.spec.name, Batch(after, before, None, estimates)

        yield Group((name,), None, (None,), shown)
