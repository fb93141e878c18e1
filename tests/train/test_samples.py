"""Random framings of aligned faces."""

import cv2
import numpy as np
import pytest

from clearface.arrays import ByteImage
from clearface.masks import UNKNOWN
from clearface.train.samples import FaceSet, Framing, draw_samples, wide_side

STILL = Framing(whole=1, tight=0, tilted=0, tilt=0, whole_scale=(1, 1), shift=0, mirrored=0)


def noise_set(square: int, count: int = 2, level: int | None = None, masked: bool = False) -> FaceSet:
    side = wide_side(square)
    generator = np.random.default_rng(square)
    crops = generator.integers(0, 256, (count, side, side, 3)).astype(np.uint8)
    if level is not None:
        crops[:] = level
    rim = (side - square) / 2
    box = np.array([rim + 0.23 * square, rim + 0.18 * square, rim + 0.77 * square, rim + 0.88 * square], np.float32)
    masks = generator.integers(0, 11, (count, side, side)).astype(np.uint8) if masked else None
    return FaceSet(crops, square, np.tile(box, (count, 1)), masks)


def test_the_whole_square_is_shown_as_it_is_stored() -> None:
    faces = noise_set(128, 1, masked=True)
    assert faces.masks is not None
    samples = draw_samples((faces,), np.random.default_rng(0), 3, 128, STILL, with_masks=True)
    expected = faces.crops[0, 20:148, 20:148].transpose(2, 0, 1) / np.float32(255)
    assert samples.faces.dtype == np.float32
    np.testing.assert_allclose(samples.faces, np.stack([expected] * 3), atol=1e-6)
    assert samples.masks is not None
    np.testing.assert_array_equal(samples.masks, np.stack([faces.masks[0, 20:148, 20:148]] * 3))


def test_the_rim_is_what_lies_around_the_face() -> None:
    faces = noise_set(128, 1)
    samples = draw_samples((faces,), np.random.default_rng(0), 1, 128, STILL, rim=16)
    expected = faces.crops[0, 4:164, 4:164].transpose(2, 0, 1) / np.float32(255)
    np.testing.assert_allclose(samples.faces[0], expected, atol=1e-6)
    beyond = draw_samples((faces,), np.random.default_rng(0), 1, 128, STILL, rim=30).faces[0]
    np.testing.assert_allclose(beyond[:, :, :10], beyond[:, :, 20:10:-1], atol=1e-6, err_msg="mirrored beyond the crop")


def test_masks_follow_the_face_through_every_framing() -> None:
    generator = np.random.default_rng(2)
    side = wide_side(256)
    cells = np.kron(generator.integers(0, 11, (9, 9)), np.ones((40, 40))).astype(np.uint8)[:side, :side]
    box = np.array([[105, 90, 235, 262]], np.float32)
    faces = FaceSet(np.repeat(cells[None, ..., None] * 20, 3, 3), 256, box, cells[None])
    samples = draw_samples((faces,), np.random.default_rng(0), 40, 96, Framing(widest_tilt=90), rim=20, with_masks=True)
    assert samples.masks is not None
    agree = np.abs(samples.faces[:, 0] * 255 - samples.masks * 20.0) <= 10
    assert agree.mean((1, 2)).min() > 0.75, "all but the edges of the cells"


def test_faces_without_masks_are_unknown() -> None:
    samples = draw_samples((noise_set(128),), np.random.default_rng(0), 2, 96, with_masks=True)
    assert samples.masks is not None
    assert (samples.masks == UNKNOWN).all()
    assert draw_samples((noise_set(128),), np.random.default_rng(0), 2, 96).masks is None


def test_small_faces_are_no_targets_for_large_samples() -> None:
    small, large = noise_set(112, 50, level=0), noise_set(160, 2, level=255)
    assert draw_samples((small, large), np.random.default_rng(0), 40, 160).faces.min() == 1
    mixed = draw_samples((small, large), np.random.default_rng(0), 40, 96).faces.mean((1, 2, 3))
    assert set(mixed) == {0, 1}
    with pytest.raises(ValueError, match="no faces sharp at 192"):
        draw_samples((small, large), np.random.default_rng(0), 1, 192)


def test_no_face_is_enlarged_beyond_a_tenth() -> None:
    faces = noise_set(96, 4)
    sizes = {}
    for name, framing in {"still": STILL, "close": Framing(whole=0, tight=0, tilt=0, tilted=0, closest=4)}.items():
        drawn = draw_samples((faces,), np.random.default_rng(1), 40, 96, framing).faces
        sizes[name] = np.abs(np.diff(drawn, axis=3)).mean((1, 2, 3))
    assert sizes["close"].min() > 0.7 * sizes["still"].min(), "noise enlarged fourfold would be four times as smooth"


def test_tight_samples_are_the_box_and_nothing_around_it() -> None:
    faces = noise_set(256, 1)
    crops = np.zeros_like(faces.crops)
    left, top, right, bottom = np.rint(faces.boxes[0]).astype(int)
    crops[0, top:bottom, left:right] = 255
    framing = Framing(whole=0, tight=1, tilted=0, tilt=0, tight_margin=(1, 1), shift=0)
    drawn = draw_samples((FaceSet(crops, 256, faces.boxes),), np.random.default_rng(0), 4, 96, framing).faces
    rows, columns = drawn[:, 0].max(2) > 0.5, drawn[:, 0].max(1) > 0.5
    assert (rows.sum(1) >= 95).all(), "the longer side fills the sample"
    assert columns.sum(1) == pytest.approx(96 * (right - left) / (bottom - top), abs=2)


def test_tilts_reach_as_far_as_they_may() -> None:
    side = wide_side(256)
    crops: ByteImage = np.zeros((1, side, side, 3), np.uint8)
    crops[:, :, side // 2 - 8 : side // 2 + 8] = 255
    faces = FaceSet(crops, 256, np.array([[90, 80, 240, 260]], np.float32))
    framing = Framing(whole=1, tight=0, tilted=1, whole_scale=(1, 1), shift=0)
    angles = []
    for drawn in draw_samples((faces,), np.random.default_rng(0), 60, 96, framing).faces[:, 0]:
        rows, columns = np.nonzero(drawn > 0.5)
        direction = cv2.fitLine(np.column_stack([columns, rows]).astype(np.float32), cv2.DIST_L2, 0, 0.01, 0.01).ravel()
        angles.append(float(np.degrees(np.arctan(direction[0] / direction[1]))))
    assert -26 < min(angles) < -18
    assert 18 < max(angles) < 26


def test_samples_repeat_for_their_seed_and_every_face_is_drawn() -> None:
    sets = (noise_set(96, 2), noise_set(128, 3, masked=True))
    first, second = (draw_samples(sets, np.random.default_rng(4), 30, 96) for _ in range(2))
    np.testing.assert_array_equal(first.faces, second.faces)
    levels = (
        FaceSet(np.full_like(sets[0].crops, 40) * np.array([1, 2], np.uint8)[:, None, None, None], 96, sets[0].boxes),
        FaceSet(
            np.full_like(sets[1].crops, 40) * np.array([3, 4, 5], np.uint8)[:, None, None, None], 128, sets[1].boxes
        ),
    )
    shown = np.rint(draw_samples(levels, np.random.default_rng(0), 400, 96, STILL).faces[:, 0, 0, 0] * 255 / 40)
    assert (np.bincount(shown.astype(int), minlength=6)[1:] > 50).all()


def test_arrays_that_do_not_fit_are_refused() -> None:
    faces = noise_set(96)
    with pytest.raises(ValueError, match="square"):
        FaceSet(faces.crops, 112, faces.boxes)
    with pytest.raises(ValueError, match="masks"):
        FaceSet(faces.crops, 96, faces.boxes, np.zeros((1, 4, 4), np.uint8))
