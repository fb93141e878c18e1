"""Photos of people, real detector and embedder, to faces that are kept."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from clearface.arrays import ByteImage, FloatArray
from clearface.detectors.registry import build_detector
from clearface.detectors.selection import FaceSelection
from clearface.embedders.registry import build_embedder
from clearface.errors import UsageError
from clearface.gallery.adding import FaceTaker, NewPerson, add_person
from clearface.gallery.base import PhotoNews
from clearface.gallery.likeness import LikenessJudge, OwnFaces
from clearface.gallery.opening import Gallery, open_gallery
from clearface.gallery.people_files import people_of_folder, people_of_table
from clearface.gallery.thumbnails import read_thumbnail, thumbnail_file
from clearface.recognition.base import Condition, KnownFaces, KnownPerson
from clearface.recognition.error_tables import load_error_table


@pytest.fixture(scope="module")
def taker() -> FaceTaker:
    return FaceTaker(build_detector("centerface"), build_embedder("lbp"))


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Gallery]:
    with open_gallery(tmp_path / "gallery.sqlite", must_exist=False) as gallery:
        yield gallery


def test_what_becomes_of_each_photo_is_said(
    here: Gallery, taker: FaceTaker, tmp_path: Path, astronaut: ByteImage
) -> None:
    astronaut = astronaut[:256, 96:352]  # a quarter is searched four times as fast
    picture = Image.fromarray(astronaut)
    picture.save(tmp_path / "one.png")
    (tmp_path / "same.png").write_bytes((tmp_path / "one.png").read_bytes())
    Image.new("RGB", (200, 200)).save(tmp_path / "none.png")
    Image.fromarray(np.hstack([astronaut, astronaut])).save(tmp_path / "two.png")
    (tmp_path / "text.jpg").write_text("no photo")
    names = ("one.png", "same.png", "none.png", "two.png", "text.jpg", "gone.jpg")
    person = NewPerson("Eileen", tuple(tmp_path / name for name in names), "pilot", "https://example.org")
    done: list[int] = []
    news = add_person(here, person, taker, done=done.append)
    assert [entry.news for entry in news] == [
        PhotoNews.ADDED,
        PhotoNews.ALREADY_THERE,
        PhotoNews.NO_FACE,
        PhotoNews.SEVERAL_FACES,
        PhotoNews.FAILED,
        PhotoNews.FAILED,
    ]
    assert all(name in entry.sentence for name, entry in zip(names, news, strict=True))
    assert "shows 2 faces" in news[3].sentence
    assert sum(done) == len(names)
    (face,) = here.person("Eileen").faces
    assert face.photo == str(tmp_path / "one.png")
    assert 0 < face.quality <= 1
    largest = FaceTaker(taker.detector, taker.embedder, FaceSelection(largest_only=True))
    (again,) = add_person(here, NewPerson("Eileen", (tmp_path / "two.png",)), largest)
    assert again.news is PhotoNews.ADDED
    (twice,) = add_person(here, NewPerson("Other", (tmp_path / "one.png",)), taker)
    assert 'the same photo is kept of "Eileen" too' in twice.sentence
    kept = read_thumbnail(here.thumbnail(face.number), "")
    np.testing.assert_allclose(
        taker.embedder.embed(kept[None])[0], here.known_faces().vectors[0], atol=1e-5
    )  # what is kept is what was embedded


def test_nobody_is_added_without_a_face(here: Gallery, taker: FaceTaker, tmp_path: Path) -> None:
    Image.new("L", (92, 112)).save(tmp_path / "1.pgm")
    assert [entry.news for entry in add_person(here, NewPerson("Ann", (tmp_path / "1.pgm",)), taker)] == [
        PhotoNews.NO_FACE
    ]
    assert here.people() == ()


def test_a_grey_map_and_a_gif_without_a_suffix(
    here: Gallery, taker: FaceTaker, tmp_path: Path, astronaut: ByteImage
) -> None:
    grey = Image.fromarray(astronaut).convert("L").crop((150, 0, 300, 182)).resize((92, 112))
    grey.save(tmp_path / "1.pgm")
    grey.save(tmp_path / "subject01.glasses", "GIF")
    news = add_person(here, NewPerson("Ann", (tmp_path / "1.pgm", tmp_path / "subject01.glasses")), taker)
    assert [entry.news for entry in news] == [PhotoNews.ADDED] * 2


def test_the_kept_picture_is_lossless_and_holds_nothing_else() -> None:
    square = np.random.default_rng(0).random((96, 96, 3), dtype=np.float32)
    data = thumbnail_file(square)
    with Image.open(BytesIO(data)) as picture:
        np.testing.assert_array_equal(np.asarray(picture), np.rint(square * 255).astype(np.uint8))
        assert not picture.getexif()
        assert "icc_profile" not in picture.info
    np.testing.assert_allclose(read_thumbnail(data, ""), square, atol=0.5 / 255 + 1e-6)


def test_a_face_nearer_to_somebody_else_is_unlike() -> None:
    axes = np.eye(4, dtype=np.float32)
    known = KnownFaces(axes[3:], np.array([0]), np.ones(1, np.float32), ("x",), (KnownPerson("Bob"),))
    judge = LikenessJudge(None, known)
    slanted = (axes[3] * 0.9 + axes[0] * 0.1) / np.linalg.norm(axes[3] * 0.9 + axes[0] * 0.1)
    near = (axes[0] + axes[1] * 0.1) / np.linalg.norm(axes[0] + axes[1] * 0.1)
    reasons = judge.unlike("Ann", OwnFaces(np.stack([axes[0], near, slanted]).astype(np.float32), (90.0, 90.0)))
    assert reasons[0] is None
    assert reasons[1] is not None
    assert "somebody else's face is as near as 0.01" in reasons[1]
    assert judge.unlike("Cy", OwnFaces(axes[2:3], (90.0,))) == [None]  # the only one


def test_a_face_is_unlike_where_99_of_100_photos_of_one_person_are_nearer() -> None:
    errors = load_error_table(build_embedder("fusion"))
    reach = errors.cell(Condition(120.0, 0.0)).genuine.least_with(0.99)
    axes = np.eye(128, dtype=np.float32)

    def away(distance: float) -> FloatArray:
        return np.asarray((1 - distance) * axes[0] + np.sqrt(1 - (1 - distance) ** 2) * axes[1], np.float32)

    judge = LikenessJudge(errors)
    for distance, unlike in ((reach - 0.01, False), (reach + 0.01, True)):
        (reason,) = judge.unlike("Ann", OwnFaces(np.stack([axes[0], away(distance)]), (120.0,)))
        assert (reason is not None) == unlike
        assert reason is None or "99% of one person's photos" in reason


def test_people_of_folders(tmp_path: Path) -> None:
    for name in ("Ann/b/2.png", "Ann/1.JPG", "Bob/subject02.sad", ".hidden/1.png", "Empty/notes.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (8, 8)).save(tmp_path / name, "GIF")
    (tmp_path / "Empty" / "notes.txt").write_text("none")
    (tmp_path / "Bob" / "person.json").write_text(
        '{"name": "Bobby", "description": "d", "link": "https://example.org"}'
    )
    ann, bob = people_of_folder(tmp_path)
    assert (ann.name, [path.name for path in ann.photos], ann.description) == ("Ann", ["1.JPG", "2.png"], None)
    assert (bob.name, [path.name for path in bob.photos], bob.description) == ("Bobby", ["subject02.sad"], "d")
    (tmp_path / "Bob" / "person.json").write_text('{"names": "Bobby"}')
    with pytest.raises(UsageError, match=r'person\.json: "names" is no part of .*did you mean "name"'):
        people_of_folder(tmp_path)
    with pytest.raises(UsageError, match="a folder for each person is expected"):
        people_of_folder(tmp_path / "Bob")


def test_people_of_a_table(tmp_path: Path) -> None:
    table = tmp_path / "people.csv"
    table.write_text(
        '\ufeffName,photo,description,link\n"O\'Neill, J.",a.jpg,"two\nlines",\nAnn,b.jpg,,https://example.org\n\nANN,c.jpg,later,\n'
    )
    neill, ann = people_of_table(table)
    assert (neill.name, neill.photos, neill.description) == ("O'Neill, J.", (tmp_path / "a.jpg",), "two\nlines")
    assert (ann.name, ann.photos) == ("Ann", (tmp_path / "b.jpg", tmp_path / "c.jpg"))
    assert (ann.description, ann.link) == ("later", "https://example.org")
    for text, sentence in (
        ("", "the file is empty"),
        ("photo\n", 'the column "name" is missing'),
        ("name,photos\n", 'there is no column "photos" .* did you mean "photo"'),
        ("name,photo\n", "there is nobody in this table"),
        ("name,photo\nAnn\n", r"people\.csv, line 2: has 1 cells, and there are 2 columns"),
        ("name,photo\nAnn,\n", "line 2: names no photo"),
        ("name,photo\n ,a.jpg\n", "line 2: a person needs a name"),
        ('name,photo\n"Ann,a.jpg\n', "line 2: this is no CSV"),
    ):
        table.write_text(text)
        with pytest.raises(UsageError, match=sentence):
            people_of_table(table)
    table.write_bytes(b"\xff\xfe\xff")
    with pytest.raises(UsageError, match="this is no text in UTF-8"):
        people_of_table(table)
