"""The whole frame at its own size now and then, a few tiles at a time."""

from collections import deque

from clearface.detectors.scales import tile_spans
from clearface.films.base import Canvas
from clearface.squares import Region

_TILE = 576
_OVERLAP = 64
_FRAMES_OF_A_LOOK = 10
"""Over how many frames one look at a frame is spread at most."""

_SECOND_LOOK = 0.3
"""Seconds after the first of a scene."""

_FIRST_TILES = 12
"""How many are searched at once where a scene begins: what is missed there nobody expects in the next frame."""


class CloserLooks:
    """Says which tiles are due.

    every: seconds from the beginning of one look over the whole frame to that of the next. The first comes with a new scene,
    all at once, the second soon after, for faces that were smeared at first.
    """

    def __init__(self, every: float) -> None:
        self._every = every
        self._next = 0.0
        self._begun = False
        self._due: deque[Region] = deque()
        self._at_once = 1

    def due(self, canvas: Canvas, seconds: float, *, new_scene: bool) -> list[Region]:
        """The tiles to be searched in this frame, none where none are due."""
        beginning = new_scene or not self._begun
        if beginning or seconds >= self._next:
            self._begun = True
            self._next = seconds + (min(self._every, _SECOND_LOOK) if beginning else self._every)
            self._due = deque(_tiles(canvas))
            self._at_once = -(-len(self._due) // _FRAMES_OF_A_LOOK)
        count = max(self._at_once, _FIRST_TILES) if beginning else self._at_once
        return [self._due.popleft() for _ in range(min(count, len(self._due)))]


def _tiles(canvas: Canvas) -> list[Region]:
    return [
        Region(left, top, right, bottom)
        for top, bottom in tile_spans(canvas.height, _TILE, _OVERLAP)
        for left, right in tile_spans(canvas.width, _TILE, _OVERLAP)
    ]
