import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from clearface import point_spread
from clearface.arrays import DoubleArray
from clearface.restorers.reflecting_blur import ReflectingBlur


def lopsided(seed: int, height: int, width: int) -> DoubleArray:
    """A kernel without any symmetry."""
    return point_spread.normalized(np.random.default_rng(seed).random((height, width)) ** 3)


KERNELS = {
    "separable": point_spread.box(5, 3),
    "separable and lopsided": np.outer([0.5, 0.3, 0.2], [0.1, 0.2, 0.3, 0.15, 0.25]),
    "direct": lopsided(0, 5, 7),
    "direct and symmetric": point_spread.disc(2.4),
    "by Fourier": lopsided(1, 11, 7),
    "by Fourier and symmetric": point_spread.disc(5),
    "one tap": np.ones((1, 1)),
}


def matrix(kernel: DoubleArray, shape: tuple[int, int]) -> DoubleArray:
    """The blur as a dense matrix, every entry placed by looking up which pixel the mirror shows there."""
    height, width = shape
    rows, columns = (np.pad(np.arange(side), 40, mode="symmetric") for side in shape)
    dense = np.zeros((height * width, height * width))
    for y in range(height):
        for x in range(width):
            for row in range(kernel.shape[0]):
                for column in range(kernel.shape[1]):
                    from_y = rows[40 + y - (row - kernel.shape[0] // 2)]
                    from_x = columns[40 + x - (column - kernel.shape[1] // 2)]
                    dense[y * width + x, from_y * width + from_x] += kernel[row, column]
    return dense


@pytest.mark.parametrize("kernel", KERNELS.values(), ids=KERNELS.keys())
@pytest.mark.parametrize("shape", [(12, 9), (4, 4), (1, 3), (1, 1)])
def test_against_a_dense_matrix(kernel: DoubleArray, shape: tuple[int, int]) -> None:
    # The smaller shapes are mirrored several times over within the kernel's reach.
    picture = np.random.default_rng(2).random(shape)
    dense = matrix(kernel, shape)
    blur = ReflectingBlur(kernel, shape)
    np.testing.assert_allclose(blur.blur(picture).ravel(), dense @ picture.ravel(), atol=1e-13)
    np.testing.assert_allclose(blur.spread_back(picture).ravel(), dense.T @ picture.ravel(), atol=1e-13)


@pytest.mark.parametrize("kernel", KERNELS.values(), ids=KERNELS.keys())
def test_against_scipy(kernel: DoubleArray) -> None:
    picture = np.random.default_rng(3).random((61, 47))
    expected = ndimage.convolve(picture, kernel, mode="reflect")
    np.testing.assert_allclose(ReflectingBlur(kernel, picture.shape).blur(picture), expected, atol=1e-13)


@given(st.integers(0, 99), st.integers(0, 6), st.integers(0, 6), st.integers(1, 20), st.integers(1, 20))
def test_the_adjoint_is_one(seed: int, rows: int, columns: int, height: int, width: int) -> None:
    kernel = lopsided(seed, 2 * rows + 1, 2 * columns + 1)
    generator = np.random.default_rng(seed)
    first, second = generator.random((2, height, width))
    blur = ReflectingBlur(kernel, (height, width))
    assert abs((blur.blur(first) * second).sum() - (first * blur.spread_back(second)).sum()) < 1e-10


def test_the_picture_is_left_as_it_is() -> None:
    picture = np.random.default_rng(4).random((9, 9))
    before = picture.copy()
    for kernel in KERNELS.values():
        blur = ReflectingBlur(kernel, picture.shape)
        blur.blur(picture)[:] = 0
        blur.spread_back(picture)[:] = 0
    np.testing.assert_array_equal(picture, before)
