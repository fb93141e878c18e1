"""Blur that varies over a face: smooth fields of kernels, for heads that turn and lenses that see one eye sharper."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from torch import Tensor

from clearface.arrays import DoubleArray
from clearface.degrade import kernels as families
from clearface.degrade.blurs import Blur, BlurMix, hand_grids, shaken
from clearface.degrade.grids import Grid, pick, scaled, steps
from clearface.degrade.trajectories import splat_paths


@dataclass(frozen=True)
class FieldMix:
    """How often each kind of field is drawn, and from which values; lengths in pixels of a 128 pixel face."""

    turning: float = 0.7
    """A shaken path that turns about a point and comes nearer or goes away meanwhile."""

    sizes: Grid = field(default=steps(3, 19, 1))
    """Taps the longer side of the path spans at the point it turns about."""

    turns: Grid = field(default=steps(-12, 12, 2))
    """How far the turn moves a point at the middle of the face's edge, in all."""

    approaches: Grid = field(default=steps(-8, 8, 2))
    """The same of coming nearer."""

    centres: Grid = (-0.5, 0.0, 0.5)
    """Where the point lies, down and across; 1 is the edge of the face."""

    tilted: float = 0.3
    """A plane of focus that cuts through the face: a disc that grows from one side to the other."""

    near_radii: Grid = field(default=steps(0.5, 2.5, 0.25))
    far_radii: Grid = field(default=steps(3.0, 6.0, 0.25))
    tilt_directions: Grid = field(default=steps(0, 345, 15))

    def scaled(self, factor: float) -> "FieldMix":
        """The same mix for faces `factor` times as large."""
        return replace(
            self,
            sizes=tuple(max(1.0, float(round(size))) for size in scaled(self.sizes, factor)),
            turns=scaled(self.turns, factor),
            approaches=scaled(self.approaches, factor),
            near_radii=scaled(self.near_radii, factor),
            far_radii=scaled(self.far_radii, factor),
        )


def turning_grids(mix: FieldMix, blurs: BlurMix) -> tuple[tuple[str, Grid], ...]:
    """The parameters of a turning field and their grids; those of the hand are a shake's."""
    own = (("turn", mix.turns), ("approach", mix.approaches), ("down", mix.centres), ("across", mix.centres))
    return (("size", mix.sizes), *hand_grids(blurs), *own)


def tilted_grids(mix: FieldMix) -> tuple[tuple[str, Grid], ...]:
    """The parameters of a tilted field and their grids."""
    return (("near", mix.near_radii), ("far", mix.far_radii), ("direction", mix.tilt_directions))


def draw_field(generator: np.random.Generator, mix: FieldMix, blurs: BlurMix) -> Blur:
    """One field of the mix."""
    turning = generator.random() * (mix.turning + mix.tilted) < mix.turning
    grids = turning_grids(mix, blurs) if turning else tilted_grids(mix)
    return Blur("turning" if turning else "tilted", tuple((name, pick(generator, grid)) for name, grid in grids))


def render_fields(
    fields: Sequence[Blur], generators: Sequence[np.random.Generator], taps: int, places: int = 3
) -> Tensor:
    """The kernels `(N, places, places, taps, taps)` of fields, each centred for itself."""
    rendered = torch.zeros(len(fields), places, places, taps, taps)
    for kind, render in (("turning", _turning), ("tilted", _tilted)):
        chosen = [index for index, field in enumerate(fields) if field.kind == kind]
        for start in range(0, len(chosen), 64):
            part = chosen[start : start + 64]
            drawn = render([fields[index] for index in part], [generators[index] for index in part], taps, places)
            rendered[part] = families.centred(drawn.flatten(0, 2)).view(drawn.shape)
    return rendered


def _turning(fields: list[Blur], generators: list[np.random.Generator], taps: int, places: int) -> Tensor:
    points, weights = shaken(fields, generators)
    # How the turn and the approach go on are the two coordinates of another path of the same hand, brought to run over 1 in all.
    other, _ = shaken(fields, generators)
    amounts = [_over_one(part, weights) for part in (other.real, other.imag)]
    turns, approaches, down, across = (
        np.array([field[name] for field in fields]) for name in ("turn", "approach", "down", "across")
    )
    moving = amounts[0] * (1j * turns)[:, None] + amounts[1] * approaches[:, None]
    kernels = np.empty((len(fields), places, places, taps, taps), np.float32)
    for row, y in enumerate(np.linspace(-1, 1, places)):
        for column, x in enumerate(np.linspace(-1, 1, places)):
            there = points + moving * ((x - across) + 1j * (y - down))[:, None]
            there -= (there * weights).sum(1, keepdims=True)
            kernels[:, row, column] = splat_paths(there, weights, taps)
    return torch.from_numpy(kernels)


def _over_one(values: DoubleArray, weights: DoubleArray) -> DoubleArray:
    """Each row from 0 to 1 over its exposed part, less its mean."""
    seen = weights > 0
    lowest = np.where(seen, values, np.inf).min(1, keepdims=True)
    highest = np.where(seen, values, -np.inf).max(1, keepdims=True)
    unit: DoubleArray = (values - lowest) / np.maximum(highest - lowest, 1e-9)
    return unit - (unit * weights).sum(1, keepdims=True)


def _tilted(fields: list[Blur], generators: list[np.random.Generator], taps: int, places: int) -> Tensor:
    near, far, direction = (
        torch.tensor([field[name] for field in fields], dtype=torch.float32) for name in ("near", "far", "direction")
    )
    radians = torch.deg2rad(direction)[:, None, None]
    along = torch.linspace(-1, 1, places)
    depth = torch.cos(radians) * along[None, None, :] - torch.sin(radians) * along[None, :, None]
    depth = depth / depth.abs().amax((1, 2), keepdim=True) / 2 + 0.5
    radii = near[:, None, None] + (far - near)[:, None, None] * depth
    flat = radii.flatten()
    return families.disc(flat, torch.ones_like(flat), taps).view(len(fields), places, places, taps, taps)
