import cv2
import numpy as np
import pytest

from clearface.arrays import ByteImage, FloatArray
from clearface.blur_estimates import BlurEstimate
from clearface.evaluate.gauges.base import Batch
from clearface.evaluate.gauges.honesty import HonestyGauge


@pytest.fixture
def sharp(astronaut: ByteImage) -> FloatArray:
    return np.stack([astronaut[20:148, 160:288], astronaut[60:188, 150:278]]).astype(np.float32) / np.float32(255)


def box(picture: FloatArray) -> FloatArray:
    return np.asarray(cv2.blur(picture, (5, 5), borderType=cv2.BORDER_REFLECT), np.float32)


ESTIMATE = BlurEstimate(np.full((5, 5), 1 / 25))


def test_the_truth_explains_its_blur_and_another_face_does_not(sharp: FloatArray) -> None:
    before = np.stack([box(face) for face in sharp])
    measure = HonestyGauge().against(sharp)
    values = measure(Batch(sharp, before, np.full(sharp.shape[:3], 0.1, np.float32), (ESTIMATE, None)))
    assert values["explained"][0] > 0.99
    assert np.isnan(values["explained"][1])
    assert values["calibration"].tolist() == [1, 1]
    assert values["stated_error"] == pytest.approx([25.5, 25.5])
    wrong = measure(Batch(sharp[::-1], before, None, (ESTIMATE, ESTIMATE)))
    assert (wrong["explained"] < 0.3).all()
    assert np.isnan(wrong["calibration"]).all()


def test_what_is_not_known_has_no_figure(sharp: FloatArray) -> None:
    gauge = HonestyGauge()
    values = gauge.against(None)(Batch(sharp))
    assert set(values) == {metric.key for metric in gauge.metrics}
    assert all(np.isnan(column).all() and column.shape == (2,) for column in values.values())
    stated = gauge.against(None)(Batch(sharp, None, np.zeros(sharp.shape[:3], np.float32)))
    assert stated["stated_error"].tolist() == [0, 0]
    assert np.isnan(stated["calibration"]).all()


def test_pictures_that_are_no_squares_are_measured_but_for_what_needs_the_place_of_the_face(sharp: FloatArray) -> None:
    wide = sharp[:, :100]
    values = HonestyGauge().against(wide)(Batch(wide, wide, None, (ESTIMATE, ESTIMATE)))
    assert np.isnan(values["explained"]).all()
    assert values["outside_change"].tolist() == values["colour_shift"].tolist() == values["changed"].tolist() == [0, 0]


def test_a_face_is_measured_alike_in_any_company_and_layout(sharp: FloatArray) -> None:
    before = np.stack([box(face) for face in sharp])
    error = np.abs(sharp - before).mean(3)
    together = HonestyGauge().against(sharp)(Batch(before, sharp, error, (ESTIMATE, ESTIMATE)))
    planes = [np.ascontiguousarray(faces.transpose(0, 3, 1, 2)).transpose(0, 2, 3, 1)[1:] for faces in (before, sharp)]
    alone = HonestyGauge().against(planes[1])(Batch(planes[0], planes[1], error[1:], (ESTIMATE,)))
    assert {key: values[1] for key, values in together.items()} == {key: values[0] for key, values in alone.items()}
