"""When packets are decoded, worked out from when they are shown."""

from bisect import bisect_left
from collections.abc import Sequence


def decoding_times(shown: Sequence[int]) -> list[int]:
    """For each packet, in the order they are stored, a time to decode it: growing, and never after it is shown.

    shown: all different. The times are those of the frames as they are shown, put off by as many frames as the codec reorders.
    """
    ordered = sorted(shown)
    delay = max((place - bisect_left(ordered, time) for place, time in enumerate(shown)), default=0)
    step = ordered[1] - ordered[0] if len(ordered) > 1 else 1
    ahead = [ordered[0] - (delay - place) * step for place in range(min(delay, len(ordered)))]
    return ahead + ordered[: len(ordered) - len(ahead)]


def durations(shown: Sequence[int], last: int) -> dict[int, int]:
    """How long each frame is shown, by its time: until the next one; the last one as long as is told."""
    ordered = sorted(shown)
    lengths = {time: after - time for time, after in zip(ordered, ordered[1:], strict=False)}
    if ordered:
        lengths[ordered[-1]] = last
    return lengths
