"""NIQE and sharpness for batches of faces."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from scipy.io import savemat

from clearface.arrays import ByteImage, FloatArray
from clearface.errors import ModelError
from clearface.evaluate.gauges.base import Batch
from clearface.evaluate.gauges.no_reference import NoReferenceGauge


@pytest.fixture(scope="module")
def faces(astronaut: ByteImage) -> FloatArray:
    """The astronaut's face, sharp and blurred."""
    sharp = astronaut[30:190, 145:305].astype(np.float32) / np.float32(255)
    return np.stack([sharp, cv2.GaussianBlur(sharp, (0, 0), 2)])


def test_a_blurred_face_is_told_from_a_sharp_one_without_a_twin(faces: FloatArray) -> None:
    gauge = NoReferenceGauge()
    values = gauge.against(None)(Batch(faces))
    assert list(values) == [metric.key for metric in gauge.metrics] == ["niqe", "sharpness"]
    assert values["niqe"][0] < values["niqe"][1]
    assert values["sharpness"][0] > values["sharpness"][1]
    beside = gauge.against(faces)(Batch(faces))
    assert all(np.array_equal(beside[key], values[key]) for key in values)


def test_the_model_is_named(faces: FloatArray, tmp_path: Path) -> None:
    path = tmp_path / "modelparameters.mat"
    savemat(path, {"mu_prisparam": np.ones(36), "cov_prisparam": np.eye(36)})
    given, shipped = NoReferenceGauge(path), NoReferenceGauge()
    assert "modelparameters.mat" in given.metrics[0].variant
    assert "clearface" in shipped.metrics[0].variant
    assert given.against(None)(Batch(faces))["niqe"][0] != shipped.against(None)(Batch(faces))["niqe"][0]


def test_a_wrong_model_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="this NIQE model cannot be read"):
        NoReferenceGauge(tmp_path / "gone.mat")
