"""Geometry of faces, held against scikit-image and OpenCV."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skimage.transform import SimilarityTransform

from clearface.arrays import DoubleArray
from clearface.faces import (
    FFHQ_TEMPLATE,
    TEMPLATE_SIZE,
    TEMPLATE_SIZE_PER_BOX,
    WORKING_SIZES,
    Box,
    Face,
    apply_transform,
    compose_transforms,
    invert_transform,
    native_size,
    nearest_working_size,
    resize_transform,
    similarity_transform,
    template_transform,
    transform_scale,
)


@st.composite
def similarities(draw: st.DrawFn) -> DoubleArray:
    """Scale 1/50 to 20, any rotation, shifts as in a large photo."""
    scale = np.exp(draw(st.floats(np.log(0.02), np.log(20))))
    angle = draw(st.floats(-np.pi, np.pi))
    shift = [draw(st.floats(-10_000, 10_000)), draw(st.floats(-10_000, 10_000))]
    cosine, sine = scale * np.cos(angle), scale * np.sin(angle)
    return np.array([[cosine, -sine, shift[0]], [sine, cosine, shift[1]]])


def clouds(count: int) -> st.SearchStrategy[DoubleArray]:
    return st.integers(0, 100_000).map(lambda seed: np.random.default_rng(seed).uniform(0, 512, (count, 2)))


def face_like_template(transform: DoubleArray) -> Face:
    """A face of the template's shape, brought into a photo."""
    landmarks = apply_transform(transform, FFHQ_TEMPLATE)
    centre = apply_transform(transform, np.array([[256.0, 290.0]]))[0]
    reach = TEMPLATE_SIZE * transform_scale(transform) / TEMPLATE_SIZE_PER_BOX / 2
    return Face(Box(*(centre - reach), *(centre + reach)), 0.9, landmarks)


@given(similarities(), clouds(20))
def test_a_transform_and_its_inverse_agree(transform: DoubleArray, points: DoubleArray) -> None:
    there_and_back = apply_transform(invert_transform(transform), apply_transform(transform, points))
    np.testing.assert_allclose(there_and_back, points, atol=0.01)


@given(similarities())
def test_aligning_a_face_and_its_inverse_agree(transform: DoubleArray) -> None:
    face = face_like_template(transform)
    to_template = template_transform(face)
    np.testing.assert_allclose(apply_transform(to_template, face.landmarks), FFHQ_TEMPLATE, atol=0.01)
    back = apply_transform(invert_transform(to_template), FFHQ_TEMPLATE)
    np.testing.assert_allclose(back, face.landmarks, atol=0.01)


@given(similarities(), similarities(), clouds(5))
def test_composed_transforms_act_one_after_the_other(
    first: DoubleArray, second: DoubleArray, points: DoubleArray
) -> None:
    together = apply_transform(compose_transforms(first, second), points)
    np.testing.assert_allclose(together, apply_transform(second, apply_transform(first, points)), rtol=1e-9, atol=1e-6)


@given(similarities(), clouds(5))
def test_exact_points_give_the_transform_that_made_them(transform: DoubleArray, points: DoubleArray) -> None:
    np.testing.assert_allclose(similarity_transform(points, apply_transform(transform, points)), transform, atol=1e-5)


@given(clouds(5), st.integers(0, 100_000))
def test_least_squares_agree_with_scikit_image(points: DoubleArray, seed: int) -> None:
    noise = np.random.default_rng(seed).normal(0, 3, points.shape)
    target = apply_transform(np.array([[0.6, -0.2, 40.0], [0.2, 0.6, -7.0]]), points) + noise
    reference = SimilarityTransform.from_estimate(points, target)
    np.testing.assert_allclose(similarity_transform(points, target), reference.params[:2], atol=1e-6)


@given(similarities(), clouds(5))
def test_clean_points_agree_with_opencv(transform: DoubleArray, points: DoubleArray) -> None:
    target = apply_transform(transform, points)
    reference, _ = cv2.estimateAffinePartial2D(points, target, method=cv2.LMEDS)
    moved = apply_transform(similarity_transform(points, target), points)
    np.testing.assert_allclose(moved, apply_transform(np.asarray(reference), points), atol=0.05)


def test_a_mirror_image_is_not_mirrored_back() -> None:
    mirrored = FFHQ_TEMPLATE * [-1, 1]
    assert np.linalg.det(similarity_transform(mirrored, FFHQ_TEMPLATE)[:, :2]) > 0


def test_points_that_coincide_are_refused() -> None:
    with pytest.raises(ValueError, match="coincide"):
        similarity_transform(np.ones((5, 2)), FFHQ_TEMPLATE)


@pytest.mark.parametrize("size", [16, 96, 100, 400])
def test_resizing_agrees_with_opencv(size: int) -> None:
    """A ramp says of every pixel where it came from."""
    ramp = np.tile(np.arange(100, dtype=np.float32), (100, 1))
    resized = np.asarray(cv2.resize(ramp, (size, size), interpolation=cv2.INTER_LINEAR))
    inside = slice(size // 4, -size // 4)
    columns = np.arange(size)[inside]
    origins = apply_transform(invert_transform(resize_transform(size / 100)), np.column_stack([columns, columns]))[:, 0]
    np.testing.assert_allclose(resized[size // 2, inside], origins, atol=0.02)


@pytest.mark.parametrize("squeeze", [0.0, 0.2])
def test_landmarks_of_a_profile_give_way_to_the_box(squeeze: float) -> None:
    """A head in profile: the box is as large as ever, while the points crowd on a line that is far shorter."""
    centre = np.array([300.0, 200.0])
    crowded = centre + (FFHQ_TEMPLATE - FFHQ_TEMPLATE.mean(0)) * [squeeze, 0.15]
    face = Face(Box(250, 140, 350, 260), 0.9, crowded)
    transform = template_transform(face)
    expected = TEMPLATE_SIZE / (TEMPLATE_SIZE_PER_BOX * np.sqrt(100 * 120))
    np.testing.assert_allclose(transform[:, :2], expected * np.eye(2), rtol=1e-9)
    np.testing.assert_allclose(apply_transform(transform, np.array([face.box.centre]))[0], [256, 290], atol=1e-9)
    assert native_size(face) == pytest.approx(TEMPLATE_SIZE_PER_BOX * face.box.size)


def test_landmarks_in_one_point_or_an_empty_box_still_give_a_square() -> None:
    in_one_point = Face(Box(0, 0, 80, 80), 0.5, np.full((5, 2), 40.0))
    assert native_size(in_one_point) == pytest.approx(80 * TEMPLATE_SIZE_PER_BOX)
    empty = Face(Box(10, 10, 10, 10), 0.5, np.full((5, 2), 10.0))
    assert np.isfinite(template_transform(empty)).all()


@given(similarities())
def test_the_native_size_is_the_side_of_the_square_in_the_photo(transform: DoubleArray) -> None:
    face = face_like_template(transform)
    corners = apply_transform(invert_transform(template_transform(face)), np.array([[0.0, 0.0], [TEMPLATE_SIZE, 0.0]]))
    assert native_size(face) == pytest.approx(float(np.linalg.norm(corners[1] - corners[0])), rel=1e-6)


def test_working_sizes_are_multiples_of_16_in_small_steps() -> None:
    assert WORKING_SIZES[0] == 96
    assert WORKING_SIZES[-1] == 512
    assert all(size % 16 == 0 for size in WORKING_SIZES)
    assert all(1 < larger / smaller <= 1.25 for smaller, larger in zip(WORKING_SIZES, WORKING_SIZES[1:], strict=False))


@pytest.mark.parametrize(
    ("size", "nearest"),
    [(0, 96), (20, 96), (96, 96), (103, 96), (105, 112), (143, 128), (144, 160), (500, 512), (4000, 512)],
)
def test_the_nearest_working_size_is_nearest_in_ratio(size: float, nearest: int) -> None:
    assert nearest_working_size(size) == nearest


@given(st.floats(96, 512))
def test_no_face_in_range_is_scaled_by_more_than_an_eighth(size: float) -> None:
    ratio = nearest_working_size(size) / size
    assert 1 / np.sqrt(1.25) - 1e-9 <= ratio <= np.sqrt(1.25) + 1e-9


@given(clouds(4))
def test_overlap_agrees_with_counting_pixels(corners: DoubleArray) -> None:
    rounded = np.rint(corners / 8)
    boxes = []
    for pair in (rounded[:2], rounded[2:]):
        (left, top), (right, bottom) = pair.min(0), pair.max(0) + 1
        boxes.append(Box(left, top, right, bottom))
    masks = np.zeros((2, 70, 70), bool)
    for mask, box in zip(masks, boxes, strict=True):
        mask[int(box.top) : int(box.bottom), int(box.left) : int(box.right)] = True
    expected = (masks[0] & masks[1]).sum() / (masks[0] | masks[1]).sum()
    assert boxes[0].overlap(boxes[1]) == pytest.approx(expected)
    assert boxes[0].overlap(boxes[1]) == boxes[1].overlap(boxes[0])
