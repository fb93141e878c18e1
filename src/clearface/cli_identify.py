"""`clearface identify`: arguments in, one Python call."""

from typing import Annotated

import typer

from clearface.cli_options import (
    MOST_PIXELS,
    Centre,
    Detection,
    DetectorModel,
    DetectorName,
    EmbedderModel,
    EmbedderName,
    EmbedderPreset,
    ErrorTableFile,
    Existing,
    GalleryPlace,
    Inputs,
    Json,
    Largest,
    MaxPixels,
    MinimumSize,
    Quiet,
    Raw,
    Rotations,
    Sidecar,
    Threshold,
    Tracker,
)
from clearface.errors import UsageError
from clearface.films.defaults import DETECTION_SIZE


def identify(
    inputs: Inputs,
    gallery: GalleryPlace = None,
    restore: Annotated[
        str,
        typer.Option(
            metavar="first|never|both",
            help="Recognize faces restored, as they are, or both ways; where both disagree, nobody is named.",
        ),
    ] = "both",
    top: Annotated[int, typer.Option(min=1, help="People told of each face at most; those tied are all told.")] = 3,
    false_match_rate: Annotated[
        float, typer.Option(help="Of strangers compared with a person, how many may be taken for that person.")
    ] = 0.001,
    method: Annotated[
        str, typer.Option(metavar="knn|mean", help="Compare with the nearest photos, or with the mean of each person.")
    ] = "knn",
    k: Annotated[int | None, typer.Option("--k", help="Of knn: how many nearest photos decide (3).")] = None,
    weights: Annotated[
        str | None, typer.Option(metavar="uniform|distance", help="Of knn: how much each of them counts (distance).")
    ] = None,
    embedder: EmbedderName = None,
    embedder_model: EmbedderModel = None,
    embedder_preset: EmbedderPreset = None,
    error_table: ErrorTableFile = None,
    save_boxes: Annotated[
        bool, typer.Option("--save-boxes", help="Also save each photo with its faces marked and named, beside it.")
    ] = False,
    output: Annotated[
        str | None,
        typer.Option("--output", "-o", help="Also save the photos with faces marked and named: file or folder."),
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
    raw: Raw = None,
    quiet: Quiet = False,
    json_lines: Json = False,
) -> None:
    """Say who the faces of photos and videos are, among the people of a gallery, and how often such answers are wrong."""
    from clearface.commands import Destination, choose_voice, photo_options, run_identify
    from clearface.detectors.registry import DetectorOptions
    from clearface.detectors.selection import FaceSelection
    from clearface.embedders.registry import EmbedderOptions
    from clearface.face_search import FaceSearch
    from clearface.films.settings import FilmSettings
    from clearface.recognition.deciding import DecisionRule
    from clearface.recognition.identify import Restoring
    from clearface.recognition.identify_opening import IdentifyOptions
    from clearface.suggestions import one_of

    if save_boxes and output is not None:
        raise UsageError(
            "--save-boxes saves marked photos beside the inputs, and --output elsewhere: give one of the two"
        )
    draws = save_boxes or output is not None
    if not draws and existing is not None:
        raise UsageError(
            "--existing is about results, and without --output or --save-boxes nothing is written: leave it out"
        )
    if quiet and not draws and not sidecar:
        raise UsageError("--quiet says nothing and nothing is saved: leave it out, or give --output")
    recognition = IdentifyOptions(
        gallery,
        embedder,
        EmbedderOptions(model=embedder_model, preset=embedder_preset),
        error_table,
        DecisionRule(method, k, weights, false_match_rate),
        one_of("--restore", restore, Restoring),
        top,
    )
    voice = choose_voice(output, [], quiet, json_lines)
    options = photo_options(existing, max_pixels)
    search = FaceSearch(
        detector,
        DetectorOptions(threshold=threshold, model=detector_model),
        FaceSelection(minimum_size, largest, centre),
        rotations,
    )
    films = FilmSettings.typed(None, None, None, False, False, raw, detection_size, tracker, sidecar)
    destination = Destination.told(output, None, "_named") if draws else None
    raise typer.Exit(run_identify(inputs, destination, search, recognition, options, films, voice))
