"""How far faces are from their sharp twins, pixel by pixel."""

from collections.abc import Callable, Mapping

import numpy as np

from clearface.arrays import DoubleArray, FloatArray
from clearface.evaluate.gauges.base import Batch, Better, Measure, Metric
from clearface.evaluate.metrics.gradients import gradient_error
from clearface.evaluate.metrics.ms_ssim import ms_ssim
from clearface.evaluate.metrics.psnr_ssim import HIGHEST_PSNR, psnr, ssim
from clearface.evaluate.metrics.spectra import fft_error

_PICTURE = "RGB, nothing cropped, data range 1"
_WINDOW = "11x11 Gaussian of 1.5 px, population covariance, mean of the channels"

PSNR = Metric(
    key="psnr",
    label="PSNR",
    unit="dB",
    better=Better.HIGHER,
    variant=f"{_PICTURE}; at most {HIGHEST_PSNR:g} dB, which equal pictures get",
    source="Huynh-Thu, Ghanbari 2008",
    digits=2,
)
SSIM = Metric(
    key="ssim",
    label="SSIM",
    unit="",
    better=Better.HIGHER,
    variant=f"{_PICTURE}; {_WINDOW}",
    source="Wang, Bovik, Sheikh, Simoncelli 2004",
)
MS_SSIM = Metric(
    key="ms_ssim",
    label="MS-SSIM",
    unit="",
    better=Better.HIGHER,
    variant=(
        f"{_PICTURE}; {_WINDOW}; five scales from 176 px a side, four from 88 px with their weights made to sum to 1 (so faces "
        "of 128 px have four, and are not comparable with five)"
    ),
    source="Wang, Simoncelli, Bovik 2003",
)
GRADIENT_ERROR = Metric(
    key="gradient_error",
    label="Gradient error",
    unit="",
    better=Better.LOWER,
    variant=f"{_PICTURE}; mean absolute difference of the differences of neighbours, across and down",
    source="gradient loss of Yasarla, Perazzi, Patel 2020",
    digits=4,
)
FFT_ERROR = Metric(
    key="fft_error",
    label="FFT error",
    unit="",
    better=Better.LOWER,
    variant=f"{_PICTURE}; mean absolute difference of the complex spectra, orthonormal transform of each channel",
    source="after the frequency loss of Cho et al. 2021",
    digits=4,
)

_FUNCTIONS: tuple[tuple[Metric, Callable[[FloatArray, FloatArray], float]], ...] = (
    (PSNR, psnr),
    (SSIM, ssim),
    (MS_SSIM, ms_ssim),
    (GRADIENT_ERROR, gradient_error),
    (FFT_ERROR, fft_error),
)


class FullReferenceGauge:
    """PSNR, SSIM, MS-SSIM, gradient and FFT error of each face."""

    @property
    def metrics(self) -> tuple[Metric, ...]:
        return tuple(metric for metric, _ in _FUNCTIONS)

    def against(self, sharp: FloatArray | None) -> Measure:
        def measure(batch: Batch) -> Mapping[str, DoubleArray]:
            if sharp is None:
                return {metric.key: np.full(len(batch.after), np.nan) for metric in self.metrics}
            return {
                metric.key: np.array([function(*pair) for pair in zip(sharp, batch.after, strict=True)], np.float64)
                for metric, function in _FUNCTIONS
            }

        return measure
