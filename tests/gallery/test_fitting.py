"""Classical embedders fitted on people, a folder each."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from clearface.arrays import ByteImage, FloatArray
from clearface.embedders.registry import EmbedderOptions, build_embedder
from clearface.errors import ClearfaceError, UsageError
from clearface.faces import Box, Face, upright_face
from clearface.files.inputs import read_bytes
from clearface.gallery.adding import NewPerson
from clearface.gallery.fitting import SIDE, fit_on_people
from clearface.photos.decode import read_photo
from clearface.photos.rasters import pixels_on_white
from clearface.squares import take_square, template_square


class WholePicture:
    """Finds a face that fills the picture and a smaller one; none in dark pictures."""

    name = "whole"

    def detect(self, image: ByteImage) -> list[Face]:
        if image.mean() < 20:
            return []
        side = image.shape[0]
        return [
            upright_face(Box(0, 0, side / 4, side / 4), 0.99),
            upright_face(Box(side / 5, side / 5, side, side), 0.9),
        ]


def write_people(folder: Path, astronaut: ByteImage) -> list[NewPerson]:
    """Three people with three photos each: the astronaut, and two distorted ones, under changing light."""
    square = np.asarray(Image.fromarray(astronaut[:256, 96:352]).resize((128, 128)))
    looks = (square, square[::-1], np.ascontiguousarray(np.swapaxes(square, 0, 1)))
    people = []
    for number, look in enumerate(looks):
        photos = []
        for place, light in enumerate((1.0, 0.9, 0.8)):
            path = folder / f"{number}-{place}.png"
            Image.fromarray((look * light).astype(np.uint8)).save(path)
            photos.append(path)
        people.append(NewPerson(f"person {number}", tuple(photos)))
    return people


def squares_of(people: list[NewPerson], place: int) -> FloatArray:
    """A face of one photo of each, as it is fitted on."""
    pictures = [pixels_on_white(read_photo(read_bytes(person.photos[place]), "").frames[0]) for person in people]
    return np.stack(
        [take_square(pixels, template_square(WholePicture().detect(pixels)[1], SIDE)) for pixels in pictures]
    )


@pytest.mark.parametrize("kind", ["eigenfaces", "fisherfaces", "lpp"])
def test_what_is_fitted_tells_the_people_apart(tmp_path: Path, astronaut: ByteImage, kind: str) -> None:
    people = write_people(tmp_path, astronaut)
    done: list[int] = []
    model = tmp_path / "model.npz"
    fitted = fit_on_people(kind, people, WholePicture(), model, done=done.append)
    assert (fitted.people, fitted.faces, fitted.left_out, sum(done)) == (3, 9, (), 9)
    again = build_embedder(kind, EmbedderOptions(model=model))
    assert again.checksum == fitted.embedder.checksum
    first, second = (again.embed(squares_of(people, place)) for place in (1, 2))
    np.testing.assert_allclose(np.linalg.norm(first, axis=1), 1, atol=1e-5)
    assert (first @ second.T).argmax(1).tolist() == [0, 1, 2]


def test_photos_that_are_no_use_are_left_out_and_told(tmp_path: Path, astronaut: ByteImage) -> None:
    people = write_people(tmp_path, astronaut)
    Image.new("RGB", (32, 32)).save(tmp_path / "dark.png")
    (tmp_path / "text.jpg").write_text("no photo")
    more = [
        *people,
        NewPerson("nobody", (tmp_path / "dark.png", tmp_path / "text.jpg", tmp_path / "gone.jpg")),
    ]
    fitted = fit_on_people("eigenfaces", more, WholePicture(), tmp_path / "model.npz")
    assert (fitted.people, fitted.faces) == (3, 9)
    assert len(fitted.left_out) == 3
    for name, sentence in zip(("dark.png", "text.jpg", "gone.jpg"), fitted.left_out, strict=True):
        assert name in sentence
    assert "no face is found" in fitted.left_out[0]


def test_where_nothing_can_be_fitted_nothing_is_written(tmp_path: Path, astronaut: ByteImage) -> None:
    people = write_people(tmp_path, astronaut)
    Image.new("RGB", (32, 32)).save(tmp_path / "dark.png")
    model = tmp_path / "model.npz"
    with pytest.raises(UsageError, match="none of the photos shows a face"):
        fit_on_people("eigenfaces", [NewPerson("x", (tmp_path / "dark.png",))], WholePicture(), model)
    with pytest.raises(UsageError, match="fisherfaces cannot be fitted on these 3 faces"):
        fit_on_people("fisherfaces", people[:1], WholePicture(), model)
    with pytest.raises(UsageError, match='did you mean "eigenfaces"'):
        fit_on_people("eigenface", people, WholePicture(), model)
    assert not model.exists()
    model.write_bytes(b"mine")
    with pytest.raises(ClearfaceError, match="exists already"):
        fit_on_people("eigenfaces", people, WholePicture(), model)
    assert model.read_bytes() == b"mine"
    fit_on_people("eigenfaces", people, WholePicture(), model, overwrite=True)
    assert build_embedder("eigenfaces", EmbedderOptions(model=model)).dimension > 0
