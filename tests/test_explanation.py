import numpy as np
import pytest
from scipy import ndimage

from clearface import point_spread
from clearface.arrays import ByteImage, DoubleArray, FloatArray
from clearface.blur_estimates import BlurEstimate
from clearface.explanation import blurred_again, explained
from clearface.light import from_linear_light, to_linear_light


@pytest.fixture(scope="module")
def sharp(astronaut: ByteImage) -> FloatArray:
    return astronaut[30:190, 140:300].astype(np.float32) / np.float32(255)


def blurred(face: FloatArray | DoubleArray, kernel: DoubleArray, noise: float = 0.0) -> FloatArray:
    spread = np.stack([ndimage.convolve(face[..., channel].astype(np.float64), kernel) for channel in range(3)], -1)
    noisy = spread + np.random.default_rng(0).normal(0, noise, spread.shape)
    return (np.rint(np.clip(noisy, 0, 1) * 255) / 255).astype(np.float32)


@pytest.mark.parametrize("noise", [0.0, 0.01, 0.03])
@pytest.mark.parametrize("kernel", [point_spread.motion(17, 30), point_spread.box(5), point_spread.gaussian(1.5)])
def test_the_truth_explains_everything_but_noise(sharp: FloatArray, kernel: DoubleArray, noise: float) -> None:
    assert explained(blurred(sharp, kernel, noise), sharp, BlurEstimate(kernel)) > 0.98


def test_another_kernel_explains_less(sharp: FloatArray) -> None:
    before = blurred(sharp, point_spread.motion(17, 30), 0.005)
    told = [
        explained(before, sharp, BlurEstimate(point_spread.motion(length, angle)))
        for length, angle in ((17, 30), (17, 60), (17, 120))
    ]
    assert told[0] > told[1] > told[2]
    assert told[2] < 0.85


def test_another_face_explains_nothing(sharp: FloatArray) -> None:
    kernel = point_spread.box(5)
    assert explained(blurred(sharp, kernel), sharp[::-1].copy(), BlurEstimate(kernel)) < 0.2


def test_colour_and_slow_shade_cost_nothing(sharp: FloatArray) -> None:
    kernel = point_spread.box(5)
    shade = np.linspace(0, 0.1, sharp.shape[0], dtype=np.float32)[:, None, None]
    assert explained(blurred(sharp, kernel), 0.9 * sharp + shade, BlurEstimate(kernel)) > 0.95


def test_what_is_invented_and_swallowed_again_costs_nothing(sharp: FloatArray) -> None:
    """The number tells whether result and input agree, not whether the result is true."""
    kernel = point_spread.box(4, 4)
    stripes = np.zeros_like(sharp)
    stripes[:, ::2], stripes[:, 1::2] = 0.05, -0.05
    assert explained(blurred(sharp, kernel), sharp + stripes, BlurEstimate(kernel)) > 0.97


def test_an_even_face_has_nothing_to_explain() -> None:
    grey = np.full((96, 96, 3), 0.5, np.float32)
    estimate = BlurEstimate(point_spread.box(3))
    assert explained(grey, grey, estimate) == 1
    invented = grey + 0.2 * np.random.default_rng(0).random(grey.shape, dtype=np.float32)
    assert explained(grey, invented, estimate) == 0


def test_light_is_blurred_as_light(sharp: FloatArray) -> None:
    kernel = point_spread.motion(15, 0)
    light = blurred(to_linear_light(sharp), kernel)
    before = from_linear_light(light).astype(np.float32)
    right, wrong = (explained(before, sharp, BlurEstimate(kernel, linear_light=linear)) for linear in (True, False))
    assert right > 0.97
    assert right > wrong + 0.01


def test_a_field_blurs_each_quarter_its_own_way(sharp: FloatArray) -> None:
    kernels = [point_spread.motion(11, angle) for angle in (0, 45, 90, 135)]
    field = np.stack([np.pad(kernel, (13 - kernel.shape[0]) // 2) for kernel in kernels]).reshape(2, 2, 13, 13)
    spread = blurred_again(sharp, BlurEstimate(kernels[0], field=field))
    for corner, kernel in zip(((0, 0), (0, -1), (-1, 0), (-1, -1)), kernels, strict=True):
        np.testing.assert_allclose(spread[corner], blurred_again(sharp, BlurEstimate(kernel))[corner], atol=1e-6)
    before = spread.astype(np.float32)
    assert explained(before, sharp, BlurEstimate(kernels[0], field=field)) > 0.99
    assert explained(before, sharp, BlurEstimate(kernels[0])) < 0.95
