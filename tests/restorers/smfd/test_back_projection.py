"""The last step towards what the blurred face shows."""

import numpy as np
import pytest
from skimage import data
from skimage.transform import resize

from clearface import point_spread
from clearface.arrays import FloatArray
from clearface.blur_estimates import BlurEstimate
from clearface.explanation import blurred_again
from clearface.restorers.smfd.back_projection import projected_back
from clearface.restorers.smfd.description import DeblurringSettings

SETTINGS = DeblurringSettings(strengths=(0.001, 0.01, 0.06), flat=0.01, error_at_90=2.0)
KERNEL = point_spread.box(5)


@pytest.fixture(scope="module")
def sharp() -> FloatArray:
    portrait = resize(data.astronaut()[0:256, 96:352] / 255.0, (128, 128), anti_aliasing=True)
    return np.asarray(portrait.transpose(2, 0, 1), np.float32)


@pytest.fixture(scope="module")
def blurred(sharp: FloatArray) -> FloatArray:
    spread = blurred_again(sharp.transpose(1, 2, 0), BlurEstimate(KERNEL)).transpose(2, 0, 1)
    return np.asarray(np.rint(spread * 255) / 255, np.float32)


@pytest.fixture(scope="module")
def halfway(sharp: FloatArray, blurred: FloatArray) -> FloatArray:
    """A restoration that held back."""
    return np.asarray(0.7 * sharp + 0.3 * blurred, np.float32)


def distance(first: FloatArray, second: FloatArray) -> float:
    return float(np.sqrt(np.mean((first - second) ** 2)))


def test_with_the_very_kernel_and_no_noise_it_comes_nearer_to_the_truth(
    sharp: FloatArray, blurred: FloatArray, halfway: FloatArray
) -> None:
    after = projected_back(blurred, halfway, BlurEstimate(KERNEL, 0.98), SETTINGS)
    assert after is not None
    assert distance(after, sharp) < 0.7 * distance(halfway, sharp)


def test_an_uncertain_kernel_is_no_reason_to_change_anything(blurred: FloatArray, halfway: FloatArray) -> None:
    assert projected_back(blurred, halfway, BlurEstimate(KERNEL, 0.9), SETTINGS) is None


def test_noise_stops_it(blurred: FloatArray, halfway: FloatArray) -> None:
    noisy = blurred + np.random.default_rng(0).normal(0, 0.01, blurred.shape).astype(np.float32)
    assert projected_back(noisy, halfway, BlurEstimate(KERNEL, 0.98), SETTINGS) is None


def test_a_restoration_that_explains_the_face_badly_is_left_alone(blurred: FloatArray, halfway: FloatArray) -> None:
    elsewhere = np.roll(halfway, 4, 2)
    assert projected_back(blurred, elsewhere, BlurEstimate(KERNEL, 0.98), SETTINGS) is None


def test_a_blur_that_varies_is_left_alone(blurred: FloatArray, halfway: FloatArray) -> None:
    field = np.broadcast_to(KERNEL, (2, 2, *KERNEL.shape)).copy()
    assert projected_back(blurred, halfway, BlurEstimate(KERNEL, 0.98, field), SETTINGS) is None
