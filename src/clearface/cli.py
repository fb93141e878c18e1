"""The command line: arguments in, one Python call, a sentence out."""

import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from clearface.cli_degrade import degrade_app
from clearface.cli_evaluate import evaluate
from clearface.cli_serve import serve, worker
from clearface.cli_train import train_app
from clearface.errors import ClearfaceError, UsageError
from clearface.exit_codes import FAILED, WRONG_USAGE

app = typer.Typer(
    help="Finds every face in a photo and makes it sharp. Offline, on a plain CPU.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    add_completion=True,
)
app.add_typer(degrade_app, name="degrade")
app.add_typer(train_app, name="train")

Inputs = Annotated[
    list[str], typer.Argument(metavar="INPUT", help="Photos, folders (searched through), globs, or - for stdin.")
]
Output = Annotated[
    str | None,
    typer.Option("--output", "-o", help="File, folder (the tree is kept), or - for stdout. Default: beside the input."),
]
Suffix = Annotated[
    str | None, typer.Option(help="Added to the name of a result beside its input (_restored); not with --output.")
]
Existing = Annotated[
    str | None, typer.Option(metavar="fail|skip|overwrite", help="What to do where a result exists (fail).")
]
DetectorName = Annotated[
    str, typer.Option("--detector", metavar="centerface|mtcnn|yunet", help="What finds the faces.")
]
DetectorModel = Annotated[
    Path | None, typer.Option(help="Network file of the detector; yunet needs one, centerface can do with its own.")
]
Threshold = Annotated[
    float | None, typer.Option(help="Least score, 0 to 1, at which something counts as a face (centerface 0.3).")
]
MinimumSize = Annotated[float, typer.Option("--min-size", help="Leave out faces smaller than this many pixels.")]
Largest = Annotated[bool, typer.Option("--largest", help="Only the largest face.")]
Centre = Annotated[bool, typer.Option("--centre", help="Only the face nearest the centre.")]
Metadata = Annotated[str, typer.Option(metavar="keep|strip", help="EXIF, XMP and comments.")]
Quality = Annotated[
    int, typer.Option("--quality", min=1, max=100, help="Quality of the result where it is JPEG, WebP, AVIF or HEIC.")
]
MaxPixels = Annotated[int, typer.Option(min=1, help="Refuse photos with more pixels, all frames together.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")]
Json = Annotated[bool, typer.Option("--json", help="One line of JSON for each input on stdout.")]

_MAX_PIXELS = 250_000_000


@app.callback(invoke_without_command=True)
def _root(
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
) -> None:
    if version:
        from clearface import __version__

        typer.echo(f"clearface {__version__}")
        raise typer.Exit()


@app.command()
def restore(
    inputs: Inputs,
    output: Output = None,
    restorer: Annotated[
        str | None, typer.Option(metavar="NAME", help="See `clearface models`, which marks the default.")
    ] = None,
    psf: Annotated[
        str | None,
        typer.Option(
            help="Blur to undo: box:5, gaussian:2, motion:15,30, disc:4, a kernel image, or estimated for each face's own."
        ),
    ] = None,
    iterations: Annotated[int | None, typer.Option(help="Rounds of Richardson-Lucy (30).")] = None,
    total_variation: Annotated[float | None, typer.Option("--tv", help="Damping of Richardson-Lucy (0).")] = None,
    linear_light: Annotated[
        bool | None, typer.Option("--linear-light", help="Richardson-Lucy on light instead of sRGB values.")
    ] = None,
    balance: Annotated[float | None, typer.Option(help="Noise damping of the Wiener filter (0.01).")] = None,
    model: Annotated[Path | None, typer.Option(help="An ONNX network, for --restorer onnx.")] = None,
    preset: Annotated[str | None, typer.Option(help="What kind of network --model is, such as gfpgan-1.4.")] = None,
    fidelity: Annotated[
        float | None, typer.Option(help="0 (more detail) to 1 (more faithful), where the network can.")
    ] = None,
    restore_anyway: Annotated[
        bool, typer.Option("--restore-anyway", help="Restore faces too that are sharp already or too far gone.")
    ] = False,
    detector: DetectorName = "centerface",
    detector_model: DetectorModel = None,
    threshold: Threshold = None,
    minimum_size: MinimumSize = 0.0,
    largest: Largest = False,
    centre: Centre = False,
    aligned: Annotated[bool, typer.Option("--aligned", help="Inputs are face crops already, of any size.")] = False,
    suffix: Suffix = None,
    existing: Existing = None,
    metadata: Metadata = "keep",
    quality: Quality = 95,
    max_pixels: MaxPixels = _MAX_PIXELS,
    save_crops: Annotated[bool, typer.Option("--save-crops", help="Also save each face before and after.")] = False,
    save_comparison: Annotated[
        bool, typer.Option("--save-comparison", help="Also save before and after side by side.")
    ] = False,
    save_boxes: Annotated[
        bool, typer.Option("--save-boxes", help="Also save the photo with its faces marked.")
    ] = False,
    confidence: Annotated[
        bool, typer.Option("--confidence", help="Also save the result with what is guessed marked on it.")
    ] = False,
    kernel: Annotated[
        bool, typer.Option("--kernel", help="Also save the blur of each face as a picture, and say what it was.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Blur each result again and say how well it explains the input, 0 to 1.")
    ] = False,
    quiet: Quiet = False,
    json_lines: Json = False,
) -> None:
    """Find every face in photos, make it sharp and put it back."""
    from clearface.commands import Destination, choose_voice, photo_options, run_restore
    from clearface.detectors.registry import DetectorOptions, build_detector
    from clearface.detectors.selection import FaceSelection
    from clearface.extras import Extras
    from clearface.pipeline import Pipeline
    from clearface.restorers.registry import DEFAULT_RESTORER, RestorerOptions, build_restorer

    if output is not None and suffix is not None:
        raise UsageError(
            "--suffix names results beside their inputs, and --output puts them elsewhere: give one of the two"
        )
    searching = largest or centre or minimum_size or threshold is not None or detector_model is not None
    if aligned and (searching or detector != "centerface"):
        raise UsageError(
            "--aligned looks for no faces, so the options that choose among them do nothing: leave them out"
        )
    if check and quiet:
        raise UsageError("--check says how good a result is and --quiet says nothing: give one of the two")
    voice = choose_voice(output, inputs, quiet, json_lines)
    extras = Extras(save_crops, save_comparison, save_boxes, kernel, confidence)
    options = photo_options(existing, max_pixels, metadata, quality, aligned, extras, check)
    settings = RestorerOptions(
        psf, iterations, total_variation, linear_light, balance, model, preset, fidelity, restore_anyway or None
    )
    finder = DetectorOptions(threshold=threshold, model=detector_model)

    def pipeline() -> Pipeline:
        selection = FaceSelection(minimum_size, largest, centre)
        return Pipeline(
            build_detector(detector, finder), build_restorer(restorer or DEFAULT_RESTORER, settings), selection
        )

    raise typer.Exit(
        run_restore(inputs, Destination(output, "_restored" if suffix is None else suffix), pipeline, options, voice)
    )


@app.command()
def detect(
    inputs: Inputs,
    output: Annotated[
        str | None, typer.Option("--output", "-o", help="Also save the photos with faces marked: file or folder.")
    ] = None,
    detector: DetectorName = "centerface",
    detector_model: DetectorModel = None,
    threshold: Threshold = None,
    minimum_size: MinimumSize = 0.0,
    largest: Largest = False,
    centre: Centre = False,
    existing: Existing = None,
    max_pixels: MaxPixels = _MAX_PIXELS,
    quiet: Quiet = False,
    json_lines: Json = False,
) -> None:
    """Print the faces of photos, or draw them."""
    from clearface.commands import Destination, choose_voice, photo_options, run_detect
    from clearface.detectors.registry import DetectorOptions, build_detector
    from clearface.detectors.selection import FaceSelection

    if output is None and existing is not None:
        raise UsageError("--existing is about results, and without --output nothing is written: leave it out")
    voice = choose_voice(output, [], quiet, json_lines)
    options = photo_options(existing, max_pixels)
    settings = DetectorOptions(threshold=threshold, model=detector_model)
    selection = FaceSelection(minimum_size, largest, centre)
    destination = None if output is None else Destination(output, "_faces")
    code = run_detect(inputs, destination, lambda: build_detector(detector, settings), selection, options, voice)
    raise typer.Exit(code)


@app.command()
def models(
    verify: Annotated[bool, typer.Option("--verify", help="Check the files against their checksums.")] = False,
    json_lines: Annotated[bool, typer.Option("--json", help="One line of JSON for each entry.")] = False,
) -> None:
    """List restorers and detectors, with size, licence and checksum."""
    from clearface.commands import list_models

    raise typer.Exit(list_models(verify, json_lines))


@app.command()
def demo(
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the results.")] = Path("demo"),
) -> None:
    """Restore a blurred sample and say where the result is."""
    import time

    started = time.perf_counter()
    from clearface.api import default_pipeline
    from clearface.commands import run_demo

    raise typer.Exit(run_demo(output, default_pipeline, started))


app.command()(evaluate)
app.command()(serve)
app.command()(worker)


def main() -> None:
    """Runs the command line. Exits with 0 where all is done, 1 where something failed, 2 for wrong usage, 130 on Ctrl-C."""
    try:
        app(prog_name="clearface")
    except UsageError as error:
        _leave(f"clearface: {error}", WRONG_USAGE)
    except ClearfaceError as error:
        _leave(f"clearface: {error}", FAILED)
    except ImportError as error:
        from clearface.system import explain_import_error

        sentence = explain_import_error(error)
        if sentence is None:
            raise
        _leave(f"clearface: {sentence}", FAILED)


def _leave(sentence: str, code: int) -> NoReturn:
    from clearface.files.standard_output import Speaker

    Speaker(to_stdout=False).say(sentence)
    sys.exit(code)
