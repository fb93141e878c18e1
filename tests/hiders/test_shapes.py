"""Masks against the formulas of the shapes, and what a mask owes a face: 1 all over it, wherever it lies."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearface.faces import FFHQ_TEMPLATE, Box, Face, apply_transform, invert_transform, template_transform
from clearface.hiders.shapes import PlacedShape, Shape, eye_direction, place_shape
from clearface.squares import Region

WIDTH, HEIGHT = 240, 200
WHOLE = Region(0, 0, WIDTH, HEIGHT)


def made_face(x: float = 120.0, y: float = 100.0, size: float = 80.0, angle: float = 0.0) -> Face:
    """As a detector gives it: an upright box around a head that is turned by so many degrees, clockwise."""
    turn = np.radians(angle)
    linear = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) * (1.61 * size / 512)
    landmarks = (FFHQ_TEMPLATE - [256, 290]) @ linear.T + [x, y]
    level = np.cos(turn) ** 2
    width = size * (0.866 * level + 1.155 * (1 - level))
    height = size * (1.155 * level + 0.866 * (1 - level))
    return Face(Box(x - width / 2, y - height / 2, x + width / 2, y + height / 2), 0.9, landmarks)


faces = st.builds(
    made_face,
    st.floats(-20, WIDTH + 20),
    st.floats(-20, HEIGHT + 20),
    st.floats(6, 300),
    st.floats(-180, 180),
)
feathers = st.sampled_from([0.0, 0.01, 0.1, 0.5, 1.0])
scales = st.floats(1, 3)


def whole_mask(placed: PlacedShape) -> np.ndarray:
    """Over the frame, from the shape's own region."""
    mask = np.zeros((HEIGHT, WIDTH), np.float32)
    region = placed.region(WIDTH, HEIGHT)
    if not region.empty:
        mask[region.slices] = placed.mask(region)
    return mask


@given(faces, st.sampled_from(list(Shape)), scales, feathers)
def test_a_mask_is_one_over_the_shape_and_zero_beyond_the_rim(
    face: Face, shape: Shape, scale: float, feather: float
) -> None:
    """By the formulas of rectangle and ellipse, written here once more."""
    placed = place_shape(shape, face, scale, feather)
    mask = whole_mask(placed)
    assert mask.dtype == np.float32
    assert mask.min() >= 0
    assert mask.max() <= 1
    y, x = np.mgrid[:HEIGHT, :WIDTH].astype(float)
    right, down = x - placed.centre[0], y - placed.centre[1]
    beside = right * placed.across[0] + down * placed.across[1]
    below = down * placed.across[0] - right * placed.across[1]
    tall = np.where(below > 0, placed.fall, placed.rise)

    def inside(room: float) -> np.ndarray:
        u, v = np.abs(beside) / (placed.half_width + room), np.abs(below) / (tall + room)
        return np.asarray(np.maximum(u, v) <= 1 if placed.cornered else u**2 + v**2 <= 1)

    assert (mask[inside(-0.01)] == 1).all()
    assert (mask[~inside(placed.feather + 1.5)] == 0).all()


@given(faces, st.sampled_from(list(Shape)), scales, feathers)
def test_the_region_holds_all_of_the_mask(face: Face, shape: Shape, scale: float, feather: float) -> None:
    placed = place_shape(shape, face, scale, feather)
    around = Region(-200, -200, WIDTH + 200, HEIGHT + 200)
    mask = placed.mask(around)[200:-200, 200:-200]
    region = placed.region(WIDTH, HEIGHT)
    outside = np.ones((HEIGHT, WIDTH), bool)
    if not region.empty:
        outside[region.slices] = False
    assert not mask[outside].any()


@given(faces, st.sampled_from(list(Shape)))
def test_every_landmark_is_covered(face: Face, shape: Shape) -> None:
    mask = whole_mask(place_shape(shape, face, 1.0, 0.1))
    for x, y in face.landmarks:
        if 0 <= round(x) < WIDTH and 0 <= round(y) < HEIGHT and shape is not Shape.BOX:
            assert mask[round(y), round(x)] == 1


@given(faces)
def test_the_box_covers_the_whole_box(face: Face) -> None:
    mask = whole_mask(place_shape(Shape.BOX, face, 1.0, 0.1))
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    box = face.box
    assert (mask[(x >= box.left) & (x <= box.right) & (y >= box.top) & (y <= box.bottom)] == 1).all()


@pytest.mark.parametrize("angle", [0, 30, 90, 180, -135])
def test_the_face_reaches_from_the_brows_to_the_chin_and_over_both_cheeks(angle: float) -> None:
    """Points of the FFHQ square: brows 40 pixels above the eyes, the chin 90 below the mouth, cheeks beside the nose."""
    face = made_face(angle=angle)
    points = np.array([[190, 198], [320, 198], [257, 460], [135, 290], [377, 290], [165, 380], [347, 380], [256, 160]])
    mask = whole_mask(place_shape(Shape.FACE, face, 1.0, 0.0))
    for x, y in apply_transform(invert_transform(template_transform(face)), points.astype(float)):
        assert mask[round(y), round(x)] == 1


@pytest.mark.parametrize("shape", [Shape.ELLIPSE, Shape.FACE])
@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_mask_turns_with_the_eyes(shape: Shape, quarters: int) -> None:
    upright = place_shape(shape, made_face(100, 100), 1.3, 0.1).mask(Region(0, 0, 201, 201))
    turned = place_shape(shape, made_face(100, 100, angle=90 * quarters), 1.3, 0.1).mask(Region(0, 0, 201, 201))
    np.testing.assert_allclose(turned, np.rot90(upright, -quarters), atol=2e-3)


@pytest.mark.parametrize("shape", list(Shape))
def test_a_large_face_is_covered_as_a_small_one(shape: Shape) -> None:
    small = place_shape(shape, made_face(50, 50, 40), 1.3, 0.1)
    large = place_shape(shape, made_face(500, 500, 400), 1.3, 0.1)
    for name in ("half_width", "rise", "fall", "feather"):
        assert getattr(large, name) == pytest.approx(10 * getattr(small, name), rel=1e-6)


def test_a_finer_grid_gives_the_same_mask() -> None:
    """The rim of a large face is worked out on a coarse grid; here the same face is drawn ten times as small."""
    small = place_shape(Shape.ELLIPSE, made_face(49.5, 49.5, 50), 1.3, 0.2).mask(Region(0, 0, 100, 100))
    large = place_shape(Shape.ELLIPSE, made_face(499.5, 499.5, 500), 1.3, 0.2).mask(Region(0, 0, 1000, 1000))
    assert np.abs(large[5::10, 5::10] - small).max() < 0.3
    assert np.abs(large[5::10, 5::10] - small).mean() < 0.02


def test_landmarks_that_contradict_the_box_give_an_upright_ellipse() -> None:
    face = made_face()
    profile = Face(face.box, 0.9, (face.landmarks - face.landmarks[2]) * [0.1, 0.1] + face.landmarks[2])
    placed = place_shape(Shape.FACE, profile, 1.3, 0.1)
    assert placed.across == (1.0, 0.0)
    assert placed.centre == face.box.centre
    assert placed.half_width == pytest.approx(1.3 * face.box.width / 2)
    assert placed.rise == placed.fall == pytest.approx(1.3 * face.box.height / 2)


def test_the_eyes_tell_the_direction() -> None:
    assert eye_direction(made_face(angle=30)) == pytest.approx((np.cos(np.pi / 6), np.sin(np.pi / 6)))


def test_landmarks_in_one_point_are_no_trouble() -> None:
    face = Face(made_face().box, 0.9, np.full((5, 2), 100.0))
    for shape in Shape:
        assert whole_mask(place_shape(shape, face, 1.3, 0.1)).max() == 1


def test_a_box_without_size_still_hides_its_place() -> None:
    face = Face(Box(50, 50, 50, 50), 0.9, np.full((5, 2), 50.0))
    assert whole_mask(place_shape(Shape.ELLIPSE, face, 1.3, 0.0))[50, 50] == 1
