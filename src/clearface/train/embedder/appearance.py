"""One person in many pictures: how a face is framed, lit, covered and coarsened without becoming another."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from clearface.arrays import AnyArray, FloatArray
from clearface.train.embedder.recipe import AppearanceRecipe

_LUMA = (0.299, 0.587, 0.114)


@dataclass(frozen=True, eq=False)
class Looks:
    """What is done to each of N faces, drawn before anything is done."""

    framing: FloatArray
    """`(N, 2, 3)` float32: changes of the chip's own coordinates, -1 to 1 from edge to edge, as `affine_grid` takes them."""

    tone: FloatArray
    """`(N, 3)`: gamma, contrast, and what is added."""

    colour: FloatArray
    """`(N, 4)`: whether it is grey (1) or not (0), and the gains of red, green and blue."""

    light: FloatArray
    """`(N, 2)`: by how much light falls off to the right and downwards, as logarithms."""

    cover: FloatArray
    """`(N, 5)`: left, top, right, bottom of what is covered, in parts of the chip, equal where nothing is; its brightness."""

    coarse: FloatArray
    """`(N,)`: how many times smaller it becomes."""


def draw_looks(generators: list[np.random.Generator], recipe: AppearanceRecipe) -> Looks:
    """One look by each generator."""
    drawn = [_draw_look(generator, recipe) for generator in generators]
    columns = [np.stack(values).astype(np.float32) for values in zip(*drawn, strict=True)]
    return Looks(*columns)


def dressed(chips: Tensor, looks: Looks) -> Tensor:
    """Chips RGB `(N, 3, S, S)` in [0, 1] as the looks have them, the framing left out (see `framed`)."""
    device = chips.device
    tone, colour, light, cover = (
        torch.from_numpy(values).to(device) for values in (looks.tone, looks.colour, looks.light, looks.cover)
    )
    grey = (chips * torch.tensor(_LUMA, device=device)[:, None, None]).sum(1, keepdim=True).expand_as(chips)
    pictures = torch.where(colour[:, :1, None, None] > 0, grey, chips * colour[:, 1:, None, None])
    pictures = pictures.clamp(1e-4, 1) ** tone[:, 0, None, None, None]
    side = chips.shape[-1]
    along = torch.linspace(-0.5, 0.5, side, device=device)
    fall = light[:, 0, None, None] * along + light[:, 1, None, None] * along[:, None]
    pictures = pictures * torch.exp(fall)[:, None]
    middle = pictures.mean((1, 2, 3), keepdim=True)
    pictures = (pictures - middle) * tone[:, 1, None, None, None] + middle + tone[:, 2, None, None, None]
    places = torch.linspace(0, 1, side, device=device)
    across = (places >= cover[:, 0, None]) & (places < cover[:, 2, None])
    down = (places >= cover[:, 1, None]) & (places < cover[:, 3, None])
    covered = (down[:, :, None] & across[:, None, :])[:, None]
    return torch.where(covered, cover[:, 4, None, None, None], pictures).clamp(0, 1)


def framed(squares: Tensor, looks: Looks, centre: Tensor, size: int) -> Tensor:
    """Chips `(N, 3, size, size)` cut out of FFHQ squares `(N, 3, H, H)`.

    centre: `(2, 3)`, from the chip's coordinates to those of the square, both -1 to 1 from edge to edge; a look changes the
    former. Those that lose resolution are changed in place.
    """
    own = torch.from_numpy(looks.framing).to(squares)
    linear = centre[:, :2] @ own[..., :2]
    shift = (centre[:, :2] @ own[..., 2:]) + centre[:, 2:]
    for place in np.flatnonzero(looks.coarse > 1):
        squares[place] = _coarsened(squares[place], float(looks.coarse[place]))
    grid = functional.affine_grid(torch.cat([linear, shift], 2), [len(squares), 3, size, size], align_corners=False)
    return functional.grid_sample(squares, grid, mode="bilinear", padding_mode="reflection", align_corners=False)


def _coarsened(square: Tensor, factor: float) -> Tensor:
    side = square.shape[-1]
    small = functional.interpolate(square[None], size=max(8, round(side / factor)), mode="area")
    return functional.interpolate(small, size=side, mode="bilinear", align_corners=False)[0]


def _draw_look(generator: np.random.Generator, recipe: AppearanceRecipe) -> tuple[AnyArray, ...]:
    angle = np.radians(generator.normal(0, recipe.tilt))
    scale = np.exp(generator.normal(0, recipe.scale))
    linear = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    if generator.random() < recipe.mirrored:
        linear = linear @ np.diag([-1.0, 1.0])
    framing = np.column_stack([linear, generator.normal(0, 2 * recipe.shift, 2)])
    tone = np.array(
        [
            np.exp(generator.normal(0, recipe.contrast)),
            np.exp(generator.normal(0, recipe.contrast)),
            generator.normal(0, recipe.brightness),
        ]
    )
    grey = float(generator.random() < recipe.grey)
    colour = np.array([grey, *np.exp(generator.normal(0, recipe.tinted, 3))])
    light = np.zeros(2)
    if generator.random() < recipe.lit:
        direction, fall = generator.uniform(0, 2 * np.pi), generator.uniform(0, 2 * recipe.steepest)
        light = fall * np.array([np.cos(direction), np.sin(direction)])
    cover = np.zeros(5)
    if generator.random() < recipe.covered:
        width, height = generator.uniform(0.1, 0.45, 2)
        left, top = generator.uniform(-0.1, 1, 2)
        cover = np.array([left, top, left + width, top + height, generator.random()])
    coarse = 1.0
    if generator.random() < recipe.coarse:
        coarse = float(np.exp(generator.uniform(0, np.log(recipe.coarsest))))
    return framing, tone, colour, light, cover, np.array(coarse)
