"""The Inception network of FID, with weights drawn at random.

The figures were recorded from torch-fidelity 0.4.0, an independent implementation, with the same weights and pytorch-fid's way of
resizing.
"""

import hashlib
from pathlib import Path

import numpy as np
import pytest
import torch

from clearface.arrays import AnyArray, FloatArray
from clearface.errors import ModelError
from clearface.evaluate.metrics.inception import FaceFeatures, FidInception

NAMES_AND_SHAPES = "e22ffc91a09f7caa1af2ce051c7ddf26018012910da85827a0b035b343f00177"
"""SHA-256 of the sorted lines of names and shapes, those of the classifier left out."""

RECORDED = {2: 0.29978758, 4: 0.46873555, 5: 0.01142059, 6: 0.65499336, 7: 0.88270617}
RECORDED_MEAN = 0.2078068
RECORDED_DEVIATION = 0.29296878


def own_shapes() -> dict[str, tuple[int, ...]]:
    with torch.device("meta"):
        state = FidInception().state_dict()
    return {name: tuple(value.shape) for name, value in sorted(state.items()) if "num_batches" not in name}


def drawn_weights() -> dict[str, torch.Tensor]:
    """Of every name, so that activations neither die nor explode."""
    generator = np.random.default_rng(2015)
    weights = {}
    for name, shape in own_shapes().items():
        values: AnyArray = generator.standard_normal(shape, np.float32)
        if name.endswith("conv.weight"):
            values *= np.float32(np.sqrt(2 / np.prod(shape[1:])))
        elif name.endswith("running_var"):
            values = 0.5 + np.abs(values)
        else:
            values = values / 10 + name.endswith("bn.weight")
        weights[name] = torch.from_numpy(values.astype(np.float32))
    return weights


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("weights") / "pt_inception.pth"
    classifier = {"fc.weight": torch.zeros(1008, 2048), "fc.bias": torch.zeros(1008)}
    torch.save(drawn_weights() | classifier, path)
    return path


def test_names_and_shapes_are_those_of_the_published_file() -> None:
    lines = [f"{name} {shape}" for name, shape in own_shapes().items()]
    assert hashlib.sha256("\n".join(lines).encode()).hexdigest() == NAMES_AND_SHAPES


def test_features_are_those_of_torch_fidelity(weights: Path, sharp: FloatArray) -> None:
    network = FaceFeatures(weights)
    features = network(np.stack([sharp, sharp[::-1]]))
    assert features.shape == (2, 2048)
    assert features.dtype == np.float32
    np.testing.assert_allclose(features[0, list(RECORDED)], list(RECORDED.values()), rtol=1e-3)
    assert features[0].mean() == pytest.approx(RECORDED_MEAN, rel=1e-4)
    assert features[0].std() == pytest.approx(RECORDED_DEVIATION, rel=1e-4)
    assert np.array_equal(network(sharp[None])[0], features[0])  # whatever else is in the batch
    assert not np.array_equal(features[0], features[1])


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "inception.pth"
    torch.save({"Conv2d_1a_3x3.conv.weight": torch.zeros(32, 3, 3, 3)}, path)
    with pytest.raises(ModelError, match="no weights of the Inception network of FID"):
        FaceFeatures(path)
