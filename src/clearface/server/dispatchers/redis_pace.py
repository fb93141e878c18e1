"""How long photos take, measured, so that whoever is turned away knows when to come again."""

import math

from redis import Redis

_KEY = "clearface:pace"
_REMEMBERED = 32
_KEPT_SECONDS = 86_400
_UNKNOWN = 5.0
"""Seconds a photo, until one was measured."""

_LONGEST = 600


class Pace:
    """The seconds the last photos took. Every method raises what Redis raises."""

    def __init__(self, connection: Redis) -> None:
        self._connection = connection

    def note(self, seconds: float) -> None:
        """A photo is done."""
        with self._connection.pipeline() as pipeline:
            pipeline.lpush(_KEY, f"{seconds:.3f}")
            pipeline.ltrim(_KEY, 0, _REMEMBERED - 1)
            pipeline.expire(_KEY, _KEPT_SECONDS)
            pipeline.execute()

    def seconds_a_photo(self) -> float:
        """The mean of the last ones."""
        noted = [float(seconds) for seconds in self._connection.lrange(_KEY, 0, -1)]
        return math.fsum(noted) / len(noted) if noted else _UNKNOWN

    def seconds_until_free(self, places: int, workers: int) -> int:
        """Until so many photos will have been begun, at least 1 and at most 600."""
        seconds = self.seconds_a_photo() * places / max(1, workers)
        return min(max(1, math.ceil(seconds)), _LONGEST)
