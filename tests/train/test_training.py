"""Training the small U-Net, on a few made faces."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from clearface.arrays import ByteImage
from clearface.detectors.centerface import CenterFace
from clearface.faces import FFHQ_TEMPLATE
from clearface.nets.unet import RestorationUNet
from clearface.train.export import export_unet
from clearface.train.losses import frequency_loss, restoration_loss
from clearface.train.prepare import prepare_folder
from clearface.train.samples import WIDE_FRAMING, FaceSet, Framing, draw_samples
from clearface.train.unet import UNetRecipe, learning_rate_factor, train

TINY = UNetRecipe(size=32, batch=2, taps=9, kernels=20, steps=4, warm_up=1, cool_down=2)


@pytest.fixture
def faces(astronaut: ByteImage) -> FaceSet:
    return FaceSet(np.stack([astronaut[20 + shift : 180 + shift, 140:300] for shift in range(6)]), held_back=2)


@pytest.fixture
def validation() -> np.ndarray:
    return np.random.default_rng(0).random((2, 3, 32, 32), dtype=np.float32)


def test_a_resumed_run_ends_bit_for_bit_like_an_unbroken_one(
    faces: FaceSet, validation: np.ndarray, tmp_path: Path
) -> None:
    torch.set_num_threads(1)
    plateau = replace(TINY, cool_down=1)
    train(plateau, (faces,), validation, tmp_path / "plateau", None)
    train(replace(plateau, steps=3), (faces,), validation, tmp_path / "three", None)
    train(plateau, (faces,), validation, tmp_path / "resumed", tmp_path / "three" / "checkpoint.safetensors")
    first, second = (load_file(tmp_path / name / "averaged.safetensors") for name in ("plateau", "resumed"))
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_training_moves_the_weights_and_writes_a_log(faces: FaceSet, validation: np.ndarray, tmp_path: Path) -> None:
    train(TINY, (faces,), validation, tmp_path, None)
    weights = load_file(tmp_path / "averaged.safetensors")
    assert weights["leave.weight"].abs().max() > 0
    lines = (tmp_path / "log.csv").read_text().splitlines()
    assert lines[0] == "step,loss,validation_gain_db,faces_seen,seconds"
    assert lines[-1].startswith("4,")
    assert lines[-1].split(",")[3] == "8"


def test_the_schedule_warms_up_stays_and_falls() -> None:
    recipe = UNetRecipe(steps=100, warm_up=10, cool_down=20)
    factors = [learning_rate_factor(step, recipe) for step in range(100)]
    assert factors[0] == pytest.approx(0.1)
    assert set(factors[10:80]) == {1.0}
    assert factors[90] == pytest.approx(0.5)
    assert 0 < factors[99] < 0.06


def test_samples_leave_out_what_is_held_back(astronaut: ByteImage) -> None:
    dark, bright = np.zeros((3, 64, 64, 3), np.uint8), np.full((2, 64, 64, 3), 255, np.uint8)
    faces = FaceSet(np.concatenate([dark, bright]), held_back=2)
    assert draw_samples((faces,), np.random.default_rng(0), 40, 48).max() == 0


def test_samples_repeat_for_their_seed_and_never_enlarge_much(faces: FaceSet) -> None:
    first, second = (draw_samples((faces,), np.random.default_rng(4), 5, 64) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert first.shape == (5, 3, 64, 64)
    assert first.min() >= 0
    small = FaceSet(np.random.default_rng(0).integers(0, 256, (1, 83, 83, 3)).astype(np.uint8))
    fine = draw_samples((small,), np.random.default_rng(0), 30, 64, Framing(tilt=0, closest=3, whole=0))
    steps = np.abs(np.diff(fine, axis=3)).mean((1, 2, 3))
    assert steps.min() > 0.5 * steps.max(), "noise enlarged threefold would be three times as smooth"


def test_the_frequency_loss_is_that_of_the_spectra() -> None:
    first, second = torch.rand(2, 3, 16, 16), torch.rand(2, 3, 16, 16)
    spectra = [np.fft.rfft2(picture.double().numpy(), norm="ortho") for picture in (first, second)]
    expected = np.abs(spectra[0] - spectra[1]).mean()
    assert float(frequency_loss(first, second)) == pytest.approx(expected, rel=1e-5)
    assert float(restoration_loss(first, second, 0)) == pytest.approx(float((first - second).abs().mean()))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::torch.jit.TracerWarning")
def test_an_exported_network_answers_as_in_pytorch_and_carries_its_card(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = RestorationUNet()
    with torch.no_grad():
        for weight in network.parameters():
            weight.normal_(0, 0.02)
    save_file(network.state_dict(), tmp_path / "weights.safetensors")
    output = tmp_path / "network.onnx"
    assert export_unet(tmp_path / "weights.safetensors", output, "# A card") < 1e-4
    properties = {entry.key: entry.value for entry in onnx.load(output).metadata_props}
    assert properties["card"] == "# A card"
    assert json.loads(properties["clearface"])["stride"] == 16


def test_photos_become_wide_crops_with_the_face_in_place(tmp_path: Path, astronaut: ByteImage) -> None:
    Image.fromarray(astronaut).save(tmp_path / "a.png")
    (tmp_path / "b.txt").write_text("no photo")
    Image.new("RGB", (80, 80), "white").save(tmp_path / "c.png")
    crops, left_out = prepare_folder(tmp_path, 208, CenterFace())
    assert crops.shape == (1, 208, 208, 3)
    assert len(left_out) == 2
    found = CenterFace().detect(crops[0])[0]
    square = 208 / WIDE_FRAMING
    expected = FFHQ_TEMPLATE / 512 * square + (208 - square) / 2
    assert np.abs(found.landmarks - expected).max() < 0.06 * square
