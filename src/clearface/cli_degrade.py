"""`clearface degrade`: arguments in, one call, a sentence out."""

from pathlib import Path
from typing import Annotated

import typer

degrade_app = typer.Typer(
    help="Make blurred twins of sharp photos. Needs the extra clearface[train].",
    rich_markup_mode=None,
    no_args_is_help=True,
)


@degrade_app.command()
def count(
    json_lines: Annotated[bool, typer.Option("--json", help="One line of JSON.")] = False,
) -> None:
    """Count the ways there are to degrade a face: what the randomized pipeline spans, step by step."""
    from clearface.degrade.commands import tell_count

    raise typer.Exit(tell_count(json_lines))


@degrade_app.command()
def apply(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Sharp photos, searched with all below.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for sharp/, blurred/, kernels/, pairs.jsonl.")],
    protocol: Annotated[
        str, typer.Option(metavar="shen|box5|levin|mixed|mild|sharp", help="What happens to the photos.")
    ],
    seed: Annotated[int, typer.Option(help="The same seed gives the same pairs.")] = 0,
    kernels: Annotated[Path | None, typer.Option(help="Kernels for levin: .mat, .npy or a kernel image.")] = None,
    aligned_size: Annotated[
        int | None, typer.Option(min=16, max=1024, help="Cut the faces out, aligned, this many pixels a side.")
    ] = None,
    face_size: Annotated[
        float | None,
        typer.Option(
            min=1, max=4096, help="Size of the faces in whole photos, in pixels: mixed and mild grow with it (128)."
        ),
    ] = None,
    existing: Annotated[
        str,
        typer.Option(metavar="fail|skip|overwrite", help="What to do where there are pairs; skip goes on with them."),
    ] = "fail",
    max_pixels: Annotated[int, typer.Option(min=1, help="Refuse photos with more pixels.")] = 24_000_000,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")] = False,
) -> None:
    """Make pairs of sharp and degraded photos. A list beside them says what was done to each."""
    from clearface.degrade.commands import ApplyOptions, run_apply

    options = ApplyOptions(protocol, seed, kernels, aligned_size, face_size, existing, max_pixels, quiet)
    raise typer.Exit(run_apply(folder, output, options))
