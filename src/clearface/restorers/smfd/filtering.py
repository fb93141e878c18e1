"""Wiener filtering of a face with an estimated kernel, at several strengths.

The counterpart of `clearface.nets.filtering.filtered_faces` in NumPy, equal to it within rounding.
"""

import numpy as np

from clearface.arrays import AnyArray, FloatArray
from clearface.restorers.smfd.description import DeblurringSettings
from clearface.restorers.smfd.evidence import WORKERS, fading_ramp


def filtered_faces(face: FloatArray, kernels: FloatArray, settings: DeblurringSettings) -> FloatArray:
    """`(N, 3, H, W)` filtered with kernels `(N, K, K)` at every strength: float32 `(N, 3 * strengths, H, W)`.

    The picture is mirrored by half a kernel and tapered towards its own periodic blur (Reeves 2005), then divided in the
    frequency domain, regularized by the energy of its gradients.
    """
    from scipy import fft

    pad = padding_of(kernels.shape[-1])
    mirrored = np.pad(face, ((0, 0), (0, 0), (pad, pad), (pad, pad)), mode="reflect")
    sides = (mirrored.shape[2], mirrored.shape[3])
    transfer = _transfer(kernels, sides)
    periodic = fft.irfft2(fft.rfft2(mirrored, workers=WORKERS) * transfer, s=sides, workers=WORKERS)
    window = np.outer(fading_ramp(sides[0], pad), fading_ramp(sides[1], pad))
    spectrum = fft.rfft2(mirrored * window + periodic * (1 - window), workers=WORKERS) * transfer.conj()
    power = transfer.real**2 + transfer.imag**2
    gradient = _gradient_power(*sides) + np.float32(settings.flat)
    answers = np.empty((len(face), len(settings.strengths) * 3, *face.shape[2:]), np.float32)
    for index, strength in enumerate(settings.strengths):
        divided = spectrum / (power + np.float32(strength) * gradient)
        filtered = fft.irfft2(divided, s=sides, workers=WORKERS, overwrite_x=True)
        answers[:, 3 * index : 3 * index + 3] = filtered[..., pad:-pad, pad:-pad]
    return answers


def filtered_by_field(face: FloatArray, fields: FloatArray, settings: DeblurringSettings) -> FloatArray:
    """The same with kernels that vary over the face, `(N, 2, 2, K, K)`: filtered with each, mixed by `field_shares`."""
    shares = field_shares(face.shape[2], face.shape[3])
    mixed = np.zeros((len(face), len(settings.strengths) * 3, *face.shape[2:]), np.float32)
    for row in (0, 1):
        for column in (0, 1):
            mixed += filtered_faces(face, fields[:, row, column], settings) * shares[row, column]
    return mixed


def field_shares(height: int, width: int) -> FloatArray:
    """How much each kernel of a 2x2 field counts at each pixel: `(2, 2, H, W)` float32, summing to 1 over the four.

    A kernel counts alone in the middle of its quarter and beyond; between the middles it fades out as the other fades in.
    """
    down, across = _lower_share(height), _lower_share(width)
    rows, columns = np.stack([1 - down, down]), np.stack([1 - across, across])
    return np.asarray(rows[:, None, :, None] * columns[None, :, None, :], np.float32)


def padding_of(taps: int) -> int:
    """How far a picture is mirrored before it is filtered with a kernel of so many taps, in pixels."""
    return taps // 2 + 2


def fast_taps(size: int, least: int) -> int:
    """The least odd number of taps, from `least` on, with which a face of `size` pixels is filtered fast.

    Zeros around a kernel change no result but the side of the transforms, some of which have large prime factors.
    """
    from scipy import fft

    fast: int
    side = size + 2 * padding_of(least | 1)
    while (fast := fft.next_fast_len(side)) % 2 != size % 2:
        side = fast + 1
    return 2 * ((fast - size) // 2 - 2) + 1


def _lower_share(side: int) -> FloatArray:
    middle_of_quarters = (np.arange(side, dtype=np.float32) + 0.5) / side * 2 - 0.5
    return np.asarray(np.clip(middle_of_quarters, 0, 1), np.float32)


def _transfer(kernels: FloatArray, sides: tuple[int, int]) -> AnyArray:
    """The half-spectrum `(N, 1, H, W // 2 + 1)` of kernels, the middle tap at the origin."""
    from scipy import fft

    taps = kernels.shape[-1]
    placed = np.zeros((len(kernels), *sides), np.float32)
    placed[:, :taps, :taps] = kernels
    rolled = np.roll(placed, (-(taps // 2), -(taps // 2)), (1, 2))
    spectrum: AnyArray = fft.rfft2(rolled, workers=WORKERS)[:, None]
    return spectrum


def _gradient_power(height: int, width: int) -> FloatArray:
    """Squared magnitude of the transfer function of horizontal and vertical differences, `(H, W // 2 + 1)`."""
    rows = 2 - 2 * np.cos(2 * np.pi * np.fft.fftfreq(height))
    columns = 2 - 2 * np.cos(2 * np.pi * np.fft.rfftfreq(width))
    return np.asarray(rows[:, None] + columns, np.float32)
