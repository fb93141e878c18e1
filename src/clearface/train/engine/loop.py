"""The training loop, on Lightning Fabric: one process or several, on the CPU or on GPUs."""

import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic

import numpy as np
import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from clearface.errors import ClearfaceError, UsageError
from clearface.files.atomic import write_atomically
from clearface.files.explanations import reason, shown
from clearface.train.engine.averaging import AveragedNetworks
from clearface.train.engine.checkpoints import (
    Progress,
    TrainingState,
    list_checkpoints,
    read_progress,
    restore_checkpoint,
    save_checkpoint,
    save_weights,
)
from clearface.train.engine.drawing import drawn_batches
from clearface.train.engine.interruption import InterruptionWatch
from clearface.train.engine.logs import CsvLog, TensorBoardLog, picture_sheet, png_bytes
from clearface.train.engine.schedules import Schedule, learning_rate_factor
from clearface.train.engine.tasks import BatchT, DrawnT, Task, Turn
from clearface.train.engine.weights import load_weights


class TrainingError(ClearfaceError):
    """Training cannot go on."""


@dataclass(frozen=True)
class OptimizerRecipe:
    """AdamW (Loshchilov and Hutter 2019)."""

    learning_rate: float = 1e-3
    betas: tuple[float, float] = (0.9, 0.99)
    weight_decay: float = 1e-4

    clip: float = 1.0
    """Largest norm of a turn's gradient; what is longer is scaled down."""

    def __post_init__(self) -> None:
        if self.learning_rate <= 0 or self.clip <= 0 or self.weight_decay < 0:
            raise UsageError("learning_rate and clip are above 0, and weight_decay is not below")


@dataclass(frozen=True)
class Cadence:
    """How often what is done, in steps."""

    log: int = 50
    validation: int = 500
    """Figures and pictures, with the averaged weights."""

    checkpoint: int = 500
    keep: int = 3
    """Checkpoints kept: the last so many."""

    def __post_init__(self) -> None:
        if min(self.log, self.validation, self.checkpoint, self.keep) < 1:
            raise UsageError("log, validation, checkpoint and keep are 1 or more")


@dataclass(frozen=True)
class LoopRecipe:
    """What the loop needs to know about a stage."""

    steps: int = 6000

    batch: int = 24
    """Samples a step, over all processes together."""

    optimizer: OptimizerRecipe = field(default_factory=OptimizerRecipe)
    schedule: Schedule = field(default_factory=Schedule)

    average: float = 0.998
    """Decay of the moving average of the weights, which is what is released."""

    def __post_init__(self) -> None:
        if self.steps < 1 or self.batch < 1 or not 0 <= self.average < 1:
            raise UsageError("steps and batch are 1 or more, and average lies in 0 to 1, 1 left out")


@dataclass(frozen=True)
class LoopSettings:
    """How a stage is run, which changes nothing of what comes out but its last bits."""

    folder: Path
    """Where checkpoints, logs, pictures and weights go."""

    loop: LoopRecipe
    cadence: Cadence
    seed: int

    recipe: dict[str, Any]
    """The whole recipe as JSON has it, written into checkpoints."""

    workers: int = 0
    """Threads that draw samples ahead."""

    resume: Path | None = None
    """A checkpoint to go on from."""

    tell: Callable[[str], None] = lambda _sentence: None
    """Told how it goes, in the first process only."""


@dataclass(frozen=True)
class Outcome:
    """How a stage ended."""

    progress: Progress

    interrupted: bool
    """Ctrl-C was pressed: a checkpoint was written, and the stage is not done."""


@dataclass(frozen=True)
class TrainingEnd:
    """How a command that trains ended."""

    sentence: str
    interrupted: bool


def train(task: Task[DrawnT, BatchT], fabric: Fabric, settings: LoopSettings, weights: Mapping[str, Path]) -> Outcome:
    """Trains a task to the end of its steps, or until Ctrl-C, from its start or from a checkpoint.

    fabric: launched. weights: by the name of a network, the file its weights are taken from at the start of the stage.
    Raises UsageError where the batch cannot be shared among the processes, ModelError for files of other networks, TrainingError
    where a loss is no number.
    """
    return _Run(task, fabric, settings, weights).go()


class _SealedBatch(Generic[BatchT]):
    """Carries a batch through Fabric, which rebuilds dataclasses it meets and so cannot take frozen ones."""

    def __init__(self, batch: BatchT) -> None:
        self.batch = batch


class _TurnLoss(nn.Module, Generic[BatchT]):
    """The loss of one turn as a forward pass; gradients of what it owns, the networks that learn, are averaged over processes."""

    def __init__(self, task: Task[Any, BatchT], networks: nn.ModuleDict, turn: Turn) -> None:
        super().__init__()
        self.learning = nn.ModuleList(networks[name] for name in turn.rates)
        self._task = task
        self._turn = turn
        self._networks = (networks,)  # in a tuple they are used, but not owned

    def forward(self, sealed: _SealedBatch[BatchT], step: int) -> tuple[Tensor, dict[str, Tensor]]:
        return self._task.loss(self._networks[0], sealed.batch, self._turn, step)


class _Run(Generic[DrawnT, BatchT]):
    def __init__(
        self, task: Task[DrawnT, BatchT], fabric: Fabric, settings: LoopSettings, weights: Mapping[str, Path]
    ) -> None:
        self.task, self.fabric, self.settings = task, fabric, settings
        if settings.loop.batch % fabric.world_size:
            raise UsageError(
                f"a batch of {settings.loop.batch} cannot be shared evenly among {fabric.world_size} processes"
            )
        share = settings.loop.batch // fabric.world_size
        self.samples = range(fabric.global_rank * share, (fabric.global_rank + 1) * share)
        torch.manual_seed(settings.seed)
        self.networks = task.build_networks()
        for name, path in weights.items():
            load_weights(self.networks[name], name, path)
        self.optimizers = self._prepare_to_learn()
        if fabric.world_size > 1 and fabric.device.type == "cuda":
            self.networks = nn.SyncBatchNorm.convert_sync_batchnorm(self.networks)
        self.networks.to(fabric.device)
        # Of networks that learn, only those to be released are worth averaging: not discriminators.
        learning = {name for turn in task.turns for name in turn.rates}
        kept = [name for name in self.networks if name in task.released or name not in learning]
        self.average = AveragedNetworks(
            nn.ModuleDict({name: self.networks[name] for name in kept}), settings.loop.average
        )
        self.losses: dict[str, nn.Module] = {}
        for turn in task.turns:
            turn_loss = _TurnLoss(task, self.networks, turn)
            self.losses[turn.name], _ = fabric.setup(turn_loss, self.optimizers[turn.name])
        self.state = TrainingState(self.networks, self.average.networks, self.optimizers)
        before = self._resume()
        self.start, self.faces_before, self.seconds = before.step, before.faces_seen, before.seconds
        self.sums, self.summed = dict(before.unlogged), before.unlogged_steps

    def _prepare_to_learn(self) -> dict[str, torch.optim.Optimizer]:
        """Freezes what learns in no turn, and gives each turn its optimizer."""
        learning = {name for turn in self.task.turns for name in turn.rates}
        for name, network in self.networks.items():
            network.requires_grad_(name in learning).train(name in learning)
        recipe = self.settings.loop.optimizer
        return {
            turn.name: torch.optim.AdamW(
                [{"params": list(self.networks[name].parameters())} for name in turn.rates],
                recipe.learning_rate,
                recipe.betas,
                weight_decay=recipe.weight_decay,
            )
            for turn in self.task.turns
        }

    def _resume(self) -> Progress:
        path = self.settings.resume
        if path is None:
            return Progress(self.task.name, 0, 0, 0.0, self.settings.recipe, {}, 0)
        progress = read_progress(path)
        restore_checkpoint(path, self.state)
        return progress

    def go(self) -> Outcome:
        settings, first = self.settings, self.fabric.is_global_zero
        steps = range(self.start, settings.loop.steps)
        started = time.monotonic() - self.seconds
        interrupted = False
        done = self.start
        with ExitStack() as stack:
            if first:
                with _explained(settings.folder):
                    settings.folder.mkdir(parents=True, exist_ok=True)
                    self.log = CsvLog(settings.folder / "log.csv", self.start)
                    self.validation_log = CsvLog(settings.folder / "validation.csv", self.start)
                    self.board = stack.enter_context(TensorBoardLog(settings.folder / "tensorboard", self.start))
            watch = stack.enter_context(InterruptionWatch())
            batches = drawn_batches(self.task, steps, self.samples, settings.workers)
            stack.callback(batches.close)
            for step, drawn in zip(steps, batches, strict=True):
                losses = self._step(step, drawn)
                interrupted = self._account(step, losses, watch.asked)
                done = step + 1
                self.seconds = time.monotonic() - started
                last = done == settings.loop.steps
                if first:
                    with _explained(settings.folder):
                        self._report(done, last)
                if done % settings.cadence.checkpoint == 0 or last or interrupted:
                    self._save(done)
                if interrupted:
                    break
        return Outcome(self._progress(done), interrupted)

    def _step(self, step: int, drawn: DrawnT) -> dict[str, Tensor]:
        settings = self.settings
        # Whatever draws random numbers on the way draws the same after a resumption; each process its own.
        torch.manual_seed(_derived_seed(settings.seed, step, self.fabric.global_rank))
        batch = self.task.make_batch(drawn, step, self.samples, self.fabric.device)
        factor = learning_rate_factor(step, settings.loop.steps, settings.loop.schedule)
        losses: dict[str, Tensor] = {}
        for turn in self.task.turns:
            optimizer = self.optimizers[turn.name]
            for group, rate in zip(optimizer.param_groups, turn.rates.values(), strict=True):
                group["lr"] = settings.loop.optimizer.learning_rate * rate * factor
            self._let_learn(turn)
            loss, parts = self.losses[turn.name](_SealedBatch(batch), step)
            self.fabric.backward(loss)
            learned = [weight for group in optimizer.param_groups for weight in group["params"]]
            length = nn.utils.clip_grad_norm_(learned, settings.loop.optimizer.clip)
            optimizer.step()
            optimizer.zero_grad()
            prefix = f"{turn.name}_" if len(self.task.turns) > 1 else ""
            losses[f"{prefix}loss"] = loss.detach()
            losses |= {f"{prefix}{name}": value.detach() for name, value in parts.items()}
            losses[f"{prefix}gradient"] = length.detach()
        self.average.update(self.networks, step)
        return losses

    def _let_learn(self, turn: Turn) -> None:
        """So that a turn spends nothing on gradients of networks that do not learn in it."""
        if len(self.task.turns) > 1:
            for other in self.task.turns:
                for name in other.rates:
                    self.networks[name].requires_grad_(name in turn.rates)

    def _account(self, step: int, losses: dict[str, Tensor], asked: bool) -> bool:
        """Adds up the means over all processes. Returns whether any of them was asked to stop, the same in all."""
        wish = torch.tensor(float(asked), device=self.fabric.device)
        told = torch.stack([wish, *(value.float().reshape(()) for value in losses.values())])
        means = self.fabric.all_reduce(told, reduce_op="mean") if self.fabric.world_size > 1 else told
        assert isinstance(means, Tensor)
        wishes, *values = means.tolist()
        for name, value in zip(losses, values, strict=True):
            if not math.isfinite(value):
                raise TrainingError(self._explain(step, name, value))
            self.sums[name] = self.sums.get(name, 0.0) + value
        self.summed += 1
        return wishes > 0

    def _explain(self, step: int, name: str, value: float) -> str:
        checkpoints = list_checkpoints(self.settings.folder)
        advice = f", and go on from {checkpoints[-1]} with --resume" if checkpoints else ""
        return f"{self.task.name}: the {name} of step {step + 1} is {value}: lower the learning rate{advice}"

    def _report(self, done: int, last: bool) -> None:
        settings = self.settings
        if done % settings.cadence.log == 0 or last:
            rate = settings.loop.optimizer.learning_rate * learning_rate_factor(
                done - 1, settings.loop.steps, settings.loop.schedule
            )
            means = {name: value / self.summed for name, value in self.sums.items()}
            self.sums, self.summed = {}, 0
            values = {"faces_seen": self._faces_seen(done), "learning_rate": rate, **means}
            self.log.write(done, values | {"seconds": round(self.seconds, 1)})
            self.board.write_numbers(done, {f"train/{name}": value for name, value in values.items()})
            told = ", ".join(f"{name} {value:.5g}" for name, value in means.items())
            settings.tell(f"{self.task.name}: step {done} of {settings.loop.steps}: {told}")
        if done % settings.cadence.validation == 0 or last:
            self._validate(done)

    @torch.no_grad()
    def _validate(self, done: int) -> None:
        figures = self.task.validate(self.average.networks)
        if figures:
            self.validation_log.write(done, figures)
            self.board.write_numbers(done, {f"validation/{name}": value for name, value in figures.items()})
            told = ", ".join(f"{name} {value:.4g}" for name, value in figures.items())
            self.settings.tell(f"{self.task.name}: validation after step {done}: {told}")
        columns = self.task.sample_pictures(self.average.networks)
        if columns:
            sheet = picture_sheet(columns)
            path = self.settings.folder / "pictures" / f"step-{done:08d}.png"
            write_atomically(path, png_bytes(sheet), overwrite=True)
            self.board.write_picture(done, "pictures", sheet)

    def _progress(self, done: int) -> Progress:
        return Progress(
            task=self.task.name,
            step=done,
            faces_seen=self._faces_seen(done),
            seconds=self.seconds,
            recipe=self.settings.recipe,
            unlogged=dict(self.sums),
            unlogged_steps=self.summed,
        )

    def _faces_seen(self, done: int) -> int:
        """A resumed run may have another batch."""
        return self.faces_before + (done - self.start) * self.settings.loop.batch

    def _save(self, done: int) -> None:
        if self.fabric.is_global_zero:
            progress = self._progress(done)
            save_checkpoint(self.settings.folder, self.state, progress, self.settings.cadence.keep)
            for name in self.task.released:
                told = {"network": name, "step": done, "faces_seen": progress.faces_seen, "seconds": progress.seconds}
                metadata = {key: str(value) for key, value in told.items()}
                save_weights(self.settings.folder / f"{name}.safetensors", self.average.networks[name], metadata)
        self.fabric.barrier()


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    """A full disk is one sentence."""
    try:
        yield
    except OSError as error:
        raise TrainingError(f"{shown(folder)}: cannot be written: {reason(error)}") from error


def _derived_seed(seed: int, step: int, rank: int) -> int:
    return int(np.random.SeedSequence((seed, step, rank)).generate_state(1, np.uint64)[0] >> np.uint64(1))
