"""Trained networks as ONNX files, each with its settings and its model card inside, checked against PyTorch."""

from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor, nn

from clearface.errors import ModelError
from clearface.files.atomic import write_atomically
from clearface.masks import CLASS_COUNT
from clearface.restorers.smfd.description import (
    DETAILED_FILE,
    FAITHFUL_FILE,
    KERNEL_FILE,
    READER_FILE,
    DeblurringSettings,
    KernelSettings,
    ReaderSettings,
    write_settings,
)
from clearface.train.engine.exporting import ExportedGraph, ExportedNetwork, exported
from clearface.train.engine.recipes import read_recipe
from clearface.train.engine.stage_records import StageRecord, stage_record
from clearface.train.engine.weights import load_weights
from clearface.train.smfd.building import build_networks
from clearface.train.smfd.card import CardFacts, model_card
from clearface.train.smfd.forward import DEBLURRING, ESTIMATOR, READER
from clearface.train.smfd.recipe import SmfdRecipe
from clearface.train.smfd.stages import RECIPE_FILE, STAGES, latest_weights

_STRIDE = 16


class _Reading(nn.Module):
    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, face: Tensor) -> tuple[Tensor, Tensor]:
        logits, guess = self.network(face)
        return logits.softmax(1), guess


class _Naming(nn.Module):
    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, evidence: Tensor) -> tuple[Tensor, Tensor]:
        kernels, certainty = self.network(evidence)
        return kernels, certainty.sigmoid()


class _Repairing(nn.Module):
    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, candidates: Tensor, masks: Tensor) -> tuple[Tensor, Tensor]:
        restored, log_error = self.network(candidates, masks)
        return restored, torch.exp(log_error)


def export_run(
    run: Path, output: Path, collections: tuple[str, ...] = (), overwrite: bool = False
) -> Iterator[ExportedNetwork]:
    """Writes every network a run of `clearface train smfd` has trained so far, averaged weights, into a folder.

    Batch, height and width are free, but for the kernel network, whose evidence has one size. collections: names of what the
    faces are from, for the model card. All files are made and compared before the first is written. Raises ModelError where
    the folder is none of a run, nothing was trained, or ONNX Runtime differs by more than `LARGEST_DIFFERENCE`; PhotoError where
    a file exists already or cannot be written.
    """
    if not (run / RECIPE_FILE).is_file():
        raise ModelError(f"{run}: this is no folder of a run: it has no {RECIPE_FILE}")
    recipe = read_recipe(SmfdRecipe, run / RECIPE_FILE)
    graphs = _graphs(run, recipe, collections)
    if not graphs:
        raise ModelError(f"{run}: nothing has been trained there yet")
    made = [(graph, *exported(graph)) for graph in graphs]
    for graph, data, difference in made:
        write_atomically(output / graph.file, data, overwrite=overwrite)
        yield ExportedNetwork(output / graph.file, difference)


def _graphs(run: Path, recipe: SmfdRecipe, collections: tuple[str, ...]) -> list[ExportedGraph]:
    shapes = recipe.networks
    classes = f"`(N, {CLASS_COUNT}, H, W)`"
    found = []
    reader = latest_weights(run, READER)
    if reader is not None:
        facts = CardFacts(
            "The mask generator",
            "tells the parts of a blurred face, and guesses how it looks sharp",
            _parameters(recipe, READER),
            f"`face`: `(N, 3, H, W)` float32, RGB, 0 to 1, sides multiples of {_STRIDE}",
            f"`masks`: {classes}, probabilities of `clearface.masks.FaceClass`; `guess`: as `face`",
        )
        found.append(
            ExportedGraph(
                READER_FILE,
                _Reading(_loaded(recipe, READER, reader)),
                {"face": (3, 0, 0)},
                {"masks": True, "guess": True},
                write_settings(ReaderSettings(_STRIDE)),
                model_card(facts, recipe, _records(run, READER), collections),
            )
        )
    estimator = latest_weights(run, ESTIMATOR)
    if estimator is not None:
        config = shapes.kernel_estimator
        planes = len(config.strengths) + 2
        facts = CardFacts(
            "The kernel estimator",
            "names the blur of a face: a point spread function, and how sure that is",
            _parameters(recipe, ESTIMATOR),
            f"`evidence`: `(N, {planes}, {config.taps}, {config.taps})` float32, of faces of {config.size} pixels",
            f"`kernels`: `(N, {config.taps}, {config.taps})`, each summing to 1; `certainty`: `(N,)`, 0 to 1",
        )
        settings = KernelSettings(config.taps, config.size, config.transform, config.strengths)
        found.append(
            ExportedGraph(
                KERNEL_FILE,
                _Naming(_loaded(recipe, ESTIMATOR, estimator)),
                {"evidence": (planes, config.taps, config.taps)},
                {"kernels": False, "certainty": False},
                write_settings(settings),
                model_card(facts, recipe, _records(run, ESTIMATOR), collections),
            )
        )
    for stage, file, kind in (("restore", FAITHFUL_FILE, "faithful"), ("detail", DETAILED_FILE, "detailed")):
        weights = run / stage / f"{DEBLURRING}.safetensors"
        if weights.is_file():
            found.append(_deblurring_graph(run, recipe, weights, file, kind, collections))
    return found


def _deblurring_graph(
    run: Path, recipe: SmfdRecipe, weights: Path, file: str, kind: str, collections: tuple[str, ...]
) -> ExportedGraph:
    shapes = recipe.networks
    channels = 3 * (2 + len(shapes.filter.strengths))
    if shapes.deblurring_unet.candidates * 3 != channels:
        raise ModelError(f"{run}: the recipe's U-Net takes other candidates than its filters make")
    records = _records(run, DEBLURRING, kind == "detailed")
    figures = records[-1].figures
    if "error_at_90" not in figures:
        raise ModelError(
            f"{weights.parent}: no validation says how honest the stated errors are: train until there is one"
        )
    facts = CardFacts(
        f"The deblurring U-Net, {kind}",
        "repairs a face whose blur has been named and inverted, and says how far off each pixel may be",
        _parameters(recipe, DEBLURRING),
        f"`candidates`: `(N, {channels}, H, W)` float32, RGB, 0 to 1: the blurred face, the guess, the filtered ones; `masks`: "
        f"`(N, {CLASS_COUNT}, H, W)`; sides multiples of {_STRIDE}",
        "`restored`: `(N, 3, H, W)`; `error`: `(N, 1, H, W)`, the scale of the error of each pixel",
    )
    settings = DeblurringSettings(shapes.filter.strengths, shapes.filter.flat, figures["error_at_90"])
    return ExportedGraph(
        file,
        _Repairing(_loaded(recipe, DEBLURRING, weights)),
        {"candidates": (channels, 0, 0), "masks": (CLASS_COUNT, 0, 0)},
        {"restored": True, "error": True},
        write_settings(settings),
        model_card(facts, recipe, records, collections),
    )


def _records(run: Path, network: str, adversarial: bool = True) -> tuple[StageRecord, ...]:
    """Of the stages that trained a network, in their order; without the adversarial one where it does not count."""
    stages = [stage for stage in STAGES if (run / stage / f"{network}.safetensors").is_file()]
    return tuple(
        stage_record(run / stage, run / stage / f"{network}.safetensors")
        for stage in stages
        if adversarial or stage != "detail"
    )


def _parameters(recipe: SmfdRecipe, name: str) -> int:
    return sum(weight.numel() for weight in build_networks(recipe.networks, (name,)).parameters())


def _loaded(recipe: SmfdRecipe, name: str, path: Path) -> nn.Module:
    network = build_networks(recipe.networks, (name,))[name]
    load_weights(network, name, path)
    return network.to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
