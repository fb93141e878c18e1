"""A pristine model for NIQE, fitted on the sharp faces in photos."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from clearface.arrays import ByteImage, DoubleArray
from clearface.detectors.base import Detector
from clearface.detectors.registry import DetectorOptions, build_detector
from clearface.errors import ClearfaceError, PhotoError, UsageError
from clearface.evaluate.metrics.niqe import FEATURES, PatchStatistics, PristineModel, patch_statistics
from clearface.faces import Face, native_size
from clearface.files.explanations import shown
from clearface.files.inputs import STANDARD_STREAM, find_inputs, read_bytes
from clearface.photos.decode import read_photo
from clearface.photos.kinds import PHOTO_EXTENSIONS
from clearface.photos.photo import byte_view
from clearface.squares import take_square, template_square
from clearface.train.prepare.crops import outside_shares
from clearface.train.prepare.harvest import LARGEST_BOX_CUT, LARGEST_SQUARE_CUT
from clearface.train.prepare.reasons import Drop, Reason
from clearface.train.prepare.sharpness import measure_sharpness

SIZES = (128, 256)
"""Sides of the FFHQ square in pixels: those that are measured most. A model of one size alone misjudges faces of the other."""

SHARP_SHARE = 0.75
"""Patches count from this share of the contrast of the richest patch of their face, as in the paper."""

_LEAST_PATCHES = 2 * FEATURES
_LEAST_SCORE = 0.5
"""Of a face; sharp ones score 0.8 and more."""


@dataclass(frozen=True, eq=False)
class FittedNiqe:
    """A model, and what it was fitted on."""

    model: PristineModel
    photos: int
    faces: int
    """Sharp at one of the sizes at least."""

    patches: int
    drops: tuple[Drop, ...]
    """Photos and faces that were left out."""


def fit_niqe(inputs: Sequence[str], name: str, watch: Callable[[int], Callable[[int], None]]) -> FittedNiqe:
    """Finds the faces of photos, aligns them to FFHQ squares of `SIZES`, and fits a model to the sharp patches in them.

    inputs: photos, folders and globs. name: what the model is to be called. watch: told how many photos there are; answers what
    to call with the number of photos done since. A face counts at the sizes it is sharp at. Raises UsageError for inputs that
    cannot be meant, ClearfaceError where there are fewer than 72 sharp patches.
    """
    if STANDARD_STREAM in inputs:
        raise UsageError("photos to fit a model on are files and folders, not standard input")
    found = find_inputs(inputs, PHOTO_EXTENSIONS)
    if found.problems:
        raise UsageError(found.problems[0].sentence)
    detector = build_detector("centerface", DetectorOptions(threshold=_LEAST_SCORE))
    advance = watch(len(found.files))
    faces: list[list[PatchStatistics]] = []
    drops: list[Drop] = []
    for file in found.files:
        taken, left_out = _faces_of(file.path, detector)
        faces += taken
        drops += left_out
        advance(1)
    chosen = sharp_patches(statistics for face in faces for statistics in face)
    if len(chosen) < _LEAST_PATCHES:
        raise ClearfaceError(
            f"too few sharp patches: {len(chosen)} (photos: {len(found.files)}, sharp faces in them: {len(faces)}), "
            f"and a model needs {_LEAST_PATCHES}"
        )
    model = PristineModel(name, chosen.mean(0), np.cov(chosen, rowvar=False))
    return FittedNiqe(model, len(found.files), len(faces), len(chosen), tuple(drops))


def sharp_patches(pictures: Iterable[PatchStatistics]) -> DoubleArray:
    """The features `(P, 36)` of those patches of each picture that have the contrast of sharp ones; flat ones are left out."""
    chosen = [np.empty((0, FEATURES))]
    for picture in pictures:
        sharp = picture.contrast > SHARP_SHARE * picture.contrast.max(initial=0.0)
        chosen.append(picture.features[sharp & np.isfinite(picture.features).all(1)])
    return np.concatenate(chosen)


def _faces_of(path: Path, detector: Detector) -> tuple[list[list[PatchStatistics]], list[Drop]]:
    """Of each sharp face its patches at each size. What is wrong with a photo or a face is a `Drop`."""
    try:
        pixels = byte_view(read_photo(read_bytes(path), shown(path)).frames[0].pixels)
    except PhotoError as error:
        return [], [Drop(shown(path), 0, Reason.UNREADABLE, str(error))]
    found = detector.detect(pixels)
    if not found:
        return [], [Drop(shown(path), 0, Reason.NO_FACE, "nothing that looks like one at this threshold")]
    faces, drops = [], []
    for number, face in enumerate(found, start=1):
        taken = _patches_of(pixels, face)
        if isinstance(taken, list):
            faces.append(taken)
        else:
            drops.append(Drop(shown(path), number, *taken))
    return faces, drops


def _patches_of(pixels: ByteImage, face: Face) -> list[PatchStatistics] | tuple[Reason, str]:
    box_cut, square_cut = outside_shares(face, pixels.shape)
    if box_cut > LARGEST_BOX_CUT or square_cut > LARGEST_SQUARE_CUT:
        return (
            Reason.CUT,
            f"{box_cut:.0%} of the face and {square_cut:.0%} of the square around it lie beyond the photo",
        )
    native = native_size(face)
    if native < min(SIZES):
        return Reason.TOO_SMALL, f"{native:.0f} pixels of {min(SIZES)}"
    sharp_at = measure_sharpness(pixels, face).sharp_at
    if sharp_at < min(SIZES):
        return Reason.BLURRED, f"not sharp at {min(SIZES)} pixels"
    squares = [take_square(pixels, template_square(face, size)) for size in SIZES if size <= sharp_at]
    return [patch_statistics(square) for square in squares]
