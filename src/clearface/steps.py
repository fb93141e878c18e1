"""The steps a photo goes through, for whoever wants to watch."""

from collections.abc import Callable
from enum import StrEnum


class Step(StrEnum):
    """What is being done with a photo."""

    READING = "reading"
    FINDING = "finding"
    RESTORING = "restoring"
    IDENTIFYING = "identifying"
    HIDING = "hiding"
    WRITING = "writing"


Watch = Callable[[Step, float], None]
"""Told which step is at hand and how much of it is done, 0 to 1."""


def unwatched(step: Step, done: float) -> None:
    """Nobody watches."""
