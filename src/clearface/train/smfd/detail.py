"""Adversarial fine-tuning: the deblurring U-Net against discriminators of the face, the eyes and the mouth, in turns."""

import torch
from torch import Tensor, nn

from clearface.arrays import ByteImage
from clearface.masks import FaceClass
from clearface.nets.discriminators import PatchDiscriminator, component_patches
from clearface.train.engine.tasks import Turn
from clearface.train.smfd.drawing import FaceBatch, FaceSource
from clearface.train.smfd.forward import DEBLURRING, ESTIMATOR, READER, Restoration, restore
from clearface.train.smfd.recipe import DetailRecipe
from clearface.train.smfd.tasks import FaceTask, faithful_losses, restoration_figures, restoration_pictures
from clearface.train.smfd_losses import discriminator_loss, generator_loss

FACE_CRITIC, EYES_CRITIC, MOUTH_CRITIC = "face_discriminator", "eyes_discriminator", "mouth_discriminator"

_EYES = (FaceClass.EYES,)
_MOUTH = (FaceClass.MOUTH, FaceClass.UPPER_LIP, FaceClass.LOWER_LIP)
_LEAST_SHARE = 0.002
"""Of the pixels of a face: where eyes or mouth take less, there are none to look at."""


class DetailTask(FaceTask[DetailRecipe]):
    """The restorer's turn and the discriminators' alternate in every step."""

    name = "detail"
    number = 14
    networks = (READER, ESTIMATOR, DEBLURRING)

    def __init__(self, source: FaceSource) -> None:
        stage = source.recipe.detail
        super().__init__(source, stage, {DEBLURRING: 1.0})
        rates = dict.fromkeys((FACE_CRITIC, EYES_CRITIC, MOUTH_CRITIC), stage.discriminator_rate)
        self.turns = (*self.turns, Turn("discriminators", rates))

    def build_networks(self) -> nn.ModuleDict:
        networks = super().build_networks()
        networks[FACE_CRITIC] = PatchDiscriminator(self.stage.discriminator)
        for name in (EYES_CRITIC, MOUTH_CRITIC):
            networks[name] = PatchDiscriminator(self.stage.local_discriminator)
        return networks

    def loss(
        self, networks: nn.ModuleDict, batch: FaceBatch, turn: Turn, step: int
    ) -> tuple[Tensor, dict[str, Tensor]]:
        if DEBLURRING in turn.rates:
            return self._restorer_loss(networks, batch)
        with torch.no_grad():
            answer = restore(networks, batch.blurred, self.shapes)
        parts = {}
        for name, real, fake in self._looked_at(answer.masks, batch.sharp, answer.restored):
            parts[name] = discriminator_loss(networks[name](real), networks[name](fake))
        return torch.stack(list(parts.values())).sum(), parts

    def _restorer_loss(self, networks: nn.ModuleDict, batch: FaceBatch) -> tuple[Tensor, dict[str, Tensor]]:
        answer = restore(networks, batch.blurred, self.shapes)
        loss, parts = faithful_losses(answer, batch, self.stage)
        for name, _, fake in self._looked_at(answer.masks, batch.sharp, answer.restored):
            parts[name] = generator_loss(networks[name](fake))
            weight = self.stage.patch_weight if name == FACE_CRITIC else self.stage.local_weight
            loss = loss + weight * parts[name]
        return loss, parts

    def _looked_at(self, masks: Tensor, sharp: Tensor, restored: Tensor) -> list[tuple[str, Tensor, Tensor]]:
        """What each discriminator sees of the sharp and the restored faces: all of them, and squares around eyes and mouth.

        A face without eyes or mouth shows its own middle instead, the same in both.
        """
        size = sharp.shape[-1]
        squares = [(FACE_CRITIC, sharp, restored)]
        local = ((EYES_CRITIC, _EYES, self.stage.eyes_side), (MOUTH_CRITIC, _MOUTH, self.stage.mouth_side))
        for name, parts, side in local:
            centres = centres_of(masks, parts)
            pixels = max(8, round(side * size / 8) * 8)
            real, fake = (component_patches(faces, centres, pixels) for faces in (sharp, restored))
            squares.append((name, real, fake))
        return squares

    def validate(self, networks: nn.ModuleDict) -> dict[str, float]:
        return restoration_figures(
            [(batch, self._answer(networks, batch)) for batch in self.validation_parts(networks)]
        )

    def sample_pictures(self, networks: nn.ModuleDict) -> list[ByteImage]:
        batch = self.shown(networks)
        return [] if batch is None else restoration_pictures(batch, self._answer(networks, batch))

    def _answer(self, networks: nn.ModuleDict, batch: FaceBatch) -> Restoration:
        return restore(networks, batch.blurred, self.shapes)


def centres_of(masks: Tensor, parts: tuple[FaceClass, ...]) -> Tensor:
    """The centre of mass of some classes, `(N, 2)` as (x, y) in pixels; the middle of the picture where they are missing.

    masks: probabilities of the classes `(N, classes, H, W)`.
    """
    planes = masks[:, [int(part) for part in parts]].sum(1)
    height, width = planes.shape[-2:]
    total = planes.sum((1, 2))
    x = (planes.sum(1) @ torch.arange(width, device=masks.device, dtype=masks.dtype)) / total.clamp(min=1e-6)
    y = (planes.sum(2) @ torch.arange(height, device=masks.device, dtype=masks.dtype)) / total.clamp(min=1e-6)
    middle = torch.tensor([(width - 1) / 2, (height - 1) / 2], device=masks.device, dtype=masks.dtype)
    there = total > _LEAST_SHARE * height * width
    return torch.where(there[:, None], torch.stack([x, y], 1), middle)
