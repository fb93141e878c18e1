"""Paired sets: every photo of a folder, or every face in it, sharp and degraded, with a record of what was done."""

import json
import os
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from clearface.arrays import ByteImage, as_bytes
from clearface.degrade.protocols import FACE_SIZE, DegradedFaces, degrade_by_seeds
from clearface.detectors.base import Detector
from clearface.errors import PhotoError, UsageError
from clearface.files.atomic import write_atomically
from clearface.files.explanations import reason, shown
from clearface.files.inputs import InputFile, read_bytes
from clearface.files.outputs import ExistingPolicy
from clearface.photos.decode import PhotoLimits, read_photo
from clearface.photos.encode import EncodeOptions, encode_photo
from clearface.photos.photo import Frame, Photo
from clearface.photos.rasters import pixels_on_white
from clearface.squares import take_square, template_square

LIST_NAME = "pairs.jsonl"
"""The list of a set: one line of JSON for each pair."""


@dataclass(frozen=True)
class PairSettings:
    """What decides every pixel of a set."""

    protocol: str
    seed: int

    kernels: str | None = None
    """The file of kernels, for protocols that need one."""

    aligned_size: int | None = None
    """Side in pixels of the aligned faces that are cut out; None leaves the photos whole."""

    face_size: float = FACE_SIZE
    """Size of the faces in whole photos, in pixels, for protocols whose lengths grow with it."""


@dataclass(frozen=True)
class Pair:
    """One sharp picture, its degraded twin, and what was done."""

    name: str
    """Of both, below their folders and without extension."""

    sharp: Photo
    blurred: Photo
    kernel: Photo
    """The kernel as 16-bit grey, white where it is brightest."""

    record: dict[str, Any]


class PairSet:
    """A folder of pairs: `sharp/`, `blurred/`, `kernels/` and the list of all that are whole."""

    def __init__(self, folder: Path, settings: PairSettings, existing: ExistingPolicy, inputs: Iterable[Path]) -> None:
        """Opens a set, or starts it. inputs: files that are never replaced.

        Raises UsageError where there is a set already and the policy is to fail, or where it was made with other settings,
        PhotoError where the list cannot be read or written.
        """
        self._folder = folder
        self._settings = settings
        self._overwrite = existing is ExistingPolicy.OVERWRITE
        self._originals = {os.path.realpath(path) for path in inputs}
        self._list = folder / LIST_NAME
        records = [] if self._overwrite else _read_list(self._list)
        if records and existing is ExistingPolicy.FAIL:
            raise UsageError(
                f"{shown(self._list)}: there is a set of pairs already: give --existing skip to go on with it, "
                "or --existing overwrite"
            )
        mine = asdict(settings)
        for record in records:
            if record.get("settings") != mine:
                raise UsageError(
                    f"{shown(folder)}: the pairs there were made with other settings: choose another folder, "
                    "or --existing overwrite"
                )
        self._photos = {str(record["photo"]) for record in records}
        lines = "".join(json.dumps(record) + "\n" for record in records)
        write_atomically(self._list, lines.encode(), overwrite=True)

    def holds(self, photo: str) -> bool:
        """Whether all pairs of a photo are there."""
        return photo in self._photos

    def add(self, photo: str, pairs: Sequence[Pair]) -> None:
        """Writes the pairs of one photo, all or none of them. Raises PhotoError where one cannot be written."""
        files = [
            (self._folder / kind / f"{pair.name}.png", picture)
            for pair in pairs
            for kind, picture in (("sharp", pair.sharp), ("blurred", pair.blurred), ("kernels", pair.kernel))
        ]
        for path, _ in files:
            if os.path.realpath(path) in self._originals:
                raise PhotoError(
                    f"{shown(path)}: this is one of the photos, and is not replaced: choose another folder"
                )
        written: list[Path] = []
        try:
            for path, picture in files:
                new = not path.exists()
                write_atomically(path, encode_photo(picture, EncodeOptions("PNG")), overwrite=self._overwrite)
                written += [path] if new else []
            self._append(photo, pairs)
        except BaseException:
            for path in written:
                path.unlink(missing_ok=True)
            raise

    def _append(self, photo: str, pairs: Sequence[Pair]) -> None:
        records = [
            {"name": pair.name, "photo": photo, **pair.record, "settings": asdict(self._settings)} for pair in pairs
        ]
        try:
            with self._list.open("a", encoding="utf-8") as file:
                file.write("".join(json.dumps(record) + "\n" for record in records))
        except OSError as error:
            raise PhotoError(f"{shown(self._list)}: cannot be written: {reason(error)}") from error


def _read_list(path: Path) -> list[dict[str, Any]]:
    """The records of a list; what a crash left of a last line is dropped."""
    try:
        text = path.read_bytes().decode("utf-8", "replace")
    except FileNotFoundError:
        return []
    except OSError as error:
        raise PhotoError(f"{shown(path)}: cannot be read: {reason(error)}") from error
    records = []
    for line in text.splitlines(keepends=True):
        if not line.endswith("\n"):
            break
        try:
            record = json.loads(line)
        except ValueError as error:
            raise PhotoError(f"{shown(path)}: this is no list of pairs") from error
        if not isinstance(record, dict) or "photo" not in record:
            raise PhotoError(f"{shown(path)}: this is no list of pairs")
        records.append(record)
    return records


def make_pairs(file: InputFile, settings: PairSettings, detector: Detector | None, limits: PhotoLimits) -> list[Pair]:
    """The pairs of one photo: itself, or with a detector every face in it; none where there is no face.

    What happens to it depends on the seed and on its place below the folder alone. Only the first frame of a photo counts.
    Raises PhotoError where it cannot be read, and whatever the protocol raises.
    """
    photo = read_photo(read_bytes(file.path), shown(file.path), limits)
    name = pair_name(file)
    pixels = pixels_on_white(photo.frames[0])
    if detector is None or settings.aligned_size is None:
        return [_pair(name, pixels, settings, (settings.seed, _number(name)), settings.face_size, photo.icc_profile)]
    size = settings.aligned_size
    pairs = []
    for number, face in enumerate(detector.detect(pixels), start=1):
        square = as_bytes(take_square(pixels, template_square(face, size)))
        seeds = (settings.seed, _number(name), number)
        pairs.append(_pair(f"{name}_face{number}", square, settings, seeds, size, photo.icc_profile))
    return pairs


def pair_name(file: InputFile) -> str:
    """What the pairs of a photo are called: its place below the folder, without extension."""
    return file.relative.with_suffix("").as_posix()


def _number(name: str) -> int:
    return zlib.crc32(os.fsencode(name))


def _pair(
    name: str,
    pixels: ByteImage,
    settings: PairSettings,
    seeds: tuple[int, ...],
    face_size: float,
    profile: bytes | None,
) -> Pair:
    sharp = pixels[None].astype(np.float32) / np.float32(255)
    kernels = None if settings.kernels is None else Path(settings.kernels)
    degraded = degrade_by_seeds(sharp, settings.protocol, [seeds], kernels, face_size)
    record = {"width": pixels.shape[1], "height": pixels.shape[0], "steps": list(degraded.descriptions[0])}
    blurred = as_bytes(degraded.faces[0])
    return Pair(name, _photo(pixels, profile), _photo(blurred, profile), _kernel_photo(degraded), record)


def _photo(pixels: ByteImage, profile: bytes | None) -> Photo:
    return Photo((Frame(pixels),), "PNG", icc_profile=profile)


def _kernel_photo(degraded: DegradedFaces) -> Photo:
    kernel = degraded.kernels[0]
    levels = np.rint(kernel / kernel.max() * 65535).astype(np.uint16)
    return Photo((Frame(np.repeat(levels[..., None], 3, 2)),), "PNG", grey=True)


@dataclass(frozen=True)
class PairSummary:
    """What became of the photos of a folder."""

    pairs: int
    kept: int
    """Photos whose pairs were there already."""

    faceless: int
    """Photos without a face, where faces were to be cut out."""

    problems: tuple[str, ...]
    """A sentence for each photo that could not be done."""


def fill_set(
    target: PairSet,
    files: Sequence[InputFile],
    settings: PairSettings,
    detector: Detector | None,
    limits: PhotoLimits,
    advance: Callable[[int], None],
) -> PairSummary:
    """Makes the pairs of every photo that has none yet; one that cannot be done does not stop the others.

    Raises UsageError where the protocol cannot be meant.
    """
    pairs = kept = faceless = 0
    problems: list[str] = []
    names: dict[str, InputFile] = {}
    for file in files:
        name = pair_name(file)
        other = names.setdefault(name, file)
        try:
            if other is not file:
                raise PhotoError(f"{shown(file.path)}: its pair would be called as that of {shown(other.path)}")
            if target.holds(file.relative.as_posix()):
                kept += 1
                continue
            made = make_pairs(file, settings, detector, limits)
            if made:
                target.add(file.relative.as_posix(), made)
            pairs += len(made)
            faceless += not made
        except PhotoError as error:
            problems.append(str(error))
        finally:
            advance(1)
    return PairSummary(pairs, kept, faceless, tuple(problems))
