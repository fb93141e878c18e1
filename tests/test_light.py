import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from skimage.color import rgb2xyz

from clearface.light import from_linear_light, to_linear_light


def test_values_of_the_standard() -> None:
    # IEC 61966-2-1: linear below 0.04045, a power of 2.4 above; middle grey of 8 bits is a fifth of the light.
    light = to_linear_light(np.array([0.0, 0.04045, 128 / 255, 1.0]))
    np.testing.assert_allclose(light, [0.0, 0.04045 / 12.92, 0.21586050011389923, 1.0], atol=1e-12)


def test_agrees_with_scikit_image() -> None:
    # The luminance of a grey is its light.
    greys = np.linspace(0, 1, 256)
    luminance = rgb2xyz(np.repeat(greys[:, None, None], 3, axis=2))[..., 1].ravel()
    np.testing.assert_allclose(to_linear_light(greys), luminance, atol=2e-6)


@given(st.floats(0, 1))
def test_there_and_back(value: float) -> None:
    # The standard's own rounded thresholds leave a step of 3e-8.
    assert abs(float(from_linear_light(to_linear_light(np.array(value)))) - value) < 1e-6


def test_float32_of_any_shape_is_computed_in_float64() -> None:
    light = to_linear_light(np.full((2, 3, 3, 3), 0.5, np.float32))
    assert light.shape == (2, 3, 3, 3)
    assert light.dtype == np.float64
