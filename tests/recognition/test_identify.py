"""Who the faces of a frame are, with the one portrait there is, what can be made of it, and an embedder that learned nothing."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pytest
from tests.people import EMBEDDER, blurred, error_table, somebody_else, someone, someone_again

from clearface.arrays import ByteImage, FloatArray
from clearface.detectors.base import Detector
from clearface.detectors.registry import build_detector
from clearface.detectors.selection import FaceSelection
from clearface.embedders.base import Embedder
from clearface.embedders.registry import build_embedder
from clearface.errors import GalleryError
from clearface.recognition.base import Decision, KnownFaces, KnownPerson
from clearface.recognition.deciding import DecisionRule
from clearface.recognition.identify import Identifier, Restoring
from clearface.recognition.identify_squares import embed_squares, recognition_square, restored_square
from clearface.restorers.base import Framing, NetworkUse, Restored, Restorer, Tells
from clearface.restorers.registry import RestorerOptions, build_restorer
from clearface.squares import take_square
from clearface.verdicts import Verdict


@pytest.fixture(scope="module")
def detector() -> Detector:
    return build_detector("centerface")


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return build_embedder(EMBEDDER)


@pytest.fixture(scope="module")
def smfd() -> Restorer:
    return build_restorer("smfd")


@pytest.fixture(scope="module")
def known(astronaut: ByteImage, detector: Detector, embedder: Embedder) -> Callable[..., KnownFaces]:
    """Known faces of pictures, by the names of the people."""

    def of(**people: ByteImage) -> KnownFaces:
        squares = []
        for picture in people.values():
            (face,) = detector.detect(picture)
            squares.append(take_square(picture, recognition_square(face)))
        return KnownFaces(
            embed_squares(embedder, squares),
            np.arange(len(people)),
            np.ones(len(people), np.float32),
            tuple(f"{name}.jpg" for name in people),
            tuple(KnownPerson(name, f"who is {name}") for name in people),
        )

    return of


@pytest.fixture(scope="module")
def two_people(astronaut: ByteImage, known: Callable[..., KnownFaces]) -> KnownFaces:
    return known(Eileen=someone(astronaut), Negative=somebody_else(astronaut))


@pytest.fixture(scope="module")
def identifier(
    detector: Detector, embedder: Embedder, smfd: Restorer, two_people: KnownFaces
) -> Callable[..., Identifier]:
    def make(people: KnownFaces | None = None, **changes: object) -> Identifier:
        told: dict[str, object] = {"restorer": smfd} | changes
        return Identifier(detector, embedder, people or two_people, DecisionRule(), error_table(embedder), **told)  # type: ignore[arg-type]

    return make


@dataclass
class TurnsIntoAnother:
    """A restorer that makes another face of every face."""

    face: FloatArray
    name: str = "another"
    framing: Framing = Framing.TEMPLATE
    tells: Tells = field(default_factory=Tells)

    def working_size(self, native_size: float) -> int:
        return len(self.face)

    def networks(self, side: int) -> tuple[NetworkUse, ...]:
        return ()

    def restore(self, faces: FloatArray) -> Restored:
        return Restored(np.repeat(self.face[None], len(faces), 0))


@pytest.mark.parametrize("restore", list(Restoring))
def test_a_person_is_named_in_another_photo(
    restore: Restoring, astronaut: ByteImage, identifier: Callable[..., Identifier]
):
    (found,) = identifier(restore=restore).identify_frame(someone_again(astronaut))
    assert (found.name, found.answer.decision) == ("Eileen", Decision.NAMED)
    first, second = found.answer.candidates
    assert (first.photo, first.person.description) == ("Eileen.jpg", "who is Eileen")
    assert first.probability > 0.9 > second.probability
    assert first.distance < found.answer.threshold < second.distance
    assert (found.before is None, found.after is None) == (restore == "first", restore == "never")
    assert found.answer.expected.missed.count == 400


def test_a_stranger_is_nobody(
    astronaut: ByteImage, identifier: Callable[..., Identifier], known: Callable[..., KnownFaces]
):
    (found,) = identifier(known(Negative=somebody_else(astronaut)), restore=Restoring.NEVER).identify_frame(
        someone(astronaut)
    )
    assert (found.name, found.answer.decision) == (None, Decision.UNKNOWN)
    assert [candidate.person.name for candidate in found.answer.candidates] == ["Negative"]


def test_one_photo_under_two_names_is_a_tie(
    astronaut: ByteImage, identifier: Callable[..., Identifier], known: Callable[..., KnownFaces]
):
    twice = known(Eileen=someone(astronaut), Marie=someone(astronaut), Negative=somebody_else(astronaut))
    (found,) = identifier(twice, top=1).identify_frame(someone_again(astronaut))
    assert (found.name, found.answer.decision) == (None, Decision.TIED)
    assert {candidate.person.name for candidate in found.answer.candidates} == {"Eileen", "Marie"}


def test_restoring_never_turns_one_person_into_another(
    astronaut: ByteImage, detector: Detector, identifier: Callable[..., Identifier]
):
    other = somebody_else(astronaut)
    (face,) = detector.detect(other)
    restorer = TurnsIntoAnother(take_square(other, recognition_square(face)))
    (found,) = identifier(restorer=restorer).identify_frame(someone(astronaut))
    assert found.before is not None
    assert found.after is not None
    assert found.before.candidates[0].person.name == "Eileen"
    assert (found.name, found.answer.decision) == (None, Decision.UNKNOWN)
    assert found.disagreement is not None
    assert "Eileen" in found.disagreement


def test_where_only_the_restored_face_is_known_nobody_is_named(
    astronaut: ByteImage, identifier: Callable[..., Identifier]
):
    blurry = blurred(someone(astronaut), 2.4)
    (never,) = identifier(restore=Restoring.NEVER).identify_frame(blurry)
    (first,) = identifier(restore=Restoring.FIRST).identify_frame(blurry)
    (both,) = identifier().identify_frame(blurry)
    assert (never.name, first.name, both.name) == (None, "Eileen", None)
    assert both.disagreement is not None
    assert both.verdict is Verdict.RESTORED


def test_a_face_that_is_left_has_one_answer(astronaut: ByteImage, identifier: Callable[..., Identifier]):
    large = np.kron(someone(astronaut), np.ones((3, 3, 1), np.uint8))
    (found,) = identifier().identify_frame(large[150:650, 150:750])
    if found.verdict is not Verdict.RESTORED:
        assert found.before == found.after
    assert found.disagreement is None


def test_the_condition_tells_blur_and_size(astronaut: ByteImage, identifier: Callable[..., Identifier]):
    for restore in Restoring:
        (sharp,) = identifier(restore=restore).identify_frame(someone(astronaut))
        (blurry,) = identifier(restore=restore).identify_frame(blurred(someone(astronaut), 3))
        assert sharp.condition.blur is not None
        assert blurry.condition.blur is not None
        assert sharp.condition.blur < 0.03 < blurry.condition.blur
        assert 120 < sharp.condition.size < 220


def test_faces_together_are_named_as_alone(astronaut: ByteImage, identifier: Callable[..., Identifier]):
    parts = [someone(astronaut), somebody_else(astronaut)[:, :300], blurred(someone(astronaut))]
    picture = np.concatenate(parts, 1)
    ready = identifier(restore=Restoring.NEVER)
    faces, _ = ready.find(picture)
    together = ready.identify_faces(picture, faces)
    assert len(together) == 3
    for found in together:
        (alone,) = ready.identify_faces(picture, [found.face])
        assert found.name == alone.name
        assert found.condition.blur == pytest.approx(alone.condition.blur, abs=1e-4)
        assert [each.distance for each in found.answer.candidates] == pytest.approx(
            [each.distance for each in alone.answer.candidates], abs=1e-5
        )


def test_a_frame_without_a_face_has_nobody(identifier: Callable[..., Identifier]):
    for restore in Restoring:
        assert identifier(restore=restore).identify_frame(np.full((200, 240, 3), 90, np.uint8)) == []


def test_faces_found_elsewhere_come_in_their_order(
    astronaut: ByteImage, detector: Detector, identifier: Callable[..., Identifier]
):
    both = np.concatenate([someone(astronaut), somebody_else(astronaut)], 1)
    faces = detector.detect(both)
    ready = identifier(restore=Restoring.NEVER)
    names = [found.name for found in ready.identify_faces(both, faces)]
    assert sorted(map(str, names)) == ["Eileen", "Negative"]
    assert [found.name for found in ready.identify_faces(both, faces[::-1])] == names[::-1]


def test_the_selection_leaves_faces_out(astronaut: ByteImage, identifier: Callable[..., Identifier]):
    both = np.concatenate([someone(astronaut), somebody_else(astronaut)], 1)
    faces, left_out = identifier(selection=FaceSelection(largest_only=True)).find(both)
    assert (len(faces), left_out) == (1, 1)


def test_a_restorer_of_the_photos_own_pixels_gives_the_same_square(
    astronaut: ByteImage, detector: Detector, identifier: Callable[..., Identifier]
):
    from clearface.pipeline import Pipeline

    picture = someone(astronaut)
    identity = build_restorer("wiener", RestorerOptions(point_spread_function="box:1", balance=1e-4))
    assert identity.framing is Framing.PHOTO
    (face,) = detector.detect(picture)
    (restored,) = Pipeline(detector, identity).restore(picture, [face]).faces
    wanted = recognition_square(face)
    middle = slice(wanted.size // 4, -wanted.size // 4)
    difference = np.abs(restored_square(restored) - take_square(picture, wanted))[middle, middle]
    assert difference.mean() < 0.02
    (found,) = identifier(restorer=identity, restore=Restoring.FIRST).identify_frame(picture)
    assert found.name == "Eileen"


def test_a_source_is_asked_for_those_near(
    astronaut: ByteImage, two_people: KnownFaces, identifier: Callable[..., Identifier]
):
    asked: list[FloatArray | None] = []

    class Source:
        def known_faces(self, near: FloatArray | None = None) -> KnownFaces:
            asked.append(near)
            return two_people

    ready = identifier(Source(), restore=Restoring.NEVER)
    (found,) = ready.identify_frame(someone(astronaut))
    assert found.name == "Eileen"
    (near,) = asked
    assert near is not None
    assert near.shape == (1, two_people.vectors.shape[1])
    assert ready.identify_frame(np.zeros((90, 90, 3), np.uint8)) == []
    assert len(asked) == 1


def test_an_empty_gallery_is_refused(embedder: Embedder, identifier: Callable[..., Identifier]):
    nobody = KnownFaces(
        np.zeros((0, embedder.dimension), np.float32), np.zeros(0, np.intp), np.zeros(0, np.float32), (), ()
    )
    with pytest.raises(GalleryError, match="empty"):
        identifier(nobody)


def test_sixteen_bits_are_named_as_eight(astronaut: ByteImage, identifier: Callable[..., Identifier]):
    picture = someone(astronaut)
    ready = identifier(restore=Restoring.NEVER)
    (eight,) = ready.identify_frame(picture)
    (sixteen,) = ready.identify_frame(picture.astype(np.uint16) * np.uint16(257))
    assert sixteen.name == eight.name == "Eileen"
    assert sixteen.answer.candidates[0].distance == pytest.approx(eight.answer.candidates[0].distance, abs=1e-4)
