"""What will happen to each face, drawn at random and written down before anything is done."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clearface.degrade.bank import KernelBank
from clearface.degrade.blurs import BlurMix
from clearface.degrade.fields import FieldMix
from clearface.degrade.grids import Grid, geometric, steps
from clearface.degrade.resampling import ENLARGING, REDUCING

STEPS = ("blur", "noise", "reduce", "compress")
"""What can happen, in the order it happens in a camera and on the way from it."""

CODECS = ("jpeg", "webp")

SUBSAMPLINGS = ("4:2:0", "4:2:2", "4:4:4")
"""How a JPEG halves its colours."""


@dataclass(frozen=True)
class DegradationMix:
    """How often each step is taken, and the values it can have; every value of a grid is as likely as the next."""

    blurs: BlurMix = field(default_factory=BlurMix)

    fields: FieldMix = field(default_factory=FieldMix)

    unblurred: float = 0.07
    """Share of faces without any blur."""

    untouched: float = 0.5
    """Share of the unblurred faces to which nothing else happens either."""

    varying: float = 0.12
    """Share of faces whose blur varies over the face."""

    linear_light: float = 0.5
    """Share of faces of which light is blurred, not gamma-encoded values."""

    reduced: float = 0.22
    """Share of faces that lose resolution."""

    factors: Grid = field(default=geometric(1.05, 4.0, 28))
    """How many times smaller a face becomes."""

    reducing: tuple[str, ...] = REDUCING
    enlarging: tuple[str, ...] = ENLARGING

    late: float = 0.5
    """Share of the reduced faces that stay small through the steps that follow and are enlarged at the end."""

    noisy: float = 0.8
    """Share of faces with noise."""

    read_noise: Grid = field(default=steps(0.0, 0.02, 0.0005))
    """Standard deviation that is everywhere the same, 1 being white."""

    shot_noise: Grid = (0.0, *geometric(0.00002, 0.0005, 29))
    """Variance at white, in proportion to brightness."""

    compressed: float = 0.3
    """Share of faces compressed with loss."""

    webp: float = 0.15
    """Share of the compressed faces that are WebP; the others are JPEG."""

    qualities: Grid = field(default=steps(30, 95, 1))

    shuffled: float = 0.3
    """Share of faces whose steps come in any order; the others keep that of `STEPS`."""

    def scaled(self, factor: float) -> "DegradationMix":
        """The same mix for faces `factor` times as large: blurs grow with them, the rest stays."""
        return replace(self, blurs=self.blurs.scaled(factor), fields=self.fields.scaled(factor))


@dataclass(frozen=True, eq=False)
class DegradationPlan:
    """What happens to each of N faces. Every array is `(N,)`, but for `order`."""

    kernel: NDArray[np.int64]
    """Which kernel of the bank blurs the face; -1 for none."""

    varying: NDArray[np.int64]
    """Which field of the bank blurs it; -1 for none."""

    linear_light: NDArray[np.bool_]

    order: NDArray[np.int64]
    """`(N, 4)`: indices into `STEPS`, the first step first; steps not taken have their place all the same."""

    factor: NDArray[np.float64]
    """How many times smaller it becomes; 1 for not at all."""

    reducing: NDArray[np.int64]
    """Index into `REDUCING`."""

    enlarging: NDArray[np.int64]
    """Index into `ENLARGING`."""

    late: NDArray[np.bool_]
    """It is enlarged again only at the end, where it became smaller after it was blurred."""

    noisy: NDArray[np.bool_]
    read_noise: NDArray[np.float64]
    shot_noise: NDArray[np.float64]
    noise_seed: NDArray[np.int64]

    codec: NDArray[np.int64]
    """Index into `CODECS`; -1 for none."""

    quality: NDArray[np.int64]
    subsampling: NDArray[np.int64]
    """Index into `SUBSAMPLINGS`, for JPEG."""

    def __len__(self) -> int:
        return len(self.kernel)

    @staticmethod
    def joined(plans: "list[DegradationPlan]") -> "DegradationPlan":
        """The plans of several batches as one."""
        names = DegradationPlan.__dataclass_fields__
        return DegradationPlan(*(np.concatenate([getattr(plan, name) for plan in plans]) for name in names))

    def chosen(self, indices: NDArray[np.int64]) -> "DegradationPlan":
        """The plan for some of the faces."""
        return DegradationPlan(*(getattr(self, name)[indices] for name in DegradationPlan.__dataclass_fields__))

    def numbered(self) -> "DegradationPlan":
        """The same plan for a bank that holds for every blurred face a kernel or a field of its own, in their order."""

        def own(drawn: NDArray[np.int64]) -> NDArray[np.int64]:
            return np.where(drawn >= 0, np.cumsum(drawn >= 0) - 1, -1)

        return replace(self, kernel=own(self.kernel), varying=own(self.varying))

    def record(self, index: int, bank: KernelBank) -> tuple[dict[str, Any], ...]:
        """The steps one face goes through, in order, as plain values."""
        entries = [self._entry(STEPS[step], index, bank) for step in self.order[index]]
        return tuple(entry for entry in entries if entry is not None)

    def _entry(self, step: str, index: int, bank: KernelBank) -> dict[str, Any] | None:
        if step == "blur" and (self.kernel[index] >= 0 or self.varying[index] >= 0):
            whole = self.kernel[index] >= 0
            number = self.kernel[index] if whole else len(bank.kernels) + self.varying[index]
            light = "linear" if self.linear_light[index] else "srgb"
            return {"step": "blur", "kernel": bank.words[number], "light": light, "varying": not whole}
        if step == "noise" and self.noisy[index]:
            read, shot = float(self.read_noise[index]), float(self.shot_noise[index])
            return {"step": "noise", "read": read, "shot": shot, "seed": int(self.noise_seed[index])}
        if step == "reduce" and self.factor[index] > 1:
            names = {"down": REDUCING[self.reducing[index]], "up": ENLARGING[self.enlarging[index]]}
            late = self.enlarged_late(index)
            return {"step": "reduce", "factor": float(self.factor[index]), **names, "enlarged_last": late}
        if step == "compress" and self.codec[index] >= 0:
            codec = CODECS[self.codec[index]]
            chosen: dict[str, Any] = {"step": "compress", "codec": codec, "quality": int(self.quality[index])}
            return chosen | ({"subsampling": SUBSAMPLINGS[self.subsampling[index]]} if codec == "jpeg" else {})
        return None

    def enlarged_late(self, index: int) -> bool:
        """Whether the face stays small to the end: only after the blur, whose kernel is in pixels of the whole face."""
        places = list(self.order[index])
        return bool(self.late[index]) and places.index(STEPS.index("reduce")) > places.index(STEPS.index("blur"))


def draw_plan(
    generator: np.random.Generator, count: int, kernels: int, fields: int, mix: DegradationMix | None = None
) -> DegradationPlan:
    """What is to happen to `count` faces, blurred with a bank of so many kernels and fields.

    Without fields their share is blurred with kernels. Raises ValueError where there are no kernels.
    """
    settings = mix or DegradationMix()
    if kernels < 1:
        raise ValueError("a bank without kernels blurs nothing")
    chance = generator.random(count)
    blurred = chance >= settings.unblurred
    varies = blurred & (chance < settings.unblurred + settings.varying) & (fields > 0)
    touched = blurred | (generator.random(count) >= settings.untouched)
    kernel = generator.integers(kernels, size=count)
    varying = generator.integers(max(fields, 1), size=count)
    shuffled = generator.random(count) < settings.shuffled
    any_order = generator.permuted(np.tile(np.arange(len(STEPS)), (count, 1)), axis=1)
    reduced = touched & (generator.random(count) < settings.reduced)
    compressed = touched & (generator.random(count) < settings.compressed)
    webp = generator.random(count) < settings.webp

    def values(grid: Grid) -> NDArray[np.float64]:
        return np.asarray(grid, np.float64)[generator.integers(len(grid), size=count)]

    def names(chosen: tuple[str, ...], known: tuple[str, ...]) -> NDArray[np.int64]:
        return np.array([known.index(name) for name in chosen])[generator.integers(len(chosen), size=count)]

    return DegradationPlan(
        kernel=np.where(blurred & ~varies, kernel, -1),
        varying=np.where(varies, varying, -1),
        linear_light=generator.random(count) < settings.linear_light,
        order=np.where(shuffled[:, None], any_order, np.arange(len(STEPS))),
        factor=np.where(reduced, values(settings.factors), 1.0),
        reducing=names(settings.reducing, REDUCING),
        enlarging=names(settings.enlarging, ENLARGING),
        late=generator.random(count) < settings.late,
        noisy=touched & (generator.random(count) < settings.noisy),
        read_noise=values(settings.read_noise),
        shot_noise=values(settings.shot_noise),
        noise_seed=generator.integers(2**62, size=count),
        codec=np.where(compressed, np.where(webp, CODECS.index("webp"), CODECS.index("jpeg")), -1),
        quality=values(settings.qualities).astype(np.int64),
        subsampling=generator.integers(len(SUBSAMPLINGS), size=count),
    )
