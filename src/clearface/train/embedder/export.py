"""The trained embedder as an ONNX file, its model card inside."""

from collections.abc import Iterator
from pathlib import Path

import torch
from torch import nn

from clearface.embedders.fusion import NETWORK_FILE
from clearface.errors import ModelError
from clearface.files.atomic import write_atomically
from clearface.nets.costs import count_multiplications
from clearface.nets.fusion_embedder import FusionEmbedder
from clearface.train.embedder.command import LESSONS, RECIPE_FILE
from clearface.train.embedder.lessons import teacher_of
from clearface.train.embedder.recipe import EmbedderRecipe
from clearface.train.embedder.task import EMBEDDER, DistillationTask
from clearface.train.engine.exporting import ExportedGraph, ExportedNetwork, exported
from clearface.train.engine.recipes import read_recipe
from clearface.train.engine.stage_records import LICENCE, stage_record
from clearface.train.engine.weights import load_weights
from clearface.train.prepare.records import Part
from clearface.version import __version__

_KINDS = {"sharp": "sharp", "mild": "blurred mildly (`mild`)", "shen": "shaken over 13 to 27 of 128 pixels (`shen`)"}

_TEMPLATE = """# The fusion embedder

| | |
|---|---|
| does | turns a face, sharp, blurred or restored, into a vector that says who it is |
| size | {parameters:,} parameters, {multiplications:.0f} million multiplications a face |
| in | `face`: `(N, 3, {size}, {size})` float32, RGB, 0 to 1, aligned by the eyes as dlib does with a padding of a quarter |
| out | `embedding`: `(N, {dimension})` float32, of unit length; near each other, by cosine, where the person is the same |
| trained by | `clearface train embedder` of clearface {version}, seed {seed} |
| trained for | {steps:,} steps, {faces:,} faces seen, {minutes:.0f} minutes |
| teacher | {teacher} |
| photos | {photos} |
| licence | {licence} |

## Training
Features of several depths are pooled and fused into one vector. It learned to give the vector the teacher gives the sharp face,
whether it is shown that face sharp, blurred by the randomized pipeline of `clearface.degrade`, or blurred and restored by the
default restorer; grey, lit from a side, partly covered and coarse, too. The mean of the teacher's vectors is taken off first. The
released weights are a moving average.

## How well
On {held_back} faces held back: the mean cosine to the teacher's vector, and how often that of the right person is the nearest.

| faces | cosine | nearest |
|---|---|---|
{figures}

## Limits
- A vector is an estimate made of a picture. It is no proof of who somebody is, least of all where the face is blurred.
- It knows of people what its teacher and the photos tell; how evenly it serves people of all ages and origins follows from these.
"""


def is_embedder_run(run: Path) -> bool:
    """Whether a folder is one of `clearface train embedder`."""
    return (run / RECIPE_FILE).is_file()


def export_embedder(
    run: Path, output: Path, collections: tuple[str, ...] = (), overwrite: bool = False
) -> Iterator[ExportedNetwork]:
    """Writes the averaged weights of a run of `clearface train embedder` into a folder.

    The batch is free. collections: names of what the faces are from, for the model card. Raises ModelError where nothing was
    trained or ONNX Runtime differs, PhotoError where the file exists already or cannot be written.
    """
    recipe = read_recipe(EmbedderRecipe, run / RECIPE_FILE)
    folder = run / DistillationTask.name
    weights = folder / f"{EMBEDDER}.safetensors"
    if not weights.is_file():
        raise ModelError(f"{run}: nothing has been trained there yet")
    network = FusionEmbedder(recipe.network)
    load_weights(network, EMBEDDER, weights)
    size = recipe.network.size
    card = _card(run, weights, recipe, network, collections)
    graph = ExportedGraph(NETWORK_FILE, network, {"face": (3, size, size)}, {"embedding": False}, None, card)
    data, difference = exported(graph)
    write_atomically(output / graph.file, data, overwrite=overwrite)
    yield ExportedNetwork(output / graph.file, difference)


def _card(run: Path, weights: Path, recipe: EmbedderRecipe, network: nn.Module, collections: tuple[str, ...]) -> str:
    record = stage_record(weights.parent, weights)
    size = recipe.network.size
    figures = [
        f"| {words} | {record.figures[f'cosine_{kind}']:.3f} | {record.figures[f'found_{kind}']:.1%} |"
        for kind, words in _KINDS.items()
        if f"cosine_{kind}" in record.figures
    ]
    return _TEMPLATE.format(
        parameters=sum(weight.numel() for weight in network.parameters()),
        multiplications=count_multiplications(network.eval(), torch.zeros(1, 3, size, size)) / 1e6,
        size=size,
        dimension=recipe.network.dimension,
        version=__version__,
        seed=recipe.seed,
        steps=record.steps,
        faces=record.faces_seen,
        minutes=record.seconds / 60,
        teacher=teacher_of(run / LESSONS[Part.TRAINING]),
        photos=", ".join(collections) if collections else "not named by whoever exported the network",
        licence=LICENCE,
        held_back=recipe.validation_faces,
        figures="\n".join(figures),
    )
