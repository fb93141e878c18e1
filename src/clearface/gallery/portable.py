"""A whole gallery in one file: a zip with JSON, a `.npy` of vectors and WebP pictures. Nothing in it executes."""

import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from io import BytesIO
from json import JSONDecodeError, dumps, loads
from pathlib import Path
from zipfile import BadZipFile, ZipFile, ZipInfo

import numpy as np

from clearface.arrays import FloatArray
from clearface.errors import ClearfaceError, GalleryError
from clearface.files.atomic import opened_atomically
from clearface.files.explanations import reason, shown
from clearface.gallery.base import GalleryPerson, Model, NewFace
from clearface.gallery.names import checked_description, checked_link, checked_name, name_key
from clearface.gallery.thumbnails import read_thumbnail
from clearface.gallery.vectors import checked_units
from clearface.typed_values import Reading, typed_value

FORMAT = "clearface gallery"
VERSION = 1

_PEOPLE = "gallery.json"
_VECTORS = "vectors.npy"
_LARGEST_LIST = 1 << 28
_LARGEST_PICTURE = 1 << 22
_HEADER = 4096
_READING = Reading(what="a gallery", complete=True)
_SHA256 = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True)
class PortableFace:
    """A face as it is told in the file; its vector and picture have its place among all faces."""

    photo: str
    photo_checksum: str
    quality: float
    added: datetime

    def __post_init__(self) -> None:
        if not 0 < self.quality <= 1:
            raise ValueError("a quality lies above 0, up to 1")
        if not _SHA256.fullmatch(self.photo_checksum):
            raise ValueError("a checksum is 64 hexadecimal digits")


@dataclass(frozen=True)
class PortablePerson:
    """A person as told in the file."""

    name: str
    description: str
    link: str | None
    faces: tuple[PortableFace, ...]


@dataclass(frozen=True)
class _Contents:
    format: str
    version: int
    model: Model | None
    people: tuple[PortablePerson, ...]


@dataclass(frozen=True, eq=False)
class Portable:
    """A file that is open."""

    model: Model | None
    people: tuple[PortablePerson, ...]
    _vectors: FloatArray
    _starts: dict[str, int]
    _archive: ZipFile
    _name: str

    def faces(self, person: PortablePerson) -> list[NewFace]:
        """Those of one person. Raises GalleryError where a picture is missing or damaged."""
        first = self._starts[name_key(person.name)]
        return [self._face(first + place, face) for place, face in enumerate(person.faces)]

    def _face(self, place: int, face: PortableFace) -> NewFace:
        with _explained(self._name):
            picture = _member(self._archive, _picture_name(place), _LARGEST_PICTURE)
            read_thumbnail(picture, f"{self._name}: {_picture_name(place)}")
        return NewFace(face.photo, face.photo_checksum, face.quality, self._vectors[place], picture, face.added)


def write_portable(
    path: Path,
    model: Model | None,
    people: Sequence[GalleryPerson],
    vectors: FloatArray,
    pictures: Iterable[bytes],
    *,
    overwrite: bool,
) -> None:
    """Writes the file whole or not at all. vectors `(N, D)` and N pictures: of all faces, person by person.

    Raises PhotoError where it cannot be written, or exists and is not to be replaced.
    """
    told = [
        PortablePerson(
            person.name,
            person.description,
            person.link,
            tuple(PortableFace(face.photo, face.photo_checksum, face.quality, face.added) for face in person.faces),
        )
        for person in people
    ]
    contents = asdict(_Contents(FORMAT, VERSION, model, tuple(told)))
    array = BytesIO()
    np.save(array, np.asarray(vectors, "<f4"), allow_pickle=False)
    with opened_atomically(path, overwrite=overwrite) as stream, ZipFile(stream, "w") as archive:
        archive.writestr(ZipInfo(_PEOPLE), dumps(contents, default=datetime.isoformat, ensure_ascii=False, indent=1))
        archive.writestr(ZipInfo(_VECTORS), array.getvalue())
        for place, picture in enumerate(pictures):
            archive.writestr(ZipInfo(_picture_name(place)), picture)


@contextmanager
def read_portable(path: Path) -> Iterator[Portable]:
    """The file opened, its lists and vectors checked. Raises GalleryError where it is missing, damaged or something else."""
    name = shown(path)
    with _explained(name):
        archive = ZipFile(path)
    with archive:
        with _explained(name):
            portable = _opened(archive, name)
        yield portable


def _opened(archive: ZipFile, name: str) -> Portable:
    contents = typed_value(_Contents, _known(loads(_member(archive, _PEOPLE, _LARGEST_LIST))), _READING)
    starts, count = dict[str, int](), 0
    for person in contents.people:
        key = name_key(checked_name(person.name))
        checked_description(person.description)
        checked_link(person.link or "")
        if key in starts:
            raise ValueError(f'"{person.name}" is there twice')
        starts[key] = count
        count += len(person.faces)
    if count and contents.model is None:
        raise ValueError("it does not say what embedded its faces")
    dimension = contents.model.dimension if contents.model else 0
    data = _member(archive, _VECTORS, count * dimension * 4 + _HEADER)
    vectors = np.load(BytesIO(data), allow_pickle=False)
    if vectors.shape != (count, dimension) or vectors.dtype != np.float32:
        raise ValueError(f"its vectors are {vectors.shape} {vectors.dtype}, and not ({count}, {dimension}) float32")
    return Portable(contents.model, contents.people, checked_units(vectors, name), starts, archive, name)


def _known(values: object) -> object:
    """The same. Raises ValueError for a file of another kind or of a newer version."""
    if not isinstance(values, dict) or values.get("format") != FORMAT:
        raise ValueError("it holds no gallery")
    if values.get("version") != VERSION:
        raise ValueError(
            f"it is of version {values.get('version')}, and this clearface reads {VERSION}: install a newer one"
        )
    return values


def _member(archive: ZipFile, name: str, largest: int) -> bytes:
    if archive.getinfo(name).file_size > largest:
        raise ValueError(f"{name} is larger than it can be")
    return archive.read(name)


def _picture_name(place: int) -> str:
    return f"faces/{place:07d}.webp"


@contextmanager
def _explained(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise GalleryError(f"{name}: cannot be read: {reason(error)}") from error
    except KeyError as error:
        raise GalleryError(f"{name}: this is no gallery that was exported: {error.args[0]}") from error
    except (BadZipFile, JSONDecodeError, UnicodeDecodeError) as error:
        raise GalleryError(f"{name}: this is no gallery that was exported, or a damaged one ({error})") from error
    except (ValueError, EOFError, RuntimeError, NotImplementedError, zlib.error) as error:
        raise GalleryError(f"{name}: the file cannot be taken in: {error}") from error
    except ClearfaceError as error:
        raise GalleryError(str(error) if name in str(error) else f"{name}: {error}") from error
