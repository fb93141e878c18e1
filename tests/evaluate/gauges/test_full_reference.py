"""PSNR and its like for batches of faces."""

import numpy as np
import pytest

from clearface.arrays import ByteImage, FloatArray
from clearface.evaluate.gauges.base import Batch, Better
from clearface.evaluate.gauges.full_reference import FullReferenceGauge
from clearface.evaluate.metrics.psnr_ssim import psnr, ssim


@pytest.fixture(scope="module")
def faces(astronaut: ByteImage) -> FloatArray:
    """Three `(96, 96)` cut-outs."""
    places = ((40, 160), (80, 180), (110, 200))
    return np.stack([astronaut[top : top + 96, left : left + 96] for top, left in places]).astype(
        np.float32
    ) / np.float32(255)


def test_each_face_is_measured_beside_its_own_twin(faces: FloatArray) -> None:
    gauge = FullReferenceGauge()
    after = np.clip(faces + np.array([0.0, 0.02, -0.05])[:, None, None, None], 0, 1).astype(np.float32)
    values = gauge.against(faces)(Batch(after))
    assert list(values) == [metric.key for metric in gauge.metrics]
    for value in values.values():
        assert value.shape == (3,)
        assert value.dtype == np.float64
    assert values["psnr"].tolist() == [psnr(*pair) for pair in zip(faces, after, strict=True)]
    assert values["ssim"].tolist() == [ssim(*pair) for pair in zip(faces, after, strict=True)]
    assert values["psnr"][0] == 99
    for metric in gauge.metrics:
        sign = 1 if metric.better is Better.HIGHER else -1
        assert sign * values[metric.key][0] > sign * values[metric.key][2]


def test_the_other_faces_of_a_batch_do_not_matter(faces: FloatArray) -> None:
    after = np.clip(faces * np.float32(0.9), 0, 1)
    together = FullReferenceGauge().against(faces)(Batch(after))
    for number in range(3):
        alone = FullReferenceGauge().against(faces[number : number + 1])(Batch(after[number : number + 1]))
        assert {key: value[number] for key, value in together.items()} == {
            key: value[0] for key, value in alone.items()
        }


def test_without_sharp_faces_there_are_no_values(faces: FloatArray) -> None:
    gauge = FullReferenceGauge()
    values = gauge.against(None)(Batch(faces))
    assert set(values) == {metric.key for metric in gauge.metrics}
    assert all(np.isnan(value).all() and value.shape == (3,) for value in values.values())


def test_every_metric_says_its_variant() -> None:
    metrics = {metric.key: metric for metric in FullReferenceGauge().metrics}
    assert list(metrics) == ["psnr", "ssim", "ms_ssim", "gradient_error", "fft_error"]
    assert all("RGB, nothing cropped, data range 1" in metric.variant and metric.source for metric in metrics.values())
    assert "99 dB" in metrics["psnr"].variant
    assert "11x11 Gaussian of 1.5 px" in metrics["ssim"].variant
    assert "four" in metrics["ms_ssim"].variant
