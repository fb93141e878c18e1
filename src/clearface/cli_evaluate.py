"""`clearface evaluate`: arguments in, one call, a sentence out."""

import shlex
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from clearface.cli_evaluate_recognition import recognition
from clearface.cli_evaluate_verification import verification

_RESTORERS = "restorers"
_OTHERS = ("recognition", "verification")


class _FolderOrCommand(TyperGroup):
    """Commands by their names; whatever else comes first is an argument or option of the one that measures restorers."""

    # Of which package contexts and commands are, Click or Typer's own copy of it, depends on the version of Typer.
    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401
        return super().parse_args(ctx, args if args and args[0] in _OTHERS else [_RESTORERS, *args])

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401
        name, command, rest = super().resolve_command(ctx, args)
        return "" if name == _RESTORERS else name, command, rest


evaluate_app = typer.Typer(
    cls=_FolderOrCommand,
    help="Measure how good restorers are, or how well people are recognized.",
    rich_markup_mode=None,
)


@evaluate_app.command(_RESTORERS)
def evaluate(
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for report.html, results.json, results.csv.")],
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="FOLDER", help="Sharp photos, searched with all below.", show_default=False),
    ] = None,
    protocol: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME[@SIZE][+tight]",
            help="How the faces are degraded: shen, box5, levin, mixed, mild, sharp. May be repeated; without, all of them.",
        ),
    ] = None,
    restorer: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME[:OPTION=VALUE,...]",
            help="What is compared, such as smfd, onnx:model=FILE, richardson-lucy:psf=true. May be repeated.",
        ),
    ] = None,
    size: Annotated[
        int | None, typer.Option(help="Side of the faces in pixels, where a protocol names none.", show_default=False)
    ] = None,
    faces: Annotated[int | None, typer.Option(min=1, help="The most faces taken; all.", show_default=False)] = None,
    skip: Annotated[int, typer.Option(min=0, help="Leave out this many photos first.")] = 0,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same numbers.")] = 7,
    kernels: Annotated[
        Path | None, typer.Option(help="Measured kernels for levin: .mat, .npy or a kernel image.", show_default=False)
    ] = None,
    pairs: Annotated[
        tuple[Path, Path] | None,
        typer.Option(
            metavar="SHARP OTHER",
            help="Pairs of your own instead of FOLDER: OTHER is blurred, or what a program made of it.",
            show_default=False,
        ),
    ] = None,
    outputs: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FOLDER", help="With --pairs: what another program made of the blurred pictures. May be repeated."
        ),
    ] = None,
    find_faces: Annotated[
        bool, typer.Option("--find-faces", help="With --pairs: measure the largest face instead of the whole picture.")
    ] = False,
    real: Annotated[
        Path | None,
        typer.Option(help="Photos nobody has the sharp twins of, instead of FOLDER: before and after only."),
    ] = None,
    detector: Annotated[
        list[str] | None,
        typer.Option(
            metavar="centerface|mtcnn", help="Count who is found, by this detector (centerface). May be repeated."
        ),
    ] = None,
    embedder: Annotated[
        str | None, typer.Option(metavar="dlib|onnx", help="Measure the angle between identities with this network.")
    ] = None,
    embedder_model: Annotated[Path | None, typer.Option(help="The network file of --embedder onnx.")] = None,
    identities: Annotated[
        Path | None,
        typer.Option(help="People, a folder each, or ORL or Yale: who is recognized before and after."),
    ] = None,
    niqe_model: Annotated[
        Path | None, typer.Option(help="A pristine model for NIQE, .mat or of `clearface train niqe`.")
    ] = None,
    lpips_alex: Annotated[Path | None, typer.Option(help="AlexNet weights, for LPIPS.")] = None,
    lpips_vgg: Annotated[Path | None, typer.Option(help="VGG-16 weights, for LPIPS.")] = None,
    inception: Annotated[Path | None, typer.Option(help="Inception weights, for FID.")] = None,
    skip_broken: Annotated[
        bool, typer.Option("--skip-broken", help="Leave out photos that cannot be read instead of stopping.")
    ] = False,
    existing: Annotated[
        str, typer.Option(metavar="fail|overwrite", help="What to do where there are results; unfinished ones go on.")
    ] = "fail",
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes; as many as cores. They change no number.", show_default=False)
    ] = None,
    max_pixels: Annotated[int, typer.Option(min=1, help="Refuse photos with more pixels.")] = 250_000_000,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")] = False,
) -> None:
    """Measure how good restorers are, and compare them: tables, plots and faces in one page.

    Sharp photos are degraded with fixed seeds, restored and measured beside the truth; --pairs and --real measure pictures of
    your own. Stopped, the same command goes on where it was. Needs the extra clearface[evaluate].

    `clearface evaluate recognition --help` and `clearface evaluate verification --help` tell of the other experiments; a folder
    of that name is given as ./recognition.
    """
    from clearface.evaluate.command import EvaluateOptions, run_evaluate

    options = EvaluateOptions(
        folder=folder,
        output=output,
        protocols=tuple(protocol or ()),
        restorers=tuple(restorer or ()),
        size=size,
        faces=faces,
        skip=skip,
        seed=seed,
        kernels=kernels,
        pairs=pairs,
        outputs=tuple(outputs or ()),
        find_faces=find_faces,
        real=real,
        detectors=tuple(detector or ()),
        embedder=embedder,
        embedder_model=embedder_model,
        identities=identities,
        niqe_model=niqe_model,
        lpips_alex=lpips_alex,
        lpips_vgg=lpips_vgg,
        inception=inception,
        skip_broken=skip_broken,
        existing=existing,
        workers=workers,
        max_pixels=max_pixels,
        quiet=quiet,
        command=shlex.join(["clearface", *sys.argv[1:]]),
    )
    raise typer.Exit(run_evaluate(options))


evaluate_app.command()(recognition)
evaluate_app.command()(verification)
