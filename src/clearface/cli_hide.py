"""`clearface hide`: arguments in, one Python call."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clearface.cli_options import (
    MOST_PIXELS,
    Codec,
    Crf,
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
    Tracker,
)
from clearface.errors import UsageError
from clearface.films.defaults import DETECTION_SIZE, LONGEST_FILL

if TYPE_CHECKING:
    from clearface.choosing import FaceChoice
    from clearface.people_choosing import PeopleChoice


def hide(
    inputs: Inputs,
    output: Output = None,
    mode: Annotated[
        str, typer.Option(metavar="blur|mosaic|solid|picture|none", help="What faces are replaced by.")
    ] = "blur",
    shape: Annotated[str, typer.Option(metavar="ellipse|box|face", help="What is covered of a face.")] = "ellipse",
    scale: Annotated[float, typer.Option(help="Size of the shape, 1 being the face from hairline to chin.")] = 1.3,
    feather: Annotated[
        float, typer.Option(help="How softly the shape ends, in parts of the face; 0 for a hard edge.")
    ] = 0.1,
    strength: Annotated[float | None, typer.Option(help="Of blur and mosaic; more is coarser (1).")] = None,
    colour: Annotated[str | None, typer.Option(help="For --mode solid: a name or #rrggbb (black).")] = None,
    picture: Annotated[Path | None, typer.Option(help="For --mode picture: a photo laid over every face.")] = None,
    threshold: Annotated[
        float | None,
        typer.Option(help="Least score, 0 to 1, at which something is hidden; low, since a missed face is worse."),
    ] = None,
    keep: Annotated[
        list[str] | None,
        typer.Option(metavar="NUMBER|L,T,R,B", help="Leave this face as it is; may be repeated."),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="NUMBER|L,T,R,B", help="Hide this face and no other; may be repeated."),
    ] = None,
    also: Annotated[
        list[str] | None,
        typer.Option(metavar="L,T,R,B", help="Hide this rectangle too, face or not; may be repeated."),
    ] = None,
    keep_people: Annotated[
        bool,
        typer.Option(
            "--keep-people", help="Leave the people of a gallery as they are, where that is certain; hide others."
        ),
    ] = False,
    only_people: Annotated[
        bool, typer.Option("--only-people", help="Hide everybody who may be one of the people of a gallery, no others.")
    ] = False,
    gallery: GalleryPlace = None,
    person: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Mean this person of the gallery, not everybody in it; may be repeated."),
    ] = None,
    false_match_rate: Annotated[
        float | None,
        typer.Option(
            help="For --keep-people: of strangers compared with a person, how many may be taken for it (0.0001)."
        ),
    ] = None,
    embedder: EmbedderName = None,
    embedder_model: EmbedderModel = None,
    embedder_preset: EmbedderPreset = None,
    error_table: ErrorTableFile = None,
    minimum_size: MinimumSize = 0.0,
    rotations: Rotations = False,
    detector: DetectorName = "centerface",
    detector_model: DetectorModel = None,
    from_json: Annotated[
        Path | None,
        typer.Option("--from-json", help="Hide the faces of this file, as --sidecar writes it, instead of searching."),
    ] = None,
    sidecar: Sidecar = False,
    suffix: Suffix = None,
    existing: Existing = None,
    metadata: Metadata = "keep",
    keep_gps: Annotated[
        bool, typer.Option("--keep-gps", help="Keep where it was taken, which is dropped otherwise.")
    ] = False,
    quality: Quality = 95,
    max_pixels: MaxPixels = MOST_PIXELS,
    fill: Annotated[
        float, typer.Option(help="Seconds a face stays hidden in a video where it is missed, before and after.")
    ] = LONGEST_FILL,
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
    """Find every face in photos and videos and hide it, so that nobody can bring it back."""
    from clearface.choosing import FaceChoice, parse_pick, parse_rectangle
    from clearface.commands import Destination, choose_voice, photo_options, run_hide
    from clearface.detectors.registry import DetectorOptions
    from clearface.detectors.selection import FaceSelection
    from clearface.face_search import FaceSearch
    from clearface.films.settings import FilmSettings
    from clearface.hiding import HideStyle

    style = HideStyle(mode, shape, scale, feather, strength, colour, picture)
    choice = FaceChoice(
        tuple(map(parse_pick, keep or ())), tuple(map(parse_pick, only or ())), tuple(map(parse_rectangle, also or ()))
    )
    if keep_gps and metadata == "strip":
        raise UsageError("--keep-gps keeps what --metadata strip leaves out: give one of the two")
    searching = minimum_size or rotations or tracker is not None or threshold is not None or detector_model is not None
    if from_json is not None and (searching or detector != "centerface"):
        raise UsageError("--from-json looks for no faces, so the options that say how do nothing: leave them out")
    naming = (gallery, embedder, embedder_model, embedder_preset, error_table, false_match_rate)
    people = _people(keep_people, only_people, tuple(person or ()), naming, choice)
    voice = choose_voice(output, inputs, quiet, json_lines)
    options = photo_options(existing, max_pixels, metadata, quality, gps="keep" if keep_gps else "drop")
    search = FaceSearch(
        detector, DetectorOptions(threshold=threshold, model=detector_model), FaceSelection(minimum_size), rotations
    )
    films = FilmSettings.typed(codec, crf, encoder_preset, no_audio, resume, raw, detection_size, tracker, sidecar)
    films = replace(films, fill_seconds=fill, told=from_json)
    destination = Destination.told(output, suffix, "_hidden")
    raise typer.Exit(run_hide(inputs, destination, search, style, choice, options, films, voice, people))


def _people(
    keep: bool,
    only: bool,
    names: tuple[str, ...],
    naming: tuple[str | None, str | None, Path | None, str | None, Path | None, float | None],
    choice: "FaceChoice",
) -> "PeopleChoice | None":
    """As they were typed. Raises UsageError for what contradicts each other or would do nothing."""
    from clearface.embedders.registry import EmbedderOptions
    from clearface.people_choosing import PeopleChoice, check_together
    from clearface.recognition.identify_opening import IdentifyOptions

    if keep and only:
        raise UsageError("--keep-people keeps people and --only-people hides them: give one of the two")
    gallery, embedder, model, preset, error_table, rate = naming
    if not keep and not only:
        if names or any(value is not None for value in naming):
            raise UsageError(
                "--gallery, --person and the options about recognizing do nothing without --keep-people or --only-people"
            )
        return None
    check_together(keep, choice)
    options = IdentifyOptions(gallery, embedder, EmbedderOptions(model=model, preset=preset), error_table)
    return PeopleChoice(keep, names, options, rate)
