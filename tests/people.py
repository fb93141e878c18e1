"""Galleries for tests: pictures made of the one portrait there is, and a table of errors to go with them."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from clearface.arrays import ByteImage
from clearface.detectors.registry import build_detector
from clearface.embedders.base import Embedder
from clearface.embedders.registry import build_embedder
from clearface.gallery.adding import FaceTaker, NewPerson, add_person
from clearface.gallery.opening import open_gallery
from clearface.recognition.conditions import ConditionBin
from clearface.recognition.error_tables import ErrorTable, write_error_table
from clearface.recognition.measuring_tables import PairDistances, measure_error_table

EMBEDDER = "lbp"
"""It needs neither a package nor a file."""

THRESHOLD = 0.2
"""About the greatest distance at which the table of `error_table` names somebody, at 1 false match in 1,000. Crops, turns and
slight blurs of the astronaut lie within it, the negative of the picture and its strong blur do not."""


def someone(astronaut: ByteImage) -> ByteImage:
    """The astronaut's face, `(300, 300, 3)`."""
    return np.ascontiguousarray(astronaut[:300, 80:380])


def someone_again(astronaut: ByteImage) -> ByteImage:
    """Another photo of the same: turned a little, another crop."""
    return np.asarray(Image.fromarray(someone(astronaut)).rotate(6, Image.Resampling.BICUBIC))[20:270, 30:280]


def somebody_else(astronaut: ByteImage) -> ByteImage:
    """A face that is found and is like no other: the negative, wider."""
    return 255 - np.asarray(Image.fromarray(someone(astronaut)).resize((360, 300)))


def blurred(picture: ByteImage, deviation: float = 3.0) -> ByteImage:
    """By a Gaussian of that deviation in pixels."""
    return np.asarray(Image.fromarray(picture).filter(ImageFilter.GaussianBlur(deviation)))


def error_table(embedder: Embedder, threshold: float = THRESHOLD) -> ErrorTable:
    """Made up: a person's photos lie evenly up to 1.25 times the threshold, strangers' from there on."""
    genuine = np.linspace(0, 1.25 * threshold, 400, dtype=np.float32)
    impostors = np.linspace(threshold, 1.5, 9990, dtype=np.float32)
    near = np.linspace(0.5 * threshold, threshold, 10, dtype=np.float32)
    pairs = PairDistances(genuine, np.concatenate([near, impostors]))
    return measure_error_table(embedder, "made up for tests", {ConditionBin(0.0, None): pairs})


def save(picture: ByteImage, path: Path) -> Path:
    """As the kind its name says."""
    Image.fromarray(picture).save(path)
    return path


def make_gallery(folder: Path, people: Mapping[str, Sequence[ByteImage]], description: str = "") -> Path:
    """A gallery in a file of that folder, with a table of errors beside it: `TABLE`. Photos are called as the person's number."""
    embedder = build_embedder(EMBEDDER)
    place = folder / "gallery.sqlite"
    taker = FaceTaker(build_detector("centerface"), embedder)
    with open_gallery(place, must_exist=False) as gallery:
        for number, (name, pictures) in enumerate(people.items(), start=1):
            photos = tuple(
                save(picture, folder / f"person{number}-{index}.png") for index, picture in enumerate(pictures, start=1)
            )
            add_person(gallery, NewPerson(name, photos, description, "https://example.org/"), taker)
    write_error_table(error_table(embedder), folder / TABLE)
    return place


TABLE = "errors.json"


def told(place: Path) -> tuple[str | Path, ...]:
    """The options of the command line that name people of such a gallery."""
    return ("--gallery", place, "--embedder", EMBEDDER, "--error-table", place.parent / TABLE)
