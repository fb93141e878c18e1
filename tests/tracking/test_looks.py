"""Which parts of a frame are looked at more closely, and faces that are carried from there into the frame."""

from typing import Any

import numpy as np
import pytest
import skimage.data
from hypothesis import assume, given
from hypothesis import strategies as st

from clearface.faces import Box, Face
from clearface.films.array_canvas import ArrayCanvas
from clearface.tracking.closer import CloserLooks
from clearface.tracking.mosaics import carried_back, compose, lay_out

CANVAS = ArrayCanvas(np.zeros((700, 1000, 3), np.uint8))


@pytest.mark.parametrize("shape", [(1080, 1920), (2160, 3840), (400, 400), (90, 3000)])
def test_a_look_covers_the_whole_frame_and_is_over_before_the_next(shape):
    canvas = ArrayCanvas(np.zeros((*shape, 3), np.uint8))
    looks = CloserLooks(every=1.0)
    covered = np.zeros(shape, np.int16)
    per_frame = []
    for index in range(25 * 3):
        regions = looks.due(canvas, index / 25, new_scene=False)
        per_frame.append(len(regions))
        for region in regions:
            covered[region.slices] += 1
    assert covered.min() >= 3
    assert max(per_frame[1:]) <= max(per_frame[0], 4)
    assert sum(bool(count) for count in per_frame) >= 3


def test_a_new_scene_is_looked_at_at_once():
    canvas = ArrayCanvas(np.zeros((1080, 1920, 3), np.uint8))
    looks = CloserLooks(every=10.0)
    counts = [len(looks.due(canvas, index / 25, new_scene=index == 40)) for index in range(60)]
    assert counts[0] == counts[40] == 8
    assert counts[39] == 0


@given(
    x=st.floats(-50, 1050),
    y=st.floats(-50, 750),
    size=st.floats(8, 400),
    others=st.integers(0, 5),
)
def test_a_face_is_carried_back_to_where_it_is(x, y, size, others):
    box = Box(x - size / 2, y - size / 2, x + size / 2, y + size / 2)
    boxes = [Box(10.0 * index, 5, 10.0 * index + 20, 25) for index in range(others)] + [box]
    parts = lay_out(boxes, CANVAS, 96, 2.5)
    if len(parts) <= others:
        assert x + 3 * size < 0 or y + 3 * size < 0 or x > 900 or y > 600 or x < 50 or y < 50
        return
    # A detector sees no face whose middle lies beyond the frame, where the mosaic shows another part.
    assume(0 <= x < CANVAS.width and 0 <= y < CANVAS.height)
    part = parts[-1]
    points = np.array([[x, y]] * 5)
    scale = part.scale

    def to_mosaic(value: Any, start: int, place: int) -> Any:
        return (value - start + 0.5) * scale - 0.5 + place

    left, right = (to_mosaic(side, part.region.left, part.left) for side in (box.left, box.right))
    top, bottom = (to_mosaic(side, part.region.top, part.top) for side in (box.top, box.bottom))
    landmarks = np.column_stack(
        [to_mosaic(points[:, 0], part.region.left, part.left), to_mosaic(points[:, 1], part.region.top, part.top)]
    )
    for carried in carried_back([Face(Box(left, top, right, bottom), 0.7, landmarks)], parts, CANVAS, 96):
        np.testing.assert_allclose(
            [carried.box.left, carried.box.top, carried.box.right, carried.box.bottom],
            [box.left, box.top, box.right, box.bottom],
            atol=1e-6,
        )
        np.testing.assert_allclose(carried.landmarks, points, atol=1e-6)


def test_parts_hold_the_pixels_of_the_frame_and_do_not_touch():
    picture = np.ascontiguousarray(skimage.data.astronaut())
    canvas = ArrayCanvas(picture)
    parts = lay_out([Box(100, 100, 120, 120), Box(300, 300, 330, 330), Box(0, 0, 10, 10)], canvas, 64, 2.0)
    mosaic = compose(parts, canvas, 64)
    assert mosaic.shape == (128, 128, 3)
    for part in parts:
        rows, columns = part.region.slices
        expected = picture[rows, columns]
        np.testing.assert_array_equal(
            mosaic[part.top : part.top + expected.shape[0], part.left : part.left + expected.shape[1]], expected
        )
    assert len({(part.left, part.top) for part in parts}) == 3


def test_half_a_face_at_a_cut_edge_is_no_answer():
    (part,) = parts = lay_out([Box(480, 340, 520, 360)], CANVAS, 96, 2.4)
    cut = Box(part.left + 1.0, part.top + 30.0, part.left + 40.0, part.top + 70.0)
    assert carried_back([Face(cut, 0.9, np.zeros((5, 2)))], parts, CANVAS, 96) == []


def test_boxes_outside_the_frame_get_no_place():
    assert lay_out([Box(5000, 5000, 5040, 5040)], CANVAS, 96, 2.4) == []
