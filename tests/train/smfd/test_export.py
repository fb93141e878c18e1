"""Exported networks: the same answers as in PyTorch, one after the other as the restorer runs them, with card and settings."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from scipy.ndimage import uniform_filter

from clearface.errors import ModelError, PhotoError, UsageError
from clearface.restorers.smfd.description import READER_FILE, DeblurringSettings, KernelSettings, read_settings
from clearface.restorers.smfd.estimator import BlurEstimator, as_planes, scaled_estimate
from clearface.restorers.smfd.estimator import resized as faces_at
from clearface.restorers.smfd.networks import Reader
from clearface.restorers.smfd.smfd import Smfd
from clearface.train.engine import exporting
from clearface.train.engine.recipes import read_recipe
from clearface.train.engine.weights import load_weights
from clearface.train.smfd import export
from clearface.train.smfd.building import build_networks
from clearface.train.smfd.forward import DEBLURRING, ESTIMATOR, READER, kernels_at, restore, taps_at
from clearface.train.smfd.recipe import SmfdRecipe

FILES = ["smfd-detailed.onnx", "smfd-faithful.onnx", "smfd-kernel.onnx", "smfd-reader.onnx"]


@pytest.fixture(scope="module")
def exported(trained: Path, invoke: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exported") / "weights"
    ended = invoke("export", trained, "-o", folder, "--trained-on", "Astronauts")
    assert ended.error is None, ended.error
    assert [line.partition(": ")[0].rpartition("/")[2] for line in sorted(ended.said.splitlines())] == FILES
    return folder


def metadata_of(path: Path) -> dict[str, str]:
    return {entry.key: entry.value for entry in onnx.load(path).metadata_props}


def test_cards_and_settings_are_inside(exported: Path, trained: Path) -> None:
    assert sorted(path.name for path in exported.iterdir()) == FILES
    faithful = metadata_of(exported / "smfd-faithful.onnx")
    settings = read_settings(DeblurringSettings, faithful["clearface"], "faithful")
    header, row = (line.split(",") for line in (trained / "restore" / "validation.csv").read_text().split())
    assert settings.error_at_90 == float(dict(zip(header, row, strict=True))["error_at_90"])
    card = faithful["card"]
    assert "| photos | Astronauts |" in card
    assert "| restore | 4 | 16 | 0 |" in card
    assert "non-commercial research" in card
    assert "| detail | 4 | 16 | 0 |" in metadata_of(exported / "smfd-detailed.onnx")["card"]
    assert "{" not in card
    kernel = read_settings(KernelSettings, metadata_of(exported / "smfd-kernel.onnx")["clearface"], "kernel")
    assert (kernel.taps, kernel.size, kernel.transform) == (9, 32, 48)


@pytest.mark.parametrize("size", [32, 64])
def test_the_restorer_answers_as_training_does(exported: Path, trained: Path, size: int) -> None:
    """From a blurred face to the sharp one through all networks: PyTorch's FFT in training, SciPy's between ONNX graphs.

    At another size than the estimator's the restorer looks closer and pads its transforms further, to fast sides; there what
    comes before is held against each other.
    """
    recipe = read_recipe(SmfdRecipe, trained / "recipe.json").networks
    networks = build_networks(recipe, (READER, ESTIMATOR, DEBLURRING)).eval()
    for name, stage in ((READER, "kernel"), (ESTIMATOR, "restore"), (DEBLURRING, "restore")):
        load_weights(networks[name], name, trained / stage / f"{name}.safetensors")
    noise = np.random.default_rng(3).random((3, size, size, 3), dtype=np.float32)
    faces = np.asarray(uniform_filter(noise, (0, 5, 5, 0)), np.float32)
    with torch.no_grad():
        expected = restore(networks, torch.from_numpy(faces.transpose(0, 3, 1, 2).copy()), recipe)
    masks, _ = Reader(exported / READER_FILE).read(as_planes(faces))
    np.testing.assert_allclose(masks, expected.masks.numpy(), atol=1e-5)
    taps = taps_at(9, size, 32)
    kernels = kernels_at(expected.estimate.kernels, taps, size, 32).numpy()
    seen = BlurEstimator.from_folder(exported).see(as_planes(faces_at(faces, 32)))
    for estimate, kernel in zip(seen.estimates, kernels, strict=True):
        found = scaled_estimate(estimate, 32, size).kernel
        wider = (len(found) - taps) // 2
        inner = found[wider : wider + taps, wider : wider + taps]
        assert float(np.abs(inner - kernel).sum()) < (1e-3 if size == 32 else 0.05)
    even = [index for index, estimate in enumerate(seen.estimates) if estimate.field is None]
    assert even
    if size == 32:
        answer = Smfd(exported, restore_anyway=True).restore(faces).faces
        restored = expected.restored.clamp(0, 1).numpy().transpose(0, 2, 3, 1)
        np.testing.assert_allclose(answer[even], restored[even], atol=2e-3)


def test_the_graphs_take_any_batch_and_size(exported: Path) -> None:
    session = onnxruntime.InferenceSession(exported / "smfd-reader.onnx")
    for count, height, width in ((1, 96, 96), (5, 112, 208)):
        masks, guess = session.run(["masks", "guess"], {"face": np.zeros((count, 3, height, width), np.float32)})
        assert masks.shape == (count, 11, height, width)
        assert guess.shape == (count, 3, height, width)
        np.testing.assert_allclose(masks.sum(1), 1, atol=1e-5)


def test_a_network_that_differs_is_refused_and_nothing_written(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bound is brought below what rounding alone makes."""
    monkeypatch.setattr(exporting, "LARGEST_DIFFERENCE", 1e-12)
    with pytest.raises(
        ModelError, match=r"smfd-\w+.onnx: ONNX Runtime differs from PyTorch by .*, so nothing was written"
    ):
        list(export.export_run(trained, tmp_path / "out"))
    assert not (tmp_path / "out").exists()


@pytest.fixture
def begun(trained: Path, tmp_path: Path) -> Path:
    """The folder of a run that has come as far as its first stage."""
    folder = tmp_path / "begun"
    shutil.copytree(trained / "parser", folder / "parser")
    shutil.copy(trained / "recipe.json", folder)
    return folder


def test_what_has_been_trained_so_far_can_be_exported(begun: Path, tmp_path: Path) -> None:
    assert [made.path.name for made in export.export_run(begun, tmp_path / "out")] == ["smfd-reader.onnx"]


def test_files_that_exist_are_replaced_only_on_demand(begun: Path, tmp_path: Path) -> None:
    file = tmp_path / "smfd-reader.onnx"
    file.write_bytes(b"precious")
    with pytest.raises(PhotoError, match="exists already"):
        list(export.export_run(begun, tmp_path))
    assert file.read_bytes() == b"precious"
    assert len(list(export.export_run(begun, tmp_path, overwrite=True))) == 1
    assert "not named" in metadata_of(file)["card"]


def test_a_folder_that_is_no_run_is_named(trained: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"this is no folder of a run: it has no recipe.json"):
        list(export.export_run(tmp_path, tmp_path / "out"))
    recipe = json.loads((trained / "recipe.json").read_text())
    (tmp_path / "recipe.json").write_text(json.dumps(recipe))
    with pytest.raises(ModelError, match="nothing has been trained there yet"):
        list(export.export_run(tmp_path, tmp_path / "out"))
    (tmp_path / "recipe.json").write_text(json.dumps(recipe | {"sed": 1}))
    with pytest.raises(UsageError, match=r'"sed" is no part of a recipe: did you mean "seed"'):
        list(export.export_run(tmp_path, tmp_path / "out"))
