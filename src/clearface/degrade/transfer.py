"""sRGB values to linear light and back, as `clearface.light` has it, on tensors."""

import torch
from torch import Tensor


def to_linear_light(values: Tensor) -> Tensor:
    """sRGB values in [0, 1] as amounts of light in [0, 1]."""
    bright = ((values.clamp(min=0.04045) + 0.055) / 1.055) ** 2.4
    return torch.where(values <= 0.04045, values / 12.92, bright)


def from_linear_light(light: Tensor) -> Tensor:
    """Amounts of light in [0, 1] as sRGB values in [0, 1]."""
    bright = 1.055 * light.clamp(min=0.0031308) ** (1 / 2.4) - 0.055
    return torch.where(light <= 0.0031308, light * 12.92, bright)
