"""Photos of people to faces that are kept."""

import hashlib
import os
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from clearface.arrays import FloatArray
from clearface.detectors.base import Detector
from clearface.detectors.selection import FaceSelection, select_faces
from clearface.embedders.base import Embedder
from clearface.embedders.quality import face_quality
from clearface.errors import PhotoError
from clearface.faces import Face, native_size
from clearface.files.explanations import shown
from clearface.files.inputs import read_bytes
from clearface.gallery.base import NewFace, PhotoAdded, PhotoNews
from clearface.gallery.gallery import Gallery
from clearface.gallery.likeness import LikenessJudge, OwnFaces
from clearface.gallery.models import EmbedderChoice, check_model
from clearface.gallery.names import checked_name
from clearface.gallery.thumbnails import read_thumbnail, thumbnail_file
from clearface.photos.decode import PhotoLimits, read_photo
from clearface.photos.rasters import pixels_on_white
from clearface.recognition.identify_squares import embed_squares, recognition_square
from clearface.squares import take_square


@dataclass(frozen=True)
class NewPerson:
    """Somebody who is to be added, or to get more photos."""

    name: str
    photos: tuple[Path, ...]

    description: str | None = None
    """None leaves what is told of the person."""

    link: str | None = None


@dataclass(frozen=True, eq=False)
class FaceTaker:
    """How faces are taken out of photos of people."""

    detector: Detector
    embedder: Embedder

    selection: FaceSelection = field(default_factory=FaceSelection)
    """Which of several faces are meant: a photo has to show one of these, and no more."""

    limits: PhotoLimits = field(default_factory=PhotoLimits)

    choice: EmbedderChoice | None = None
    """How the embedder was named."""


@dataclass(frozen=True, eq=False)
class _Taken:
    """A face cut out, as it will be kept."""

    place: int
    """Of its photo."""

    checksum: str
    face: Face
    picture: bytes
    square: FloatArray
    """What the picture shows."""


def add_person(
    gallery: Gallery,
    person: NewPerson,
    taker: FaceTaker,
    judge: LikenessJudge | None = None,
    done: Callable[[int], None] = lambda _: None,
) -> tuple[PhotoAdded, ...]:
    """Keeps the face of every photo that shows one, in one transaction, and says what became of each photo, in their order.

    Somebody of that name gets the photos that are not there yet. Where there is nobody, and no photo can be kept, nobody is
    added. judge: tells faces that are unlike the person's others, which are kept all the same; None asks for it anew.
    done: called with 1 after each photo. Raises GalleryError where the gallery was made with another embedder or cannot be
    written, UsageError for what nobody can be called, ModelError where a network fails.
    """
    name = checked_name(person.name)
    check_model(gallery, taker.embedder, taker.choice)
    judge = judge or LikenessJudge.of(gallery, taker.embedder)
    before, vectors = gallery.faces_of(name)
    there = {face.photo_checksum for face in before}
    news: dict[int, PhotoAdded] = {}
    taken: list[_Taken] = []
    for place, path in enumerate(person.photos):
        outcome = _take(place, path, taker, there)
        if isinstance(outcome, PhotoAdded):
            news[place] = outcome
        else:
            there.add(outcome.checksum)
            taken.append(outcome)
        done(1)
    found = _embedded(person, taken, taker.embedder)
    told = person.description is not None or person.link is not None
    if not found and not (told and gallery.has(name)):
        return tuple(news[place] for place in range(len(person.photos)))
    kept = gallery.add_faces(name, found, taker.embedder, person.description, person.link, taker.choice)
    numbers = {face.photo_checksum: face.number for face in kept}
    whole = np.concatenate([vectors.reshape(-1, taker.embedder.dimension), *(face.vector[None] for face in found)])
    reasons = judge.unlike(name, OwnFaces(whole, tuple(native_size(cut.face) for cut in taken)))
    others = gallery.others_with_photos(name, list(numbers))
    for cut, reason in zip(taken, reasons, strict=True):
        path = person.photos[cut.place]
        number = numbers.get(cut.checksum)
        if number is None:  # another program was faster
            news[cut.place] = _already_there(path)
        else:
            news[cut.place] = _added(path, name, number, reason, others.get(cut.checksum))
    return tuple(news[place] for place in range(len(person.photos)))


def _take(place: int, path: Path, taker: FaceTaker, there: set[str]) -> _Taken | PhotoAdded:
    try:
        data = read_bytes(path)
        checksum = hashlib.sha256(data).hexdigest()
        if checksum in there:
            return _already_there(path)
        pixels = pixels_on_white(read_photo(data, shown(path), taker.limits).frames[0])
    except PhotoError as error:
        return PhotoAdded(_photo_name(path), PhotoNews.FAILED, str(error))
    faces = select_faces(taker.detector.detect(pixels), pixels.shape, taker.selection)
    if not faces:
        return PhotoAdded(
            _photo_name(path), PhotoNews.NO_FACE, f"{shown(path)}: no face is found, so nothing was added"
        )
    if len(faces) > 1:
        sentence = (
            f"{shown(path)}: shows {len(faces)} faces, and nobody can tell whose is meant: --largest takes the largest"
        )
        return PhotoAdded(_photo_name(path), PhotoNews.SEVERAL_FACES, sentence)
    picture = thumbnail_file(take_square(pixels, recognition_square(faces[0])))
    return _Taken(place, checksum, faces[0], picture, read_thumbnail(picture, shown(path)))


def _embedded(person: NewPerson, taken: Sequence[_Taken], embedder: Embedder) -> list[NewFace]:
    vectors = embed_squares(embedder, [cut.square for cut in taken])
    now = datetime.now(UTC)
    return [
        NewFace(
            _photo_name(person.photos[cut.place]),
            cut.checksum,
            face_quality(cut.square, native_size(cut.face), cut.face.score, cut.face.landmarks),
            vector,
            cut.picture,
            now,
        )
        for cut, vector in zip(taken, vectors, strict=True)
    ]


def _already_there(path: Path) -> PhotoAdded:
    return PhotoAdded(_photo_name(path), PhotoNews.ALREADY_THERE, f"{shown(path)}: is there already")


def _added(path: Path, name: str, number: int, unlike: str | None, other: str | None) -> PhotoAdded:
    twice = "" if other is None else f'; the same photo is kept of "{other}" too'
    if unlike is None:
        return PhotoAdded(
            _photo_name(path), PhotoNews.ADDED, f'{shown(path)}: added to "{name}" as face {number}{twice}'
        )
    sentence = (
        f'{shown(path)}: added to "{name}" as face {number}, but it is unlike the other faces there: {unlike}; '
        f"`clearface gallery remove {shlex.quote(name)} --face {number}` takes it out again{twice}"
    )
    return PhotoAdded(_photo_name(path), PhotoNews.ADDED_UNLIKE, sentence)


def _photo_name(path: Path) -> str:
    """What a photo is known by: its whole path, as text that every database keeps."""
    return shown(os.path.abspath(path))  # noqa: PTH100 - links stay as they are
