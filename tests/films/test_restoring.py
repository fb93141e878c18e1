from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import pytest

from clearface.arrays import ByteImage, FloatArray, Pixels
from clearface.blending import face_mask
from clearface.blur_estimates import BlurEstimate
from clearface.detectors.base import Detector
from clearface.faces import FFHQ_TEMPLATE, TEMPLATE_SIZE, Box, Face
from clearface.films.array_canvas import ArrayCanvas
from clearface.films.base import FilmFrame
from clearface.films.restoring import FilmRestoring, FilmRestoringOptions
from clearface.films.transform import FaceOutcome
from clearface.pipeline import Pipeline
from clearface.restorers.base import Framing, NetworkUse, Restored, Restorer, Tells
from clearface.restorers.identity import Identity
from clearface.restorers.registry import RestorerOptions, build_restorer
from clearface.restorers.smfd.smfd import Smfd
from clearface.restorers.wiener import Wiener
from clearface.squares import Change, carry_mask, template_square
from clearface.tracking.base import Known, TrackedFace, TrackedFrame
from clearface.verdicts import Verdict

RATE = 25


class Nobody:
    """Finds no face: those of films are tracked."""

    name = "nobody"

    def detect(self, image: ByteImage) -> list[Face]:
        return []


@dataclass
class Sharpener:
    """Adds detail, and says of each call what it is told to."""

    framing: Framing = Framing.TEMPLATE
    says: Callable[[int], Verdict] = lambda call: Verdict.RESTORED
    calls: int = 0
    sizes: list[int] = field(default_factory=list)
    name = "sharpener"
    tells = Tells()

    def working_size(self, native_size: float) -> int:
        return 96 if self.framing is Framing.TEMPLATE else round(native_size)

    def networks(self, side: int) -> tuple[NetworkUse, ...]:
        return ()

    def restore(self, faces: FloatArray) -> Restored:
        verdicts = []
        for face in faces:
            verdicts.append(self.says(self.calls))
            self.calls += 1
            self.sizes.append(face.shape[0])
        soft = np.stack([cv2.GaussianBlur(face, (0, 0), 2) for face in faces])
        return Restored(np.clip(2 * faces - soft, 0, 1).astype(np.float32), verdicts=tuple(verdicts))


def restoring(restorer: Restorer, options: FilmRestoringOptions | None = None) -> FilmRestoring:
    nobody: Detector = Nobody()
    return FilmRestoring(Pipeline(nobody, restorer), options)


def a_face(x: float = 80, y: float = 80, size: float = 100) -> Face:
    """One whose square has its middle there."""
    landmarks = (FFHQ_TEMPLATE - TEMPLATE_SIZE / 2) * size / TEMPLATE_SIZE + [x, y]
    return Face(Box(x - size / 3, y - size / 3, x + size / 3, y + size / 3), 0.9, landmarks)


Faces = Sequence[tuple[int, Face] | tuple[int, Face, Known]]


def played(
    transform: FilmRestoring,
    pictures: Sequence[Pixels],
    faces: Sequence[Faces],
    first: int = 1,
    new_scene: bool = False,
) -> tuple[list[Pixels], list[tuple[FaceOutcome, ...]]]:
    """Restored copies of pictures that follow one another."""
    results = [picture.copy() for picture in pictures]
    frames = []
    for number, (picture, known) in enumerate(zip(results, faces, strict=True), first):
        tracked = tuple(TrackedFace(*face) for face in known)
        frames.append(
            (
                FilmFrame(number, number / RATE, number, ArrayCanvas(picture)),
                TrackedFrame(number, number / RATE, tracked, new_scene and number == first),
            )
        )
    outcomes = []
    for start in range(0, len(frames), transform.together):
        outcomes += transform.apply(frames[start : start + transform.together])
    return results, outcomes


def one(face: Face) -> Faces:
    return [(1, face)]


def noisy(picture: ByteImage, count: int, deviation: float = 3, seed: int = 0) -> list[ByteImage]:
    random = np.random.default_rng(seed)
    return [
        np.rint(np.clip(picture + random.normal(0, deviation, picture.shape), 0, 255)).astype(np.uint8)
        for _ in range(count)
    ]


@pytest.fixture
def blurred(astronaut: ByteImage) -> ByteImage:
    """`(160, 160, 3)`, the face's square in the middle."""
    portrait = cv2.resize(astronaut[30:230, 124:324], (160, 160), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.GaussianBlur(portrait, (0, 0), 1.2), np.uint8)


def difference(one: Pixels, other: Pixels) -> float:
    return float(np.abs(one.astype(float) - other).mean())


@pytest.mark.parametrize("framing", Framing)
@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_one_frame_as_a_photo(framing: Framing, depth: type, blurred: ByteImage) -> None:
    picture = blurred if depth is np.uint8 else blurred.astype(np.uint16) * 257
    faces = [a_face(), a_face(20, 120, 60), a_face(158, 4, 80)]
    restorer = Sharpener(framing)
    photo = Pipeline(Nobody(), restorer).restore(picture, faces).pixels
    (result,), (outcomes,) = played(restoring(restorer), [picture], [list(enumerate(faces, 1))])
    assert result.dtype == depth
    assert np.array_equal(result, photo)
    assert difference(result, picture) > 0.5
    assert [outcome.changed for outcome in outcomes] == [True] * 3


def test_one_frame_as_a_photo_by_the_networks(smfd_folder: Path, blurred: ByteImage) -> None:
    restorer = Smfd(smfd_folder, restore_anyway=True)
    photo = Pipeline(Nobody(), restorer).restore(blurred, [a_face()]).pixels
    (result,), ((outcome,),) = played(restoring(restorer), [blurred], [one(a_face())])
    assert np.array_equal(result, photo)
    assert outcome.changed


@pytest.mark.parametrize("framing", Framing)
def test_a_still_face_varies_less_than_frame_by_frame_and_comes_as_near(framing: Framing, blurred: ByteImage) -> None:
    frames, restorer = noisy(blurred, 12), Sharpener(framing)
    pipeline = Pipeline(Nobody(), restorer)
    alone = [pipeline.restore(frame, [a_face()]).pixels for frame in frames]
    results, _ = played(restoring(restorer), frames, [one(a_face())] * 12)
    inner = (slice(50, 110), slice(50, 110))
    varying = [
        np.mean([difference(first[inner], second[inner]) for first, second in zip(film[3:], film[4:], strict=False)])
        for film in (frames, alone, results)
    ]
    assert varying[2] < varying[0] < varying[1]
    truth = pipeline.restore(blurred, [a_face()]).pixels
    assert difference(results[-1][inner], truth[inner]) < 0.7 * difference(alone[-1][inner], truth[inner])


def test_what_changes_leaves_no_ghost(blurred: ByteImage) -> None:
    """Half of the face is another from the sixth frame on."""
    other = blurred.copy()
    other[:, 80:] = 255 - other[:, 80:]
    frames = noisy(blurred, 6) + noisy(other, 6, seed=1)
    restorer = Sharpener()
    results, _ = played(restoring(restorer), frames, [one(a_face())] * 12)
    alone = Pipeline(Nobody(), restorer).restore(frames[6], [a_face()]).pixels
    changed = (slice(40, 120), slice(88, 120))
    assert difference(results[6][changed], alone[changed]) < 0.2
    assert difference(results[5][changed], alone[changed]) > 20


def test_a_moving_face_is_as_near_to_the_truth_as_frame_by_frame(astronaut: ByteImage) -> None:
    restorer, random = Sharpener(), np.random.default_rng(0)
    pipeline = Pipeline(Nobody(), restorer)
    errors: dict[str, list[float]] = {"alone": [], "film": []}
    sharp, frames, faces = [], [], []
    for index in range(10):
        x, y = 224 + 1.7 * index, 130 + 0.9 * index
        place = np.array([[0.8, 0, 100 - 0.8 * x], [0, 0.8, 100 - 0.8 * y]])
        picture = cv2.warpAffine(astronaut, place, (200, 200), flags=cv2.INTER_AREA)
        soft = cv2.GaussianBlur(picture.astype(float), (0, 0), 1.2) + random.normal(0, 3, picture.shape)
        sharp.append(picture.astype(float))
        frames.append(np.rint(np.clip(soft, 0, 255)).astype(np.uint8))
        middle = place @ [224, 130, 1]
        face = a_face(*middle)
        faces.append(one(Face(face.box, 0.9, face.landmarks + random.normal(0, 0.3, (5, 2)))))
    results, _ = played(restoring(restorer), frames, faces)
    for result, frame, truth, ((_, face, *_),) in zip(results, frames, sharp, faces, strict=True):
        x, y = (round(value) for value in face.box.centre)
        inner = (slice(y - 30, y + 30), slice(x - 30, x + 30))
        alone = pipeline.restore(frame, [face]).pixels
        errors["alone"].append(float(np.mean((alone[inner] - truth[inner]) ** 2)))
        errors["film"].append(float(np.mean((result[inner] - truth[inner]) ** 2)))
    assert np.mean(errors["film"][2:]) < np.mean(errors["alone"][2:])


def test_nothing_but_the_masks_is_touched(blurred: ByteImage) -> None:
    faces = [a_face(75.3, 80.7, 90), a_face(1, 158, 70)]
    frames = noisy(blurred, 5)
    results, _ = played(restoring(Sharpener()), frames, [list(enumerate(faces, 1))] * 5)
    reached = np.zeros((160, 160), bool)
    for face in faces:
        whole = Change(template_square(face, 96), np.zeros((96, 96, 3), np.float32), face_mask(96))
        reached |= carry_mask(whole, (160, 160, 3)) > 0
    for result, frame in zip(results, frames, strict=True):
        assert np.array_equal(result[~reached], frame[~reached])
        assert difference(result[reached], frame[reached]) > 0.5


def test_what_restores_nothing_changes_nothing_and_writes_nothing(blurred: ByteImage) -> None:
    """A still film of a still face, in which not even noise is averaged away."""

    class Guarded(ArrayCanvas):
        def put(self, region: object, pixels: Pixels, where: np.ndarray) -> None:
            assert not where.any()

    transform = restoring(Identity())
    for number in range(1, 6):
        tracked = TrackedFrame(number, number / RATE, (TrackedFace(1, a_face()),))
        transform.apply([(FilmFrame(number, number / RATE, number, Guarded(blurred.copy())), tracked)])


def test_frames_worked_on_together_or_one_by_one_come_out_the_same(smfd_folder: Path, blurred: ByteImage) -> None:
    frames = noisy(blurred, 7)
    faces = [[(1, a_face(76 + index, 80)), (2, a_face(120, 120 - index, 60))] for index in range(7)]
    restorer = Smfd(smfd_folder, restore_anyway=True)
    together, _ = played(restoring(restorer, FilmRestoringOptions(together=4)), frames, faces)
    alone, _ = played(restoring(restorer, FilmRestoringOptions(together=1)), frames, faces)
    for first, second in zip(together, alone, strict=True):
        assert np.array_equal(first, second)


def test_faces_of_a_film_do_not_mix(blurred: ByteImage) -> None:
    """Two faces far apart are restored as each would be alone; so is each of a crowd, which is not taken at once."""
    wide = np.concatenate([blurred, 255 - blurred], 1)
    frames = noisy(wide, 5)
    both: Faces = [(1, a_face()), (2, a_face(240))]
    results, _ = played(restoring(Sharpener()), frames, [both] * 5)
    for face, half in zip(both, (slice(0, 160), slice(160, 320)), strict=True):
        alone, _ = played(restoring(Sharpener()), frames, [[face]] * 5)
        for result, single in zip(results, alone, strict=True):
            assert np.array_equal(result[:, half], single[:, half])
    crowd: Faces = [(number, a_face(20 + 14 * number, 60, 40)) for number in range(1, 20)]
    results, outcomes = played(restoring(Sharpener()), frames, [crowd] * 5)
    assert [len(frame) for frame in outcomes] == [19] * 5
    photo = Pipeline(Nobody(), Sharpener()).restore(frames[0], [face for _, face, *_ in crowd]).pixels
    assert np.array_equal(results[0], photo)


def test_faces_that_are_held_and_those_beyond_the_picture_are_left(blurred: ByteImage) -> None:
    known: Faces = [(1, a_face(), Known.HELD), (2, a_face(600, 600))]
    (result,), (outcomes,) = played(restoring(Sharpener()), [blurred], [known])
    assert np.array_equal(result, blurred)
    assert [outcome.changed for outcome in outcomes] == [False, False]
    filled, _ = played(restoring(Sharpener()), [blurred], [[(1, a_face(), Known.FILLED)]])
    assert difference(filled[0], blurred) > 0.5


def test_verdicts_do_not_flip_and_changes_fade_in(blurred: ByteImage) -> None:
    """A few frames found sharp change nothing; when all are, the face goes over within some frames, without a jump."""
    restorer = Sharpener(says=lambda call: Verdict.SHARP if call % 4 == 2 or call >= 24 else Verdict.RESTORED)
    count = 70
    results, outcomes = played(restoring(restorer), [blurred] * count, [one(a_face())] * count)
    verdicts = [frame[0].verdict for frame in outcomes]
    turn = verdicts.index(Verdict.SHARP)
    assert 24 < turn < 24 + RATE
    assert set(verdicts[:turn]) == {Verdict.RESTORED}
    assert set(verdicts[turn:]) == {Verdict.SHARP}
    amounts = [difference(result, blurred) for result in results]
    assert amounts[turn - 1] == pytest.approx(amounts[0], rel=0.05)
    assert amounts[turn + 8] == 0
    assert max(np.abs(np.diff(amounts))) < 0.3 * amounts[0]
    assert not outcomes[-1][0].changed
    # A face that is left alone is looked at now and then only.
    assert restorer.calls < turn + 8 + (count - turn) / 4


def test_a_face_that_comes_later_fades_in_but_not_after_a_cut(blurred: ByteImage) -> None:
    transform = restoring(Sharpener())
    frames: list[Faces] = [[], *[one(a_face())] * 8]
    results, _ = played(transform, [blurred] * 9, frames)
    amounts = [difference(result, blurred) for result in results]
    assert 0 == amounts[0] < amounts[1] < amounts[2] < amounts[-1]
    assert amounts[1] < 0.3 * amounts[-1]
    after_cut, _ = played(transform, [blurred], [[(2, a_face())]], first=10, new_scene=True)
    assert difference(after_cut[0], blurred) == pytest.approx(amounts[-1], rel=1e-6)


def test_nothing_is_remembered_of_faces_that_are_gone(blurred: ByteImage) -> None:
    transform = restoring(Sharpener())
    for number in range(1, 30):
        played(transform, [blurred], [[(number, a_face())]], first=10 * number)
    assert len(transform._tracks) <= 5
    played(transform, [blurred], [[]], first=400)
    assert not transform._tracks
    assert not transform._seen


def test_working_sizes_do_not_hop(blurred: ByteImage) -> None:
    """A face at the border between two sizes keeps the first, one that goes on growing gets the next, once."""
    restorer = build_restorer("identity")
    border = float(np.sqrt(96 * 112))
    sizes: list[int] = []

    class Listening(Sharpener):
        def working_size(self, native_size: float) -> int:
            return restorer.working_size(native_size)

    def sizes_of(natives: Sequence[float]) -> list[int]:
        listening = Listening()
        played(restoring(listening), [blurred] * len(natives), [one(a_face(size=native)) for native in natives])
        return listening.sizes

    sizes = sizes_of([border * (1.02 if index % 2 else 0.98) for index in range(10)])
    assert len(set(sizes)) == 1
    grown = sizes_of(list(np.linspace(90, 140, 30)))
    assert grown == sorted(grown)
    assert set(grown) == {96, 112, 128}


def test_large_faces_are_restored_at_the_largest_size_told(astronaut: ByteImage) -> None:
    class Listening(Sharpener):
        def working_size(self, native_size: float) -> int:
            return Identity().working_size(native_size)

    restorer = Listening()
    options = FilmRestoringOptions(largest_size=128)
    large = [one(a_face(220, 150, 300))]
    (result,), _ = played(restoring(restorer, options), [astronaut], large)
    assert restorer.sizes == [128]
    assert difference(result, astronaut) > 0.1
    unbound = Sharpener(Framing.PHOTO)
    played(restoring(unbound, options), [astronaut], large)
    assert unbound.sizes == [300]


def test_the_blur_is_named_again_only_when_there_is_reason_to(
    monkeypatch: pytest.MonkeyPatch, smfd_folder: Path, blurred: ByteImage
) -> None:
    restorer = Smfd(smfd_folder, restore_anyway=True)
    looked: list[int] = []
    name_blurs = restorer.name_blurs
    number = 0

    def counting(faces: FloatArray) -> list[BlurEstimate]:
        looked.append(number)
        return name_blurs(faces)

    monkeypatch.setattr(restorer, "name_blurs", counting)
    transform = restoring(restorer, FilmRestoringOptions(together=1))
    swept = np.asarray(cv2.blur(blurred, (11, 1)), np.uint8)
    for number, frame in enumerate(noisy(blurred, 40) + noisy(swept, 10), 1):
        played(transform, [frame], [one(a_face())], first=number)
    assert looked[:5] == [1, 2, 4, 8, 17]
    assert 41 in looked
    assert len(looked) <= 10


def test_films_of_the_default_restorer_come_nearer_to_the_truth_than_photos(astronaut: ByteImage) -> None:
    sharp = cv2.resize(astronaut[20:240, 114:334], (160, 160), interpolation=cv2.INTER_AREA)
    blurred = np.asarray(cv2.GaussianBlur(sharp, (0, 0), 1.6), np.uint8)
    restorer = build_restorer("smfd", RestorerOptions())
    face = a_face(81, 74, 124)
    frames = noisy(blurred, 6, 4)
    results, outcomes = played(restoring(restorer), frames, [one(face)] * 6)
    inner = (slice(45, 110), slice(50, 112))
    alone = Pipeline(Nobody(), restorer).restore(frames[-1], [face]).pixels
    assert outcomes[-1][0].verdict is Verdict.RESTORED
    errors = [
        float(np.mean((film[inner].astype(float) - sharp[inner]) ** 2)) for film in (results[-1], alone, frames[-1])
    ]
    assert errors[0] < errors[1] < errors[2]


@pytest.mark.parametrize("size", [1, 2, 7, 23, 25])
def test_the_smallest_faces_go_through(size: int, blurred: ByteImage) -> None:
    frames = noisy(blurred, 4)
    results, outcomes = played(restoring(Sharpener(Framing.PHOTO)), frames, [one(a_face(size=size))] * 4)
    assert [frame[0].changed for frame in outcomes] == [True] * 4
    away = (slice(0, 60), slice(0, 160))
    assert all(np.array_equal(result[away], frame[away]) for result, frame in zip(results, frames, strict=True))


def test_a_real_photo_restorer_goes_through_too(blurred: ByteImage) -> None:
    results, _ = played(restoring(Wiener()), noisy(blurred, 5), [one(a_face(80 + index)) for index in range(5)])
    assert all(difference(result, blurred) > 0.5 for result in results)
