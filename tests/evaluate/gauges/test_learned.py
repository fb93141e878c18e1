"""LPIPS and FID where the weights are there, and what is said where they are not."""

from pathlib import Path

import numpy as np
import pytest
import torch

from clearface.arrays import ByteImage, FloatArray
from clearface.errors import ModelError
from clearface.evaluate.gauges import learned
from clearface.evaluate.gauges.base import Batch
from clearface.evaluate.gauges.learned import LearnedGauge, fid_metric
from clearface.evaluate.gauges.learned_weights import LearnedWeights, learned_weights
from clearface.weights import checksum

ALEXNET_SHAPES = {
    0: (64, 3, 11, 11),
    3: (192, 64, 5, 5),
    6: (384, 192, 3, 3),
    8: (256, 384, 3, 3),
    10: (256, 256, 3, 3),
}


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of torch.hub."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    folder = tmp_path / "torch" / "hub" / "checkpoints"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture(scope="module")
def alexnet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Random weights of AlexNet's layers."""
    torch.manual_seed(1)
    state = {}
    for number, shape in ALEXNET_SHAPES.items():
        state[f"features.{number}.weight"] = torch.randn(shape) / float(np.sqrt(np.prod(shape[1:])))
        state[f"features.{number}.bias"] = torch.zeros(shape[0])
    path = tmp_path_factory.mktemp("weights") / "alexnet.pth"
    torch.save(state, path)
    return path


@pytest.fixture(scope="module")
def faces(astronaut: ByteImage) -> FloatArray:
    return np.stack([astronaut[top : top + 64, 180:244] for top in (40, 80, 120)]).astype(np.float32) / np.float32(255)


def test_an_empty_cache_has_none_and_each_says_what_it_needs(cache: Path) -> None:
    found = learned_weights()
    assert (found.alexnet, found.vgg16, found.inception) == (None, None, None)
    assert list(found.unavailable) == ["LPIPS (alex)", "LPIPS (vgg)", "FID"]
    for sentence, name in zip(found.unavailable.values(), ("alexnet-owt", "vgg16", "pt_inception"), strict=True):
        assert f"needs the file {name}" in sentence
        assert str(cache) in sentence
    assert not list(cache.iterdir())


def test_files_of_the_cache_are_found_and_the_usual_one_comes_first(cache: Path) -> None:
    for name in ("alexnet-owt-4df8aa71.pth", "alexnet-owt-7be5be79.pth", "vgg16-00000000.pth"):
        (cache / name).touch()
    (cache / "weights-inception-2015-12-05-6726825d.pth").touch()
    found = learned_weights()
    assert found.alexnet == cache / "alexnet-owt-7be5be79.pth"
    assert found.vgg16 == cache / "vgg16-00000000.pth"
    assert found.inception == cache / "weights-inception-2015-12-05-6726825d.pth"
    assert found.unavailable == {}


def test_a_file_that_was_named_comes_before_the_cache_and_must_be_there(cache: Path, tmp_path: Path) -> None:
    (cache / "vgg16-397923af.pth").touch()
    named = tmp_path / "mine.pth"
    named.touch()
    assert learned_weights(vgg16=named).vgg16 == named
    with pytest.raises(ModelError, match="there is no such file"):
        learned_weights(inception=tmp_path / "gone.pth")


def test_lpips_is_measured_face_by_face(alexnet: Path, faces: FloatArray, monkeypatch: pytest.MonkeyPatch) -> None:
    gauge = LearnedGauge(LearnedWeights(alexnet=alexnet))
    (metric,) = gauge.metrics
    assert metric.key == "lpips_alex"
    assert checksum(alexnet)[:8] in metric.variant
    after = np.concatenate([faces[:1], faces[1:] * np.float32(0.7)])
    measure = gauge.against(faces)
    values = measure(Batch(after))["lpips_alex"]
    assert values.shape == (3,)
    assert values[0] == 0
    assert (values[1:] > 0).all()
    assert np.array_equal(measure(Batch(after))["lpips_alex"], values)
    monkeypatch.setattr(learned, "_MOST_KEPT", 0)  # no room for features of the sharp faces
    assert np.array_equal(gauge.against(faces)(Batch(after))["lpips_alex"], values)
    alone = gauge.against(faces[1:2])(Batch(after[1:2]))["lpips_alex"]
    assert alone[0] == values[1]


def test_without_sharp_faces_or_too_small_there_are_no_values(alexnet: Path, faces: FloatArray) -> None:
    gauge = LearnedGauge(LearnedWeights(alexnet=alexnet))
    tiny = faces[:, :31, :31]
    for values in (gauge.against(None)(Batch(faces)), gauge.against(tiny)(Batch(tiny))):
        assert np.isnan(values["lpips_alex"]).all()
        assert values["lpips_alex"].shape == (3,)


def test_without_weights_there_are_no_columns(faces: FloatArray) -> None:
    gauge = LearnedGauge(LearnedWeights())
    assert gauge.metrics == ()
    assert gauge.against(faces)(Batch(faces)) == {}


def test_fid_says_which_weights_and_that_numbers_of_faces_matter(alexnet: Path) -> None:
    metric = fid_metric(alexnet)
    assert metric.key == "fid"
    assert checksum(alexnet)[:8] in metric.variant
    assert "sets of as many faces" in metric.variant
