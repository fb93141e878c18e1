import cv2
import numpy as np
import pytest

from clearface.arrays import ByteImage
from clearface.evaluate.gauges.base import Batch
from clearface.evaluate.gauges.parsing import PARSING_IOU, ParsingGauge


@pytest.fixture(scope="module")
def gauge() -> ParsingGauge:
    return ParsingGauge()


@pytest.mark.parametrize("shape", [(128, 128), (96, 130), (340, 310)], ids=str)
def test_blur_takes_parts_away(gauge: ParsingGauge, astronaut: ByteImage, shape: tuple[int, int]) -> None:
    resized = cv2.resize(astronaut[20:210, 120:320], shape[::-1], interpolation=cv2.INTER_AREA)
    face = np.asarray(resized, np.float32) / np.float32(255)
    blurred = [cv2.GaussianBlur(face, (0, 0), part * shape[0]) for part in (0.01, 0.06)]
    after = np.stack([face, *blurred])
    measure = gauge.against(np.stack([face] * 3))
    same, little, much = measure(Batch(after))[PARSING_IOU.key]
    assert same == 1
    assert much < 0.7 * little < 0.7
    assert measure(Batch(after))[PARSING_IOU.key][2] == gauge.against(face[None])(Batch(after[2:]))[PARSING_IOU.key][0]


def test_without_a_twin_there_is_no_figure(gauge: ParsingGauge) -> None:
    assert np.isnan(gauge.against(None)(Batch(np.zeros((2, 64, 64, 3), np.float32)))[PARSING_IOU.key]).all()
