"""Which blurs there are, drawn at random from stated grids, and their kernels."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from torch import Tensor

from clearface.arrays import DoubleArray
from clearface.degrade import kernels as families
from clearface.degrade.grids import Grid, geometric, pick, scaled, steps
from clearface.degrade.splines import spline_kernels
from clearface.degrade.trajectories import Paths, Shake, exposed_paths, lingering, shake_paths, splat_paths

_AT_ONCE = 256
"""Kernels rendered together: more would only fill the memory."""


@dataclass(frozen=True)
class BlurMix:
    """How often each kind of blur is drawn (relative weights), and from which values; lengths in pixels of a 128 pixel face."""

    shake: float = 0.52
    shake_sizes: Grid = field(default=steps(5, 31, 1))
    """Taps the longer side of a shaken path spans."""

    exposures: Grid = (0.1, 0.4, 0.7, 1.0)
    """The part of the path during which the shutter is open."""

    levels: Grid = field(default=steps(0.1, 1.0, 0.1))
    """Of anxiety, pull, push and jerks of a hand, of the greatest there is."""

    lingering: Grid = (0.0, 0.25, 0.5, 0.75, 1.0)
    """How unevenly the hand moves: the deviation of the logarithm of the time it stays at a place."""

    directions: Grid = field(default=steps(0, 350, 10))

    line: float = 0.12
    line_lengths: Grid = field(default=steps(3, 27, 0.5))
    angles: Grid = field(default=steps(0, 175, 5))

    gaussian: float = 0.16
    sigmas: Grid = field(default=geometric(0.4, 4.0, 30))
    ratios: Grid = (1.0, 1.0, 1.0, 1.0, 1.0, 0.85, 0.7, 0.55, 0.4, 0.25)
    """Standard deviation across, as a part of that along; 1 is a round one."""

    disc: float = 0.1
    radii: Grid = field(default=steps(0.8, 6.0, 0.1))
    softness: Grid = (0.5, 1.0, 1.5, 2.0)

    box: float = 0.04
    sides: Grid = field(default=steps(2, 9, 1))

    product: float = 0.06
    """A shake or a line through a lens a little out of focus: the smaller half of the values of both."""

    spline: float = 0.25
    spline_sizes: Grid = field(default=steps(5, 29, 1))
    """Taps the longer side of a curve spans."""

    points: Grid = (3.0, 4.0, 5.0, 6.0)
    """How many random points it goes through."""

    resting: Grid = (0.0, 0.0, 0.15, 0.3, 0.5)
    """The part of the time the hand stops, at one to three places."""

    thickness: Grid = (0.0, 0.4, 0.6, 0.8)
    """Deviation in pixels of the Gaussian it is softened with."""

    mottling: Grid = (0.0, 0.0, 0.25, 0.5)
    """How much brighter or darker each tap is by itself."""

    def scaled(self, factor: float) -> "BlurMix":
        """The same mix for faces `factor` times as large."""
        return replace(
            self,
            shake_sizes=tuple(max(1.0, float(round(size))) for size in scaled(self.shake_sizes, factor)),
            line_lengths=scaled(self.line_lengths, factor),
            sigmas=scaled(self.sigmas, factor),
            radii=scaled(self.radii, factor),
            softness=scaled(self.softness, factor),
            sides=scaled(self.sides, factor),
            spline_sizes=tuple(max(1.0, float(round(size))) for size in scaled(self.spline_sizes, factor)),
            thickness=scaled(self.thickness, factor),
        )


@dataclass(frozen=True)
class Blur:
    """One blur: its kind and the value drawn for each of its parameters."""

    kind: str
    values: tuple[tuple[str, float], ...] = ()
    parts: tuple["Blur", ...] = ()
    """The two blurs a product is made of."""

    def __getitem__(self, name: str) -> float:
        return dict(self.values)[name]

    def in_words(self) -> str:
        """Such as `line length=7 angle=35`."""
        if self.parts:
            return " then ".join(part.in_words() for part in self.parts)
        return " ".join([self.kind, *(f"{name}={value:g}" for name, value in self.values)])


def hand_grids(mix: BlurMix) -> tuple[tuple[str, Grid], ...]:
    """The parameters of a hand that shakes, and their grids."""
    levels = tuple((name, mix.levels) for name in ("anxiety", "pull", "push", "jerks"))
    return (("exposure", mix.exposures), *levels, ("lingering", mix.lingering), ("direction", mix.directions))


@dataclass(frozen=True)
class BlurKind:
    """One kind of blur: its parameters with their grids in a mix."""

    name: str
    grids: Callable[[BlurMix], tuple[tuple[str, Grid], ...]]


def _shake_grids(mix: BlurMix) -> tuple[tuple[str, Grid], ...]:
    return (("size", mix.shake_sizes), *hand_grids(mix))


def _line_grids(mix: BlurMix) -> tuple[tuple[str, Grid], ...]:
    return (("length", mix.line_lengths), ("angle", mix.angles))


def _gaussian_grids(mix: BlurMix) -> tuple[tuple[str, Grid], ...]:
    return (("sigma", mix.sigmas), ("ratio", mix.ratios), ("angle", mix.angles))


def _disc_grids(mix: BlurMix) -> tuple[tuple[str, Grid], ...]:
    return (("radius", mix.radii), ("softness", mix.softness))


def _box_grids(mix: BlurMix) -> tuple[tuple[str, Grid], ...]:
    return (("side", mix.sides),)


def _spline_grids(mix: BlurMix) -> tuple[tuple[str, Grid], ...]:
    own = (("resting", mix.resting), ("softness", mix.thickness), ("mottling", mix.mottling))
    return (("size", mix.spline_sizes), ("points", mix.points), ("lingering", mix.lingering), *own)


KINDS = (
    BlurKind("shake", _shake_grids),
    BlurKind("line", _line_grids),
    BlurKind("gaussian", _gaussian_grids),
    BlurKind("disc", _disc_grids),
    BlurKind("box", _box_grids),
    BlurKind("spline", _spline_grids),
)
"""Every kind that is no product of two."""

MOTIONS, LENSES = ("shake", "line"), ("gaussian", "disc")
"""What products are made of: one of the first, then one of the second."""


def kind_named(name: str) -> BlurKind:
    """The kind of that name."""
    return next(kind for kind in KINDS if kind.name == name)


def halved(mix: BlurMix) -> BlurMix:
    """The mix the parts of products are drawn from: of every length the smaller half."""
    return replace(
        mix,
        shake_sizes=_smaller(mix.shake_sizes),
        line_lengths=_smaller(mix.line_lengths),
        sigmas=_smaller(mix.sigmas),
        radii=_smaller(mix.radii),
    )


def _smaller(grid: Grid) -> Grid:
    return grid[: (len(grid) + 1) // 2]


def draw_blur(generator: np.random.Generator, mix: BlurMix) -> Blur:
    """One blur of the mix."""
    names = (*(kind.name for kind in KINDS), "product")
    weights = np.cumsum([mix.shake, mix.line, mix.gaussian, mix.disc, mix.box, mix.spline, mix.product])
    name = names[int(np.searchsorted(weights, generator.random() * weights[-1], side="right"))]
    if name != "product":
        return _drawn(generator, name, mix)
    smaller = halved(mix)
    pair = (MOTIONS[int(generator.integers(2))], LENSES[int(generator.integers(2))])
    return Blur("product", parts=tuple(_drawn(generator, part, smaller) for part in pair))


def _drawn(generator: np.random.Generator, name: str, mix: BlurMix) -> Blur:
    return Blur(name, tuple((key, pick(generator, grid)) for key, grid in kind_named(name).grids(mix)))


def render_blurs(blurs: Sequence[Blur], generators: Sequence[np.random.Generator], taps: int) -> Tensor:
    """The kernels `(N, taps, taps)` of blurs, centred. A shaken path takes its pushes and jerks from the blur's own generator.

    Raises ValueError where `taps` is even or there is not one generator for each blur.
    """
    rendered = torch.zeros(len(blurs), taps, taps)
    for name in (*(kind.name for kind in KINDS), "product"):
        chosen = [index for index, blur in enumerate(blurs) if blur.kind == name]
        if not chosen:
            continue
        members, own = [blurs[index] for index in chosen], [generators[index] for index in chosen]
        if name == "product":
            first = render_blurs([blur.parts[0] for blur in members], own, taps)
            second = render_blurs([blur.parts[1] for blur in members], own, taps)
            for start in range(0, len(chosen), _AT_ONCE):
                part = slice(start, start + _AT_ONCE)
                rendered[chosen[part]] = families.product(first[part], second[part])
        else:
            rendered[chosen] = families.centred(_render(name, members, own, taps))
    return rendered


def _render(name: str, blurs: list[Blur], generators: list[np.random.Generator], taps: int) -> Tensor:
    if name == "shake":
        return torch.from_numpy(splat_paths(*shaken(blurs, generators), taps))
    if name == "spline":
        columns = {key: np.array([blur[key] for blur in blurs]) for key, _ in blurs[0].values}
        return spline_kernels(columns, generators, taps)
    parts = []
    for start in range(0, len(blurs), _AT_ONCE):
        part = blurs[start : start + _AT_ONCE]
        values = {key: torch.tensor([blur[key] for blur in part], dtype=torch.float32) for key, _ in part[0].values}
        parts.append(_analytic(name, values, taps))
    return torch.cat(parts)


def _analytic(name: str, values: dict[str, Tensor], taps: int) -> Tensor:
    if name == "line":
        return families.linear_motion(values["length"], values["angle"], taps)
    if name == "gaussian":
        return families.gaussian(values["sigma"], values["sigma"] * values["ratio"], values["angle"], taps)
    if name == "disc":
        return families.disc(values["radius"], values["softness"], taps)
    return families.box(values["side"], taps)


def shaken(blurs: Sequence[Blur], generators: Sequence[np.random.Generator]) -> tuple[Paths, DoubleArray]:
    """Points and weights of shaken paths, around their means, as `exposed_paths` has them."""
    hands = [Shake(blur["anxiety"], blur["pull"], blur["push"], blur["jerks"], blur["direction"]) for blur in blurs]
    exposures, sizes, strengths = (np.array([blur[key] for blur in blurs]) for key in ("exposure", "size", "lingering"))
    paths = shake_paths(hands, generators)
    return exposed_paths(paths, exposures, sizes, lingering(strengths, generators, paths.shape[1]))
