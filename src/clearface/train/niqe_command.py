"""`clearface train niqe`: arguments in, one call, a sentence out."""

from pathlib import Path
from typing import Annotated

import typer

from clearface.exit_codes import INTERRUPTED


def niqe_command(
    inputs: Annotated[
        list[str], typer.Argument(metavar="INPUT", help="Folders of sharp photos (searched through), photos or globs.")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="New file for the model, .json.")],
    name: Annotated[
        str | None,
        typer.Option(help="What the model is called in tables; without, as its file.", show_default=False),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a file that exists.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")] = False,
) -> None:
    """Fit a model of good faces for NIQE, a measure that needs no sharp twin, on the sharp faces in photos."""
    from collections import Counter
    from contextlib import ExitStack

    from clearface.errors import UsageError
    from clearface.evaluate.metrics.niqe_models import pristine_model_text
    from clearface.files.atomic import write_atomically
    from clearface.files.explanations import shown
    from clearface.files.standard_output import Speaker
    from clearface.progress import is_watched, progress_bar
    from clearface.train.niqe import fit_niqe

    if output.suffix.lower() != ".json":
        raise UsageError(f"{shown(output)}: a NIQE model is written as .json")
    if output.exists() and not overwrite:
        raise UsageError(f"{shown(output)}: exists already; --overwrite replaces it")
    with ExitStack() as stack:
        try:
            fitted = fit_niqe(
                inputs,
                name or output.stem,
                lambda count: stack.enter_context(progress_bar("photos", count, is_watched() and not quiet)),
            )
        except KeyboardInterrupt:
            stack.close()
            Speaker(to_stdout=False).say("clearface: stopped; nothing was written")
            raise typer.Exit(INTERRUPTED) from None
    facts = {"photos": fitted.photos, "faces": fitted.faces, "patches": fitted.patches}
    write_atomically(output, pristine_model_text(fitted.model, facts).encode(), overwrite=overwrite)
    if not quiet:
        speaker = Speaker(to_stdout=True)
        left_out = Counter(str(drop.reason) for drop in fitted.drops)
        speaker.say(f"Photos:     {fitted.photos}")
        speaker.say(f"Faces:      {fitted.faces}, sharp patches in them: {fitted.patches}")
        speaker.say(f"Left out:   {', '.join(f'{count} {reason}' for reason, count in left_out.items()) or 'nothing'}")
        speaker.say(f"Model:      {output.resolve()}")
