"""Rates of detection, on the astronaut and on pictures without a face."""

import cv2
import numpy as np
import pytest

from clearface.arrays import ByteImage, FloatArray
from clearface.detectors.centerface import CenterFace
from clearface.errors import UsageError
from clearface.evaluate.gauges.base import Batch
from clearface.evaluate.gauges.detection import DetectionGauge
from clearface.squares import take_square, template_square


@pytest.fixture(scope="module")
def gauge() -> DetectionGauge:
    return DetectionGauge(("centerface",))


@pytest.fixture(scope="module")
def square(astronaut: ByteImage) -> FloatArray:
    (face,) = CenterFace().detect(astronaut)
    return take_square(astronaut, template_square(face, 128))


def test_the_face_itself_a_shifted_one_and_none(gauge: DetectionGauge, square: FloatArray) -> None:
    grey = np.full_like(square, 0.5)
    shifted = np.roll(square, 6, 1)
    elsewhere = np.full_like(square, 0.5)
    elsewhere[:56, :56] = cv2.resize(square, (56, 56), interpolation=cv2.INTER_AREA)
    after = np.stack([square, shifted, grey, elsewhere])
    values = gauge.against(np.stack([square] * 4))(Batch(after))
    assert values["found_centerface"].tolist() == [1, 1, 0, 0]
    assert values["score_centerface"][0] > 0.8
    assert values["score_centerface"][2] == 0
    error = values["landmark_error_centerface"]
    assert error[0] == 0
    assert error[1] == pytest.approx(
        100 * 6 / (0.246 * 128), rel=0.15
    )  # the eyes of the template are 0.246 sides apart
    assert np.isnan(error[2:]).all()


def test_without_a_twin_or_a_face_in_it_any_face_will_do(gauge: DetectionGauge, square: FloatArray) -> None:
    for sharp in (None, np.full_like(square, 0.5)[None]):
        values = gauge.against(sharp)(Batch(square[None]))
        assert values["found_centerface"].tolist() == [1]
        assert np.isnan(values["landmark_error_centerface"]).all()


def test_a_face_is_measured_alike_in_any_company(gauge: DetectionGauge, square: FloatArray) -> None:
    sharp = np.stack([square, square[:, ::-1]])
    after = np.stack([cv2.GaussianBlur(face, (0, 0), 3.0) for face in sharp])
    together, alone = gauge.against(sharp)(Batch(after)), gauge.against(sharp[1:])(Batch(after[1:]))
    assert {key: values[1] for key, values in together.items()} == {key: values[0] for key, values in alone.items()}
    assert [metric.key for metric in gauge.metrics] == list(together)


def test_an_unknown_detector_is_refused() -> None:
    with pytest.raises(UsageError, match='there is no detector "centreface"'):
        DetectionGauge(("centreface",))
