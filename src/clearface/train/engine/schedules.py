"""How the learning rate goes over a run."""

import math
from dataclasses import dataclass

from clearface.errors import UsageError

SHAPES = ("cosine", "plateau")


@dataclass(frozen=True)
class Schedule:
    """Warm-up, then one of two shapes."""

    shape: str = "cosine"
    """`cosine` falls from the warm-up to the end of the run; `plateau` stays, and falls over the last `fall` steps only."""

    warm_up: int = 200
    """Steps over which the rate rises from nothing, in a line."""

    fall: int = 1500
    """Steps of the final fall of a plateau, a half cosine too; a cosine has no use for it."""

    final: float = 0.0
    """What is left of the rate at the end, as a share of it."""

    def __post_init__(self) -> None:
        if self.shape not in SHAPES:
            raise UsageError(f'a schedule is one of {", ".join(SHAPES)}, not "{self.shape}"')
        if self.warm_up < 0 or self.fall < 1 or not 0 <= self.final <= 1:
            raise UsageError("a schedule takes a warm_up from 0, a fall from 1 and a final share from 0 to 1")


def learning_rate_factor(step: int, steps: int, schedule: Schedule) -> float:
    """What the learning rate is multiplied with in a step, counted from 0, of a run of `steps` (Loshchilov and Hutter 2017)."""
    rising = min(1.0, (step + 1) / schedule.warm_up) if schedule.warm_up else 1.0
    start = schedule.warm_up if schedule.shape == "cosine" else max(schedule.warm_up, steps - schedule.fall)
    progress = min(1.0, max(0.0, (step + 1 - start) / max(1, steps + 1 - start)))
    falling = schedule.final + (1 - schedule.final) * (1 + math.cos(math.pi * progress)) / 2
    return rising * falling
