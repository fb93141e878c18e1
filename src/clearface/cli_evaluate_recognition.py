"""`clearface evaluate recognition`: arguments in, one call, a sentence out."""

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer


def recognition(
    folders: Annotated[
        list[Path],
        typer.Argument(
            metavar="FOLDER...", help="Collections of people: a folder each, or ORL or Yale.", show_default=False
        ),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for recognition.md, .json, .csv and plots.")],
    methods: Annotated[
        str, typer.Option(metavar="NAME,...", help="What is compared: pca, lda, lpp, lbp, cnn, fusion, dlib, onnx.")
    ] = "pca,lda,lpp,lbp,cnn,fusion",
    training_photos: Annotated[
        str, typer.Option(metavar="NUMBER,...", help="Photos of each person that are learned; the rest are asked.")
    ] = "2,3,5,7",
    splits: Annotated[int, typer.Option(min=1, help="Random ways to choose these photos.")] = 20,
    protocol: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", help="How photos are blurred: shen, box5, mixed, mild (shen and mild). May be repeated."
        ),
    ] = None,
    restorer: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME[:OPTION=VALUE,...]", help="What restores blurred photos (smfd). May be repeated."),
    ] = None,
    framing: Annotated[
        str,
        typer.Option(
            metavar="whole|aligned|auto",
            help="What all but the embedders look at; auto: whole photos where they are hardly more than the face.",
        ),
    ] = "auto",
    neighbours: Annotated[int, typer.Option(min=1, help="Of the nearest that are known, so many are asked.")] = 1,
    distance: Annotated[str, typer.Option(metavar="cosine|euclidean", help="What is near.")] = "cosine",
    size: Annotated[int, typer.Option(help="Side of the faces in pixels when photos are blurred.")] = 128,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same numbers.")] = 7,
    embedder_model: Annotated[
        Path | None, typer.Option(help="The network file of the method onnx.", show_default=False)
    ] = None,
    existing: Annotated[
        str, typer.Option(metavar="fail|overwrite", help="What to do where there are results; unfinished ones go on.")
    ] = "fail",
    workers: Annotated[int | None, typer.Option(min=1, help="Processes; as many as cores.", show_default=False)] = None,
    max_pixels: Annotated[int, typer.Option(min=1, help="Refuse photos with more pixels.")] = 250_000_000,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")] = False,
) -> None:
    """Compare ways to recognize people: on sharp photos, on blurred and on restored ones.

    Some photos of each person are learned, sharp, and all others are asked for, in tables and plots with mean and deviation over
    random splits. Stopped, the same command goes on where it was. Needs the extra clearface[evaluate].
    """
    from clearface.evaluate.recognition.command import RecognitionOptions, run_recognition

    options = RecognitionOptions(
        folders=tuple(folders),
        output=output,
        methods=methods,
        training_photos=training_photos,
        splits=splits,
        protocols=tuple(protocol or ()),
        restorers=tuple(restorer or ()),
        framing=framing,
        neighbours=neighbours,
        distance=distance,
        size=size,
        seed=seed,
        embedder_model=embedder_model,
        existing=existing,
        workers=workers,
        max_pixels=max_pixels,
        quiet=quiet,
        command=shlex.join(["clearface", *sys.argv[1:]]),
    )
    raise typer.Exit(run_recognition(options))
