"""The stages in their order, where each takes its weights from, and the folder of a run."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from lightning_fabric import Fabric

from clearface.errors import UsageError
from clearface.files.atomic import write_atomically
from clearface.train.engine.checkpoints import Progress, list_checkpoints, read_progress
from clearface.train.engine.loop import LoopSettings, train
from clearface.train.engine.recipes import recipe_as_json, recipe_from_values, recipe_values
from clearface.train.engine.weights import networks_in
from clearface.train.smfd.building import build_networks
from clearface.train.smfd.detail import DetailTask
from clearface.train.smfd.drawing import FaceSource
from clearface.train.smfd.forward import DEBLURRING, ESTIMATOR, READER
from clearface.train.smfd.recipe import SmfdRecipe, StageRecipe
from clearface.train.smfd.tasks import FaceTask, KernelTask, ParserTask, RestoreTask

RECIPE_FILE = "recipe.json"

_TASKS: dict[str, Callable[[FaceSource], FaceTask[Any]]] = {
    "parser": ParserTask,
    "kernel": KernelTask,
    "restore": RestoreTask,
    "detail": DetailTask,
}

STAGES = tuple(_TASKS)
"""In the order they are trained."""

_NETWORKS = {"parser": (READER,), "kernel": (READER, ESTIMATOR)} | dict.fromkeys(
    ("restore", "detail"), (READER, ESTIMATOR, DEBLURRING)
)
"""What each stage is made of, discriminators aside."""

_MADE_BY = {READER: "parser", ESTIMATOR: "kernel", DEBLURRING: "restore"}


@dataclass(frozen=True)
class SmfdRun:
    """What is to be trained, where, and from what."""

    data: Path
    """A prepared set."""

    out: Path
    recipe: SmfdRecipe
    stages: tuple[str, ...]

    resume: Path | None = None
    """A checkpoint of the first of the stages."""

    start_from: tuple[Path, ...] = ()
    """Files with weights, which count before those of earlier stages."""

    workers: int = 0
    """Threads that draw samples ahead."""

    threads: int | None = None
    """For each operation, in each process; None for as many as there are cores."""

    tell: Callable[[str], None] = lambda _sentence: None


@dataclass(frozen=True)
class SmfdOutcome:
    """How far it came."""

    progress: Progress
    interrupted: bool


def stage_recipe(recipe: SmfdRecipe, stage: str) -> StageRecipe:
    """The part of a recipe that is about one stage."""
    part: StageRecipe = getattr(recipe, stage)
    return part


def recipe_of_checkpoint(path: Path) -> tuple[SmfdRecipe, str]:
    """The recipe a checkpoint was trained with, and its stage. Raises ModelError for a file that is none, UsageError for one of
    another task."""
    progress = read_progress(path)
    if progress.task not in STAGES:
        raise UsageError(f"{path}: a checkpoint of the task {progress.task}, which is no stage of this training")
    return recipe_from_values(SmfdRecipe, progress.recipe, str(path)), progress.task


def train_smfd(run: SmfdRun, fabric: Fabric) -> SmfdOutcome:
    """Trains the stages one after the other, each in a folder of its own, until all are done or Ctrl-C is pressed.

    fabric: not launched yet. Raises as `train` does, and UsageError where the data or the weights to start from are not there.
    """
    source = FaceSource(run.data, run.recipe)
    for stage in run.stages:
        source.check_sizes(stage_recipe(run.recipe, stage))
    _refuse_to_replace(run)
    given = _given_weights(run)
    if run.resume is None:
        _starting_weights(run, run.stages[0], given)
    else:
        _check_resumption(run, run.resume)
    fabric.launch()  # other processes start here, so that what is wrong with the call is said once
    if run.threads is not None:
        torch.set_num_threads(run.threads)
    if fabric.is_global_zero:
        write_atomically(run.out / RECIPE_FILE, recipe_as_json(run.recipe).encode(), overwrite=True)
    outcome: SmfdOutcome | None = None
    for index, stage in enumerate(run.stages):
        resume = run.resume if index == 0 else None
        settings = LoopSettings(
            folder=run.out / stage,
            loop=stage_recipe(run.recipe, stage),
            cadence=run.recipe.cadence,
            seed=run.recipe.seed,
            recipe=recipe_values(run.recipe),
            workers=run.workers,
            resume=resume,
            tell=run.tell,
        )
        weights = {} if resume is not None else _starting_weights(run, stage, given)
        done = train(_TASKS[stage](source), fabric, settings, weights)
        outcome = SmfdOutcome(done.progress, done.interrupted)
        if done.interrupted:
            break
    assert outcome is not None
    return outcome


def latest_weights(out: Path, name: str, before: str | None = None) -> Path | None:
    """The weights of a network from the last stage of a run that trained it; only from stages before one, where that is named."""
    earlier = STAGES if before is None else STAGES[: STAGES.index(before)]
    found = [out / stage / f"{name}.safetensors" for stage in earlier]
    there = [path for path in found if path.is_file()]
    return there[-1] if there else None


def _refuse_to_replace(run: SmfdRun) -> None:
    """What has been trained is not lost to a command typed once more."""
    for index, stage in enumerate(run.stages):
        folder = run.out / stage
        going_on = index == 0 and run.resume is not None and run.resume.resolve().parent == folder.resolve()
        if list_checkpoints(folder) and not going_on:
            raise UsageError(
                f"{folder}: there are checkpoints already: go on with --resume, or name another folder with --output"
            )


def _check_resumption(run: SmfdRun, checkpoint: Path) -> None:
    progress = read_progress(checkpoint)
    if run.stages[0] != progress.task:
        raise UsageError(f"{checkpoint}: a checkpoint of the stage {progress.task}, not of {run.stages[0]}")
    steps = stage_recipe(run.recipe, run.stages[0]).steps
    if progress.step >= steps and len(run.stages) == 1:
        raise UsageError(f"{checkpoint}: all {steps} steps are done: ask for more with --steps, or for another stage")


def _given_weights(run: SmfdRun) -> dict[str, Path]:
    networks = dict(build_networks(run.recipe.networks, (READER, ESTIMATOR, DEBLURRING)).items())
    return {name: path for path in run.start_from for name in networks_in(path, networks)}


def _starting_weights(run: SmfdRun, stage: str, given: dict[str, Path]) -> dict[str, Path]:
    """By network, the file a stage starts from: what an earlier stage of this very call has trained, what was given, what lies in
    the folder. Raises UsageError where one that must have been trained is nowhere."""
    weights: dict[str, Path] = {}
    before = run.stages[: run.stages.index(stage)]
    for name in _NETWORKS[stage]:
        path = latest_weights(run.out, name, stage)
        fresh = path is not None and path.parent.name in before
        if name in given and not fresh:
            path = given[name]
        if path is not None:
            weights[name] = path
        elif STAGES.index(_MADE_BY[name]) < STAGES.index(stage):
            raise UsageError(
                f"the stage {stage} needs a trained {name.replace('_', ' ')}: train the stage {_MADE_BY[name]} into the same "
                "folder first, or name a file of its weights with --from"
            )
    return weights
