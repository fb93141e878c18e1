"""`clearface evaluate verification`: arguments in, one call, a sentence out."""

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from clearface.cli_options import EmbedderModel, EmbedderName, EmbedderPreset


def verification(
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder for verification.md, .json, .csv and roc.svg.")
    ],
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="FOLDER", help="People: a folder each, or ORL or Yale.", show_default=False),
    ] = None,
    pairs: Annotated[
        Path | None,
        typer.Option(
            metavar="CSV", help="Pairs of your own instead: the columns first, second, same.", show_default=False
        ),
    ] = None,
    strangers: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="More photos, each of another person.", show_default=False),
    ] = None,
    condition: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME[@SIZE]",
            help="How the first photo of a pair is degraded: sharp, mild, shen, box5, mixed; at SIZE pixels. May be repeated.",
        ),
    ] = None,
    embedder: EmbedderName = None,
    embedder_model: EmbedderModel = None,
    embedder_preset: EmbedderPreset = None,
    most_pairs: Annotated[
        int, typer.Option(min=1, help="Of one person, and of two; beyond, they are drawn by chance.")
    ] = 2_000_000,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same numbers.")] = 7,
    save_table: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Also write the errors by condition, for `identify`.", show_default=False),
    ] = None,
    existing: Annotated[
        str, typer.Option(metavar="fail|overwrite", help="What to do where there are results; unfinished ones go on.")
    ] = "fail",
    workers: Annotated[int | None, typer.Option(min=1, help="Processes; as many as cores.", show_default=False)] = None,
    max_pixels: Annotated[int, typer.Option(min=1, help="Refuse photos with more pixels.")] = 250_000_000,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")] = False,
) -> None:
    """Measure how well two photos of one person are told from photos of two, by condition.

    The first photo of every pair is degraded, and restored, the second stays as it is. Stopped, the same command goes on where it
    was. Needs the extra clearface[evaluate].
    """
    from clearface.evaluate.recognition.verification_command import VerificationOptions, run_verification

    options = VerificationOptions(
        folder=folder,
        output=output,
        pairs=pairs,
        strangers=strangers,
        conditions=tuple(condition or ()),
        embedder=embedder,
        embedder_model=embedder_model,
        embedder_preset=embedder_preset,
        most_pairs=most_pairs,
        seed=seed,
        save_table=save_table,
        existing=existing,
        workers=workers,
        max_pixels=max_pixels,
        quiet=quiet,
        command=shlex.join(["clearface", *sys.argv[1:]]),
    )
    raise typer.Exit(run_verification(options))
