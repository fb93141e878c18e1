"""What `clearface train smfd` does once its arguments are understood."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from clearface.errors import ClearfaceError, UsageError
from clearface.train.engine.devices import make_fabric
from clearface.train.engine.loop import TrainingEnd
from clearface.train.engine.recipes import read_recipe, recipe_as_json
from clearface.train.smfd.recipe import SmfdRecipe
from clearface.train.smfd.stages import STAGES, SmfdRun, recipe_of_checkpoint, stage_recipe, train_smfd

ALL_STAGES = "all"


@dataclass(frozen=True)
class SmfdArguments:
    """The arguments as they were typed; None for what was not given."""

    data: Path | None
    out: Path | None
    stage: str
    recipe: Path | None
    resume: Path | None
    start_from: tuple[Path, ...]
    steps: int | None
    batch: int | None
    seed: int | None
    devices: int
    accelerator: str
    threads: int | None
    workers: int


def chosen_recipe(arguments: SmfdArguments) -> SmfdRecipe:
    """The recipe of the file, of the checkpoint, or the usual one, with what was given beside it put in its place.

    Raises UsageError where arguments exclude each other or the recipe is wrong, ModelError where the checkpoint is none.
    """
    if arguments.recipe is not None and arguments.resume is not None:
        raise UsageError("--resume goes on with the recipe of its run: leave --recipe out")
    if arguments.seed is not None and arguments.resume is not None:
        raise UsageError("--resume goes on with the seed of its run: leave --seed out")
    if arguments.resume is not None:
        recipe, _ = recipe_of_checkpoint(arguments.resume)
    else:
        recipe = SmfdRecipe() if arguments.recipe is None else read_recipe(SmfdRecipe, arguments.recipe)
    if arguments.seed is not None:
        recipe = replace(recipe, seed=arguments.seed)
    for stage in chosen_stages(arguments):
        part = stage_recipe(recipe, stage)
        changed = replace(part, steps=arguments.steps or part.steps, batch=arguments.batch or part.batch)
        recipe = replace(recipe, **{stage: changed})  # type: ignore[arg-type]
    return recipe


def chosen_stages(arguments: SmfdArguments) -> tuple[str, ...]:
    """The stages to train, in order; with a checkpoint, from its stage on. Raises UsageError for one there is not."""
    if arguments.stage != ALL_STAGES:
        return (arguments.stage,)
    if arguments.resume is None:
        return STAGES
    _, stage = recipe_of_checkpoint(arguments.resume)
    return STAGES[STAGES.index(stage) :]


def run_smfd(arguments: SmfdArguments, tell: Callable[[str], None]) -> TrainingEnd | None:
    """Trains. tell: is told how it goes, in the first process. Returns None in all other processes.

    Raises ClearfaceError as `train_smfd` does, in the first process only; in others SystemExit.
    """
    if arguments.data is None:
        raise UsageError("name the folder of a prepared set, which `clearface train prepare` makes")
    if arguments.resume is not None and arguments.start_from:
        raise UsageError("--resume has all weights in its checkpoint: leave --from out")
    out = _out(arguments)
    recipe = chosen_recipe(arguments)
    stages = chosen_stages(arguments)
    for stage in stages:
        if stage_recipe(recipe, stage).batch % arguments.devices:
            raise UsageError(
                f"a batch of {stage_recipe(recipe, stage).batch} cannot be shared evenly among {arguments.devices} devices"
            )
    fabric = make_fabric(arguments.accelerator, arguments.devices)
    run = SmfdRun(
        arguments.data,
        out,
        recipe,
        stages,
        arguments.resume,
        arguments.start_from,
        arguments.workers,
        arguments.threads,
        tell,
    )
    try:
        outcome = train_smfd(run, fabric)
    except ClearfaceError:
        if not fabric.is_global_zero:
            raise SystemExit(1) from None
        raise
    if not fabric.is_global_zero:
        return None
    progress = outcome.progress
    if outcome.interrupted:
        return TrainingEnd(
            f"stopped after step {progress.step} of the stage {progress.task}; --resume goes on from the last checkpoint in "
            f"{out / progress.task}",
            interrupted=True,
        )
    return TrainingEnd(f"trained: {', '.join(stages)}, in {out.resolve()}", interrupted=False)


def recipe_text(arguments: SmfdArguments) -> str:
    """The recipe as it would be used, as JSON. Raises as `chosen_recipe`."""
    return recipe_as_json(chosen_recipe(arguments))


def _out(arguments: SmfdArguments) -> Path:
    if arguments.out is not None:
        return arguments.out
    if arguments.resume is None:
        raise UsageError("name a folder for the run with --output")
    return arguments.resume.resolve().parent.parent
