"""The command line: arguments in, one Python call, a sentence out."""

import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from clearface.cli_degrade import degrade_app
from clearface.cli_evaluate import evaluate_app
from clearface.cli_gallery import gallery_app
from clearface.cli_hide import hide
from clearface.cli_identify import identify
from clearface.cli_options import (
    MOST_PIXELS,
    Centre,
    Codec,
    Crf,
    Detection,
    DetectorModel,
    DetectorName,
    Existing,
    Inputs,
    Json,
    Largest,
    MaxPixels,
    Metadata,
    MinimumSize,
    NoAudio,
    Output,
    Preset,
    Quality,
    Quiet,
    Raw,
    Resume,
    Rotations,
    Sidecar,
    Suffix,
    Threshold,
    Tracker,
)
from clearface.cli_serve import serve, worker
from clearface.cli_train import train_app
from clearface.errors import ClearfaceError, UsageError
from clearface.exit_codes import FAILED, WRONG_USAGE
from clearface.films.defaults import DETECTION_SIZE

app = typer.Typer(
    help="Finds every face in photos and videos and makes it sharp, or hides it. Offline, on a plain CPU.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    add_completion=True,
)
app.add_typer(degrade_app, name="degrade")
app.add_typer(gallery_app, name="gallery")
app.add_typer(train_app, name="train")
app.add_typer(evaluate_app, name="evaluate")


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
    max_pixels: MaxPixels = MOST_PIXELS,
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
    rotations: Rotations = False,
    sidecar: Sidecar = False,
    detection_size: Detection = DETECTION_SIZE,
    tracker: Tracker = None,
    codec: Codec = None,
    crf: Crf = None,
    encoder_preset: Preset = None,
    no_audio: NoAudio = False,
    resume: Resume = False,
    raw: Raw = None,
    quiet: Quiet = False,
    json_lines: Json = False,
) -> None:
    """Find every face in photos and videos, make it sharp and put it back."""
    from clearface.commands import Destination, choose_voice, photo_options, run_restore
    from clearface.detectors.registry import DetectorOptions
    from clearface.detectors.selection import FaceSelection
    from clearface.extras import Extras
    from clearface.face_search import FaceSearch
    from clearface.films.settings import FilmSettings
    from clearface.restorers.base import Restorer
    from clearface.restorers.registry import DEFAULT_RESTORER, RestorerOptions, build_restorer

    searching = largest or centre or minimum_size or rotations or threshold is not None or detector_model is not None
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
    search = FaceSearch(
        detector,
        DetectorOptions(threshold=threshold, model=detector_model),
        FaceSelection(minimum_size, largest, centre),
        rotations,
    )
    films = FilmSettings.typed(codec, crf, encoder_preset, no_audio, resume, raw, detection_size, tracker, sidecar)
    destination = Destination.told(output, suffix, "_restored")

    way = f"{restorer or DEFAULT_RESTORER} {settings}"

    def build() -> Restorer:
        return build_restorer(restorer or DEFAULT_RESTORER, settings)

    raise typer.Exit(run_restore(inputs, destination, search, build, options, films, voice, way))


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
    rotations: Rotations = False,
    sidecar: Sidecar = False,
    existing: Existing = None,
    max_pixels: MaxPixels = MOST_PIXELS,
    detection_size: Detection = DETECTION_SIZE,
    tracker: Tracker = None,
    codec: Codec = None,
    crf: Crf = None,
    encoder_preset: Preset = None,
    no_audio: NoAudio = False,
    resume: Resume = False,
    raw: Raw = None,
    quiet: Quiet = False,
    json_lines: Json = False,
) -> None:
    """Print the faces of photos and videos, or draw them."""
    from clearface.commands import Destination, choose_voice, photo_options, run_detect
    from clearface.detectors.registry import DetectorOptions
    from clearface.detectors.selection import FaceSelection
    from clearface.face_search import FaceSearch
    from clearface.films.settings import FilmSettings

    if output is None and existing is not None:
        raise UsageError("--existing is about results, and without --output nothing is written: leave it out")
    voice = choose_voice(output, [], quiet, json_lines)
    options = photo_options(existing, max_pixels)
    search = FaceSearch(
        detector,
        DetectorOptions(threshold=threshold, model=detector_model),
        FaceSelection(minimum_size, largest, centre),
        rotations,
    )
    films = FilmSettings.typed(codec, crf, encoder_preset, no_audio, resume, raw, detection_size, tracker, sidecar)
    destination = None if output is None else Destination.told(output, None, "_faces")
    raise typer.Exit(run_detect(inputs, destination, search, options, films, voice))


@app.command()
def models(
    verify: Annotated[bool, typer.Option("--verify", help="Check the files against their checksums.")] = False,
    json_lines: Annotated[bool, typer.Option("--json", help="One line of JSON for each entry.")] = False,
) -> None:
    """List restorers and detectors, with size, licence and checksum."""
    from clearface.listing import list_models

    raise typer.Exit(list_models(verify, json_lines))


@app.command()
def demo(
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the results.")] = Path("demo"),
) -> None:
    """Restore a blurred sample and say where the result is."""
    import time

    started = time.perf_counter()
    from clearface.api import default_pipeline
    from clearface.demo import run_demo

    raise typer.Exit(run_demo(output, default_pipeline, started))


app.command()(hide)
app.command()(identify)
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
