"""How many distinct scenarios the randomized pipeline spans, from the very grids it draws from."""

from dataclasses import dataclass
from itertools import permutations
from math import prod

from clearface.degrade.blurs import KINDS, LENSES, MOTIONS, BlurMix, halved, kind_named
from clearface.degrade.fields import FieldMix, tilted_grids, turning_grids
from clearface.degrade.grids import Grid
from clearface.degrade.plans import CODECS, STEPS, SUBSAMPLINGS, DegradationMix


@dataclass(frozen=True)
class ScenarioCount:
    """How many ways there are to degrade a face."""

    total: int
    """Distinct scenarios: which steps, in which order, each with which values."""

    blurs: dict[str, int]
    """Distinct values of each kind of blur; fields are the last two."""

    steps: dict[str, int]
    """Distinct values of each step where it is taken."""

    sequences: int
    """Choices of steps and their orders."""


def count_scenarios(mix: DegradationMix | None = None) -> ScenarioCount:
    """Counts the scenarios of a mix.

    Two scenarios differ where a parameter has another value that makes a difference. What chance adds on top (the pushes of a
    shaking hand, each pixel's noise) is not counted, nor are values of a step that is not taken.
    """
    settings = mix or DegradationMix()
    blurs = _blurs(settings.blurs) | _fields(settings.fields, settings.blurs)
    noises = _distinct(settings.read_noise) * _distinct(settings.shot_noise)
    silent = int(0.0 in settings.read_noise and 0.0 in settings.shot_noise)
    qualities = _distinct(settings.qualities)
    counts = {
        "blur": 2 * sum(blurs.values()),  # of light or of sRGB values
        "noise": noises - silent,
        "reduce": _distinct(settings.factors) * len(set(settings.reducing)) * len(set(settings.enlarging)),
        "compress": qualities * (len(SUBSAMPLINGS) + len(CODECS) - 1),  # only JPEG halves its colours by choice
    }
    total, sequences = 0, 0
    for length in range(len(STEPS) + 1):
        for taken in permutations(STEPS, length):
            ways = 2 if _late_matters(taken) else 1
            sequences += ways
            total += ways * prod(counts[step] for step in taken)
    return ScenarioCount(total, blurs, counts, sequences)


def _late_matters(taken: tuple[str, ...]) -> bool:
    """Whether steps can see the face while it is small: those after it became so, where it was not blurred later."""
    if "reduce" not in taken:
        return False
    after = taken[taken.index("reduce") + 1 :]
    return bool(after) and "blur" not in after


def _blurs(mix: BlurMix) -> dict[str, int]:
    smaller = halved(mix)
    alone = {kind.name: _values(kind.name, mix) for kind in KINDS}
    pairs = sum(_values(motion, smaller) * _values(lens, smaller) for motion in MOTIONS for lens in LENSES)
    return alone | {"product": pairs}


def _values(kind: str, mix: BlurMix) -> int:
    if kind == "gaussian":  # a round one looks the same at every angle
        oval = [ratio for ratio in mix.ratios if ratio != 1]
        round_ones = int(len(oval) < len(mix.ratios))
        return _distinct(mix.sigmas) * (round_ones + _distinct(tuple(oval)) * _distinct(mix.angles))
    return prod(_distinct(grid) for _, grid in kind_named(kind).grids(mix))


def _fields(mix: FieldMix, blurs: BlurMix) -> dict[str, int]:
    turning = prod(_distinct(grid) for _, grid in turning_grids(mix, blurs))
    tilted = prod(_distinct(grid) for _, grid in tilted_grids(mix))
    return {"turning field": turning, "tilted field": tilted}


def _distinct(grid: Grid) -> int:
    return len(set(grid))
