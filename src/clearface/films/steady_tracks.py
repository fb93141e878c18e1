"""What is known of one face of a film while it is followed: where its square lies, its blur, the verdict on it."""

import numpy as np

from clearface.faces import Face, apply_transform, invert_transform, native_size
from clearface.films.steady import SteadySquare
from clearface.films.steady_blur import SteadyBlur
from clearface.pipeline import working_square
from clearface.restorers.base import Framing, Restorer
from clearface.squares import Square
from clearface.verdicts import Verdict

_SIZE_TOLERANCE = 1.08
"""A working size is kept while a face that many times larger or smaller would have it."""

_STILL = 0.02
"""Of the side: while no corner of a face's square would move further, the square stays where it is."""

_OPINIONS = 12
"""Frames a verdict is an average over."""

_MINORITY = 0.2
"""A verdict stands while at least this share of the frames speaks for it."""

_FADE = 6
"""Frames over which a face goes over from left to restored, or back."""


class FilmTrack:
    """One face from its first frame to its last."""

    def __init__(self, appearing: bool) -> None:
        """appearing: there were frames before in which it was not restored, so that it fades in."""
        self.steady = SteadySquare()
        self.blur = SteadyBlur()
        self.verdict: Verdict | None = None
        self.strength = 0.0
        """In [0, 1]: how much of the change is applied."""

        self.frames = 0
        """In which it was seen so far."""

        self._begins = not appearing
        self._square: Square | None = None
        self._shares: dict[Verdict, float] = {}
        self._judged = 0

    def square_for(self, face: Face, restorer: Restorer, largest: int | None) -> Square:
        """Where the square of the face lies in this frame: as before while it hardly moved, of the same size while it may be.

        largest: side of squares on the template, in pixels, beyond which a restorer that takes any is not asked to go.
        """
        size = self._size_for(native_size(face), restorer, largest)
        square = working_square(restorer.framing, face, size)
        kept = self._square
        if kept is not None and kept.size == size and _corners_apart(kept, square) <= _STILL * size / kept.scale:
            return kept
        if kept is not None and kept.size != size and restorer.framing is Framing.PHOTO:
            self.steady.forget()
        self._square = square
        return square

    def interrupted(self) -> None:
        """The face was not restored in the frame before: it fades in again, and what it looked like is forgotten."""
        self.steady.forget()
        self.strength = 0.0

    def judge(self, verdict: Verdict | None) -> None:
        """What is decided about one frame; None where it was not asked."""
        if verdict is None:
            return
        self._judged += 1
        weight = 1 / min(self._judged, _OPINIONS)
        for known in {*self._shares, verdict}:
            self._shares[known] = (1 - weight) * self._shares.get(known, 0.0) + weight * (known is verdict)
        if self.verdict is None or self._shares[self.verdict] < _MINORITY:
            self.verdict = max(self._shares, key=lambda known: self._shares[known])

    def step(self, anyway: bool) -> float:
        """How much of this frame's change is applied, in [0, 1]. anyway: whatever the verdict."""
        wanted = 1.0 if anyway or self.verdict in (None, Verdict.RESTORED) else 0.0
        if self._begins:
            self.strength, self._begins = wanted, False
        self.strength = float(np.clip(wanted, self.strength - 1 / _FADE, self.strength + 1 / _FADE))
        return self.strength

    def _size_for(self, native: float, restorer: Restorer, largest: int | None) -> int:
        bound = native if largest is None or restorer.framing is Framing.PHOTO else min(native, float(largest))
        if self._square is not None:
            least, most = (restorer.working_size(bound * factor) for factor in (1 / _SIZE_TOLERANCE, _SIZE_TOLERANCE))
            if least <= self._square.size <= most:
                return self._square.size
        return restorer.working_size(bound)


def _corners_apart(one: Square, other: Square) -> float:
    """The greatest distance between corners of the same name of two squares of one size, in pixels of the photo."""
    edge = one.size - 0.5
    corners = np.array([[-0.5, -0.5], [edge, -0.5], [edge, edge], [-0.5, edge]])
    first, second = (apply_transform(invert_transform(square.to_square), corners) for square in (one, other))
    return float(np.hypot(*(first - second).T).max())
