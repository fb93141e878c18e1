"""Sharp faces from a prepared set and what is done to them, each sample from a generator of its own."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from clearface.degrade.bank import KernelBank, make_bank
from clearface.degrade.blurring import mirrored
from clearface.degrade.plans import DegradationPlan, draw_plan
from clearface.degrade.protocols import FACE_SIZE
from clearface.degrade.randomized import apply_plan
from clearface.errors import UsageError
from clearface.train.face_sets import load_face_sets
from clearface.train.prepare.records import Part
from clearface.train.samples import FaceSet, Framing, draw_samples
from clearface.train.smfd.recipe import DegradationRecipe, SmfdRecipe, StageRecipe

_BANK, _VALIDATION = 1, 2
"""Told apart from stages, so that no two draw from the same generator."""

_AS_ALIGNED = Framing(whole=1, tight=0, tilted=0, tilt=0, whole_scale=(1.0, 1.0), shift=0, mirrored=0)


@dataclass(frozen=True)
class Drawn:
    """Samples of one step, on the CPU."""

    wide: Tensor
    """Sharp faces and what the blur reaches for beyond them, RGB `(N, 3, S + 2 * rim, S + 2 * rim)` in [0, 1]."""

    masks: Tensor
    """Classes `(N, S, S)` uint8, `UNKNOWN` where nobody knows."""

    plan: DegradationPlan

    size: int


@dataclass(frozen=True)
class FaceBatch:
    """What the networks learn from, on the device."""

    blurred: Tensor
    """RGB `(N, 3, S, S)` in [0, 1]."""

    sharp: Tensor
    """The same before anything happened to it."""

    kernels: Tensor
    """`(N, K, K)`, what it was blurred with, in pixels of these faces; for blur that varies, its mean."""

    varying: Tensor
    """`(N,)` bool."""

    masks: Tensor
    """Classes `(N, S, S)` int64, `UNKNOWN` where nobody knows."""


class FaceSource:
    """The faces of a prepared set, and the blurs of a recipe."""

    def __init__(self, folder: Path, recipe: SmfdRecipe) -> None:
        """Raises UsageError where the folder is no prepared set, or has no faces held back."""
        self.recipe = recipe
        self.training = load_face_sets(folder)
        self.held_back = load_face_sets(folder, Part.HELD_BACK)
        if not any(len(faces.crops) for faces in self.held_back):
            raise UsageError(
                f"{folder}: no faces are held back there, so nothing could be measured: prepare the set with --held-back"
            )
        self._banks: dict[tuple[int, str], KernelBank] = {}

    def check_sizes(self, stage: StageRecipe) -> None:
        """Raises UsageError where a stage asks for a size at which no face is sharp."""
        for sets, size in [
            *((self.training, size) for size in stage.sizes),
            (self.held_back, self.recipe.validation.size),
        ]:
            try:
                draw_samples(sets, np.random.default_rng(0), 0, size)
            except ValueError as error:
                raise UsageError(f"the recipe asks for faces of {size} pixels, but {error}") from error

    def draw(self, stage: StageRecipe, stage_number: int, step: int, samples: range) -> Drawn:
        """Samples of those numbers within the batch of a step."""
        seed = self.recipe.seed
        size = stage.sizes[int(np.random.default_rng((seed, stage_number, step)).integers(len(stage.sizes)))]
        # One more than the number, since a seed ending in 0 is the same as one without: that of the size.
        generators = [np.random.default_rng((seed, stage_number, step, sample + 1)) for sample in samples]
        return self._draw(self.training, generators, size, None)

    def make_batch(self, drawn: Drawn, target: torch.device) -> FaceBatch:
        """Degrades what was drawn, on the device."""
        bank = self.bank(drawn.size, target)
        rim = bank.taps // 2
        wide = drawn.wide.to(target, non_blocking=True)
        degraded = apply_plan(wide, bank, drawn.plan)
        layout = torch.channels_last
        return FaceBatch(
            degraded.faces.contiguous(memory_format=layout),
            wide[..., rim:-rim, rim:-rim].contiguous(memory_format=layout),
            degraded.kernels,
            degraded.varying,
            drawn.masks.to(target, torch.int64),
        )

    def bank(self, size: int, target: torch.device) -> KernelBank:
        """The kernels for faces of a size, made when they are first asked for."""
        found = self._banks.get((size, str(target)))
        if found is None and target.type == "cpu":
            recipe = self.recipe.degradation
            mix = recipe.mix.scaled(size / FACE_SIZE)
            generator = np.random.default_rng((self.recipe.seed, _BANK, size))
            found = make_bank(generator, recipe.kernels, _taps(recipe, size), mix.blurs, recipe.fields, mix.fields)
        elif found is None:
            found = self.bank(size, torch.device("cpu")).to(target)
        self._banks[size, str(target)] = found
        return found

    @cached_property
    def validation(self) -> FaceBatch:
        """Held-back faces as the pipeline aligns them, degraded once, on the CPU."""
        recipe = self.recipe
        seeds = [(recipe.seed, _VALIDATION, 0, index + 1) for index in range(recipe.validation.faces)]
        generators = [np.random.default_rng(seed) for seed in seeds]
        drawn = self._draw(self.held_back, generators, recipe.validation.size, _AS_ALIGNED)
        return self.make_batch(drawn, torch.device("cpu"))

    def _draw(
        self, sets: tuple[FaceSet, ...], generators: list[np.random.Generator], size: int, framing: Framing | None
    ) -> Drawn:
        recipe = self.recipe.degradation
        rim = _taps(recipe, size) // 2
        wide, masks, plans = [], [], []
        for generator in generators:
            sample = draw_samples(sets, generator, 1, size, framing, rim=rim, with_masks=True)
            face = torch.from_numpy(sample.faces)
            if generator.random() < recipe.mirrored:
                face = mirrored(face[..., rim:-rim, rim:-rim], rim)
            wide.append(face)
            assert sample.masks is not None
            masks.append(torch.from_numpy(sample.masks[:, rim:-rim, rim:-rim]))
            plans.append(draw_plan(generator, 1, recipe.kernels, recipe.fields, recipe.mix))
        return Drawn(torch.cat(wide), torch.cat(masks), DegradationPlan.joined(plans), size)


def _taps(recipe: DegradationRecipe, size: int) -> int:
    """Kernels grow with the face; the side stays odd."""
    return 2 * max(1, round(recipe.taps // 2 * size / FACE_SIZE)) + 1
