"""What a gallery does, the same on every database."""

import unicodedata
from collections.abc import Callable

import numpy as np
import pytest
from tests.gallery.conftest import ToyEmbedder

from clearface.errors import GalleryError, UsageError
from clearface.gallery.base import NewFace
from clearface.gallery.models import EmbedderChoice, check_model
from clearface.gallery.opening import Gallery, open_gallery

MakeFace = Callable[..., NewFace]

TOY = ToyEmbedder()


def names(gallery: Gallery) -> list[str]:
    return [person.name for person in gallery.people()]


def test_what_is_added_is_there_when_it_is_opened_again(place: str, new_face: MakeFace) -> None:
    found = [new_face(number, quality=0.1 * number) for number in range(1, 4)]
    with open_gallery(place, must_exist=False) as gallery:
        assert gallery.model is None
        kept = gallery.add_faces("Ann", found, TOY, "An analyst\nof engines", "https://example.org/ann")
        assert [face.photo_checksum for face in kept] == [face.photo_checksum for face in found]
    with open_gallery(place) as gallery:
        (person,) = gallery.people()
        assert (person.name, person.description, person.link) == (
            "Ann",
            "An analyst\nof engines",
            "https://example.org/ann",
        )
        assert [face.photo for face in person.faces] == [face.photo for face in found]
        assert [face.quality for face in person.faces] == pytest.approx([0.1, 0.2, 0.3])
        assert [face.added for face in person.faces] == [face.added for face in found]
        assert [gallery.thumbnail(face.number) for face in person.faces] == [face.thumbnail for face in found]
        model = gallery.model
        assert model is not None
        assert (model.name, model.checksum, model.dimension) == (TOY.name, TOY.checksum, TOY.dimension)
        assert gallery.person("ann") == person


def test_known_faces_are_those_that_were_added(gallery: Gallery, new_face: MakeFace) -> None:
    found = [new_face(number, quality=0.25) for number in range(5)]
    gallery.add_faces("Bob", found[:2], TOY, "b")
    gallery.add_faces("Ann", found[2:4], TOY)
    gallery.add_faces("Bob", found[4:], TOY)
    known = gallery.known_faces()
    np.testing.assert_array_equal(known.vectors, np.stack([face.vector for face in found]))
    assert known.vectors.dtype == np.float32
    assert [known.people[owner].name for owner in known.owners] == ["Bob", "Bob", "Ann", "Ann", "Bob"]
    assert known.photos == tuple(face.photo for face in found)
    np.testing.assert_array_equal(known.qualities, np.full(5, 0.25, np.float32))
    assert {person.name: person.description for person in known.people} == {"Bob": "b", "Ann": ""}
    assert (known.all_photos, known.all_people) == (5, 2)


def test_a_photo_is_kept_once(gallery: Gallery, new_face: MakeFace) -> None:
    assert len(gallery.add_faces("Ann", [new_face(1), new_face(1), new_face(2)], TOY)) == 2
    assert len(gallery.add_faces("ANN", [new_face(2), new_face(3)], TOY)) == 1
    assert len(gallery.person("Ann").faces) == 3
    assert gallery.others_with_photos("Bob", [new_face(1).photo_checksum]) == {new_face(1).photo_checksum: "Ann"}
    assert gallery.others_with_photos("Ann", [new_face(1).photo_checksum]) == {}


@pytest.mark.parametrize(
    "name",
    [
        'O\'Neill "Jack"; DROP TABLE clearface_people; --',
        "🧑‍🚀 Zoë \\ %s {} :name ?",
        "名" * 500,
        "Ōlelo",
    ],
)
def test_names_are_kept_to_the_letter(gallery: Gallery, new_face: MakeFace, name: str) -> None:
    gallery.add_faces(name, [new_face(1)], TOY, name, "https://example.org/?q='\"")
    assert names(gallery) == [unicodedata.normalize("NFC", name)]
    assert gallery.person(name).description == unicodedata.normalize("NFC", name)
    assert gallery.known_faces().people[0].name == unicodedata.normalize("NFC", name)
    gallery.rename(name, "Ann")
    gallery.rename("Ann", name)
    assert gallery.remove(name) == 1


def test_spellings_of_a_name_are_one_person(gallery: Gallery, new_face: MakeFace) -> None:
    gallery.add_faces("Zo\u00eb", [new_face(1)], TOY)
    gallery.add_faces("  ZOE\u0308 ", [new_face(2)], TOY)
    assert names(gallery) == ["Zo\u00eb"]
    assert len(gallery.person("zoe\u0308").faces) == 2


@pytest.mark.parametrize("name", ["", " \t", "n" * 501, "a\0b", "a\nb", "a\u2028b", "\ud800"])
def test_what_nobody_can_be_called(gallery: Gallery, new_face: MakeFace, name: str) -> None:
    with pytest.raises(UsageError, match="name"):
        gallery.add_faces(name, [new_face(1)], TOY)
    assert gallery.people() == ()
    assert gallery.model is None


def test_an_unknown_name_is_told_with_the_nearest(gallery: Gallery, new_face: MakeFace) -> None:
    with pytest.raises(GalleryError, match='there is nobody called "Ann": nobody is in this gallery'):
        gallery.person("Ann")
    gallery.add_faces("Annabel", [new_face(1)], TOY)
    for attempt in (gallery.person, gallery.remove, lambda name: gallery.rename(name, "x"), gallery.describe):
        with pytest.raises(GalleryError, match='nobody called "Anabel": did you mean "Annabel"'):
            attempt("Anabel")
    with pytest.raises(GalleryError, match='nobody called "Anabel"'):
        gallery.merge("Annabel", ["Anabel"])
    assert names(gallery) == ["Annabel"]


def test_an_empty_gallery_says_how_to_fill_it(gallery: Gallery) -> None:
    with pytest.raises(GalleryError, match=r"the gallery is empty: `clearface gallery add NAME PHOTO... --gallery "):
        gallery.known_faces()
    assert gallery.people() == ()
    assert not gallery.has("Ann")


def test_renaming(gallery: Gallery, new_face: MakeFace) -> None:
    gallery.add_faces("Ann", [new_face(1)], TOY)
    gallery.add_faces("Bob", [new_face(2)], TOY)
    gallery.rename("ann", "ANN")
    assert names(gallery) == ["ANN", "Bob"]
    with pytest.raises(GalleryError, match=r'there is a "Bob" already.*merge'):
        gallery.rename("Ann", "BOB")
    with pytest.raises(UsageError):
        gallery.rename("Ann", "")
    assert names(gallery) == ["ANN", "Bob"]


def test_describing(gallery: Gallery, new_face: MakeFace) -> None:
    gallery.add_faces("Ann", [new_face(1)], TOY, "first", "https://example.org")
    gallery.describe("ann", "second")
    assert (gallery.person("Ann").description, gallery.person("Ann").link) == ("second", "https://example.org")
    gallery.describe("ann", "", "")
    assert (gallery.person("Ann").description, gallery.person("Ann").link) == ("", None)
    with pytest.raises(UsageError, match="is no web address"):
        gallery.describe("Ann", link="javascript:alert(1)")


def test_merging_keeps_each_photo_once(gallery: Gallery, new_face: MakeFace) -> None:
    gallery.add_faces("Ann", [new_face(1), new_face(2)], TOY)
    gallery.add_faces("Anna", [new_face(2), new_face(3)], TOY, "told of Anna", "https://example.org/anna")
    gallery.add_faces("A.", [new_face(4)], TOY, "told of A.")
    with pytest.raises(GalleryError, match="cannot be merged with themselves"):
        gallery.merge("Ann", ["Anna", "ann"])
    assert len(gallery.people()) == 3
    assert gallery.merge("Ann", ["Anna", "A."]) == 2
    (person,) = gallery.people()
    assert (person.name, person.description, person.link) == ("Ann", "told of Anna", "https://example.org/anna")
    assert sorted(face.photo for face in person.faces) == [f"photos/{number}.jpg" for number in (1, 2, 3, 4)]
    assert len(gallery.known_faces().vectors) == 4


def test_removing_a_face_and_a_person(gallery: Gallery, new_face: MakeFace) -> None:
    gallery.add_faces("Ann", [new_face(1), new_face(2)], TOY)
    gallery.add_faces("Bob", [new_face(3)], TOY)
    first, second = gallery.person("Ann").faces
    with pytest.raises(GalleryError, match=f'"Bob" has no face of number {first.number}'):
        gallery.remove("Bob", [first.number])
    assert gallery.remove("Ann", [first.number]) == 1
    assert gallery.person("Ann").faces == (second,)
    with pytest.raises(GalleryError, match=f"no face of number {first.number}"):
        gallery.thumbnail(first.number)
    assert gallery.remove("Ann") == 1
    assert names(gallery) == ["Bob"]
    assert gallery.remove("Bob") == 1
    assert gallery.model is None
    gallery.add_faces("Eve", [new_face(1, ToyEmbedder(1))], ToyEmbedder(1))  # any model fits an empty gallery
    (face,) = gallery.person("Eve").faces
    assert face.number > second.number + 1  # no number is given twice


def test_a_gallery_of_another_model_is_refused_with_the_command(gallery: Gallery, new_face: MakeFace) -> None:
    other = ToyEmbedder(1)
    check_model(gallery, other)
    gallery.add_faces("Ann", [new_face(1)], TOY)
    check_model(gallery, TOY)
    with pytest.raises(GalleryError) as caught:
        check_model(gallery, other, EmbedderChoice("onnx", None, "arcface"))
    assert "was made with toy-0" in str(caught.value)
    assert f"`clearface gallery reembed --embedder onnx --embedder-preset arcface{gallery.place.option}`" in str(
        caught.value
    )
    with pytest.raises(GalleryError, match="was made with toy-0"):
        gallery.add_faces("Ann", [new_face(2, other)], other)
    assert len(gallery.known_faces().vectors) == 1
    with pytest.raises(GalleryError, match="was made with toy-0"):  # as long, and another all the same
        check_model(gallery, ToyEmbedder(2, TOY.dimension))


def test_embedding_anew_gives_what_the_embedder_gives_of_the_kept_faces(gallery: Gallery, new_face: MakeFace) -> None:
    other = ToyEmbedder(1, dimension=24)
    for number, name in enumerate(("Ann", "Bob", "Ann", "Cy")):
        gallery.add_faces(name, [new_face(number)], TOY)
    gallery.remove("Bob")
    seen: list[int] = []
    assert gallery.reembed(other, size=2, done=seen.append) == 3
    assert sum(seen) == 3
    model = gallery.model
    assert model is not None
    assert (model.checksum, model.dimension) == (other.checksum, 24)
    expected = np.stack([new_face(number, other).vector for number in (0, 2, 3)])
    np.testing.assert_allclose(gallery.known_faces().vectors, expected, atol=1e-6)
    assert gallery.reembed(TOY) == 3
    np.testing.assert_allclose(
        gallery.known_faces().vectors, np.stack([new_face(number).vector for number in (0, 2, 3)]), atol=1e-6
    )


def test_faces_added_while_it_is_embedded_anew_are_embedded_too(gallery: Gallery, new_face: MakeFace) -> None:
    other = ToyEmbedder(1)
    gallery.add_faces("Ann", [new_face(0)], TOY)

    def meanwhile(_: int) -> None:
        gallery.add_faces("Bob", [new_face(1)], TOY)

    assert gallery.reembed(other, done=meanwhile) == 2
    expected = np.stack([new_face(number, other).vector for number in (0, 1)])
    np.testing.assert_allclose(gallery.known_faces().vectors, expected, atol=1e-6)


def test_an_embedder_that_fails_changes_nothing(gallery: Gallery, new_face: MakeFace) -> None:
    class Failing(ToyEmbedder):
        def embed(self, faces: np.ndarray) -> np.ndarray:
            raise GalleryError("failed")

    gallery.add_faces("Ann", [new_face(0)], TOY)
    before = gallery.revision()
    with pytest.raises(GalleryError, match="failed"):
        gallery.reembed(Failing(1))
    assert gallery.revision() == before
    check_model(gallery, TOY)


def test_every_change_gives_another_revision(gallery: Gallery, new_face: MakeFace) -> None:
    revisions = [gallery.revision()]
    for change in (
        lambda: gallery.add_faces("Ann", [new_face(0)], TOY),
        lambda: gallery.add_faces("Bob", [new_face(1)], TOY),
        lambda: gallery.rename("Bob", "Bo"),
        lambda: gallery.describe("Bo", "b"),
        lambda: gallery.merge("Ann", ["Bo"]),
        lambda: gallery.reembed(ToyEmbedder(1)),
        lambda: gallery.remove("Ann"),
    ):
        change()
        revisions.append(gallery.revision())
        assert gallery.revision() == revisions[-1]
    assert len(set(revisions)) == len(revisions)


def test_statistics(gallery: Gallery, new_face: MakeFace) -> None:
    empty = gallery.statistics()
    assert (empty.people, empty.faces, empty.model) == (0, 0, None)
    gallery.add_faces("Ann", [new_face(number) for number in range(20)], TOY)
    told = gallery.statistics()
    assert (told.people, told.faces, told.model) == (1, 20, gallery.model)
    assert told.bytes > empty.bytes
    assert told.schema_version == "1"
    assert told.search.startswith("exact")
