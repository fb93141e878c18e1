"""Names the blur of a face: a point spread function, and how sure that is.

What a blurred face and a guess of the sharp one say together is brought into the domain of the kernel itself: the quotient of
their spectra, as Schuler et al. 2016 (Learning to Deblur) estimate kernels, and the cepstrum of the blurred face, where motion
shows at its own length. A small U-Net then cleans this picture of the kernel. Nothing it sees is a face, so that what it
learned holds for other faces, crops and cameras.
"""

from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor, nn
from torch.nn import functional

from clearface.nets.blocks import PixelShuffleUp, ResidualBlock, silence

_MARGIN = 1e-8


@dataclass(frozen=True)
class KernelEstimatorConfig:
    """The shape of a `KernelEstimator`, and how its evidence is gathered."""

    taps: int = 37
    """Side of the kernel in pixels of a face of `size` pixels; odd."""

    size: int = 128
    """Side of the faces it looks at."""

    transform: int = 160
    """Side of the Fourier transforms: the face and half a kernel, at least."""

    strengths: tuple[float, ...] = (0.05, 0.3, 2.0)
    """Regularization of the quotients, relative to the mean power of the guess."""

    channels: tuple[int, ...] = (24, 48, 96)


class KernelEstimator(nn.Module):
    """Evidence `(N, channels, taps, taps)` to a kernel by softmax over the taps, and a certainty."""

    def __init__(self, config: KernelEstimatorConfig | None = None) -> None:
        super().__init__()
        self.config = config or KernelEstimatorConfig()
        channels = self.config.channels
        self.enter = nn.Conv2d(len(self.config.strengths) + 2, channels[0], 3, padding=1)
        self.down_blocks = nn.ModuleList(nn.Sequential(ResidualBlock(width)) for width in channels)
        self.down_blocks[-1].append(ResidualBlock(channels[-1]))  # type: ignore[operator]
        self.downs = nn.ModuleList(
            nn.Conv2d(fine, coarse, 3, stride=2, padding=1)
            for fine, coarse in zip(channels[:-1], channels[1:], strict=True)
        )
        self.ups = nn.ModuleList(
            PixelShuffleUp(coarse, fine) for fine, coarse in zip(channels[:-1], channels[1:], strict=True)
        )
        self.up_blocks = nn.ModuleList(ResidualBlock(width) for width in channels[:-1])
        self.leave = nn.Conv2d(channels[0], 1, 3, padding=1)
        self.sureness = nn.Linear(2 * channels[-1], 1)
        silence(self.leave)

    def forward(self, evidence: Tensor) -> tuple[Tensor, Tensor]:
        """`(N, strengths + 2, taps, taps)` to kernels `(N, taps, taps)` and the logit of the certainty `(N,)`."""
        taps = evidence.shape[-1]
        missing = -taps % 2 ** len(self.ups)
        features = self.enter(functional.pad(evidence, (0, missing, 0, missing)))
        skips = []
        for block, down in zip(self.down_blocks, self.downs, strict=False):
            features = block(features)
            skips.append(features)
            features = down(features)
        features = self.down_blocks[-1](features)
        pooled = torch.cat([features.mean((2, 3)), features.amax((2, 3))], 1)
        for up, block, skip in zip(reversed(self.ups), reversed(self.up_blocks), reversed(skips), strict=True):
            features = block(up(features) + skip)
        logits = self.leave(features)[:, 0, :taps, :taps]
        kernels = logits.flatten(1).softmax(1).reshape(-1, taps, taps)
        return kernels, self.sureness(pooled)[:, 0]


def kernel_evidence(
    blurred: Tensor, guess: Tensor, config: KernelEstimatorConfig, window: Tensor | None = None
) -> Tensor:
    """What two pictures of a face say about the blur between them, `(N, strengths + 2, taps, taps)`, the middle tap no shift.

    blurred, guess: `(N, 3, size, size)`. window: `(size, size)` weights of the part of the face to look at; None for all of it
    but the edges. Planes: the quotient of the spectra of the gradients at every strength, each divided by its greatest value;
    the cepstra of the gradients of both pictures.
    """
    side = config.transform
    weights = edge_window(config.size).to(blurred.device) if window is None else window
    power_guess = power_blurred = crossed = torch.zeros(())
    for seen, sharp in zip(_gradients(blurred.mean(1)), _gradients(guess.mean(1)), strict=True):
        seen_spectrum = torch.fft.rfft2(seen * weights, s=(side, side))
        sharp_spectrum = torch.fft.rfft2(sharp * weights, s=(side, side))
        crossed = crossed + sharp_spectrum.conj() * seen_spectrum
        power_guess = power_guess + sharp_spectrum.real**2 + sharp_spectrum.imag**2
        power_blurred = power_blurred + seen_spectrum.real**2 + seen_spectrum.imag**2
    mean_power = power_guess.mean((1, 2), keepdim=True) + _MARGIN
    planes = []
    for strength in config.strengths:
        quotient = _lags(crossed / (power_guess + strength * mean_power), config)
        planes.append(quotient / (quotient.abs().amax((1, 2), keepdim=True) + _MARGIN))
    for power in (power_blurred, power_guess):
        level = power.mean((1, 2), keepdim=True) + _MARGIN
        cepstrum = _lags(torch.log(power / level + 1e-4) + 0j, config)
        cepstrum = cepstrum - _middle(cepstrum)
        planes.append(cepstrum / (cepstrum.std((1, 2), keepdim=True) + _MARGIN) / 4)
    return torch.stack(planes, 1)


@lru_cache(maxsize=8)
def edge_window(size: int) -> Tensor:
    """1 but for an eighth of the side along each edge, where it falls to 0 like a raised cosine, `(size, size)`."""
    edge = size // 8
    ramp = torch.ones(size)
    rising = torch.hann_window(2 * edge)[:edge]
    ramp[:edge], ramp[-edge:] = rising, rising.flip(0)
    return ramp[:, None] * ramp


def _gradients(picture: Tensor) -> tuple[Tensor, Tensor]:
    """Differences to the right and downwards, 0 in the last column and row, `(N, H, W)` each."""
    right = functional.pad(picture[:, :, 1:] - picture[:, :, :-1], (0, 1))
    down = functional.pad(picture[:, 1:] - picture[:, :-1], (0, 0, 0, 1))
    return right, down


def _lags(spectrum: Tensor, config: KernelEstimatorConfig) -> Tensor:
    """A half-spectrum back in the domain of shifts, those of up to half a kernel, `(N, taps, taps)`."""
    side, taps = config.transform, config.taps
    shifts = torch.fft.irfft2(spectrum, s=(side, side))
    return torch.roll(shifts, (taps // 2, taps // 2), (1, 2))[:, :taps, :taps]


def _middle(plane: Tensor) -> Tensor:
    """The plane with all but its middle tap 0: at no shift a cepstrum says only how bright the picture is."""
    middle = plane.shape[-1] // 2
    kept = torch.zeros_like(plane)
    kept[:, middle, middle] = plane[:, middle, middle]
    return kept
