"""What is kept of people, and what becomes of photos that are added."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from clearface.arrays import FloatArray

LONGEST_NAME = 500
"""Characters."""


@dataclass(frozen=True)
class Model:
    """The embedder a gallery was made with."""

    name: str
    """Of the embedder, as `--embedder` takes it."""

    checksum: str
    """SHA-256 of its network or fitted model, in lower-case hexadecimal."""

    dimension: int


@dataclass(frozen=True)
class GalleryFace:
    """A face of a person, as it is kept; what it looks like, and its vector, are asked for apart."""

    number: int
    """Its number in the gallery, which no other face ever gets."""

    photo: str
    """The path of the photo as it was added, or what else it is known by."""

    photo_checksum: str
    """SHA-256 of the photo's bytes, so that it is not added twice."""

    quality: float
    """In (0, 1]."""

    added: datetime
    """In UTC."""


@dataclass(frozen=True, eq=False)
class NewFace:
    """A face of a person that is to be kept."""

    photo: str
    photo_checksum: str
    quality: float

    vector: FloatArray
    """`(D,)` float32 of unit length."""

    thumbnail: bytes
    """The FFHQ square it was embedded from, as a lossless WebP file: nothing else of the photo is kept."""

    added: datetime
    """In UTC."""


@dataclass(frozen=True)
class GalleryPerson:
    """Somebody in the gallery."""

    name: str
    description: str
    link: str | None
    faces: tuple[GalleryFace, ...]


class PhotoNews(StrEnum):
    """What became of a photo that was added."""

    ADDED = "added"
    ADDED_UNLIKE = "added-unlike"
    """Added, but the face is unlike the person's others."""

    ALREADY_THERE = "already-there"
    NO_FACE = "no-face"
    SEVERAL_FACES = "several-faces"
    """Nobody can tell whose face is meant, so none was added."""

    FAILED = "failed"
    """It cannot be read."""


@dataclass(frozen=True)
class PhotoAdded:
    """One photo of a person that was to be added."""

    photo: str
    news: PhotoNews
    sentence: str
    """What became of it, for people."""


class ImportPolicy(StrEnum):
    """What becomes of people of a file whose names are in the gallery already."""

    FAIL = "fail"
    """Nothing of the file is added."""

    SKIP = "skip"
    """They stay as they are."""

    ADD = "add"
    """They get the faces they lack."""


@dataclass(frozen=True)
class GalleryStatistics:
    """What a gallery holds."""

    people: int
    faces: int
    model: Model | None
    """None where nothing was added yet."""

    bytes: int
    """On the disk or in the database."""

    schema_version: str

    search: str
    """How it is searched, in words."""
