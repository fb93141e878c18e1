import cv2
import numpy as np
import pytest
import skimage.data

from clearface.arrays import ByteImage
from clearface.detectors.registry import DetectorOptions
from clearface.errors import UsageError
from clearface.faces import Box
from clearface.films.array_canvas import ArrayCanvas
from clearface.films.base import FilmFrame
from clearface.tracking.base import FoundFaces
from clearface.tracking.search import FilmSearch, SearchOptions

FACE = Box(172, 70, 272, 190)
"""Of the astronaut, about."""


def scene(size: float, x: float, y: float, shape: tuple[int, int] = (720, 1280), quarters: int = 0) -> ByteImage:
    """Gravel with the astronaut's head in it, its face so large and centred there."""
    gravel = np.tile(skimage.data.gravel(), (2, 3))[: shape[0], : shape[1]]
    picture: ByteImage = np.repeat(gravel[..., None], 3, axis=2)
    head = np.rot90(skimage.data.astronaut()[10:250, 102:342], quarters)
    side = round(240 * size / FACE.size)
    top, left = round(y - side / 2), round(x - side / 2)
    picture[top : top + side, left : left + side] = cv2.resize(head, (side, side), interpolation=cv2.INTER_AREA)
    return picture


def frame(picture: ByteImage, number: int = 1) -> FilmFrame:
    return FilmFrame(number, (number - 1) / 25, number - 1, ArrayCanvas(picture))


def near(found: FoundFaces, x: float, y: float, within: float) -> list[float]:
    """Scores of the faces around a place."""
    return [face.score for face in found.faces if np.hypot(*np.subtract(face.box.centre, (x, y))) < within]


def searched(pictures: list[ByteImage], options: SearchOptions, expected: tuple[Box, ...] = ()) -> list[FoundFaces]:
    search = FilmSearch(options)
    return [search.search(frame(picture, index + 1), expected) for index, picture in enumerate(pictures)]


def test_a_large_face_is_found_where_it_is_in_every_frame():
    for found in searched([scene(150, 600, 300)] * 3, SearchOptions(closer_every=None)):
        assert len(near(found, 600, 300, 40)) == 1
        assert not found.new_scene


def test_a_small_face_answers_to_a_closer_look_only():
    pictures = [scene(20, 400, 500)]
    (without,) = searched(pictures, SearchOptions(closer_every=None, longest_side=320))
    (closer,) = searched(pictures, SearchOptions(longest_side=320))
    assert not near(without, 400, 500, 15)
    assert near(closer, 400, 500, 15)


def test_a_small_face_answers_where_it_is_expected():
    pictures = [scene(26, 400, 500)]
    expected = (Box(385, 482, 411, 514),)
    (found,) = searched(pictures, SearchOptions(closer_every=None, longest_side=320), expected)
    assert near(found, 400, 500, 15)


def test_a_closer_look_comes_again_with_a_new_scene():
    gravel = np.repeat(np.tile(skimage.data.brick(), (2, 3))[:720, :1280, None], 3, axis=2)
    found = searched([gravel, gravel, scene(20, 400, 500)], SearchOptions(longest_side=320, closer_every=100.0))
    assert [one.new_scene for one in found] == [False, False, True]
    assert near(found[2], 400, 500, 15)


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_face_on_its_side_is_found_within_three_frames(quarters):
    pictures = [scene(130, 600, 300, quarters=quarters)] * 3
    found = searched(pictures, SearchOptions(closer_every=None, rotations=True))
    assert any(near(one, 600, 300, 50) for one in found)


def test_a_face_that_blurs_is_known_by_its_looks():
    sharp = scene(60, 500, 300)
    blurred = cv2.GaussianBlur(sharp, (0, 0), 9)
    moved = np.asarray(np.roll(blurred, 20, axis=1), np.uint8)
    options = SearchOptions(closer_every=None, detector_options=DetectorOptions(threshold=0.8))
    first, second = searched([sharp, moved], options, (Box(470, 264, 530, 336),))
    assert max(near(first, 500, 300, 15)) >= 0.8
    assert near(second, 523, 294, 8) == [0.0]


def test_a_face_that_is_gone_is_not_made_up():
    with_face, without = scene(60, 500, 300), scene(60, 1100, 600)
    without[500:700, 1000:1200] = with_face[500:700, 1000:1200]
    options = SearchOptions(closer_every=None, detector_options=DetectorOptions(threshold=0.3))
    first, second = searched([with_face, without], options, (Box(470, 264, 530, 336),))
    assert near(first, 500, 300, 15)
    assert not second.faces


def test_one_film_gives_the_same_twice():
    pictures = [scene(40, 300 + 8 * index, 300) for index in range(4)]
    one, other = (searched(pictures, SearchOptions(longest_side=320)) for _ in range(2))
    for first, second in zip(one, other, strict=True):
        assert [(face.box, face.score) for face in first.faces] == [(face.box, face.score) for face in second.faces]


@pytest.mark.parametrize("shape", [(1, 1), (5, 400), (33, 20)])
def test_tiny_frames(shape):
    (found,) = searched(
        [np.zeros((*shape, 3), np.uint8)], SearchOptions(), (Box(-5, -5, 8, 8), Box(900, 900, 950, 950))
    )
    assert found.faces == ()


@pytest.mark.parametrize("wrong", [{"longest_side": 10}, {"closer_every": 0.0}, {"closer_every": float("nan")}])
def test_wrong_options_are_told(wrong):
    with pytest.raises(UsageError):
        SearchOptions(**wrong)


def test_a_threshold_that_is_none_is_told_as_it_was_given():
    with pytest.raises(UsageError, match=r"1\.5"):
        FilmSearch(SearchOptions(detector_options=DetectorOptions(threshold=1.5)))
