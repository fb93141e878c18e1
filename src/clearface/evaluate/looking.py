"""The first pass over the photos: what is there, can it be read, and where are the faces."""

import hashlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from clearface.arrays import ByteImage
from clearface.detectors.base import Detector
from clearface.errors import PhotoError
from clearface.faces import Box, Face
from clearface.files.explanations import shown
from clearface.files.inputs import read_bytes
from clearface.photos.decode import PhotoLimits, read_photo
from clearface.photos.rasters import pixels_on_white


@dataclass(frozen=True)
class LookJob:
    """One photo to look at, with its twins in other folders."""

    name: str
    """Its place below its folder."""

    path: Path
    twins: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Look:
    """What was seen of one photo."""

    name: str
    stamps: tuple[tuple[int, int], ...]
    """Size in bytes and time of change of the photo and its twins: where they are others, it is looked at again."""

    checksums: tuple[str, ...]
    """SHA-256 of the same files."""

    shape: tuple[int, int]
    """Height and width in pixels."""

    faces: tuple[Face, ...]
    """Largest first; empty where none was looked for."""

    problem: str | None = None
    """A sentence where it cannot be measured."""

    @property
    def checksum(self) -> str:
        """Of the photo and its twins together."""
        return hashlib.sha256(" ".join(self.checksums).encode()).hexdigest()

    def as_record(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        faces = [
            {"box": asdict(face.box), "score": face.score, "landmarks": face.landmarks.tolist()} for face in self.faces
        ]
        return {**asdict(self), "faces": faces}

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> "Look":
        """The inverse of `as_record`. Raises KeyError or TypeError for anything else."""
        faces = tuple(
            Face(Box(**face["box"]), face["score"], np.array(face["landmarks"], np.float64)) for face in record["faces"]
        )
        height, width = record["shape"]
        stamps = tuple((size, changed) for size, changed in record["stamps"])
        return cls(record["name"], stamps, tuple(record["checksums"]), (height, width), faces, record["problem"])


def stamps_of(job: LookJob) -> tuple[tuple[int, int], ...]:
    """Size and time of change of the photo and its twins; (-1, -1) for one that is gone."""
    return tuple(_stamp(path) for path in (job.path, *job.twins))


def look(job: LookJob, detector: Detector | None, max_pixels: int) -> Look:
    """Reads a photo and its twins, compares their sizes and, with a detector, finds the faces.

    Never raises for a photo that cannot be used: the answer says why.
    """
    stamps, checksums = stamps_of(job), list[str]()
    try:
        pixels, grey, checksum = _read(job.path, max_pixels)
        checksums.append(checksum)
        for twin in job.twins:
            other, other_grey, checksum = _read(twin, max_pixels)
            checksums.append(checksum)
            _check_pair(job.path, pixels, grey, twin, other, other_grey)
    except PhotoError as error:
        return Look(job.name, stamps, tuple(checksums), (0, 0), (), str(error))
    found = [] if detector is None else detector.detect(pixels)
    faces = tuple(sorted(found, key=lambda face: face.box.size, reverse=True))
    return Look(job.name, stamps, tuple(checksums), (pixels.shape[0], pixels.shape[1]), faces)


def read_pixels(path: Path, max_pixels: int) -> ByteImage:
    """The first frame of a photo, RGB uint8 `(H, W, 3)`, over white where it is clear. Raises PhotoError."""
    return _read(path, max_pixels)[0]


def _read(path: Path, max_pixels: int) -> tuple[ByteImage, bool, str]:
    data = read_bytes(path)
    photo = read_photo(data, shown(path), PhotoLimits(max_pixels=max_pixels))
    pixels = pixels_on_white(photo.frames[0])
    return pixels, photo.grey, hashlib.sha256(data).hexdigest()


def _stamp(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError:  # reading it says why
        return (-1, -1)
    return (status.st_size, status.st_mtime_ns)


def _check_pair(path: Path, pixels: ByteImage, grey: bool, twin: Path, other: ByteImage, other_grey: bool) -> None:
    if pixels.shape != other.shape:
        sides = f"{pixels.shape[1]}x{pixels.shape[0]}", f"{other.shape[1]}x{other.shape[0]}"
        raise PhotoError(f"{shown(path)} is {sides[0]} pixels and {shown(twin)} {sides[1]}: pairs are of one size")
    if grey != other_grey:
        kinds = ("grey", "colour") if grey else ("colour", "grey")
        raise PhotoError(
            f"{shown(path)} is {kinds[0]} and {shown(twin)} is {kinds[1]}: pairs are both the one or the other"
        )
