"""What is done to faces before they are learned from: framing as the embedder cuts, and looks that change no geometry."""

from dataclasses import fields, replace

import numpy as np
import pytest
import torch

from clearface.arrays import ByteImage
from clearface.embedders.alignment import eye_chip
from clearface.train.embedder.appearance import draw_looks, dressed, framed
from clearface.train.embedder.recipe import AppearanceRecipe
from clearface.train.embedder.task import _UNCHANGED, chip_in_square

SIZE = 112


@pytest.fixture(scope="module")
def square(astronaut: ByteImage) -> np.ndarray:
    return np.asarray(astronaut[40:200, 140:300], np.float32) / np.float32(255)


def as_batch(square: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(square.transpose(2, 0, 1)))[None]


def looks_of(recipe: AppearanceRecipe, seed: int = 3, count: int = 1):
    return draw_looks([np.random.default_rng((seed, place)) for place in range(count)], recipe)


def test_an_unchanged_face_is_framed_as_the_embedder_cuts_it(square: np.ndarray) -> None:
    chip = framed(as_batch(square), looks_of(_UNCHANGED), chip_in_square(SIZE), SIZE)[0].permute(1, 2, 0).numpy()
    cut = eye_chip(SIZE).cut(square)
    assert np.abs(chip * 255 - cut).mean() < 2  # bilinear there, bicubic here


def test_a_mirrored_face_is_the_mirror_image_of_the_one_framed_straight() -> None:
    noise = as_batch(np.random.default_rng(0).random((160, 160, 3), dtype=np.float32))
    straight = framed(noise.clone(), looks_of(_UNCHANGED), chip_in_square(SIZE), SIZE)
    turned = framed(noise.clone(), looks_of(replace(_UNCHANGED, mirrored=1)), chip_in_square(SIZE), SIZE)
    assert torch.allclose(turned, straight.flip(3), atol=1e-4)


def test_an_unchanged_look_leaves_the_pixels_alone(square: np.ndarray) -> None:
    picture = as_batch(square).clamp(1e-3, 1)
    assert torch.allclose(dressed(picture, looks_of(_UNCHANGED)), picture, atol=1e-5)


def test_grey_faces_have_the_brightness_of_television_and_no_colour(square: np.ndarray) -> None:
    picture = as_batch(square).clamp(1e-3, 1)
    grey = dressed(picture, looks_of(replace(_UNCHANGED, grey=1)))
    assert torch.allclose(grey[:, 0], grey[:, 2])
    expected = 0.299 * picture[:, 0] + 0.587 * picture[:, 1] + 0.114 * picture[:, 2]
    assert torch.allclose(grey[:, 0], expected, atol=1e-5)


def test_light_from_a_side_leaves_the_middle_and_falls_off_as_told() -> None:
    looks = replace(looks_of(_UNCHANGED), light=np.array([[1.0, 0.0]], np.float32))
    flat = torch.full((1, 3, 65, 65), 0.4)
    lit = dressed(flat, looks)[0, 0]
    assert lit[:, 32].sub(0.4).abs().max() < 1e-5
    assert float(lit[0, -1] / lit[0, 0]) == pytest.approx(np.e, rel=1e-3)


def test_a_cover_covers_its_rectangle_and_nothing_else() -> None:
    looks = replace(looks_of(_UNCHANGED), cover=np.array([[0.25, 0.5, 0.5, 0.75, 0.9]], np.float32))
    covered = dressed(torch.full((1, 3, 101, 101), 0.2), looks)[0, 0]
    inside = covered > 0.8
    rows, columns = torch.nonzero(inside, as_tuple=True)
    assert (int(columns.min()), int(columns.max())) == (25, 49)
    assert (int(rows.min()), int(rows.max())) == (50, 74)
    assert torch.allclose(covered[~inside], torch.tensor(0.2))


def test_looks_depend_on_their_own_generator_alone() -> None:
    alone, among = looks_of(AppearanceRecipe(), 9, 1), looks_of(AppearanceRecipe(), 9, 5)
    for field in fields(alone):
        np.testing.assert_array_equal(getattr(alone, field.name)[0], getattr(among, field.name)[0])
    assert not np.array_equal(among.framing[0], among.framing[1])


def test_a_coarse_face_loses_its_finest_detail_and_keeps_its_mean() -> None:
    noise = as_batch(np.random.default_rng(0).random((160, 160, 3), dtype=np.float32))
    looks = replace(looks_of(_UNCHANGED), coarse=np.array([4.0], np.float32))
    fine = framed(noise.clone(), looks_of(_UNCHANGED), chip_in_square(SIZE), SIZE)
    coarse = framed(noise.clone(), looks, chip_in_square(SIZE), SIZE)
    assert float(coarse.std()) < 0.5 * float(fine.std())
    assert float(coarse.mean()) == pytest.approx(float(fine.mean()), abs=0.02)
