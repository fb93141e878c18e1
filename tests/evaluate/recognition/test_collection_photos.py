"""What of a collection is looked at."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from clearface.arrays import ByteImage
from clearface.detectors.centerface import CenterFace
from clearface.errors import UsageError
from clearface.evaluate.identities.people import PersonPhoto
from clearface.evaluate.identities.splits import draw_splits
from clearface.evaluate.recognition.collection_photos import collection_of, face_from, whole_shape
from clearface.evaluate.recognition.recognizers import halved
from clearface.evaluate.recognition.scoring import split_of
from clearface.evaluate.recognition.settings import Framing, RecognitionSettings
from clearface.evaluate.recognition.showing import grey_picture, scaled_photo
from clearface.faces import native_size


def rows_of(sides: tuple[int, int], scale: float, count: int = 4) -> np.ndarray:
    """Photos of these sides with an upright face of that scale, none on the last."""
    from clearface.faces import FFHQ_TEMPLATE

    landmarks = FFHQ_TEMPLATE * scale
    box = (150 * scale, 130 * scale, 362 * scale, 430 * scale)
    row = [*sides, *box, 0.9, *landmarks.ravel()]
    return np.array([*[row] * (count - 1), [*sides, *[np.nan] * 15]])


def photos_of(count: int, people: int = 2) -> list[PersonPhoto]:
    return [PersonPhoto(Path(f"{place}.png"), f"{place}.png", f"s{place % people}") for place in range(count)]


def test_photos_that_are_hardly_more_than_the_face_are_looked_at_whole() -> None:
    head = collection_of("orl", photos_of(5), rows_of((112, 92), 0.2, 5), Framing.AUTO)
    assert (head.framing, head.shape) == (Framing.WHOLE, (112, 92))
    assert len(head.photos) == len(head.faces) == len(head.people) == 4
    assert head.without_face == ("4.png",)
    wide = collection_of("yale", photos_of(5), rows_of((243, 320), 0.35, 5), Framing.AUTO)
    assert (wide.framing, wide.shape) == (Framing.ALIGNED, (96, 96))
    assert collection_of("yale", photos_of(5), rows_of((243, 320), 0.35, 5), Framing.WHOLE).framing is Framing.WHOLE


def test_too_few_faces_are_told() -> None:
    with pytest.raises(UsageError, match="orl: faces are found in 2 of 3 photos; recognition takes two people"):
        collection_of("orl", photos_of(3), rows_of((112, 92), 0.2, 3), Framing.AUTO)


def test_faces_come_back_as_they_were_written() -> None:
    row = rows_of((112, 92), 0.2)[0]
    face = face_from(row)
    assert face is not None
    assert native_size(face) == pytest.approx(0.2 * 512)
    assert (face.score, face.box.left) == (0.9, 30)
    assert face_from(rows_of((112, 92), 0.2)[-1]) is None


@pytest.mark.parametrize("sides", [(112, 92), (243, 320), (4000, 3000), (300, 900)])
def test_whole_photos_keep_their_proportions(sides: tuple[int, int]) -> None:
    height, width = whole_shape(*sides)
    assert height % 2 == width % 2 == 0
    assert width / height == pytest.approx(sides[1] / sides[0], rel=0.05)
    assert height * width == pytest.approx(112 * 92, rel=0.1)


def test_a_scaled_photo_has_a_face_of_that_size_where_the_detector_finds_it(astronaut: ByteImage) -> None:
    (face,) = CenterFace().detect(astronaut)
    scaled, moved = scaled_photo(astronaut, face, 150)
    assert native_size(moved) == pytest.approx(150, rel=0.02)
    (found,) = CenterFace().detect(scaled)
    np.testing.assert_allclose(moved.landmarks, found.landmarks, atol=4)
    larger, _ = scaled_photo(astronaut[:200, 120:320], face, 10_000)
    assert larger.shape == (800, 800, 3)


def test_grey_pictures_and_their_halves() -> None:
    generator = np.random.default_rng(0)
    pixels = generator.integers(0, 256, (80, 60, 3)).astype(np.uint8)
    grey = grey_picture(pixels, (40, 30))
    levels = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float64) / 255
    np.testing.assert_allclose(grey, levels.reshape(40, 2, 30, 2).mean((1, 3)), atol=1e-6)
    np.testing.assert_allclose(halved(grey[None])[0], grey.reshape(20, 2, 15, 2).mean((1, 3)), atol=1e-6)


def test_splits_are_those_of_the_seed_and_hold_each_other() -> None:
    people = np.repeat(np.arange(5), 10)
    settings = RecognitionSettings((), (), seed=3)
    for number in range(4):
        two, five = (split_of(people, settings, photos, number) for photos in (2, 5))
        np.testing.assert_array_equal(five.gallery, draw_splits(people, 3, 5, 4)[number].gallery)
        assert set(two.gallery.tolist()) <= set(five.gallery.tolist())
        assert np.bincount(people[five.gallery]).tolist() == [5] * 5
        assert sorted([*five.gallery.tolist(), *five.probes.tolist()]) == list(range(50))
    assert not np.array_equal(split_of(people, settings, 2, 0).gallery, split_of(people, settings, 2, 1).gallery)
