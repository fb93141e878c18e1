"""What decides the numbers of an evaluation."""

from dataclasses import dataclass
from pathlib import Path

from clearface.evaluate.specs import MethodSpec, TestSpec


@dataclass(frozen=True)
class SharpFolder:
    """Sharp photos; the largest face of each is cut out and degraded."""

    folder: Path
    faces: int | None = None
    """The most faces taken, in the order of the names; None for all."""

    skip: int = 0
    """Photos left out first."""


@dataclass(frozen=True)
class PairedFolders:
    """Sharp pictures and their twins, paired by name."""

    sharp: Path
    other: Path
    """Blurred pictures where methods are to restore them; without methods, results to be measured."""

    outputs: tuple[Path, ...] = ()
    """What other programs made of the blurred pictures; each is a method named after its folder."""

    faces_size: int | None = None
    """Cut the largest face out of each pair at this size in pixels; None measures the pictures whole, as face crops."""

    faces: int | None = None
    skip: int = 0


@dataclass(frozen=True)
class RealFolder:
    """Photos of which nobody knows how they should look; every face in them is measured before and after."""

    folder: Path
    faces: int | None = None
    """The most photos taken; None for all."""

    skip: int = 0


Source = SharpFolder | PairedFolders | RealFolder


@dataclass(frozen=True)
class GaugeSettings:
    """What is measured besides what can always be measured."""

    detectors: tuple[str, ...] = ("centerface",)
    embedder: str | None = None
    embedder_model: Path | None = None
    niqe_model: Path | None = None
    """A pristine model in place of clearface's own."""

    lpips_alex: Path | None = None
    lpips_vgg: Path | None = None
    """Backbone weights; None looks into the cache of torch.hub."""

    inception: Path | None = None
    """The Inception network of FID; None looks into the cache of torch.hub."""


@dataclass(frozen=True)
class EvaluationSettings:
    """Everything that decides the numbers, and the number of workers does not."""

    source: Source
    tests: tuple[TestSpec, ...]
    """Of a `SharpFolder`; empty for the other sources."""

    methods: tuple[MethodSpec, ...]
    seed: int
    kernels: Path | None
    """The file for the protocol `levin`."""

    gauges: GaugeSettings
    identities: Path | None = None
    """A collection of people for recognition before and after, such as ORL."""

    skip_broken: bool = False
    """Leave photos out that cannot be read instead of stopping."""

    max_pixels: int = 250_000_000
