"""Convolution of a picture that is mirrored beyond its edges, and the adjoint of it."""

import cv2
import numpy as np

from clearface.arrays import AnyArray, DoubleArray

_MOST_DIRECT_TAPS = 49
"""Kernels with more taps than this, unless separable, go through the Fourier domain."""


class ReflectingBlur:
    """The linear map from a sharp picture to a blurred one, as large, whose surroundings are its own mirror image.

    The mirror repeats the edge pixels (`mode="symmetric"` in NumPy, `"reflect"` in SciPy, BORDER_REFLECT in OpenCV).
    """

    def __init__(self, kernel: DoubleArray, shape: tuple[int, int]) -> None:
        """kernel: odd sides, centred on its middle tap. shape: `(H, W)` of the pictures."""
        self._shape = shape
        self._margins = (kernel.shape[0] // 2, kernel.shape[1] // 2)
        self._self_adjoint = np.array_equal(kernel, kernel[::-1]) and np.array_equal(kernel, kernel[:, ::-1])
        self._filter = _choose_filter(kernel, (shape[0] + 2 * self._margins[0], shape[1] + 2 * self._margins[1]))

    def blur(self, picture: DoubleArray) -> DoubleArray:
        """The blurred picture, `(H, W)` float64."""
        rows, columns = self._margins
        surrounded = np.pad(picture, ((rows, rows), (columns, columns)), mode="symmetric")
        return self._filter.convolve(surrounded)[rows : rows + self._shape[0], columns : columns + self._shape[1]]

    def spread_back(self, picture: DoubleArray) -> DoubleArray:
        """The adjoint of `blur`, `(H, W)` float64: every pixel's value handed back to the pixels it was made from."""
        if self._self_adjoint:
            return self.blur(picture)
        rows, columns = self._margins
        surrounded = np.pad(picture, ((rows, rows), (columns, columns)))
        return _fold(_fold(self._filter.correlate(surrounded), rows, self._shape[0]).T, columns, self._shape[1]).T


class _SeparableFilter:
    """Two passes of one dimension each; outside the picture lies nothing."""

    def __init__(self, column: DoubleArray, row: DoubleArray) -> None:
        self._column, self._row = column, row
        # OpenCV's filters correlate: the kernel is flipped to convolve.
        self._flipped_column, self._flipped_row = column[::-1].copy(), row[::-1].copy()

    def convolve(self, picture: DoubleArray) -> DoubleArray:
        return _separable(picture, self._flipped_column, self._flipped_row)

    def correlate(self, picture: DoubleArray) -> DoubleArray:
        return _separable(picture, self._column, self._row)


class _DirectFilter:
    """Tap by tap; outside the picture lies nothing."""

    def __init__(self, kernel: DoubleArray) -> None:
        self._kernel, self._flipped = kernel.copy(), kernel[::-1, ::-1].copy()

    def convolve(self, picture: DoubleArray) -> DoubleArray:
        return cv2.filter2D(picture, cv2.CV_64F, self._flipped, borderType=cv2.BORDER_CONSTANT)  # type: ignore[return-value]

    def correlate(self, picture: DoubleArray) -> DoubleArray:
        return cv2.filter2D(picture, cv2.CV_64F, self._kernel, borderType=cv2.BORDER_CONSTANT)  # type: ignore[return-value]


class _FourierFilter:
    """In the Fourier domain; a picture's opposite sides touch, which only reaches its margins."""

    def __init__(self, kernel: DoubleArray, shape: tuple[int, int]) -> None:
        from scipy import fft

        self._shape = shape
        self._fast_shape = (fft.next_fast_len(shape[0], real=True), fft.next_fast_len(shape[1], real=True))
        placed = np.zeros(self._fast_shape)
        placed[: kernel.shape[0], : kernel.shape[1]] = kernel
        self._spectrum = fft.rfft2(np.roll(placed, (-(kernel.shape[0] // 2), -(kernel.shape[1] // 2)), (0, 1)))

    def convolve(self, picture: DoubleArray) -> DoubleArray:
        return self._multiplied(picture, self._spectrum)

    def correlate(self, picture: DoubleArray) -> DoubleArray:
        return self._multiplied(picture, self._spectrum.conj())

    def _multiplied(self, picture: DoubleArray, spectrum: AnyArray) -> DoubleArray:
        from scipy import fft

        transformed = fft.rfft2(picture, s=self._fast_shape)
        transformed *= spectrum
        filtered: DoubleArray = fft.irfft2(transformed, s=self._fast_shape, overwrite_x=True)
        return filtered[: self._shape[0], : self._shape[1]]


def _choose_filter(kernel: DoubleArray, shape: tuple[int, int]) -> _SeparableFilter | _DirectFilter | _FourierFilter:
    columns, strengths, rows = np.linalg.svd(kernel)
    if strengths[1:].max(initial=0.0) <= 1e-13 * strengths[0]:
        scale = np.sqrt(strengths[0])
        return _SeparableFilter(np.abs(columns[:, 0]) * scale, np.abs(rows[0]) * scale)
    if kernel.size <= _MOST_DIRECT_TAPS:
        return _DirectFilter(kernel)
    return _FourierFilter(kernel, shape)


def _separable(picture: DoubleArray, column: DoubleArray, row: DoubleArray) -> DoubleArray:
    return cv2.sepFilter2D(picture, cv2.CV_64F, row, column, borderType=cv2.BORDER_CONSTANT)  # type: ignore[return-value]


def _fold(surrounded: DoubleArray, margin: int, length: int) -> DoubleArray:
    """Adds the mirrored margins of the first axis, `length + 2 * margin` long, onto the `length` inside them."""
    folded = surrounded[margin : margin + length].copy()
    for mirror in range(1, -(-margin // length) + 1):
        # The mirror-th image of the inside on either side; cut where the margin ends before the image does.
        above = surrounded[max(margin - mirror * length, 0) : margin - (mirror - 1) * length]
        below = surrounded[margin + mirror * length : margin + (mirror + 1) * length]
        if mirror % 2:
            folded[: len(above)] += above[::-1]
            folded[length - len(below) :] += below[::-1]
        else:
            folded[length - len(above) :] += above
            folded[: len(below)] += below
    return folded
