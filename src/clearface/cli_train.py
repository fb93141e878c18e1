"""`clearface train`: arguments in, one call, a sentence out."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clearface.exit_codes import INTERRUPTED
from clearface.train.niqe_command import niqe_command
from clearface.train.prepare.command import prepare_command

if TYPE_CHECKING:
    from collections.abc import Callable

    from clearface.train.engine.loop import TrainingEnd

train_app = typer.Typer(
    help="Train the networks of the default restorer and of the embedder. Needs the extra clearface[train].",
    rich_markup_mode=None,
    no_args_is_help=True,
)
train_app.command("prepare")(prepare_command)
train_app.command("niqe")(niqe_command)

_STAGES = "parser|kernel|restore|detail|all"


@train_app.command()
def smfd(
    data: Annotated[
        Path | None, typer.Argument(metavar="DATA", help="A set `clearface train prepare` made.", show_default=False)
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="Folder of the run; with --resume, that of the checkpoint.", show_default=False
        ),
    ] = None,
    stage: Annotated[str, typer.Option(metavar=_STAGES, help="What to train.")] = "all",
    recipe: Annotated[
        Path | None, typer.Option(help="A recipe, .json or .toml; without, the usual one.", show_default=False)
    ] = None,
    print_recipe: Annotated[bool, typer.Option("--print-recipe", help="Print the recipe and stop.")] = False,
    resume: Annotated[
        Path | None, typer.Option(metavar="CHECKPOINT", help="Go on from a checkpoint.", show_default=False)
    ] = None,
    start_from: Annotated[
        list[Path] | None,
        typer.Option("--from", metavar="WEIGHTS", help="Weights to start from, .safetensors; may be repeated."),
    ] = None,
    steps: Annotated[
        int | None, typer.Option(min=1, help="Steps of each stage, instead of the recipe's.", show_default=False)
    ] = None,
    batch: Annotated[
        int | None,
        typer.Option(min=1, help="Faces a step over all devices, instead of the recipe's.", show_default=False),
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Instead of the recipe's.", show_default=False)] = None,
    devices: Annotated[int, typer.Option(min=1, help="GPUs, or processes on the CPU.")] = 1,
    accelerator: Annotated[str, typer.Option(metavar="auto|cpu|cuda", help="What to train on.")] = "auto",
    threads: Annotated[
        int | None, typer.Option(min=1, help="Threads of each process; without, all cores.", show_default=False)
    ] = None,
    workers: Annotated[int, typer.Option(min=0, help="Threads that draw faces ahead.")] = 0,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")] = False,
) -> None:
    """Train the networks, stage by stage. They learn from sharp faces made blurred on the way."""
    from clearface.files.standard_output import Speaker
    from clearface.suggestions import one_of
    from clearface.train.engine.devices import ACCELERATORS
    from clearface.train.smfd.command import ALL_STAGES, SmfdArguments, recipe_text, run_smfd
    from clearface.train.smfd.stages import STAGES

    arguments = SmfdArguments(
        data=data,
        out=output,
        stage=one_of("--stage", stage, (*STAGES, ALL_STAGES)),
        recipe=recipe,
        resume=resume,
        start_from=tuple(start_from or ()),
        steps=steps,
        batch=batch,
        seed=seed,
        devices=devices,
        accelerator=one_of("--accelerator", accelerator, ACCELERATORS),
        threads=threads,
        workers=workers,
    )
    if print_recipe:
        Speaker(to_stdout=True).say(recipe_text(arguments).rstrip())
        return
    _train_and_tell(lambda tell: run_smfd(arguments, tell), quiet)


@train_app.command()
def embedder(
    data: Annotated[
        Path | None, typer.Argument(metavar="DATA", help="A set `clearface train prepare` made.", show_default=False)
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="Folder of the run; with --resume, that of the checkpoint.", show_default=False
        ),
    ] = None,
    teacher: Annotated[
        str, typer.Option(metavar="dlib|onnx", help="The embedder whose vectors of sharp faces are learned.")
    ] = "dlib",
    teacher_model: Annotated[Path | None, typer.Option(help="The network file of --teacher onnx.")] = None,
    recipe: Annotated[
        Path | None, typer.Option(help="A recipe, .json or .toml; without, the usual one.", show_default=False)
    ] = None,
    print_recipe: Annotated[bool, typer.Option("--print-recipe", help="Print the recipe and stop.")] = False,
    resume: Annotated[
        Path | None, typer.Option(metavar="CHECKPOINT", help="Go on from a checkpoint.", show_default=False)
    ] = None,
    steps: Annotated[int | None, typer.Option(min=1, help="Instead of the recipe's.", show_default=False)] = None,
    batch: Annotated[
        int | None, typer.Option(min=1, help="Faces a step, instead of the recipe's.", show_default=False)
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Instead of the recipe's.", show_default=False)] = None,
    accelerator: Annotated[str, typer.Option(metavar="auto|cpu|cuda", help="What to train on.")] = "auto",
    threads: Annotated[
        int | None, typer.Option(min=1, help="Threads of the training; without, all cores.", show_default=False)
    ] = None,
    workers: Annotated[int, typer.Option(min=0, help="Threads that draw faces ahead.")] = 0,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="Processes in which the teacher looks.")] = 1,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")] = False,
) -> None:
    """Train the embedder by distillation: blurred and restored faces are to give the vector a teacher gives the sharp one."""
    from clearface.files.standard_output import Speaker
    from clearface.suggestions import one_of
    from clearface.train.embedder.command import EmbedderArguments, recipe_text, run_embedder
    from clearface.train.engine.devices import ACCELERATORS

    arguments = EmbedderArguments(
        data=data,
        out=output,
        teacher=teacher,
        teacher_model=teacher_model,
        recipe=recipe,
        resume=resume,
        steps=steps,
        batch=batch,
        seed=seed,
        accelerator=one_of("--accelerator", accelerator, ACCELERATORS),
        threads=threads,
        workers=workers,
        jobs=jobs,
    )
    if print_recipe:
        Speaker(to_stdout=True).say(recipe_text(arguments).rstrip())
        return
    _train_and_tell(lambda tell: run_embedder(arguments, tell), quiet)


def _train_and_tell(run: "Callable[[Callable[[str], None]], TrainingEnd | None]", quiet: bool) -> None:
    """Runs a training, says how it ended, and ends as it did."""
    from clearface.files.standard_output import Speaker

    speaker = Speaker(to_stdout=True)
    try:
        end = run((lambda _sentence: None) if quiet else speaker.say)
    except KeyboardInterrupt:
        Speaker(to_stdout=False).say("clearface: stopped at once; checkpoints written before are whole")
        raise typer.Exit(INTERRUPTED) from None
    if end is None:
        return
    if end.interrupted:
        Speaker(to_stdout=False).say(f"clearface: {end.sentence}")
        raise typer.Exit(INTERRUPTED)
    if not quiet:
        speaker.say(end.sentence)


@train_app.command()
def export(
    run: Annotated[
        Path, typer.Argument(metavar="RUN", help="The folder of a run of `clearface train smfd` or `embedder`.")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the ONNX files.")],
    data_name: Annotated[
        list[str] | None,
        typer.Option(
            "--trained-on", metavar="NAME", help="A collection the faces are from, for the card; may be repeated."
        ),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace files that exist.")] = False,
) -> None:
    """Write trained networks as ONNX files. Each is checked against PyTorch and holds its model card."""
    from clearface.files.standard_output import Speaker
    from clearface.train.embedder.export import export_embedder, is_embedder_run
    from clearface.train.smfd.export import export_run

    speaker = Speaker(to_stdout=True)
    export = export_embedder if is_embedder_run(run) else export_run
    for exported in export(run, output, tuple(data_name or ()), overwrite):
        speaker.say(
            f"{exported.path}: {exported.path.stat().st_size / 1e6:.1f} MB, off PyTorch by {exported.difference:.1e} at most"
        )
