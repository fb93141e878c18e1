"""The randomized degradation a network is trained with: blur, resolution loss, noise, compression."""

from dataclasses import dataclass

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from clearface.degrade.blurring import blur_circular


@dataclass(frozen=True)
class DegradationMix:
    """How often and how strongly each step is applied; ranges are drawn from evenly."""

    linear_light: float = 0.5
    """Chance that light, not gamma-encoded brightness, is blurred."""

    reduced: float = 0.2
    """Chance of losing resolution."""

    reduction: tuple[float, float] = (1.0, 3.0)

    noisy: float = 0.8
    noise_sigma: tuple[float, float] = (0.0, 0.03)

    compressed: float = 0.3
    jpeg_quality: tuple[int, int] = (35, 95)


def degrade_batch(
    sharp: Tensor, kernels: Tensor, generator: np.random.Generator, mix: DegradationMix | None = None
) -> Tensor:
    """Degrades `(N, 3, H + K - 1, W + K - 1)` RGB in [0, 1] with kernels `(N, K, K)`; returns `(N, 3, H, W)` in [0, 1].

    The rim of K // 2 pixels is what the blur reaches for beyond the picture.
    """
    settings = mix or DegradationMix()
    count, rim = len(sharp), kernels.shape[-1] // 2
    light = torch.from_numpy(generator.random(count) < settings.linear_light)[:, None, None, None].to(sharp.device)
    blurred = blur_circular(torch.where(light, sharp.clamp(0, 1) ** 2.2, sharp), kernels)
    blurred = blurred[..., rim:-rim, rim:-rim] if rim else blurred
    blurred = torch.where(light, blurred.clamp(min=1e-8) ** (1 / 2.2), blurred)
    for index in np.flatnonzero(generator.random(count) < settings.reduced):
        blurred[index] = _reduced(blurred[index], float(generator.uniform(*settings.reduction)))
    sigmas = generator.uniform(*settings.noise_sigma, size=count) * (generator.random(count) < settings.noisy)
    noise = generator.standard_normal(blurred.shape, dtype=np.float32) * sigmas[:, None, None, None].astype(np.float32)
    blurred = (blurred + torch.from_numpy(noise).to(blurred.device)).clamp(0, 1)
    for index in np.flatnonzero(generator.random(count) < settings.compressed):
        quality = int(generator.integers(settings.jpeg_quality[0], settings.jpeg_quality[1] + 1))
        blurred[index] = _compressed(blurred[index], quality)
    return (blurred * 255).round() / 255


def _reduced(face: Tensor, factor: float) -> Tensor:
    height, width = face.shape[-2:]
    small_size = (max(1, round(height / factor)), max(1, round(width / factor)))
    small = functional.interpolate(face[None], small_size, mode="bilinear", antialias=True)
    return functional.interpolate(small, (height, width), mode="bicubic")[0]


def _compressed(face: Tensor, quality: int) -> Tensor:
    pixels = (face.permute(1, 2, 0).cpu().numpy() * 255).round().astype(np.uint8)
    _, encoded = cv2.imencode(".jpg", pixels[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    decoded = np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), np.float32)[..., ::-1] / 255
    return torch.from_numpy(np.ascontiguousarray(decoded)).permute(2, 0, 1).to(face.device)
