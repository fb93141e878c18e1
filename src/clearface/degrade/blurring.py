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


def blur_reflecting(faces: Tensor, kernels: Tensor) -> Tensor:
    """Convolution of `(N, 3, H, W)` with `(N, K, K)`, the picture mirrored beyond its edges; the same size back."""
    pad = kernels.shape[-1] // 2
    blurred = blur_circular(functional.pad(faces, (pad,) * 4, mode="reflect"), kernels)
    return blurred[..., pad : faces.shape[-2] + pad, pad : faces.shape[-1] + pad]
