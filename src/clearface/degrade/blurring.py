"""Blur by FFT, on batches, on any device."""

import torch
from torch import Tensor
from torch.nn import functional


def transfer_function(kernels: Tensor, height: int, width: int) -> Tensor:
    """The half-spectrum `(N, 1, height, width // 2 + 1)` of kernels `(N, K, K)`, the middle tap at the origin."""
    taps = kernels.shape[-1]
    padded = functional.pad(kernels, (0, width - taps, 0, height - taps))
    return torch.fft.rfft2(torch.roll(padded, (-(taps // 2), -(taps // 2)), (1, 2)))[:, None]


def blur_circular(faces: Tensor, kernels: Tensor) -> Tensor:
    """Circular convolution of `(N, 3, H, W)` with `(N, K, K)`: cut K // 2 pixels off each side for a true picture."""
    height, width = faces.shape[-2:]
    spectrum = torch.fft.rfft2(faces) * transfer_function(kernels, height, width)
    return torch.fft.irfft2(spectrum, s=(height, width))


def blur_within(wide: Tensor, kernels: Tensor) -> Tensor:
    """Convolution of `(N, 3, H + K - 1, W + K - 1)` with `(N, K, K)` wherever the whole kernel fits: `(N, 3, H, W)`."""
    rim = kernels.shape[-1] // 2
    height, width = wide.shape[-2:]
    padded = _padded_for_speed(wide)
    return blur_circular(padded, kernels)[..., rim : height - rim, rim : width - rim]


def blur_field(wide: Tensor, fields: Tensor) -> Tensor:
    """Blur that varies over the picture: `(N, 3, H + K - 1, W + K - 1)` with fields `(N, R, C, K, K)` to `(N, 3, H, W)`.

    The kernels of a field are those at R x C places spread evenly over the picture, the outermost on its edges. Between them
    the pictures blurred with each are mixed by bilinear weights. A field of equal kernels is plain convolution.
    """
    rows, columns, taps = fields.shape[1], fields.shape[2], fields.shape[-1]
    rim = taps // 2
    height, width = wide.shape[-2] - 2 * rim, wide.shape[-1] - 2 * rim
    padded = _padded_for_speed(wide)
    size = padded.shape[-2:]
    spectrum = torch.fft.rfft2(padded)
    down, across = _shares(rows, height, wide), _shares(columns, width, wide)
    mixed = torch.zeros_like(wide[..., rim : rim + height, rim : rim + width])
    for row in range(rows):
        for column in range(columns):
            transfer = transfer_function(fields[:, row, column], *size)
            blurred = torch.fft.irfft2(spectrum * transfer, s=size)[..., rim : rim + height, rim : rim + width]
            mixed += blurred * (down[row][:, None] * across[column])
    return mixed


def blur_reflecting(faces: Tensor, kernels: Tensor) -> Tensor:
    """Convolution of `(N, 3, H, W)` with `(N, K, K)`, the picture mirrored beyond its edges; the same size back."""
    return blur_within(mirrored(faces, kernels.shape[-1] // 2), kernels)


def mirrored(faces: Tensor, rim: int) -> Tensor:
    """Pictures `(N, 3, H, W)` with `rim` pixels more on each side, mirrored at the edge pixels, as often as it takes."""
    height, width = faces.shape[-2:]
    rows, columns = _mirrored_places(height, rim, faces.device), _mirrored_places(width, rim, faces.device)
    return faces.index_select(-2, rows).index_select(-1, columns)


def _mirrored_places(size: int, rim: int, device: torch.device) -> Tensor:
    period = max(2 * (size - 1), 1)
    place = torch.arange(-rim, size + rim, device=device) % period
    return torch.minimum(place, period - place) % max(size, 1)


def _shares(places: int, size: int, like: Tensor) -> Tensor:
    """How much each of `places` kernels counts along a side of `size` pixels: `(places, size)`, columns summing to 1."""
    position = torch.linspace(0, places - 1, size, device=like.device, dtype=like.dtype)
    return (1 - (position - torch.arange(places, device=like.device)[:, None]).abs()).clamp(min=0)


def _padded_for_speed(wide: Tensor) -> Tensor:
    """Zeros added below and at the right up to sides whose FFT is fast: they reach no pixel the whole kernel fits around."""
    height, width = wide.shape[-2:]
    return functional.pad(wide, (0, _fast_side(width) - width, 0, _fast_side(height) - height))


def _fast_side(side: int) -> int:
    while True:
        rest = side
        for prime in (2, 3, 5, 7):
            while rest % prime == 0:
                rest //= prime
        if rest == 1:
            return side
        side += 1
