"""Photos of faces as they might have been: moved, tilted, mirrored, in other light, with something in front."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Generator, Tensor


@dataclass(frozen=True)
class Augmentation:
    """How far each change goes; all are drawn evenly, both ways."""

    shift: float = 0.05
    """Of the side."""

    scale: float = 0.08
    stretch: float = 0.05
    """Of width against height."""

    tilt: float = 8.0
    """In degrees."""

    gradient: float = 1.0
    """Of light from one side to the other: the exponent of its strength at the rim."""

    gamma: float = 0.4
    """The exponent of the exponent."""

    gain: float = 0.2
    """The exponent of what brightness is multiplied with."""

    offset: float = 0.1
    """Added to brightness."""

    covered: float = 0.5
    """How often an even rectangle lies over the picture."""

    cover: float = 0.35
    """Its greatest side, of the picture's."""

    noise: float = 0.02
    """Deviation of what is added to each pixel."""

    mirrored: bool = True
    """Whether half of them are."""


_LEAST_COVER = 0.1
_DARKEST = 1e-3


def augmented(pictures: "Tensor", generator: "Generator", settings: Augmentation) -> "Tensor":
    """Grey pictures `(N, 1, H, W)` in [0, 1] as they might have been, each in its own way, of about the same range.

    generator: where chance comes from; the same gives the same. Beyond the edges, they go on as they end.
    """
    import torch
    from torch.nn import functional

    count, _, height, width = pictures.shape

    def drawn() -> "Tensor":
        """`(N,)` in [-1, 1]."""
        return torch.rand(count, generator=generator) * 2 - 1

    def by_picture() -> "Tensor":
        return drawn().view(count, 1, 1, 1)

    angle, scale = drawn() * math.radians(settings.tilt), 1 + drawn() * settings.scale
    stretch = 1 + drawn() * settings.stretch
    flip = torch.where(drawn() < 0, -1.0, 1.0) if settings.mirrored else torch.ones(count)
    cosine, sine = scale * angle.cos(), scale * angle.sin()
    across = torch.stack([flip * stretch * cosine, -sine * height / width, drawn() * 2 * settings.shift], 1)
    down = torch.stack([flip * sine * width / height, cosine / stretch, drawn() * 2 * settings.shift], 1)
    grid = functional.affine_grid(torch.stack([across, down], 1), list(pictures.shape), align_corners=False)
    moved = functional.grid_sample(pictures, grid, padding_mode="border", align_corners=False)

    rows = torch.linspace(-1, 1, height).view(1, 1, height, 1)
    columns = torch.linspace(-1, 1, width).view(1, 1, 1, width)
    light = torch.exp(
        settings.gradient * (by_picture() * columns + by_picture() * rows / 2) + settings.gain * by_picture()
    )
    lit = moved.clamp(0, 1).add(_DARKEST).pow(torch.exp(settings.gamma * by_picture())) * light
    lit = lit + settings.offset * by_picture()

    middle_row, middle_column = by_picture(), by_picture()
    room = settings.cover - _LEAST_COVER
    half_height, half_width = (_LEAST_COVER + room * by_picture().abs() for _ in range(2))
    covered = ((rows - middle_row).abs() < half_height) & ((columns - middle_column).abs() < half_width)
    covered = covered & ((by_picture() + 1) / 2 < settings.covered)
    shade = (by_picture() + 1) / 2
    shown = torch.where(covered, shade.expand_as(lit), lit)
    return shown + settings.noise * torch.randn(shown.shape, generator=generator)
