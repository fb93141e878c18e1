"""What a blurred face and a guess of the sharp one say together about the blur: the input of the kernel network.

The counterpart of `clearface.nets.kernel_estimator.kernel_evidence` in NumPy, equal to it within rounding.
"""

import numpy as np

from clearface.arrays import AnyArray, FloatArray
from clearface.restorers.smfd.description import KernelSettings

WORKERS = 2
"""Threads of the Fourier transforms; each transform is the work of one, so that no result depends on their number."""

_MARGIN = np.float32(1e-8)


def kernel_evidence(blurred: FloatArray, guess: FloatArray, settings: KernelSettings, window: FloatArray) -> FloatArray:
    """Planes in the domain of the kernel, float32 `(N, strengths + 2, taps, taps)`, the middle tap no shift.

    blurred, guess: `(N, 3, size, size)`. window: `(size, size)`, how much each pixel counts. Planes: the quotient of the
    spectra of the gradients at every strength (Schuler et al. 2016), each divided by its greatest value; the cepstra of the
    gradients of both pictures.
    """
    from scipy import fft

    sides = (settings.transform, settings.transform)
    power_guess = power_blurred = crossed = np.zeros((), np.float32)
    for seen, sharp in zip(_gradients(blurred.mean(1)), _gradients(guess.mean(1)), strict=True):
        seen_spectrum = fft.rfft2(seen * window, s=sides, workers=WORKERS)
        sharp_spectrum = fft.rfft2(sharp * window, s=sides, workers=WORKERS)
        crossed = crossed + sharp_spectrum.conj() * seen_spectrum
        power_guess = power_guess + sharp_spectrum.real**2 + sharp_spectrum.imag**2
        power_blurred = power_blurred + seen_spectrum.real**2 + seen_spectrum.imag**2
    mean_power = power_guess.mean((1, 2), keepdims=True) + _MARGIN
    planes = []
    for strength in settings.strengths:
        quotient = _lags(crossed / (power_guess + np.float32(strength) * mean_power), settings)
        planes.append(quotient / (np.abs(quotient).max((1, 2), keepdims=True) + _MARGIN))
    middle = settings.taps // 2
    for power in (power_blurred, power_guess):
        level = power.mean((1, 2), keepdims=True) + _MARGIN
        cepstrum = _lags(np.log(power / level + np.float32(1e-4)).astype(np.complex64), settings)
        # At no shift a cepstrum says only how bright the picture is.
        cepstrum[:, middle, middle] = 0
        planes.append(cepstrum / (cepstrum.std((1, 2), ddof=1, keepdims=True) + _MARGIN) / 4)
    return np.stack(planes, 1).astype(np.float32, copy=False)


def whole_window(size: int) -> FloatArray:
    """1 but for an eighth of the side along each edge, where it falls to 0 like a raised cosine, `(size, size)`."""
    ramp = fading_ramp(size, size // 8)
    return np.outer(ramp, ramp)


def fading_ramp(size: int, edge: int) -> FloatArray:
    """1 in the middle, falling to 0 over the outer `edge` places at both ends like a raised cosine, `(size,)` float32."""
    ramp = np.ones(size, np.float32)
    rising = (0.5 - 0.5 * np.cos(np.pi * np.arange(edge) / edge)).astype(np.float32)
    ramp[:edge], ramp[size - edge :] = rising, rising[::-1]
    return ramp


def _gradients(picture: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Differences to the right and downwards, 0 in the last column and row, `(N, H, W)` each."""
    right, down = np.zeros_like(picture), np.zeros_like(picture)
    np.subtract(picture[:, :, 1:], picture[:, :, :-1], out=right[:, :, :-1])
    np.subtract(picture[:, 1:], picture[:, :-1], out=down[:, :-1])
    return right, down


def _lags(spectrum: AnyArray, settings: KernelSettings) -> FloatArray:
    """A half-spectrum back in the domain of shifts, those of up to half a kernel, `(N, taps, taps)`."""
    from scipy import fft

    sides = (settings.transform, settings.transform)
    shifts: FloatArray = fft.irfft2(spectrum, s=sides, workers=WORKERS)
    reach = settings.taps // 2
    near = np.arange(-reach, settings.taps - reach) % settings.transform
    return shifts[:, near[:, None], near]
