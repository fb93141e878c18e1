"""Squares taken from photos and the way back."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearface.blending import face_mask, match_colours
from clearface.faces import FFHQ_TEMPLATE, TEMPLATE_SIZE_PER_BOX, Box, Face, apply_transform
from clearface.squares import (
    Change,
    Region,
    carry_mask,
    paste_changes,
    photo_square,
    square_from_region,
    square_region,
    take_square,
    template_square,
)


def made_face(x: float, y: float, size: float, degrees: float = 0.0) -> Face:
    """A face whose FFHQ square has its middle at (x, y), `size` pixels a side."""
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    landmarks = (FFHQ_TEMPLATE - 255.5) * size / 512 @ turn.T + [x, y]
    half = size / TEMPLATE_SIZE_PER_BOX / 2
    return Face(Box(x - half, y - half, x + half, y + half), 0.9, landmarks)


def texture(height: int, width: int, dtype: type = np.uint8, seed: int = 0) -> np.ndarray:
    """Smooth random colours: interpolation is accurate on it."""
    noise = np.random.default_rng(seed).random((height, width, 3)).astype(np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), 3)
    smooth = (smooth - smooth.min()) / (smooth.max() - smooth.min())
    return np.asarray((smooth * np.iinfo(dtype).max).round(), dtype)


faces = st.builds(
    made_face,
    st.floats(-20, 220),
    st.floats(-20, 180),
    st.floats(30, 400),
    st.floats(-180, 180),
)


@given(faces, st.sampled_from([96, 128, 256]))
def test_landmarks_land_on_the_template(face: Face, size: int) -> None:
    expected = (FFHQ_TEMPLATE + 0.5) * size / 512 - 0.5
    np.testing.assert_allclose(
        apply_transform(template_square(face, size).to_square, face.landmarks), expected, atol=0.01
    )


@settings(max_examples=30)
@given(faces, st.sampled_from([96, 160, 320]), st.sampled_from([np.uint8, np.uint16]))
def test_an_unchanged_face_returns_the_photo(face: Face, size: int, dtype: type) -> None:
    photo = texture(160, 200, dtype)
    square = template_square(face, size)
    if square.region(photo.shape).empty:
        return
    taken = take_square(photo, square)
    pasted = paste_changes(photo, [Change(square, taken - taken, face_mask(size))])
    np.testing.assert_array_equal(pasted, photo)


@settings(max_examples=30)
@given(faces, st.sampled_from([96, 160, 320]))
def test_pixels_outside_the_mask_stay_bit_identical(face: Face, size: int) -> None:
    photo = texture(160, 200)
    change = Change(template_square(face, size), np.full((size, size, 3), 0.5, np.float32), face_mask(size))
    if change.square.region(photo.shape).empty:
        return
    outside = carry_mask(change, photo.shape) == 0
    np.testing.assert_array_equal(paste_changes(photo, [change])[outside], photo[outside])


def test_a_change_arrives_where_the_face_is() -> None:
    photo = np.full((300, 400, 3), 100, np.uint8)
    face = made_face(200, 150, 200, 30)
    square = template_square(face, 128)
    change = Change(square, np.full((128, 128, 3), 40 / 255, np.float32), face_mask(128))
    pasted = paste_changes(photo, [change])
    assert (pasted[130:170, 180:220] == 140).all()
    assert (pasted[:20] == 100).all()
    assert (pasted[:, :60] == 100).all()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("size", [64, 128, 512])
def test_taking_a_square_is_accurate(dtype: type, size: int) -> None:
    """Against a plain resize of the same pixels: an upright face whose square is the photo itself."""
    photo = texture(256, 256, dtype)
    taken = take_square(photo, template_square(made_face(127.5, 127.5, 256), size))
    interpolation = cv2.INTER_AREA if size < 256 else cv2.INTER_CUBIC
    expected = cv2.resize(photo.astype(np.float32) / np.iinfo(dtype).max, (size, size), interpolation=interpolation)
    inner = slice(4, size - 4)
    assert np.abs(taken - expected)[inner, inner].max() < 0.02


def test_a_photo_square_is_a_plain_slice() -> None:
    photo = texture(200, 300)
    square = photo_square(made_face(150, 100, 96), 96)
    left, top = -square.to_square[:, 2].astype(int)
    expected = photo[top : top + 96, left : left + 96].astype(np.float32) / 255
    np.testing.assert_allclose(take_square(photo, square), expected, atol=1e-6)


def test_a_square_outside_the_photo_is_refused() -> None:
    with pytest.raises(ValueError, match="outside"):
        take_square(texture(50, 50), template_square(made_face(-500, -500, 60), 96))


def test_overlapping_faces_do_not_add_up_and_order_does_not_matter() -> None:
    photo = np.full((200, 300, 3), 100, np.uint8)
    changes = [
        Change(template_square(made_face(x, 100, 120), 128), np.full((128, 128, 3), 0.2, np.float32), face_mask(128))
        for x in (130, 150)
    ]
    pasted = paste_changes(photo, changes)
    assert pasted.max() <= 100 + round(0.2 * 255) + 1
    np.testing.assert_allclose(pasted.astype(int), paste_changes(photo, changes[::-1]).astype(int), atol=1)


@pytest.mark.parametrize("size", [96, 128, 512])
def test_the_mask_covers_the_face_and_fades_before_the_rim(size: int) -> None:
    mask = face_mask(size)
    assert mask.min() == 0
    assert mask.max() <= 1
    rim = np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]])
    assert (rim == 0).all()
    for x, y in FFHQ_TEMPLATE * size / 512:
        assert mask[round(y), round(x)] == 1
    steepest = max(np.abs(np.diff(mask, axis=axis)).max() for axis in (0, 1))
    assert steepest < 14 / size, "no edge to be seen"


def test_matching_colours_takes_the_shift_and_leaves_the_detail() -> None:
    generator = np.random.default_rng(0)
    detail = cv2.GaussianBlur(generator.standard_normal((128, 128, 3)).astype(np.float32), (0, 0), 1) * 0.1
    matched = match_colours(detail + np.array([0.1, -0.05, 0.02], np.float32))
    assert np.abs(matched.mean((0, 1))).max() < 1 / 255
    assert np.corrcoef(matched.ravel(), detail.ravel())[0, 1] > 0.95


@given(st.tuples(*[st.integers(0, 30)] * 8))
def test_what_two_regions_share(edges: tuple[int, ...]) -> None:
    first, second = (
        Region(*np.minimum(part[:2], part[2:]).tolist(), *(np.maximum(part[:2], part[2:]) + 1).tolist())
        for part in (np.array(edges[:4]), np.array(edges[4:]))
    )
    numbers = np.arange(32 * 32).reshape(32, 32)
    shared = set(numbers[first.slices].flat) & set(numbers[second.slices].flat)
    assert first.intersects(second) == bool(shared)
    if shared:
        here, there = first.shared_with(second)
        assert set(numbers[first.slices][here].flat) == shared == set(numbers[second.slices][there].flat)


@given(faces, st.sampled_from([np.uint8, np.uint16]))
def test_the_region_of_a_square_is_all_that_is_needed(face: Face, dtype: type) -> None:
    photo = texture(160, 200, dtype)
    square = template_square(face, 64)
    region = square_region(square, photo.shape)
    if region.empty:
        return
    taken = square_from_region(photo[region.slices].copy(), region, square)
    assert np.array_equal(taken, take_square(photo, square))
