"""The pyramid, with a search that finds marked pixels in place of a network."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearface.arrays import ByteImage
from clearface.detectors.scales import ScalePyramid, search_at_scales, tile_spans
from clearface.faces import Box, Face


@given(st.integers(1, 9000), st.integers(64, 1200), st.integers(0, 63))
def test_tiles_cover_a_side_and_share_the_overlap(length: int, tile: int, overlap: int) -> None:
    spans = tile_spans(length, tile, overlap)
    assert spans[0][0] == 0
    assert spans[-1][1] == length
    assert all(0 < end - start <= tile for start, end in spans)
    assert len({end - start for start, end in spans}) == 1
    assert all(before[1] - after[0] >= overlap for before, after in zip(spans, spans[1:], strict=False))


@given(st.integers(65, 3000), st.integers(64, 600), st.integers(0, 63))
def test_tiles_are_as_few_as_can_be(length: int, tile: int, overlap: int) -> None:
    count = len(tile_spans(length, tile, overlap))
    assert count == 1 or (count - 1) * (tile - overlap) + overlap < length


def test_tiles_that_do_not_advance_are_refused() -> None:
    with pytest.raises(ValueError, match="longer"):
        tile_spans(500, 64, 64)


class Marks:
    """Finds each white run of pixels as a face around it, and keeps the shapes it was shown."""

    def __init__(self, reach: float = 0.0) -> None:
        self.reach = reach
        self.shapes: list[tuple[int, ...]] = []

    def __call__(self, picture: ByteImage) -> list[Face]:
        self.shapes.append(picture.shape)
        rows, columns = np.nonzero(picture[..., 0] > 127)
        if not rows.size:
            return []
        top, left, bottom, right = rows.min(), columns.min(), rows.max(), columns.max()
        box = Box(left - self.reach, top - self.reach, right + self.reach, bottom + self.reach)
        corner = np.array([[left, top]] * 5, np.float64)
        return [Face(box, 1.0, corner)]


def picture_with_square(height: int, width: int, top: int, left: int, side: int) -> ByteImage:
    picture = np.zeros((height, width, 3), np.uint8)
    picture[top : top + side, left : left + side] = 255
    return picture


@pytest.mark.parametrize("shape", [(300, 500), (1000, 1000), (1500, 2500), (160, 4000)])
def test_answers_come_back_in_pixels_of_the_photo(shape: tuple[int, int]) -> None:
    side = 40
    top, left = shape[0] // 3, shape[1] // 2
    picture = picture_with_square(*shape, top, left, side)
    faces = search_at_scales(picture, Marks(), ScalePyramid(reduced_to=1_000_000))
    assert len(faces) >= 3
    for face in faces:
        # On a level reduced n times the edge pixel is n pixels wide, its centre up to n / 2 inside.
        coarseness = max(shape) / 80
        assert face.box.left == pytest.approx(left, abs=coarseness)
        assert face.box.bottom == pytest.approx(top + side - 1, abs=coarseness)
    np.testing.assert_allclose(faces[0].landmarks[0], [left, top], atol=2.0)


@pytest.mark.parametrize(
    ("shape", "finest"), [((100, 100), 200), ((500, 400), 1000), ((900, 1200), 1200), ((4000, 8000), 5292)]
)
def test_the_finest_level_keeps_within_its_limits(shape: tuple[int, int], finest: int) -> None:
    search = Marks()
    pyramid = ScalePyramid(tile=20_000)
    search_at_scales(np.zeros((*shape, 3), np.uint8), search, pyramid)
    assert max(search.shapes[0][:2]) == finest
    for finer, coarser in zip(search.shapes, search.shapes[1:], strict=False):
        assert max(coarser[:2]) == pytest.approx(max(finer[:2]) / 2, abs=1)
    assert max(search.shapes[-1][:2]) >= 80 or len(search.shapes) == 1


def test_no_part_shown_is_larger_than_a_tile() -> None:
    search = Marks()
    search_at_scales(np.zeros((2000, 3000, 3), np.uint8), search, ScalePyramid())
    assert max(max(shape[:2]) for shape in search.shapes) <= ScalePyramid().tile


@given(st.integers(0, 760), st.integers(0, 560))
def test_a_square_across_tiles_is_answered_whole_or_not_at_all(left: int, top: int) -> None:
    side = 40
    picture = picture_with_square(600, 800, top, left, side)
    pyramid = ScalePyramid(enlarged_to=1, coarsest_side=800, tile=200, overlap=60)
    faces = search_at_scales(picture, Marks(), pyramid)
    assert faces
    for face in faces:
        assert (face.box.left, face.box.top) == (left, top)
        assert (face.box.width, face.box.height) == (side - 1, side - 1)


def test_a_face_larger_than_the_overlap_is_left_to_a_coarser_level() -> None:
    picture = picture_with_square(600, 800, 30, 30, 120)
    one_level = ScalePyramid(enlarged_to=1, coarsest_side=800, tile=200, overlap=60)
    assert search_at_scales(picture, Marks(), one_level) == []
    two_levels = ScalePyramid(enlarged_to=1, coarsest_side=300, tile=200, overlap=60)
    (face,) = search_at_scales(picture, Marks(), two_levels)
    assert face.box.width == pytest.approx(119, abs=2)


def test_a_box_may_reach_beyond_the_picture_but_not_beyond_a_cut() -> None:
    at_the_edge = picture_with_square(600, 800, 0, 0, 20)
    pyramid = ScalePyramid(enlarged_to=1, coarsest_side=800, tile=200, overlap=60)
    (face,) = search_at_scales(at_the_edge, Marks(reach=10), pyramid)
    assert (face.box.left, face.box.top) == (-10, -10)


def test_the_photo_is_left_alone() -> None:
    picture = picture_with_square(700, 900, 100, 100, 30)
    before = picture.copy()
    search_at_scales(picture, Marks(), ScalePyramid())
    np.testing.assert_array_equal(picture, before)
