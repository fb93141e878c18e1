"""Faces and their masks taken out of photos."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearface.arrays import ByteImage
from clearface.detectors.centerface import CenterFace
from clearface.faces import FFHQ_TEMPLATE, Box, Face, apply_transform, invert_transform
from clearface.masks import UNKNOWN
from clearface.squares import Square
from clearface.train.prepare.crops import (
    box_in_crop,
    carry_mask_to_crop,
    inside_photo,
    mask_fits,
    outside_shares,
    wide_crop,
    wide_square,
)
from clearface.train.samples import wide_side


def face_at(x: float, y: float, size: float) -> Face:
    """A face whose FFHQ square has `size` pixels, its top left corner at `(x, y)`."""
    landmarks = FFHQ_TEMPLATE * size / 512 + [x, y]
    width, height = 0.53 * size, 0.71 * size
    left, top = x + 0.5 * size - width / 2, y + 0.54 * size - height / 2
    return Face(Box(left, top, left + width, top + height), 0.9, landmarks)


def test_a_crop_has_the_face_where_the_template_says(portrait_pixels: ByteImage, portrait_face: Face) -> None:
    crop = wide_crop(portrait_pixels, portrait_face, 160)
    assert crop.shape == (208, 208, 3)
    found = CenterFace().detect(crop)[0]
    assert np.abs(found.landmarks - (FFHQ_TEMPLATE / 512 * 160 + 24)).max() < 0.06 * 160
    box = found.box
    assert box_in_crop(portrait_face, 160) == pytest.approx([box.left, box.top, box.right, box.bottom], abs=8)


@given(st.floats(-0.6, 0.6), st.floats(0.5, 2), st.floats(-40, 40), st.floats(-40, 40), st.integers(1, 3))
@settings(max_examples=40)
def test_a_mask_is_carried_to_the_nearest_pixel(angle: float, scale: float, x: float, y: float, finer: int) -> None:
    generator = np.random.default_rng(3)
    mask = generator.integers(0, 11, (30 * finer, 40 * finer)).astype(np.uint8)
    cosine, sine = scale * np.cos(angle), scale * np.sin(angle)
    taken = Square(np.array([[cosine, -sine, x], [sine, cosine, y]]), 24)
    carried = carry_mask_to_crop(mask, (30, 40, 3), taken)
    inverse = invert_transform(taken.to_square)
    for row in range(24):
        for column in range(24):
            at_x, at_y = apply_transform(inverse, np.array([[column, row]], float))[0]
            in_mask_x, in_mask_y = int(np.floor((at_x + 0.5) * finer)), int(np.floor((at_y + 0.5) * finer))
            inside = 0 <= in_mask_x < 40 * finer and 0 <= in_mask_y < 30 * finer
            assert carried[row, column] == (mask[in_mask_y, in_mask_x] if inside else UNKNOWN)
    np.testing.assert_array_equal(carried != UNKNOWN, inside_photo((30, 40, 3), taken))


def test_crop_and_mask_lie_on_each_other(portrait_face: Face) -> None:
    generator = np.random.default_rng(0)
    cells = np.kron(generator.integers(0, 11, (15, 15)), np.ones((20, 20))).astype(np.uint8)
    crop = wide_crop(np.repeat(cells[..., None] * 20, 3, 2), portrait_face, 160)
    mask = carry_mask_to_crop(cells, cells.shape, wide_square(portrait_face, 160))
    known = mask != UNKNOWN
    agree = np.abs(crop[..., 0].astype(int) - mask.astype(int) * 20) <= 10
    assert agree[known].mean() > 0.9, "all but the edges of the cells"


@pytest.mark.parametrize("square", [96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512])
def test_the_surroundings_are_even_on_all_sides(square: int) -> None:
    side = wide_side(square)
    assert side % 2 == 0
    assert 1.3 * square <= side < 1.3 * square + 2


def test_what_lies_beyond_the_border_is_measured() -> None:
    assert outside_shares(face_at(10, 10, 100), (200, 200, 3)) == (0, 0)
    box, square = outside_shares(face_at(-50, 10, 100), (200, 200, 3))
    assert box == pytest.approx(0.5)
    assert square == pytest.approx(0.5, abs=0.04)


def test_masks_of_other_proportions_do_not_fit() -> None:
    assert mask_fits(np.zeros((512, 512), np.uint8), (1024, 1024, 3))
    assert mask_fits(np.zeros((200, 301), np.uint8), (400, 600, 3))
    assert not mask_fits(np.zeros((300, 200), np.uint8), (400, 600, 3))
