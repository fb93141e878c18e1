"""`clearface train embedder`: lessons, learning, resuming, export, and what is said of wrong arguments."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from clearface.embedders.dlib_resnet import DlibResNet
from clearface.embedders.fusion import NETWORK_FILE
from clearface.errors import ClearfaceError, ModelError, PhotoError, UsageError
from clearface.nets.fusion_embedder import FusionEmbedder, FusionEmbedderConfig
from clearface.train.embedder.lessons import middle
from clearface.train.embedder.task import centred
from clearface.train.engine.checkpoints import read_tensors
from clearface.train.engine.exporting import CARD_KEY
from clearface.train.samples import wide_side

FEW = ("--threads", 1, "--accelerator", "cpu")


def test_lessons_hold_the_vectors_of_the_teacher_itself(trained: Path) -> None:
    faces = np.load(trained / "lessons" / "faces.npy")
    assert faces.shape == (6, wide_side(64), wide_side(64), 3)
    sharp = np.asarray(middle(faces, 64), np.float32) / np.float32(255)
    np.testing.assert_array_equal(np.load(trained / "lessons" / "targets.npy"), DlibResNet().embed(sharp))


def test_a_third_of_the_faces_is_blurred_and_restored_too(trained: Path) -> None:
    restored, rows = (np.load(trained / "lessons" / f"{name}.npy") for name in ("restored", "rows"))
    assert restored.shape == (2, 96, 96, 3)
    assert len(set(rows.tolist())) == 2
    assert set(rows.tolist()) <= set(range(6))


def test_centred_vectors_are_the_differences_from_the_mean_at_unit_length() -> None:
    vectors = np.random.default_rng(0).normal(3, 1, (20, 8)).astype(np.float32)
    mean = vectors.mean(0)
    for vector, own in zip(centred(vectors, mean), vectors, strict=True):
        assert float(np.dot(vector, own - mean)) == pytest.approx(float(np.linalg.norm(own - mean)), rel=1e-5)


def test_a_resumed_run_ends_bit_for_bit_like_an_unbroken_one(
    trained: Path, prepared_set: Path, invoke: Any, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    shutil.copytree(trained, run)
    folder = run / "distillation"
    for path in folder.glob("*00000004.safetensors"):
        path.unlink()
    (folder / "fusion_embedder.safetensors").unlink()
    ended = invoke("embedder", prepared_set, "--resume", folder / "checkpoint-00000002.safetensors", *FEW)
    assert ended.error is None, ended.error
    ours, theirs = (read_tensors(place / "distillation/fusion_embedder.safetensors") for place in (run, trained))
    assert len(ours) > 1
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)


def test_it_learns(prepared_set: Path, tiny_recipe: Path, trained: Path, invoke: Any, tmp_path: Path) -> None:
    values = json.loads(tiny_recipe.read_text())
    values["appearance"] |= {"blurred": 0, "grey": 0, "lit": 0, "covered": 0, "coarse": 0}
    values["distillation"] |= {"steps": 150, "optimizer": {"learning_rate": 0.01}}
    values["cadence"] = {"log": 10, "validation": 150, "checkpoint": 150}
    recipe = tmp_path / "recipe.json"
    recipe.write_text(json.dumps(values))
    shutil.copytree(trained, tmp_path / "run", ignore=shutil.ignore_patterns("distillation"))
    ended = invoke("embedder", prepared_set, "-o", tmp_path / "run", "--recipe", recipe, *FEW)
    assert ended.error is None, ended.error
    lines = (tmp_path / "run/distillation/log.csv").read_text().splitlines()
    column = lines[0].split(",").index("distance")
    first, last = float(lines[1].split(",")[column]), float(lines[-1].split(",")[column])
    assert last < 0.5 * first


def test_the_exported_network_answers_as_pytorch_does_at_any_batch(trained: Path, invoke: Any, tmp_path: Path) -> None:
    ended = invoke("export", trained, "-o", tmp_path, "--trained-on", "nobody's photos")
    assert ended.error is None, ended.error
    session = onnxruntime.InferenceSession(tmp_path / NETWORK_FILE, providers=["CPUExecutionProvider"])
    network = FusionEmbedder(FusionEmbedderConfig(56, 4, (6, 8), (1, 1), (1, 2), 7)).eval()
    network.load_state_dict(read_tensors(trained / "distillation/fusion_embedder.safetensors"))
    faces = np.random.default_rng(1).random((5, 3, 56, 56), dtype=np.float32)
    (vectors,) = session.run(None, {"face": faces})
    with torch.no_grad():
        np.testing.assert_allclose(vectors, network(torch.from_numpy(faces)).numpy(), atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    card = {entry.key: entry.value for entry in onnx.load(tmp_path / NETWORK_FILE).metadata_props}[CARD_KEY]
    assert "nobody's photos" in card
    assert "dlib_face_recognition_resnet_model_v1.dat" in card
    with pytest.raises(PhotoError):
        raise invoke("export", trained, "-o", tmp_path).error


def test_the_usual_network_keeps_to_its_budget() -> None:
    from clearface.nets.costs import count_multiplications

    network = FusionEmbedder().eval()
    assert count_multiplications(network, torch.zeros(1, 3, 112, 112)) <= 0.5e9
    assert 4 * sum(weight.numel() for weight in network.parameters()) <= 8e6


def test_a_side_that_does_not_come_out_even_is_refused() -> None:
    with pytest.raises(ValueError, match="100 pixels"):
        FusionEmbedderConfig(size=100)


@pytest.mark.parametrize(
    ("arguments", "kind", "words"),
    [
        (("DATA",), UsageError, "--output"),
        ((), UsageError, "prepared set"),
        (("DATA", "-o", "NEW", "--teacher", "nobody"), UsageError, "nobody"),
        (("DATA", "-o", "NEW", "--teacher", "lbp"), UsageError, "dimension"),
        (("DATA", "-o", "RUN"), UsageError, "--resume"),
        (("DATA", "--resume", "RUN/embedder-recipe.json"), ModelError, "embedder-recipe.json"),
        (("DATA", "-o", "NEW", "--recipe", "RUN/lessons/about.json"), UsageError, "teacher"),
        (("DATA", "--resume", "x", "--seed", 3), UsageError, "--seed"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(
    trained: Path, prepared_set: Path, invoke: Any, tmp_path: Path, arguments: tuple[Any, ...], kind: type, words: str
) -> None:
    places = {"DATA": str(prepared_set), "NEW": str(tmp_path / "new")}
    typed = [places.get(str(word), str(word).replace("RUN", str(trained))) for word in arguments]
    ended = invoke("embedder", *typed, *FEW)
    assert isinstance(ended.error, kind)
    assert isinstance(ended.error, ClearfaceError)
    assert words in str(ended.error)


def test_lessons_of_another_teacher_or_recipe_are_not_mixed_up(
    trained: Path, prepared_set: Path, tiny_recipe: Path, invoke: Any, tmp_path: Path
) -> None:
    shutil.copytree(trained, tmp_path / "run", ignore=shutil.ignore_patterns("distillation"))
    ended = invoke("embedder", prepared_set, "-o", tmp_path / "run", "--recipe", tiny_recipe, "--seed", 6, *FEW)
    assert isinstance(ended.error, UsageError)
    assert "other settings" in str(ended.error)


def test_nothing_trained_nothing_exported(trained: Path, invoke: Any, tmp_path: Path) -> None:
    shutil.copytree(trained, tmp_path / "run", ignore=shutil.ignore_patterns("distillation"))
    ended = invoke("export", tmp_path / "run", "-o", tmp_path / "out")
    assert isinstance(ended.error, ModelError)
    assert not (tmp_path / "out").exists()
