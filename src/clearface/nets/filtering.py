"""Wiener filtering with edges that do not ring, differentiable in the picture and in the kernel."""

from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor
from torch.nn import functional

from clearface.degrade.blurring import transfer_function


@dataclass(frozen=True)
class FilterConfig:
    """How a blurred face is filtered with an estimated kernel."""

    strengths: tuple[float, ...] = (0.001, 0.01, 0.06)
    """Regularization: little for a face without noise, much for a noisy one. The network gets all of them."""

    flat: float = 0.01
    """Regularization of flat areas, relative to that of gradients."""


def filtered_faces(face: Tensor, kernels: Tensor, config: FilterConfig) -> Tensor:
    """`(N, 3, H, W)` filtered with kernels `(N, K, K)` at every strength: `(N, 3 * strengths, H, W)`.

    The picture is mirrored by half a kernel and tapered towards its own periodic blur (Reeves 2005 names the problem), then
    divided in the frequency domain, regularized by the energy of its gradients.
    """
    pad = padding_of(kernels.shape[-1])
    height, width = face.shape[2] + 2 * pad, face.shape[3] + 2 * pad
    mirrored = functional.pad(face, (pad,) * 4, mode="reflect")
    transfer = transfer_function(kernels, height, width)
    periodic = torch.fft.irfft2(torch.fft.rfft2(mirrored) * transfer, s=(height, width))
    window = taper(height, width, pad).to(face.device)
    spectrum = torch.fft.rfft2(mirrored * window + periodic * (1 - window)) * transfer.conj()
    power, gradient = transfer.abs() ** 2, gradient_power(height, width).to(face.device)
    answers = [
        torch.fft.irfft2(spectrum / (power + strength * (gradient + config.flat)), s=(height, width))
        for strength in config.strengths
    ]
    return torch.cat(answers, 1)[..., pad:-pad, pad:-pad]


def padding_of(taps: int) -> int:
    """How far a picture is mirrored before it is filtered with a kernel of so many taps, in pixels."""
    return taps // 2 + 2


@lru_cache(maxsize=16)
def taper(height: int, width: int, pad: int) -> Tensor:
    """1 in the middle, falling to 0 over the outer `pad` pixels like a raised cosine, `(height, width)`."""
    ramps = []
    for side in (height, width):
        ramp = torch.ones(side)
        rising = torch.hann_window(2 * pad)[:pad]
        ramp[:pad], ramp[-pad:] = rising, rising.flip(0)
        ramps.append(ramp)
    return ramps[0][:, None] * ramps[1]


@lru_cache(maxsize=16)
def gradient_power(height: int, width: int) -> Tensor:
    """Squared magnitude of the transfer function of horizontal and vertical differences, `(height, width // 2 + 1)`."""
    rows = 2 - 2 * torch.cos(2 * torch.pi * torch.fft.fftfreq(height))
    columns = 2 - 2 * torch.cos(2 * torch.pi * torch.fft.rfftfreq(width))
    return rows[:, None] + columns
