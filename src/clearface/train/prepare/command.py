"""`clearface train prepare`: arguments in, one call, a summary out."""

from pathlib import Path
from typing import Annotated

import typer

from clearface.exit_codes import INTERRUPTED


def prepare_command(
    inputs: Annotated[
        list[str], typer.Argument(metavar="INPUT", help="Folders of photos (searched through), photos or globs.")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="New folder for the set.")],
    masks: Annotated[
        Path | None, typer.Option(help="Folder of masks, each with the name of its photo.", show_default=False)
    ] = None,
    scheme: Annotated[
        str, typer.Option(metavar="celebamask-hq|clearface", help="Which values the masks hold.")
    ] = "celebamask-hq",
    parser: Annotated[
        str,
        typer.Option(
            metavar="shipped|none|FILE",
            help="What labels faces without a mask: the network that ships with clearface, nothing, or an ONNX network.",
        ),
    ] = "shipped",
    largest: Annotated[bool, typer.Option("--largest", help="Only the largest face of each photo.")] = False,
    threshold: Annotated[float, typer.Option(help="Least score, 0 to 1, at which something counts as a face.")] = 0.5,
    held_back: Annotated[
        int, typer.Option(min=0, help="Faces, drawn at random, that training never sees; it needs some.")
    ] = 0,
    seed: Annotated[int, typer.Option(min=0, help="Decides which faces are held back.")] = 0,
    shard: Annotated[int, typer.Option(min=1, help="Most faces in one file.")] = 1000,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="Photos worked on at a time.")] = 1,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")] = False,
) -> None:
    """Make a training set of the sharp faces in photos."""
    from contextlib import ExitStack

    from clearface.files.standard_output import Speaker
    from clearface.progress import is_watched, progress_bar
    from clearface.train.prepare.options import PrepareOptions, parsing_network
    from clearface.train.prepare.preparing import prepare
    from clearface.train.prepare.records import DROPPED
    from clearface.train.prepare.summary import summary_lines

    options = PrepareOptions(masks, scheme, parsing_network(parser), largest, threshold, held_back, seed, shard, jobs)
    with ExitStack() as stack:
        try:
            summary = prepare(
                inputs,
                output,
                options,
                lambda count: stack.enter_context(progress_bar("photos", count, is_watched() and not quiet)),
            )
        except KeyboardInterrupt:
            stack.close()
            Speaker(to_stdout=False).say("clearface: stopped; the same command goes on from here")
            raise typer.Exit(INTERRUPTED) from None
    if not quiet:
        speaker = Speaker(to_stdout=True)
        for line in [*summary_lines(summary), f"Set:        {output.resolve()}"]:
            speaker.say(line)
        if summary.dropped:
            speaker.say(f"Reasons:    {(output / DROPPED).resolve()}")
