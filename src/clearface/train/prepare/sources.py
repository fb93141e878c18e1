"""Which photos are meant, and the mask of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from clearface.errors import UsageError
from clearface.files.explanations import FileProblem, shown
from clearface.files.inputs import EarlierResults, InputFile, find_inputs
from clearface.masks import CELEBAMASK_PARTS
from clearface.photos.kinds import PHOTO_EXTENSIONS

_PAIRED_PHOTOS, _PAIRED_MASKS = "images", "masks"
_ORIGINAL_PHOTOS, _ORIGINAL_MASKS = "CelebA-HQ-img", "CelebAMask-HQ-mask-anno"
_PHOTOS_PER_FOLDER = 2000
_MASK_EXTENSIONS = frozenset({".png", ".bmp", ".tif", ".tiff", ".gif"})


@dataclass(frozen=True)
class WholeMask:
    """One file that holds the class of every pixel."""

    path: Path

    @property
    def files(self) -> tuple[Path, ...]:
        return (self.path,)


@dataclass(frozen=True)
class MaskParts:
    """A file for each part, white where the part is, in the order they are painted."""

    parts: tuple[tuple[str, Path], ...]
    """Names of `CELEBAMASK_PARTS`."""

    @property
    def files(self) -> tuple[Path, ...]:
        return tuple(path for _, path in self.parts)


MaskSource = WholeMask | MaskParts
"""Where the mask of a photo is read from."""


@dataclass(frozen=True)
class SourcePhoto:
    """One photo to take faces from."""

    path: Path

    name: str
    """What the set calls it: the folder searched, and its place in it."""

    mask: MaskSource | None = None


@dataclass(frozen=True)
class FoundSources:
    """The photos, in an order that depends on their names alone."""

    photos: tuple[SourcePhoto, ...]
    problems: tuple[FileProblem, ...]


def find_sources(inputs: Sequence[str], masks: Path | None, output: Path) -> FoundSources:
    """Every photo that the inputs stand for, with its mask where there is one; nothing inside `output` is a photo.

    A folder in one of two known layouts brings its masks along: `images/` beside `masks/` with the same names, and
    CelebAMask-HQ as first published (`CelebA-HQ-img/7.jpg`, `CelebAMask-HQ-mask-anno/0/00007_hair.png`; Lee et al. 2020).
    For all others `masks` is searched: a mask lies at the same place below it as the photo below its folder, or anywhere
    below it if only one has its name. Files in it are no photos.
    Raises UsageError where `masks` holds none, or two photos answer to one name.
    """
    photos: list[SourcePhoto] = []
    problems: list[FileProblem] = []
    given = None if masks is None else _index_masks(masks)
    for argument in inputs:
        found_photos, found_problems = _photos_of(argument, given, masks, output)
        photos += found_photos
        problems += found_problems
    unique = {photo.path.resolve(): photo for photo in reversed(photos)}
    ordered = tuple(sorted(unique.values(), key=lambda photo: photo.name))
    for first, second in zip(ordered, ordered[1:], strict=False):
        if first.name == second.name:
            raise UsageError(f"{shown(first.path)} and {shown(second.path)} would both be called {first.name}")
    return FoundSources(ordered, tuple(problems))


def _photos_of(
    argument: str, given: dict[str, list[Path]] | None, masks: Path | None, output: Path
) -> tuple[list[SourcePhoto], list[FileProblem]]:
    folder = Path(argument)
    if (folder / _ORIGINAL_PHOTOS).is_dir() and (folder / _ORIGINAL_MASKS).is_dir():
        files, problems = _search(str(folder / _ORIGINAL_PHOTOS), output)
        return [
            SourcePhoto(file.path, _name(folder, file), _original_parts(folder / _ORIGINAL_MASKS, file.path.stem))
            for file in files
        ], problems
    if (folder / _PAIRED_PHOTOS).is_dir() and (folder / _PAIRED_MASKS).is_dir():
        files, problems = _search(str(folder / _PAIRED_PHOTOS), output)
        paired = _index_masks(folder / _PAIRED_MASKS)
        return [
            SourcePhoto(file.path, _name(folder, file), _whole_mask(paired, file.relative)) for file in files
        ], problems
    files, problems = _search(argument, output)
    mask_folder = None if masks is None else masks.resolve()
    return [
        SourcePhoto(file.path, _name(folder, file), None if given is None else _whole_mask(given, file.relative))
        for file in files
        if mask_folder is None or mask_folder not in file.path.resolve().parents
    ], problems


def _search(argument: str, output: Path) -> tuple[list[InputFile], list[FileProblem]]:
    found = find_inputs([argument], PHOTO_EXTENSIONS, EarlierResults(folder=output))
    return [file for file in found.files if not file.standard_stream], list(found.problems)


def _name(folder: Path, file: InputFile) -> str:
    """`portraits/2019/a.jpg` for a photo below `portraits`; the mere name of one that was named itself."""
    return shown((folder.resolve().name / file.relative).as_posix()) if file.searched else shown(file.path.name)


def _index_masks(folder: Path) -> dict[str, list[Path]]:
    """Masks by their place without extension, and by their name alone."""
    found = find_inputs([str(folder)], _MASK_EXTENSIONS)
    if not found.files:
        raise UsageError(found.problems[0].sentence.replace("photos", "masks"))
    index: dict[str, list[Path]] = {}
    for file in found.files:
        place = file.relative.with_suffix("").as_posix()
        for key in {place, f"*/{file.path.stem}"}:
            index.setdefault(key, []).append(file.path)
    return index


def _whole_mask(index: dict[str, list[Path]], relative: Path) -> WholeMask | None:
    for key in (relative.with_suffix("").as_posix(), f"*/{relative.stem}"):
        if len(index.get(key, ())) == 1:
            return WholeMask(index[key][0])
    return None


def _original_parts(folder: Path, stem: str) -> MaskParts | None:
    if not stem.isdecimal():
        return None
    number = int(stem)
    home = folder / str(number // _PHOTOS_PER_FOLDER)
    paths = ((part, home / f"{number:05d}_{part}.png") for part in CELEBAMASK_PARTS)
    parts = tuple((part, path) for part, path in paths if path.is_file())
    return MaskParts(parts) if parts else None
