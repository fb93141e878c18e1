"""`clearface train`: arguments in, one call, a sentence out."""

from pathlib import Path
from typing import Annotated

import typer

from clearface.exit_codes import INTERRUPTED
from clearface.train.niqe_command import niqe_command
from clearface.train.prepare.command import prepare_command

train_app = typer.Typer(
    help="Train the networks of the default restorer. Needs the extra clearface[train].",
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
    from clearface.train.smfd.command import ACCELERATORS, ALL_STAGES, SmfdArguments, recipe_text, run_smfd
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
    speaker = Speaker(to_stdout=True)
    if print_recipe:
        speaker.say(recipe_text(arguments).rstrip())
        return
    try:
        end = run_smfd(arguments, (lambda _sentence: None) if quiet else speaker.say)
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
    run: Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a run of `clearface train smfd`.")],
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
    from clearface.train.smfd.export import export_run

    speaker = Speaker(to_stdout=True)
    for exported in export_run(run, output, tuple(data_name or ()), overwrite):
        speaker.say(
            f"{exported.path}: {exported.path.stat().st_size / 1e6:.1f} MB, off PyTorch by {exported.difference:.1e} at most"
        )
