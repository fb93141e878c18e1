"""How sharp a face is, held against what was done to it."""

import cv2
import numpy as np
import pytest

from clearface.arrays import ByteImage
from clearface.faces import Box, Face, native_size
from clearface.train.prepare.sharpness import measure_sharpness


def resized_face(face: Face, factor: float) -> Face:
    box = face.box
    sides = Box(box.left * factor, box.top * factor, box.right * factor, box.bottom * factor)
    return Face(sides, face.score, face.landmarks * factor + (factor - 1) / 2)


def sharp_at_scale(pixels: ByteImage, face: Face, factor: float, interpolation: int) -> int:
    resized = np.asarray(cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=interpolation), np.uint8)
    return measure_sharpness(resized, resized_face(face, factor)).sharp_at


def test_a_sharp_face_is_sharp_at_the_working_size_below_its_own(
    portrait_pixels: ByteImage, portrait_face: Face
) -> None:
    assert 160 <= native_size(portrait_face) < 192
    assert measure_sharpness(portrait_pixels, portrait_face).sharp_at == 160
    assert measure_sharpness(portrait_pixels.astype(np.uint16) * 257, portrait_face).sharp_at == 160


@pytest.mark.parametrize("factor", [0.8, 0.65])
def test_a_reduced_face_is_sharp_at_a_smaller_size(
    portrait_pixels: ByteImage, portrait_face: Face, factor: float
) -> None:
    sharp_at = sharp_at_scale(portrait_pixels, portrait_face, factor, cv2.INTER_AREA)
    assert 0.75 * factor * native_size(portrait_face) <= sharp_at <= factor * native_size(portrait_face)


@pytest.mark.parametrize("interpolation", [cv2.INTER_NEAREST, cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_LANCZOS4])
@pytest.mark.parametrize("factor", [1.25, 1.5])
def test_an_enlarged_face_is_no_sharper_than_before(
    portrait_pixels: ByteImage, portrait_face: Face, factor: float, interpolation: int
) -> None:
    assert sharp_at_scale(portrait_pixels, portrait_face, factor, interpolation) == 160


@pytest.mark.parametrize("interpolation", [cv2.INTER_NEAREST, cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_LANCZOS4])
def test_a_doubled_face_stays_far_from_its_new_size(
    portrait_pixels: ByteImage, portrait_face: Face, interpolation: int
) -> None:
    assert 160 <= sharp_at_scale(portrait_pixels, portrait_face, 2, interpolation) <= 224


def test_blur_lowers_the_size_until_none_is_left(portrait_pixels: ByteImage, portrait_face: Face) -> None:
    sizes = [
        measure_sharpness(
            np.asarray(cv2.GaussianBlur(portrait_pixels, (0, 0), sigma), np.uint8), portrait_face
        ).sharp_at
        for sigma in (0.3, 0.8, 1.5, 4)
    ]
    assert sizes[0] == 160
    assert 96 <= sizes[1] <= 128
    assert sizes[2:] == [0, 0]


def test_the_transfer_of_a_blur_is_that_of_its_gaussian(portrait_pixels: ByteImage, portrait_face: Face) -> None:
    sigma, native = 0.8, native_size(portrait_face)
    before = dict(measure_sharpness(portrait_pixels, portrait_face).transfer)
    smooth = np.asarray(cv2.GaussianBlur(portrait_pixels, (0, 0), sigma), np.uint8)
    after = dict(measure_sharpness(smooth, portrait_face).transfer)
    for size in (96, 112, 128):
        frequency = 0.9 * size / 2 / native
        expected = np.exp(-2 * (np.pi * sigma * frequency) ** 2)
        assert after[size] / before[size] == pytest.approx(expected, abs=0.09)


@pytest.mark.parametrize("down", [False, True])
def test_smearing_along_one_direction_is_seen(portrait_pixels: ByteImage, portrait_face: Face, down: bool) -> None:
    kernel = np.full((11, 1) if down else (1, 11), 1 / 11)
    smeared = np.asarray(cv2.filter2D(portrait_pixels, -1, kernel), np.uint8)
    assert measure_sharpness(smeared, portrait_face).sharp_at == 0


def test_noise_is_no_detail(portrait_pixels: ByteImage, portrait_face: Face) -> None:
    smooth = cv2.GaussianBlur(portrait_pixels, (0, 0), 2).astype(float)
    noisy = np.clip(smooth + np.random.default_rng(0).normal(0, 8, smooth.shape), 0, 255).astype(np.uint8)
    assert measure_sharpness(noisy, portrait_face).sharp_at == 0


def test_a_flat_area_is_not_sharp(portrait_face: Face) -> None:
    assert measure_sharpness(np.full((300, 300, 3), 127, np.uint8), portrait_face).sharp_at == 0
