"""A gallery in one file, and files that are none."""

import json
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.gallery.conftest import ToyEmbedder

from clearface.errors import GalleryError, PhotoError, UsageError
from clearface.gallery.base import NewFace
from clearface.gallery.opening import Gallery, open_gallery

MakeFace = Callable[..., NewFace]
TOY = ToyEmbedder()


def fill(gallery: Gallery, new_face: MakeFace) -> None:
    gallery.add_faces("Bob", [new_face(3), new_face(4)], TOY)
    gallery.add_faces("Zoë 🎉", [new_face(0), new_face(1)], TOY, "told", "https://example.org")
    gallery.add_faces("Bob", [new_face(5)], TOY)


def told(gallery: Gallery) -> list[Any]:
    known = gallery.known_faces()
    by_photo = {photo: vector.tolist() for photo, vector in zip(known.photos, known.vectors, strict=True)}
    return [
        (
            person.name,
            person.description,
            person.link,
            [
                (
                    face.photo,
                    face.photo_checksum,
                    face.quality,
                    face.added,
                    gallery.thumbnail(face.number),
                    by_photo[face.photo],
                )
                for face in person.faces
            ],
        )
        for person in gallery.people()
    ]


@pytest.fixture
def exported(tmp_path: Path, new_face: MakeFace) -> Path:
    path = tmp_path / "people.zip"
    with open_gallery(tmp_path / "from.sqlite", must_exist=False) as gallery:
        fill(gallery, new_face)
        gallery.export(path)
    return path


def test_there_and_back(gallery: Gallery, tmp_path: Path, new_face: MakeFace) -> None:
    fill(gallery, new_face)
    assert gallery.export(tmp_path / "one.zip") == 2
    with open_gallery(tmp_path / "other.sqlite", must_exist=False) as other:
        assert other.import_(tmp_path / "one.zip") == 2
        assert told(other) == told(gallery)
        other.export(tmp_path / "two.zip")
    before = told(gallery)
    gallery.remove("Bob")
    gallery.remove("zoë 🎉")
    assert gallery.import_(tmp_path / "two.zip") == 2
    assert told(gallery) == before


def test_an_empty_gallery(gallery: Gallery, tmp_path: Path) -> None:
    assert gallery.export(tmp_path / "none.zip") == 0
    assert gallery.import_(tmp_path / "none.zip") == 0


def test_the_file_is_a_zip_of_json_npy_and_webp(exported: Path) -> None:
    with zipfile.ZipFile(exported) as archive:
        names = archive.namelist()
        assert names[:2] == ["gallery.json", "vectors.npy"]
        assert all(name.startswith("faces/") and name.endswith(".webp") for name in names[2:])
        assert len(names) == 2 + 5
        assert np.load(BytesIO(archive.read("vectors.npy")), allow_pickle=False).shape == (5, TOY.dimension)
        assert json.loads(archive.read("gallery.json"))["model"]["checksum"] == TOY.checksum


def test_a_file_is_replaced_on_request_alone(gallery: Gallery, tmp_path: Path) -> None:
    path = tmp_path / "one.zip"
    path.write_bytes(b"mine")
    with pytest.raises(PhotoError, match=r"one\.zip: exists already"):
        gallery.export(path)
    assert path.read_bytes() == b"mine"
    gallery.export(path, overwrite=True)
    assert zipfile.is_zipfile(path)


def test_people_who_are_there_already(gallery: Gallery, exported: Path, new_face: MakeFace) -> None:
    gallery.add_faces("ZOË 🎉", [new_face(1), new_face(7)], TOY, "mine")
    with pytest.raises(GalleryError, match='"Zoë 🎉" is in the gallery already, so nothing was added: --existing skip'):
        gallery.import_(exported)
    assert not gallery.has("Bob")
    assert gallery.import_(exported, "skip") == 1
    assert len(gallery.person("zoë 🎉").faces) == 2
    assert gallery.import_(exported, "add") == 1
    person = gallery.person("zoë 🎉")
    assert (person.name, person.description, len(person.faces)) == ("ZOË 🎉", "mine", 3)
    assert len(gallery.person("Bob").faces) == 3
    assert gallery.import_(exported, "add") == 0
    with pytest.raises(UsageError, match="--existing ad: there is no such choice"):
        gallery.import_(exported, "ad")


def test_a_file_of_another_model(gallery: Gallery, exported: Path, new_face: MakeFace) -> None:
    gallery.add_faces("Ann", [new_face(9, ToyEmbedder(1))], ToyEmbedder(1))
    with pytest.raises(GalleryError, match=r"was made with toy-0 .*, and the gallery with toy-1"):
        gallery.import_(exported, "add")
    assert [person.name for person in gallery.people()] == ["Ann"]


def rewritten(path: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    other = path.with_name("changed.zip")
    with zipfile.ZipFile(other, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return other


def in_list(change: Callable[[dict[str, Any]], object]) -> Callable[[dict[str, bytes]], None]:
    def changed(members: dict[str, bytes]) -> None:
        values = json.loads(members["gallery.json"])
        change(values)
        members["gallery.json"] = json.dumps(values).encode()

    return changed


def pickled(members: dict[str, bytes]) -> None:
    out = BytesIO()
    np.save(out, np.array([{"a": 1}] * 5, object), allow_pickle=True)
    members["vectors.npy"] = out.getvalue()


def wrong_vectors(members: dict[str, bytes]) -> None:
    out = BytesIO()
    np.save(out, np.ones((5, TOY.dimension), np.float32))
    members["vectors.npy"] = out.getvalue()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda members: members.pop("gallery.json"), "this is no gallery that was exported"),
        (lambda members: members.pop("faces/0000003.webp"), "this is no gallery that was exported"),
        (lambda members: members.update({"gallery.json": b"{"}), "or a damaged one"),
        (lambda members: members.update({"faces/0000003.webp": b"GIF89a"}), r"faces/0000003\.webp: "),
        (pickled, "cannot be taken in"),
        (wrong_vectors, "an embedding is damaged"),
        (in_list(lambda values: values.update(format="x")), "it holds no gallery"),
        (in_list(lambda values: values.update(version=2)), "it is of version 2, and this clearface reads 1"),
        (in_list(lambda values: values["people"].append(values["people"][0])), "is there twice"),
        (in_list(lambda values: values["people"][1].update(name="bOB")), '"bOB" is there twice'),
        (in_list(lambda values: values["people"][0].update(name="")), "a person needs a name"),
        (in_list(lambda values: values["people"][0].update(link="javascript:x")), "is no web address"),
        (in_list(lambda values: values["people"][0]["faces"][0].update(quality=0)), "a quality lies above 0"),
        (in_list(lambda values: values["people"][0]["faces"][0].update(photo_checksum="x")), "64 hexadecimal"),
        (in_list(lambda values: values["people"][0]["faces"].pop()), "its vectors are"),
        (in_list(lambda values: values.update(model=None)), "does not say what embedded"),
        (in_list(lambda values: values["people"][0].update(surprise=1)), "surprise"),
    ],
)
def test_damaged_files_add_nobody(
    tmp_path: Path, exported: Path, change: Callable[[dict[str, bytes]], None], sentence: str
) -> None:
    path = rewritten(exported, change)
    with open_gallery(tmp_path / "to.sqlite", must_exist=False) as gallery:
        with pytest.raises((GalleryError, UsageError), match=sentence) as caught:
            gallery.import_(path)
        assert "changed.zip" in str(caught.value)
        assert gallery.people() == ()


def test_files_that_are_cut_short_or_missing(tmp_path: Path, exported: Path) -> None:
    whole = exported.read_bytes()
    with open_gallery(tmp_path / "to.sqlite", must_exist=False) as gallery:
        for size in range(0, len(whole), 997):
            path = tmp_path / "cut.zip"
            path.write_bytes(whole[:size])
            with pytest.raises(GalleryError, match=r"cut\.zip: "):
                gallery.import_(path)
        with pytest.raises(GalleryError, match=r"no\.zip: cannot be read: there is no such file"):
            gallery.import_(tmp_path / "no.zip")
        assert gallery.people() == ()
