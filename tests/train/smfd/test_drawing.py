"""What a step draws depends on the seed, the step and the number of the sample alone."""

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from clearface.degrade.blurring import blur_within
from clearface.errors import UsageError
from clearface.masks import UNKNOWN
from clearface.train.engine.recipes import recipe_from_values
from clearface.train.smfd.drawing import FaceBatch, FaceSource
from clearface.train.smfd.recipe import SmfdRecipe

CPU = torch.device("cpu")


@pytest.fixture
def recipe(tiny_values: dict[str, Any]) -> SmfdRecipe:
    return recipe_from_values(SmfdRecipe, tiny_values, "tiny")


def batch_of(source: FaceSource, step: int, samples: range) -> FaceBatch:
    return source.make_batch(source.draw(source.recipe.parser, 11, step, samples), CPU)


def test_a_share_of_a_batch_is_that_part_of_the_whole(prepared_set: Path, recipe: SmfdRecipe) -> None:
    source = FaceSource(prepared_set, recipe)
    whole = batch_of(source, 3, range(6))
    parts = [batch_of(FaceSource(prepared_set, recipe), 3, samples) for samples in (range(2), range(2, 6))]
    for field in fields(FaceBatch):
        together = torch.cat([getattr(part, field.name) for part in parts])
        torch.testing.assert_close(together, getattr(whole, field.name), rtol=0, atol=1 / 255 + 1e-6)
    assert float((torch.cat([part.blurred for part in parts]) - whole.blurred).abs().mean()) < 1e-4


def test_steps_samples_stages_and_seeds_all_differ(prepared_set: Path, recipe: SmfdRecipe) -> None:
    source = FaceSource(prepared_set, recipe)
    first = source.draw(recipe.parser, 11, 3, range(2)).wide
    others = [
        source.draw(recipe.parser, 11, 4, range(2)).wide,
        source.draw(recipe.parser, 12, 3, range(2)).wide,
        FaceSource(prepared_set, replace(recipe, seed=6)).draw(recipe.parser, 11, 3, range(2)).wide,
        first.flip(0),
    ]
    assert torch.equal(source.draw(recipe.parser, 11, 3, range(2)).wide, first)
    assert not any(torch.equal(other, first) for other in others)


def test_blurred_faces_are_the_sharp_ones_blurred_with_the_kernels_given(
    prepared_set: Path, recipe: SmfdRecipe
) -> None:
    mix = replace(
        recipe.degradation.mix, varying=0, linear_light=0, reduced=0, noisy=0, compressed=0, unblurred=0, shuffled=0
    )
    source = FaceSource(prepared_set, replace(recipe, degradation=replace(recipe.degradation, mix=mix)))
    drawn = source.draw(recipe.parser, 11, 0, range(6))
    batch = source.make_batch(drawn, CPU)
    expected = blur_within(drawn.wide, batch.kernels).clamp(0, 1)
    torch.testing.assert_close(batch.blurred, expected, rtol=0, atol=0.5 / 255 + 1e-5)
    assert batch.sharp.shape == (6, 3, 32, 32)
    torch.testing.assert_close(batch.kernels.sum((1, 2)), torch.ones(6))
    assert int((batch.masks != UNKNOWN).sum()) > 0
    assert set(np.unique(batch.masks)) <= {0, 1, 3, 5, 6, UNKNOWN}


def test_some_faces_are_mirrored_beyond_their_edges_and_some_are_not(prepared_set: Path, recipe: SmfdRecipe) -> None:
    source = FaceSource(prepared_set, recipe)
    rim = source.bank(32, CPU).taps // 2
    wide = source.draw(recipe.parser, 11, 0, range(20)).wide
    mirrored = (wide[..., rim - 1] == wide[..., rim + 1]).flatten(1).all(1)
    assert 3 < int(mirrored.sum()) < 17


def test_several_sizes_take_turns(prepared_set: Path, recipe: SmfdRecipe) -> None:
    source = FaceSource(prepared_set, recipe)
    stage = replace(recipe.parser, sizes=(32, 64))
    sizes = [source.draw(stage, 11, step, range(1)).size for step in range(20)]
    assert set(sizes) == {32, 64}
    assert source.bank(64, CPU).taps == 2 * source.bank(32, CPU).taps - 1
    source.check_sizes(stage)
    with pytest.raises(UsageError, match=r"^the recipe asks for faces of 256 pixels, but no faces sharp at 256 pixels"):
        source.check_sizes(replace(stage, sizes=(32, 256)))


def test_a_folder_that_is_no_prepared_set_is_named(tmp_path: Path, recipe: SmfdRecipe) -> None:
    with pytest.raises(UsageError, match="no prepared set"):
        FaceSource(tmp_path, recipe)
