"""What `clearface train embedder` does once its arguments are understood."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from clearface.errors import UsageError
from clearface.files.atomic import write_atomically
from clearface.train.embedder.lessons import Teacher, make_lessons
from clearface.train.embedder.recipe import EmbedderRecipe
from clearface.train.embedder.task import DistillationTask
from clearface.train.engine.checkpoints import list_checkpoints, read_progress
from clearface.train.engine.devices import make_fabric
from clearface.train.engine.loop import LoopSettings, TrainingEnd, train
from clearface.train.engine.recipes import read_recipe, recipe_as_json, recipe_from_values, recipe_values
from clearface.train.prepare.records import Part

RECIPE_FILE = "embedder-recipe.json"
LESSONS = {Part.TRAINING: "lessons", Part.HELD_BACK: "lessons-held-back"}
"""Folders in that of the run."""


@dataclass(frozen=True)
class EmbedderArguments:
    """The arguments as they were typed; None for what was not given."""

    data: Path | None
    out: Path | None
    teacher: str
    teacher_model: Path | None
    recipe: Path | None
    resume: Path | None
    steps: int | None
    batch: int | None
    seed: int | None
    accelerator: str
    threads: int | None
    workers: int
    jobs: int


def chosen_recipe(arguments: EmbedderArguments) -> EmbedderRecipe:
    """The recipe of the file, of the checkpoint, or the usual one, with what was given beside it put in its place.

    Raises UsageError where arguments exclude each other or the recipe is wrong, ModelError where the checkpoint is none.
    """
    if arguments.resume is not None and (arguments.recipe is not None or arguments.seed is not None):
        raise UsageError("--resume goes on with the recipe and the seed of its run: leave --recipe and --seed out")
    if arguments.resume is not None:
        progress = read_progress(arguments.resume)
        if progress.task != DistillationTask.name:
            raise UsageError(f"{arguments.resume}: a checkpoint of the task {progress.task}, not of an embedder")
        recipe = recipe_from_values(EmbedderRecipe, progress.recipe, str(arguments.resume))
    else:
        recipe = EmbedderRecipe() if arguments.recipe is None else read_recipe(EmbedderRecipe, arguments.recipe)
    if arguments.seed is not None:
        recipe = replace(recipe, seed=arguments.seed)
    loop = recipe.distillation
    return replace(
        recipe,
        distillation=replace(loop, steps=arguments.steps or loop.steps, batch=arguments.batch or loop.batch),
    )


def recipe_text(arguments: EmbedderArguments) -> str:
    """The recipe as it would be used, as JSON. Raises as `chosen_recipe`."""
    return recipe_as_json(chosen_recipe(arguments))


def run_embedder(arguments: EmbedderArguments, tell: Callable[[str], None]) -> TrainingEnd:
    """Makes the lessons, unless they are there, and trains. tell: is told how it goes.

    Raises UsageError, ModelError and DependencyError as `make_lessons`, `train` and `chosen_recipe` do.
    """
    if arguments.data is None:
        raise UsageError("name the folder of a prepared set, which `clearface train prepare` makes")
    recipe = chosen_recipe(arguments)
    out = _out(arguments)
    folder = out / DistillationTask.name
    if arguments.resume is None and list_checkpoints(folder):
        raise UsageError(
            f"{folder}: there are checkpoints already: go on with --resume, or name another folder with --output"
        )
    fabric = make_fabric(arguments.accelerator, 1)
    teacher = Teacher(arguments.teacher, arguments.teacher_model)
    held_back, lessons = (
        make_lessons(arguments.data, out / LESSONS[part], part, teacher, recipe, arguments.jobs, tell)
        for part in (Part.HELD_BACK, Part.TRAINING)
    )
    fabric.launch()
    if arguments.threads is not None:
        torch.set_num_threads(arguments.threads)
    write_atomically(out / RECIPE_FILE, recipe_as_json(recipe).encode(), overwrite=True)
    settings = LoopSettings(
        folder=folder,
        loop=recipe.distillation,
        cadence=recipe.cadence,
        seed=recipe.seed,
        recipe=recipe_values(recipe),
        workers=arguments.workers,
        resume=arguments.resume,
        tell=tell,
    )
    outcome = train(DistillationTask(lessons, held_back, recipe), fabric, settings, {})
    if outcome.interrupted:
        return TrainingEnd(
            f"stopped after step {outcome.progress.step}; --resume goes on from the last checkpoint in {folder}", True
        )
    return TrainingEnd(f"trained: the embedder, in {out.resolve()}", False)


def _out(arguments: EmbedderArguments) -> Path:
    if arguments.out is not None:
        return arguments.out
    if arguments.resume is None:
        raise UsageError("name a folder for the run with --output")
    return arguments.resume.resolve().parent.parent
