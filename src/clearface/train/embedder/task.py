"""Distillation as a task of the training loop: the student gives the teacher's vector of the sharp face, whatever it is shown."""

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from clearface.arrays import ByteImage, FloatArray
from clearface.degrade.bank import KernelBank, make_bank
from clearface.degrade.plans import DegradationPlan, draw_plan
from clearface.degrade.protocols import FACE_SIZE, degrade_by_protocol
from clearface.degrade.randomized import apply_plan
from clearface.embedders.alignment import eye_chip
from clearface.faces import TEMPLATE_SIZE, invert_transform
from clearface.nets.fusion_embedder import FusionEmbedder
from clearface.recognition.base import IndexArray
from clearface.train.embedder.appearance import Looks, draw_looks, dressed, framed
from clearface.train.embedder.lessons import Lessons, middle
from clearface.train.embedder.recipe import AppearanceRecipe, EmbedderRecipe
from clearface.train.engine.tasks import Turn

EMBEDDER = "fusion_embedder"

_BANK, _TRAINING = 31, 32
_AT_ONCE = 64
_SHOWN = 6

_UNCHANGED = AppearanceRecipe(
    shift=0, scale=0, tilt=0, mirrored=0, grey=0, contrast=0, brightness=0, tinted=0, lit=0, covered=0, coarse=0
)


@dataclass(frozen=True, eq=False)
class DrawnLessons:
    """Samples of one step, on the CPU."""

    rows: IndexArray
    """`(N,)`: whose each is."""

    wide: Tensor
    """The sharp faces and their surroundings, uint8 `(B, C, C, 3)`, of samples that will be blurred."""

    plan: DegradationPlan
    """What happens to those."""

    squares: Tensor
    """FFHQ squares uint8 `(N - B, S, S, 3)` of all others, sharp or restored."""

    looks: Looks
    """Of all N, those that will be blurred first."""


@dataclass(frozen=True, eq=False)
class FaceLesson:
    """What the network learns from, on the device."""

    chips: Tensor
    """RGB `(N, 3, 112, 112)` in [0, 1]."""

    targets: Tensor
    """`(N, D)` of unit length."""


class DistillationTask:
    """See `clearface.train.engine.tasks.Task`."""

    name = "distillation"
    released = (EMBEDDER,)
    turns = (Turn("student", {EMBEDDER: 1.0}),)

    def __init__(self, lessons: Lessons, held_back: Lessons, recipe: EmbedderRecipe) -> None:
        self.lessons, self.held_back, self.recipe = lessons, held_back, recipe
        self.mean = np.asarray(lessons.targets, np.float64).mean(0)
        self.targets = torch.from_numpy(centred(lessons.targets, self.mean))
        self._restored_row = {int(row): place for place, row in enumerate(lessons.rows)}
        self._bank = _bank(recipe)

    def build_networks(self) -> nn.ModuleDict:
        network = FusionEmbedder(self.recipe.network)
        return nn.ModuleDict({EMBEDDER: network}).to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def draw(self, step: int, samples: range) -> DrawnLessons:
        recipe, lessons = self.recipe.appearance, self.lessons
        seeds = [(self.recipe.seed, _TRAINING, step, sample + 1) for sample in samples]
        blurred, rest = list[tuple[int, np.random.Generator]](), list[tuple[int, np.random.Generator]]()
        for seed in seeds:
            generator = np.random.default_rng(seed)
            row = int(generator.integers(len(lessons.wide)))
            (blurred if generator.random() < recipe.blurred else rest).append((row, generator))
        size = self.recipe.lessons.square
        squares = [self._unblurred(row, generator) for row, generator in rest]
        wide = [torch.from_numpy(np.array(lessons.wide[row])) for row, _ in blurred]
        mix = recipe.mix.scaled(size / FACE_SIZE)
        kernels, fields = len(self._bank.kernels), len(self._bank.fields)
        plans = [draw_plan(generator, 1, kernels, fields, mix) for _, generator in blurred]
        nothing = draw_plan(np.random.default_rng(0), 0, kernels, fields, mix)
        both = blurred + rest
        side = lessons.wide.shape[1]
        return DrawnLessons(
            np.array([row for row, _ in both], np.intp),
            torch.stack(wide) if wide else torch.zeros(0, side, side, 3, dtype=torch.uint8),
            DegradationPlan.joined([nothing, *plans]),
            torch.stack(squares) if squares else torch.zeros(0, size, size, 3, dtype=torch.uint8),
            draw_looks([generator for _, generator in both], recipe),
        )

    def _unblurred(self, row: int, generator: np.random.Generator) -> Tensor:
        """The FFHQ square of a face that is not blurred now, uint8 `(S, S, 3)`: restored, where there is such a one, or sharp."""
        recipe, size = self.recipe.appearance, self.recipe.lessons.square
        wanted = generator.random() < recipe.shown_restored / max(1 - recipe.blurred, 1e-9)
        place = self._restored_row.get(row)
        if not wanted or place is None:
            return torch.from_numpy(np.array(middle(self.lessons.wide[row][None], size)[0]))
        restored = np.array(self.lessons.restored[place])
        return torch.from_numpy(cv2.resize(restored, (size, size), interpolation=cv2.INTER_LINEAR))

    def make_batch(self, drawn: DrawnLessons, step: int, samples: range, target: torch.device) -> FaceLesson:
        size = self.recipe.lessons.square
        parts = []
        if len(drawn.wide):
            bank = self._bank.to(target)
            wide = drawn.wide.to(target).permute(0, 3, 1, 2).contiguous().float() / 255
            parts.append(_fitted(apply_plan(wide, bank, drawn.plan).faces, size))
        if len(drawn.squares):
            parts.append(drawn.squares.to(target).permute(0, 3, 1, 2).contiguous().float() / 255)
        chips = framed(
            torch.cat(parts), drawn.looks, chip_in_square(self.recipe.network.size).to(target), self.recipe.network.size
        )
        chips = dressed(chips, drawn.looks).contiguous(memory_format=torch.channels_last)
        return FaceLesson(chips, self.targets[torch.from_numpy(drawn.rows)].to(target))

    def loss(
        self, networks: nn.ModuleDict, batch: FaceLesson, turn: Turn, step: int
    ) -> tuple[Tensor, dict[str, Tensor]]:
        recipe = self.recipe.distillation
        vectors = networks[EMBEDDER](batch.chips)
        distance = (1 - (vectors * batch.targets).sum(1)).mean()
        everybody = self.targets.to(vectors.device)
        own = functional.log_softmax(vectors @ everybody.T / recipe.temperature, 1)
        theirs = functional.softmax(batch.targets @ everybody.T / recipe.temperature, 1)
        likeness = functional.kl_div(own, theirs, reduction="batchmean")
        return distance + recipe.likeness_weight * likeness, {"distance": distance, "likeness": likeness}

    @torch.no_grad()
    def validate(self, networks: nn.ModuleDict) -> dict[str, float]:
        """For each kind of picture: mean cosine to the teacher's vector, share whose nearest sharp face is the right one."""
        network = networks[EMBEDDER]
        target = next(network.parameters()).device
        truth = torch.from_numpy(centred(self.held_back.targets[: self.recipe.validation_faces], self.mean))
        figures: dict[str, float] = {}
        for name, chips in self._validation.items():
            parts = [
                network(chips[start : start + _AT_ONCE].to(target)).cpu() for start in range(0, len(chips), _AT_ONCE)
            ]
            cosines = torch.cat(parts) @ truth.T
            figures[f"cosine_{name}"] = float(cosines.diagonal().mean())
            figures[f"found_{name}"] = float((cosines.argmax(1) == torch.arange(len(cosines))).float().mean())
        return figures

    def sample_pictures(self, networks: nn.ModuleDict) -> list[ByteImage]:
        return [
            (chips[:_SHOWN].permute(0, 2, 3, 1).numpy() * 255).round().astype(np.uint8)
            for chips in self._validation.values()
        ]

    @cached_property
    def _validation(self) -> dict[str, Tensor]:
        """Held-back faces as they are cut out when people are recognized: sharp, and degraded by two protocols."""
        count, size = self.recipe.validation_faces, self.recipe.lessons.square
        sharp = np.asarray(middle(self.held_back.wide[:count], size), np.float32) / np.float32(255)
        small = np.stack([_reduced(face) for face in sharp])
        kinds = {
            "sharp": sharp,
            "mild": degrade_by_protocol(small, "mild", self.recipe.seed).faces,
            "shen": degrade_by_protocol(small, "shen", self.recipe.seed).faces,
        }
        as_they_are = draw_looks([np.random.default_rng(0)] * len(sharp), _UNCHANGED)
        return {
            name: framed(
                torch.from_numpy(np.ascontiguousarray(faces.transpose(0, 3, 1, 2))),
                as_they_are,
                chip_in_square(self.recipe.network.size),
                self.recipe.network.size,
            )
            for name, faces in kinds.items()
        }


def centred(targets: FloatArray, mean: FloatArray) -> FloatArray:
    """The teacher's vectors `(N, D)` from the mean face's, of unit length again: what all faces share tells nobody apart."""
    apart = np.asarray(targets, np.float64) - mean
    return np.asarray(apart / np.linalg.norm(apart, axis=1, keepdims=True), np.float32)


def chip_in_square(size: int) -> Tensor:
    """`(2, 3)`: from coordinates of a chip of `size` pixels to those of the FFHQ square, both -1 to 1 from edge to edge."""
    to_square = invert_transform(eye_chip(size).from_template)
    linear = to_square[:, :2] * (size / TEMPLATE_SIZE)
    shift = (to_square[:, :2] @ np.full(2, size - 1.0) + 2 * to_square[:, 2] + 1) / TEMPLATE_SIZE - 1
    return torch.from_numpy(np.column_stack([linear, shift])).float()


def _bank(recipe: EmbedderRecipe) -> KernelBank:
    """Kernels for faces of the size that lessons are kept at."""
    appearance, factor = recipe.appearance, recipe.lessons.square / FACE_SIZE
    mix = appearance.mix.scaled(factor)
    taps = 2 * round(appearance.taps // 2 * factor) + 1
    generator = np.random.default_rng((recipe.seed, _BANK))
    return make_bank(generator, appearance.kernels, taps, mix.blurs, appearance.fields, mix.fields)


def _fitted(squares: Tensor, side: int) -> Tensor:
    """FFHQ squares of `side` pixels, mirrored beyond or cut: a blur reaches further than the surroundings that are kept."""
    missing = side - squares.shape[-1]
    if missing <= 0:
        cut = -missing // 2
        return squares[..., cut : cut + side, cut : cut + side]
    before = missing // 2
    return functional.pad(squares, (before, missing - before, before, missing - before), mode="reflect")


def _reduced(face: FloatArray) -> FloatArray:
    return np.asarray(cv2.resize(face, (FACE_SIZE, FACE_SIZE), interpolation=cv2.INTER_AREA), np.float32)
