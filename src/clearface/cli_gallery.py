"""`clearface gallery`: arguments in, one Python call."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from clearface.cli_options import (
    MOST_PIXELS,
    DetectorModel,
    DetectorName,
    EmbedderModel,
    EmbedderName,
    EmbedderPreset,
    GalleryPlace,
    Largest,
    MaxPixels,
    MinimumSize,
    Rotations,
    Threshold,
)
from clearface.errors import UsageError

gallery_app = typer.Typer(
    help="Keep the people clearface is to recognize: photos in, names out. Only faces are kept, and only here.",
    rich_markup_mode=None,
    no_args_is_help=True,
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="Of a person; upper and lower case are the same.")]
JsonLines = Annotated[bool, typer.Option("--json", help="One line of JSON for each thing that is told.")]


@gallery_app.command()
def add(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Of the person.", show_default=False)] = None,
    photos: Annotated[
        list[str] | None,
        typer.Argument(metavar="PHOTO", help="Photos, folders (searched through), globs.", show_default=False),
    ] = None,
    description: Annotated[str | None, typer.Option(help="What is told of the person.")] = None,
    link: Annotated[str | None, typer.Option(metavar="URL", help="A web page about the person.")] = None,
    folder: Annotated[
        Path | None, typer.Option(help="Instead of NAME: a folder with a folder for each person.", show_default=False)
    ] = None,
    table: Annotated[
        Path | None,
        typer.Option("--csv", help="Instead of NAME: a table of name, photo, description, link.", show_default=False),
    ] = None,
    gallery: GalleryPlace = None,
    embedder: EmbedderName = None,
    embedder_model: EmbedderModel = None,
    embedder_preset: EmbedderPreset = None,
    largest: Largest = False,
    minimum_size: MinimumSize = 0.0,
    detector: DetectorName = "centerface",
    detector_model: DetectorModel = None,
    threshold: Threshold = None,
    rotations: Rotations = False,
    max_pixels: MaxPixels = MOST_PIXELS,
    json_lines: JsonLines = False,
) -> None:
    """Add people, or more photos of them. Each photo has to show one face; what becomes of each is said."""
    from clearface.detectors.registry import DetectorOptions
    from clearface.detectors.selection import FaceSelection
    from clearface.face_search import FaceSearch
    from clearface.gallery.commands import AddOptions, GalleryVoice, chosen_embedder, run_add
    from clearface.photos.source import PhotoLimits

    options = AddOptions(name, tuple(photos or ()), folder, table, description, link)
    search = FaceSearch(
        detector,
        DetectorOptions(threshold=threshold, model=detector_model),
        FaceSelection(minimum_size, largest),
        rotations,
    )
    choice = chosen_embedder(embedder, embedder_model, embedder_preset)
    limits = PhotoLimits(max_pixels=max_pixels)
    raise typer.Exit(run_add(gallery, options, search, choice, limits, GalleryVoice(json_lines)))


@gallery_app.command("list")
def list_people(gallery: GalleryPlace = None, json_lines: JsonLines = False) -> None:
    """Say who is in the gallery."""
    from clearface.gallery.commands import GalleryVoice, run_list

    raise typer.Exit(run_list(gallery, GalleryVoice(json_lines)))


@gallery_app.command()
def show(
    name: Name,
    save_faces: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Also write the faces that are kept into a folder.", show_default=False),
    ] = None,
    gallery: GalleryPlace = None,
    json_lines: JsonLines = False,
) -> None:
    """Say all that is kept of a person: what is told, and the number of each face."""
    from clearface.gallery.commands import GalleryVoice, run_show

    raise typer.Exit(run_show(gallery, name, save_faces, GalleryVoice(json_lines)))


@gallery_app.command()
def rename(
    name: Name,
    new_name: Annotated[str, typer.Argument(metavar="NEW_NAME", help="What the person is to be called.")],
    gallery: GalleryPlace = None,
    json_lines: JsonLines = False,
) -> None:
    """Call a person otherwise."""
    from clearface.gallery.commands import GalleryVoice, run_rename

    raise typer.Exit(run_rename(gallery, name, new_name, GalleryVoice(json_lines)))


@gallery_app.command()
def describe(
    name: Name,
    description: Annotated[str | None, typer.Option(help='What is told of the person; "" for nothing.')] = None,
    link: Annotated[str | None, typer.Option(metavar="URL", help='A web page about the person; "" for none.')] = None,
    gallery: GalleryPlace = None,
    json_lines: JsonLines = False,
) -> None:
    """Tell something else of a person."""
    from clearface.gallery.commands import GalleryVoice, run_describe

    raise typer.Exit(run_describe(gallery, name, description, link, GalleryVoice(json_lines)))


@gallery_app.command()
def merge(
    name: Name,
    others: Annotated[list[str], typer.Argument(metavar="OTHER", help="People who are the same person.")],
    gallery: GalleryPlace = None,
    json_lines: JsonLines = False,
) -> None:
    """Give a person the photos of others, who are gone then."""
    from clearface.gallery.commands import GalleryVoice, run_merge

    raise typer.Exit(run_merge(gallery, name, others, GalleryVoice(json_lines)))


@gallery_app.command()
def remove(
    name: Name,
    face: Annotated[
        list[int] | None,
        typer.Option(metavar="NUMBER", help="Only this face, as `show` counts; may be repeated.", show_default=False),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    gallery: GalleryPlace = None,
    json_lines: JsonLines = False,
) -> None:
    """Remove a person, or one of their faces, from the gallery and from the bytes of its files."""
    from clearface.gallery.commands import GalleryVoice, describe_removal, run_remove

    if not yes:
        question = describe_removal(gallery, name, face)
        if sys.stdin is None or not sys.stdin.isatty():
            raise UsageError("nobody is there to be asked whether to remove: give --yes")
        if not typer.confirm(question, err=True):
            raise typer.Exit()
    raise typer.Exit(run_remove(gallery, name, face, GalleryVoice(json_lines)))


@gallery_app.command()
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A zip file to write, with all that is kept.")],
    existing: Annotated[str, typer.Option(metavar="fail|overwrite", help="What to do where the file exists.")] = "fail",
    gallery: GalleryPlace = None,
    json_lines: JsonLines = False,
) -> None:
    """Write the whole gallery into one file, for `import` here or elsewhere."""
    from clearface.gallery.commands import GalleryVoice, run_export
    from clearface.suggestions import one_of

    overwrite = one_of("--existing", existing, ("fail", "overwrite")) == "overwrite"
    raise typer.Exit(run_export(gallery, file, overwrite, GalleryVoice(json_lines)))


@gallery_app.command("import")
def import_people(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `export` wrote.")],
    existing: Annotated[
        str,
        typer.Option(
            metavar="fail|skip|add", help="People who are there already: add nobody, pass over, add their photos."
        ),
    ] = "fail",
    gallery: GalleryPlace = None,
    json_lines: JsonLines = False,
) -> None:
    """Add everybody of a file that was exported, or nobody."""
    from clearface.gallery.commands import GalleryVoice, run_import

    raise typer.Exit(run_import(gallery, file, existing, GalleryVoice(json_lines)))


@gallery_app.command()
def stats(gallery: GalleryPlace = None, json_lines: JsonLines = False) -> None:
    """Say what the gallery holds, what it was made with and how it is searched; a damaged one is found."""
    from clearface.gallery.commands import GalleryVoice, run_statistics

    raise typer.Exit(run_statistics(gallery, GalleryVoice(json_lines)))


@gallery_app.command()
def reembed(
    gallery: GalleryPlace = None,
    embedder: EmbedderName = None,
    embedder_model: EmbedderModel = None,
    embedder_preset: EmbedderPreset = None,
    json_lines: JsonLines = False,
) -> None:
    """Embed every face anew with another embedder, from the faces that are kept."""
    from clearface.gallery.commands import GalleryVoice, chosen_embedder, run_reembed

    choice = chosen_embedder(embedder, embedder_model, embedder_preset)
    raise typer.Exit(run_reembed(gallery, choice, GalleryVoice(json_lines)))


@gallery_app.command()
def fit(
    kind: Annotated[str, typer.Argument(metavar="eigenfaces|fisherfaces|lpp", help="The classical embedder to fit.")],
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="People, a folder each.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The model file, .npz.")],
    existing: Annotated[str, typer.Option(metavar="fail|overwrite", help="What to do where the file exists.")] = "fail",
    detector: DetectorName = "centerface",
    detector_model: DetectorModel = None,
    threshold: Threshold = None,
    rotations: Rotations = False,
    max_pixels: MaxPixels = MOST_PIXELS,
    json_lines: JsonLines = False,
) -> None:
    """Fit a classical embedder on photos of people, for --embedder with --embedder-model."""
    from clearface.detectors.registry import DetectorOptions
    from clearface.face_search import FaceSearch
    from clearface.gallery.commands import GalleryVoice, run_fit
    from clearface.photos.source import PhotoLimits
    from clearface.suggestions import one_of

    overwrite = one_of("--existing", existing, ("fail", "overwrite")) == "overwrite"
    search = FaceSearch(detector, DetectorOptions(threshold=threshold, model=detector_model), rotations=rotations)
    limits = PhotoLimits(max_pixels=max_pixels)
    raise typer.Exit(run_fit(kind, folder, output, search, overwrite, limits, GalleryVoice(json_lines)))
