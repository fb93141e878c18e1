"""What a restoration is judged by in training."""

import torch
from torch import Tensor


def frequency_loss(restored: Tensor, sharp: Tensor) -> Tensor:
    """Mean absolute difference of the orthonormal half-spectra: what is missing in fine detail (Cho et al. 2021)."""
    return (torch.fft.rfft2(restored, norm="ortho") - torch.fft.rfft2(sharp, norm="ortho")).abs().mean()


def restoration_loss(restored: Tensor, sharp: Tensor, frequency_weight: float = 0.1) -> Tensor:
    """L1 plus `frequency_weight` times the frequency loss; faces `(N, 3, H, W)`."""
    return (restored - sharp).abs().mean() + frequency_weight * frequency_loss(restored, sharp)
