"""The path of a face without the trembling of the detector, and without lag."""

import numpy as np

from clearface.arrays import DoubleArray
from clearface.tracking.spans import Sighting, Span

_HALF_WIDTHS = (0.4, 0.27, 0.18, 0.12, 0.08)
"""Half the widths of the windows tried, in seconds, widest first."""

_TOLERANCE = 0.012
"""How far, in sizes of the face, a straight path may miss the sightings of a window on average and still be trembling."""

_TREMBLING = 1.5
"""By how many times it may miss them by more than in the narrowest window, where hardly any of it is motion."""

_MOST_TREMBLING = 0.04
"""The same in sizes of the face at most."""

_LARGEST_SHRINKING = 0.025
"""By how much of its width or height a smoothed side may lie inside the found one."""

_FEWEST = 4
_SLANT = 1e-3


def smoothed(span: Span, sighting: Sighting, reach: float) -> DoubleArray:
    """One sighting as a vector `(14,)`, steadied by those around it, up to `reach` seconds away on either side.

    A straight line is fitted to the sightings of a window by weighted least squares (local linear regression, Cleveland 1979), so
    that a face that moves evenly is not held back. The widest window whose sightings lie along a line is taken; where none
    do, the face is left where it was found. No side of the box lies more than 2.5% of its width or height
    inside the found one.
    """
    found, size = sighting.vector, max(sighting.face.box.size, 1.0)
    chosen = None
    allowed = _TOLERANCE * size
    for half in reversed(_HALF_WIDTHS):
        width = min(half, reach)
        near = span.within(sighting.seconds - width, sighting.seconds + width)
        if len(near) < _FEWEST or width <= 0:
            continue
        place, _, error = _fitted(near, sighting.seconds, width)
        if chosen is None:
            allowed = max(allowed, min(_TREMBLING * error, _MOST_TREMBLING * size))
        if error <= allowed:
            chosen = place
    return found if chosen is None else _covering(chosen, found)


def speed(span: Span, sighting: Sighting, reach: float) -> DoubleArray:
    """How fast a vector moves at a sighting, per second `(14,)`, from those up to `reach` seconds away; 0 for a single one."""
    near = span.within(sighting.seconds - reach, sighting.seconds + reach)
    if len(near) < 2:
        return np.zeros_like(sighting.vector)
    _, slope, _ = _fitted(near, sighting.seconds, reach)
    return slope


def _fitted(near: list[Sighting], seconds: float, width: float) -> tuple[DoubleArray, DoubleArray, float]:
    """Value and slope of the line at a time, and how far the boxes miss it: the root of the mean square, in pixels."""
    times = np.array([sighting.seconds - seconds for sighting in near])
    values = np.array([sighting.vector for sighting in near])
    # Tricube weights, a little wider than the window, so that its ends count too.
    weights = (1 - np.abs(times / (1.1 * width)) ** 3) ** 3
    design = np.column_stack([np.ones_like(times), times / width])
    weighted = design * weights[:, None]
    normal = weighted.T @ design + np.diag([0.0, _SLANT])
    line = np.linalg.solve(normal, weighted.T @ values)
    misses = values[:, :4] - design @ line[:, :4]
    error = float(np.sqrt((weights[:, None] * misses**2).sum() / (4 * weights.sum())))
    return line[0], line[1] / width, error


def _covering(place: DoubleArray, found: DoubleArray) -> DoubleArray:
    """The box widened where it would uncover what was found."""
    covering = place.copy()
    shrinking = _LARGEST_SHRINKING * np.array([found[2] - found[0], found[3] - found[1]])
    covering[:2] = np.minimum(covering[:2], found[:2] + shrinking)
    covering[2:4] = np.maximum(covering[2:4], found[2:4] - shrinking)
    return covering
