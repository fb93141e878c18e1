"""The stages as tasks of the training loop; the adversarial one is in `detail.py`."""

from abc import ABC, abstractmethod
from typing import Generic, TypeVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from clearface.arrays import ByteImage
from clearface.degrade.kernels import fitted
from clearface.masks import UNKNOWN, colour_mask
from clearface.train.engine.tasks import Turn
from clearface.train.losses import restoration_loss
from clearface.train.smfd.building import build_networks
from clearface.train.smfd.drawing import Drawn, FaceBatch, FaceSource
from clearface.train.smfd.forward import (
    DEBLURRING,
    ESTIMATOR,
    READER,
    BlurEstimate,
    Restoration,
    kernels_at,
    read_and_estimate,
    restore,
)
from clearface.train.smfd.measures import calibration, mean_intersection_over_union, psnr
from clearface.train.smfd.recipe import DetailRecipe, KernelRecipe, ParserRecipe, RestoreRecipe, StageRecipe
from clearface.train.smfd_losses import (
    certainty_loss,
    kernel_loss,
    kernel_overlap,
    likelihood_loss,
    mask_loss,
    structure_loss,
)

StageT = TypeVar("StageT", bound=StageRecipe)

_AT_ONCE = 16
"""Validation faces that go through the networks together."""

_GREATEST_SHOWN_ERROR = 0.2


class FaceTask(ABC, Generic[StageT]):
    """What all stages share: their faces, and the networks they are made of."""

    name: str
    number: int
    """Told apart from other stages, so that no two draw the same."""

    networks: tuple[str, ...]

    def __init__(self, source: FaceSource, stage: StageT, rates: dict[str, float]) -> None:
        self.source = source
        self.stage = stage
        self.shapes = source.recipe.networks
        learning = {name: rate for name, rate in rates.items() if rate > 0}
        self.turns: tuple[Turn, ...] = (Turn("restorer", learning),)
        self.released = tuple(learning)

    def build_networks(self) -> nn.ModuleDict:
        return build_networks(self.shapes, self.networks)

    def draw(self, step: int, samples: range) -> Drawn:
        return self.source.draw(self.stage, self.number, step, samples)

    def make_batch(self, drawn: Drawn, step: int, samples: range, target: torch.device) -> FaceBatch:
        return self.source.make_batch(drawn, target)

    @abstractmethod
    def loss(
        self, networks: nn.ModuleDict, batch: FaceBatch, turn: Turn, step: int
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """See `Task`."""

    @abstractmethod
    def validate(self, networks: nn.ModuleDict) -> dict[str, float]:
        """See `Task`."""

    @abstractmethod
    def sample_pictures(self, networks: nn.ModuleDict) -> list[ByteImage]:
        """See `Task`."""

    def validation_parts(self, networks: nn.ModuleDict) -> list[FaceBatch]:
        """The validation faces in batches, on the device of the networks."""
        whole, target = self.source.validation, next(networks.parameters()).device
        return [
            FaceBatch(
                *(getattr(whole, name)[start : start + _AT_ONCE].to(target) for name in FaceBatch.__dataclass_fields__)
            )
            for start in range(0, len(whole.sharp), _AT_ONCE)
        ]

    def shown(self, networks: nn.ModuleDict) -> FaceBatch | None:
        """The validation faces that are looked at; None where none are."""
        count = min(self.source.recipe.validation.pictures, _AT_ONCE)
        first = self.validation_parts(networks)[0]
        return FaceBatch(*(getattr(first, name)[:count] for name in FaceBatch.__dataclass_fields__)) if count else None

    def true_kernels(self, batch: FaceBatch) -> Tensor:
        """What the estimator is to answer: the kernels in pixels of its own size, `(N, taps, taps)`."""
        config = self.shapes.kernel_estimator
        size = batch.sharp.shape[-1]
        own = batch.kernels
        if size != config.size:
            taps = 2 * round(own.shape[-1] // 2 * config.size / size) + 1
            own = kernels_at(own, taps, config.size, size)
        return fitted(own, config.taps)


class ParserTask(FaceTask[ParserRecipe]):
    """The mask generator: which pixel belongs to which part, and a first guess."""

    name = "parser"
    number = 11
    networks = (READER,)

    def __init__(self, source: FaceSource) -> None:
        super().__init__(source, source.recipe.parser, {READER: 1.0})

    def loss(
        self, networks: nn.ModuleDict, batch: FaceBatch, turn: Turn, step: int
    ) -> tuple[Tensor, dict[str, Tensor]]:
        logits, guess = networks[READER](batch.blurred)
        parts = {
            "guess": restoration_loss(guess, batch.sharp),
            "masks": mask_loss(logits, batch.masks, UNKNOWN),
        }
        return parts["guess"] + self.stage.mask_weight * parts["masks"], parts

    def validate(self, networks: nn.ModuleDict) -> dict[str, float]:
        return reader_figures(networks, self.validation_parts(networks))

    def sample_pictures(self, networks: nn.ModuleDict) -> list[ByteImage]:
        batch = self.shown(networks)
        if batch is None:
            return []
        logits, guess = networks[READER](batch.blurred)
        return [
            _bytes(batch.blurred),
            _bytes(guess),
            _bytes(batch.sharp),
            _colours(logits.argmax(1)),
            _colours(batch.masks),
        ]


class KernelTask(FaceTask[KernelRecipe]):
    """The kernel estimator, and the mask generator at a lower rate."""

    name = "kernel"
    number = 12
    networks = (READER, ESTIMATOR)

    def __init__(self, source: FaceSource) -> None:
        stage = source.recipe.kernel
        super().__init__(source, stage, {READER: stage.reader_rate, ESTIMATOR: 1.0})

    def loss(
        self, networks: nn.ModuleDict, batch: FaceBatch, turn: Turn, step: int
    ) -> tuple[Tensor, dict[str, Tensor]]:
        logits, guess, estimate = read_and_estimate(networks, batch.blurred, self.shapes.kernel_estimator)
        loss, parts = estimate_losses(estimate, self.true_kernels(batch), self.stage)
        if READER in turn.rates:
            parts["guess"] = restoration_loss(guess, batch.sharp)
            parts["masks"] = mask_loss(logits, batch.masks, UNKNOWN)
            loss = loss + self.stage.guess_weight * (parts["guess"] + self.stage.mask_weight * parts["masks"])
        return loss, parts

    def validate(self, networks: nn.ModuleDict) -> dict[str, float]:
        overlaps, certainties = [], []
        parts = self.validation_parts(networks)
        for batch in parts:
            estimate = read_and_estimate(networks, batch.blurred, self.shapes.kernel_estimator)[2]
            overlaps.append(kernel_overlap(estimate.kernels, self.true_kernels(batch)))
            certainties.append(estimate.certainty.sigmoid())
        figures = {"kernel_overlap": _mean(overlaps), "certainty": _mean(certainties)}
        return reader_figures(networks, parts) | figures

    def sample_pictures(self, networks: nn.ModuleDict) -> list[ByteImage]:
        batch = self.shown(networks)
        if batch is None:
            return []
        _, guess, estimate = read_and_estimate(networks, batch.blurred, self.shapes.kernel_estimator)
        size = batch.sharp.shape[-1]
        kernels = [_kernel_pictures(shown, size) for shown in (estimate.kernels, self.true_kernels(batch))]
        return [_bytes(batch.blurred), _bytes(guess), _bytes(batch.sharp), *kernels]


class RestoreTask(FaceTask[RestoreRecipe]):
    """The deblurring U-Net, and the kernel estimator at a lower rate."""

    name = "restore"
    number = 13
    networks = (READER, ESTIMATOR, DEBLURRING)

    def __init__(self, source: FaceSource) -> None:
        stage = source.recipe.restore
        super().__init__(source, stage, {ESTIMATOR: stage.estimator_rate, DEBLURRING: 1.0})

    def loss(
        self, networks: nn.ModuleDict, batch: FaceBatch, turn: Turn, step: int
    ) -> tuple[Tensor, dict[str, Tensor]]:
        answer = restore(networks, batch.blurred, self.shapes)
        loss, parts = faithful_losses(answer, batch, self.stage)
        if ESTIMATOR in turn.rates:
            named, more = estimate_losses(answer.estimate, self.true_kernels(batch), self.stage)
            loss, parts = loss + named, parts | more
        return loss, parts

    def validate(self, networks: nn.ModuleDict) -> dict[str, float]:
        answers = [(batch, restore(networks, batch.blurred, self.shapes)) for batch in self.validation_parts(networks)]
        return restoration_figures(answers) | {
            "kernel_overlap": _mean(
                [kernel_overlap(answer.estimate.kernels, self.true_kernels(batch)) for batch, answer in answers]
            )
        }

    def sample_pictures(self, networks: nn.ModuleDict) -> list[ByteImage]:
        batch = self.shown(networks)
        if batch is None:
            return []
        return restoration_pictures(batch, restore(networks, batch.blurred, self.shapes))


def estimate_losses(
    estimate: BlurEstimate, true: Tensor, stage: KernelRecipe | RestoreRecipe
) -> tuple[Tensor, dict[str, Tensor]]:
    """What a named blur is judged by."""
    parts = {
        "kernel": kernel_loss(estimate.kernels, true),
        "certainty": certainty_loss(estimate.certainty, estimate.kernels, true),
    }
    return stage.kernel_weight * parts["kernel"] + stage.certainty_weight * parts["certainty"], parts


def faithful_losses(
    answer: Restoration, batch: FaceBatch, stage: RestoreRecipe | DetailRecipe
) -> tuple[Tensor, dict[str, Tensor]]:
    """What a restored face is judged by: nearness, most of all on the parts a person is known by, and an honest error."""
    parts = {
        "restoration": restoration_loss(answer.restored, batch.sharp),
        "structure": structure_loss(answer.restored, batch.sharp, answer.masks),
        "likelihood": likelihood_loss(answer.restored, batch.sharp, answer.log_error),
    }
    loss = parts["restoration"] + stage.structure_weight * parts["structure"] + stage.error_weight * parts["likelihood"]
    return loss, parts


def reader_figures(networks: nn.ModuleDict, parts: list[FaceBatch]) -> dict[str, float]:
    """Of the mask generator: how much nearer its guess is than the blurred face, and how well it tells the parts of faces whose
    masks are known, blurred and sharp."""
    gains, blurred_classes, sharp_classes, masks = [], [], [], []
    for batch in parts:
        logits, guess = networks[READER](batch.blurred)
        gains.append(psnr(guess.clamp(0, 1), batch.sharp) - psnr(batch.blurred, batch.sharp))
        blurred_classes.append(logits.argmax(1))
        sharp_classes.append(networks[READER](batch.sharp)[0].argmax(1))
        masks.append(batch.masks)
    figures = {"guess_gain_db": _mean(gains)}
    known = torch.cat(masks)
    if bool((known != UNKNOWN).any()):
        figures["iou_blurred"] = mean_intersection_over_union(torch.cat(blurred_classes), known)
        figures["iou_sharp"] = mean_intersection_over_union(torch.cat(sharp_classes), known)
    return figures


def restoration_figures(answers: list[tuple[FaceBatch, Restoration]]) -> dict[str, float]:
    """Of the deblurring U-Net: PSNR before and after, and how honest the stated errors are."""
    before = [psnr(batch.blurred, batch.sharp) for batch, _ in answers]
    after = [psnr(answer.restored.clamp(0, 1), batch.sharp) for batch, answer in answers]
    honesty = calibration(
        torch.cat([answer.restored.clamp(0, 1) for _, answer in answers]),
        torch.cat([batch.sharp for batch, _ in answers]),
        torch.cat([answer.log_error for _, answer in answers]),
    )
    return {
        "psnr_input": _mean(before),
        "psnr": _mean(after),
        "gain_db": _mean(after) - _mean(before),
        "error_at_90": honesty.at_90,
        "share_within_error": honesty.share_within,
    }


def restoration_pictures(batch: FaceBatch, answer: Restoration) -> list[ByteImage]:
    """Blurred, restored, sharp, and how far off each pixel is said to be: black for not at all, white for a fifth and more."""
    error = torch.exp(answer.log_error).expand(-1, 3, -1, -1) / _GREATEST_SHOWN_ERROR
    return [_bytes(picture) for picture in (batch.blurred, answer.restored, batch.sharp, error)]


def _mean(values: list[Tensor]) -> float:
    return float(torch.cat(values).mean())


def _bytes(pictures: Tensor) -> ByteImage:
    shown = (pictures.clamp(0, 1) * 255).round().to(torch.uint8)
    return np.ascontiguousarray(shown.permute(0, 2, 3, 1).cpu().numpy())


def _colours(classes: Tensor) -> ByteImage:
    return np.stack([colour_mask(mask) for mask in classes.to(torch.uint8).cpu().numpy()])


def _kernel_pictures(kernels: Tensor, size: int) -> ByteImage:
    brightest = kernels.amax((1, 2), keepdim=True)
    shown = functional.interpolate((kernels / brightest)[:, None], (size, size), mode="nearest")
    return _bytes(shown.expand(-1, 3, -1, -1))
