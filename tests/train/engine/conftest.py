"""A real, small task: the mask generator's guess learns to undo a box blur of parts of the astronaut."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from clearface.arrays import ByteImage
from clearface.nets.mask_generator import MaskGenerator, MaskGeneratorConfig
from clearface.train.engine.loop import Cadence, LoopRecipe, LoopSettings, OptimizerRecipe, Outcome, train
from clearface.train.engine.schedules import Schedule
from clearface.train.engine.tasks import Turn
from clearface.train.losses import restoration_loss


@dataclass(frozen=True)
class Pair:
    """What a step learns from."""

    blurred: Tensor
    sharp: Tensor


class BoxBlurTask:
    """Undoes a 5x5 box blur; with a critic, two turns alternate."""

    name = "sharpen"
    released = ("restorer",)

    def __init__(
        self, photo: ByteImage, adversarial: bool, loss_scale: float, during: Callable[[int], None] | None
    ) -> None:
        self.photo = photo
        self.during = during
        self.loss_scale = loss_scale
        rates: list[Mapping[str, float]] = [{"restorer": 1.0}, {"critic": 0.5}]
        self.turns = tuple(
            Turn(name, rate) for name, rate in zip(("restorer", "critic")[: 1 + adversarial], rates, strict=False)
        )

    def build_networks(self) -> nn.ModuleDict:
        networks = nn.ModuleDict({"restorer": MaskGenerator(MaskGeneratorConfig((8, 12), (1, 1)))})
        if len(self.turns) > 1:
            layers = (nn.Conv2d(3, 8, 3, 2), nn.BatchNorm2d(8), nn.LeakyReLU(0.2), nn.Conv2d(8, 1, 3))
            networks["critic"] = nn.Sequential(*layers)
        return networks

    def draw(self, step: int, samples: range) -> Tensor:
        crops = np.empty((len(samples), 3, 20, 20), np.float32)
        for place, sample in enumerate(samples):
            top, left = np.random.default_rng((7, step, sample)).integers(0, 480, 2)
            crops[place] = self.photo[top : top + 20, left : left + 20].transpose(2, 0, 1) / 255
        return torch.from_numpy(crops)

    def make_batch(self, drawn: Tensor, step: int, samples: range, target: torch.device) -> Pair:
        blurred = nn.functional.avg_pool2d(drawn, 5, 1)
        return Pair(blurred.to(target), drawn[..., 2:-2, 2:-2].to(target))

    def loss(self, networks: nn.ModuleDict, batch: Pair, turn: Turn, step: int) -> tuple[Tensor, dict[str, Tensor]]:
        if self.during is not None:
            self.during(step)
        if turn.name == "critic":
            with torch.no_grad():
                restored = networks["restorer"](batch.blurred)[1]
            verdicts = networks["critic"](batch.sharp).mean() - networks["critic"](restored).mean()
            return verdicts.square() - verdicts, {}
        restored = networks["restorer"](batch.blurred)[1]
        loss = restoration_loss(restored, batch.sharp)
        if len(self.turns) > 1:
            loss = loss + 0.01 * networks["critic"](restored).mean()
        return loss * self.loss_scale, {"error": (restored - batch.sharp).square().mean()}

    def validate(self, networks: nn.ModuleDict) -> dict[str, float]:
        pair = self.make_batch(self.draw(10**6, range(4)), 0, range(4), torch.device("cpu"))
        return {"error": float((networks["restorer"](pair.blurred)[1] - pair.sharp).abs().mean())}

    def sample_pictures(self, networks: nn.ModuleDict) -> list[ByteImage]:
        pair = self.make_batch(self.draw(10**6, range(2)), 0, range(2), torch.device("cpu"))
        shown = (pair.blurred, networks["restorer"](pair.blurred)[1], pair.sharp)
        return [(part.clamp(0, 1) * 255).byte().permute(0, 2, 3, 1).numpy() for part in shown]


@dataclass(frozen=True)
class Runner:
    """Trains the task in a folder."""

    photo: ByteImage

    def run(
        self,
        folder: Path,
        *,
        steps: int = 6,
        adversarial: bool = False,
        resume: Path | None = None,
        workers: int = 0,
        loss_scale: float = 1.0,
        optimizer: OptimizerRecipe | None = None,
        weights: dict[str, Path] | None = None,
        during: Callable[[int], None] | None = None,
    ) -> Outcome:
        """during: called in every step, before the loss."""
        fabric = Fabric(accelerator="cpu", devices=1)
        fabric.launch()
        recipe = LoopRecipe(steps, 4, optimizer or OptimizerRecipe(), Schedule(warm_up=2))
        cadence = Cadence(log=2, validation=3, checkpoint=3, keep=2)
        settings = LoopSettings(folder, recipe, cadence, seed=3, recipe={"a": 1}, workers=workers, resume=resume)
        task = BoxBlurTask(self.photo, adversarial, loss_scale, during)
        return train(task, fabric, settings, weights or {})


@pytest.fixture
def runner(astronaut: ByteImage) -> Runner:
    torch.set_num_threads(1)
    return Runner(astronaut)
