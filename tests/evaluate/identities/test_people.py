"""Collections of people in the layouts they come in, and photos that cannot be read."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from clearface.errors import PhotoError, UsageError
from clearface.evaluate.identities.people import find_people
from clearface.evaluate.looking import read_pixels

GREY = np.arange(92 * 112, dtype=np.uint32).reshape(112, 92).astype(np.uint8)


def grey_photo(path: Path, kind: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as stream:
        Image.fromarray(GREY).save(stream, kind)


def test_a_folder_for_each_person_in_the_order_of_numbers(tmp_path: Path) -> None:
    for name in ("s10/2.pgm", "s10/10.pgm", "s2/1.pgm", "s2/3.PGM", ".hidden/1.pgm", "s2/.thumbnail.pgm"):
        grey_photo(tmp_path / name, "PPM")
    (tmp_path / "README").write_text("ORL")
    (tmp_path / "s2" / "notes.txt").write_text("none")
    photos = find_people(tmp_path)
    assert [photo.name for photo in photos] == ["s2/1.pgm", "s2/3.PGM", "s10/2.pgm", "s10/10.pgm"]
    assert [photo.person for photo in photos] == ["s2", "s2", "s10", "s10"]
    np.testing.assert_array_equal(read_pixels(photos[0].path, 10**6), np.repeat(GREY[..., None], 3, 2))


def test_names_as_those_of_yale_with_and_without_an_extension(tmp_path: Path) -> None:
    for name in ("subject02.sad", "subject02.glasses.gif", "subject01.wink", "Subject01.normal", "other.gif"):
        grey_photo(tmp_path / name, "GIF")
    photos = find_people(tmp_path)
    assert [photo.person for photo in photos] == ["subject01", "subject01", "subject02", "subject02"]
    np.testing.assert_array_equal(read_pixels(photos[1].path, 10**6), np.repeat(GREY[..., None], 3, 2))


def test_photos_of_any_kind_lie_anywhere_below_a_person(tmp_path: Path) -> None:
    for name, kind in (("Ada/2019/a.png", "PNG"), ("Ada/b.jpg", "JPEG"), ("Grace/c.webp", "WEBP")):
        grey_photo(tmp_path / name, kind)
    assert [photo.person for photo in find_people(tmp_path)] == ["Ada", "Ada", "Grace"]


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        ((), "no photos of people are found here: a folder for each person is expected"),
        (("a.png", "b.png"), "no photos of people are found here"),
        (("Ada/a.png", "Ada/b.png"), "two people or more, and only Ada is found"),
        (("Ada/a.png", "Grace/b.png"), "no person has two photos, one to be known by and one to be recognized on"),
    ],
)
def test_layouts_of_other_kinds_are_told(tmp_path: Path, names: tuple[str, ...], sentence: str) -> None:
    for name in names:
        grey_photo(tmp_path / name, "PNG")
    with pytest.raises(UsageError, match=sentence) as caught:
        find_people(tmp_path)
    assert str(tmp_path) in str(caught.value)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nowhere: there is no such folder of people"):
        find_people(tmp_path / "nowhere")


def test_photos_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    path = tmp_path / "1.pgm"
    grey_photo(path, "PPM")
    whole = path.read_bytes()
    with pytest.raises(PhotoError, match=r"1\.pgm: 92 x 112 pixels are more than the limit of 10,000"):
        read_pixels(path, 10_000)
    path.write_bytes(whole[:-500])
    with pytest.raises(PhotoError, match=r"1\.pgm: the file is cut short"):
        read_pixels(path, 10**6)
    path.write_bytes(b"P5 2 2 65535\n" + bytes(8))
    with pytest.raises(PhotoError, match=r"1\.pgm: of portable maps only those of 8 bits are read"):
        read_pixels(path, 10**6)
    path.write_bytes(b"no photo at all")
    with pytest.raises(PhotoError, match=r"1\.pgm: the file is text"):
        read_pixels(path, 10**6)
