"""Where a face is in a frame in which it was not found."""

from dataclasses import dataclass

import numpy as np

from clearface.arrays import DoubleArray
from clearface.faces import Face
from clearface.tracking.base import Known
from clearface.tracking.smoothing import smoothed, speed
from clearface.tracking.spans import Sighting, Span, as_face

_COASTING = 0.3
"""Seconds after which a face nobody sees has lost all but a third of its speed."""

_SPEED_REACH = 0.25
"""Seconds around a sighting that tell its speed."""

_FILLED_GROWTH = 0.25
"""By how much of its size each side of a box moves out for every second to the nearest sighting, between two."""

_HELD_GROWTH = 0.4
"""The same before the first and after the last."""

_MOST_GROWTH = 0.3

_SURE_SIGHTINGS = 3
_SURE_SCORE = 0.45
_DOUBTFUL_HOLD = 0.1
"""Seconds for which something is held that was seen once or twice, and not surely: most of that is no face."""


@dataclass(frozen=True)
class PathOptions:
    """What is made of the sightings of one face."""

    fill_seconds: float
    hold: bool
    smooth: bool
    size: tuple[int, int] | None
    """Width and height of the frame, where they are known."""


def face_at(span: Span, number: int, seconds: float, options: PathOptions) -> tuple[Face, Known] | None:
    """The face in one frame, and how that is known; None where nobody can tell."""
    before, after = span.around(number)
    if before is not None and before is after:
        known = _how_seen(span, before, options)
        return None if known is None else (as_face(_steady(span, before, options), before.face.score), known)
    if before is not None and after is not None and after.seconds - before.seconds <= options.fill_seconds:
        return _filled(span, before, after, seconds, options), Known.FILLED
    if not options.hold:
        return None
    sighting = _nearest(before, after, seconds)
    if sighting is None or abs(sighting.seconds - seconds) > _hold_seconds(span, options):
        return None
    return _held(span, sighting, seconds, options), Known.HELD


def _how_seen(span: Span, sighting: Sighting, options: PathOptions) -> Known | None:
    """A face that only looked as it did before is as good as filled in while the detector finds it once more, else held."""
    if sighting.face.score > 0:
        return Known.FOUND
    if span.last_found > sighting.number:
        return Known.FILLED
    return Known.HELD if options.hold else None


def _steady(span: Span, sighting: Sighting, options: PathOptions) -> DoubleArray:
    return smoothed(span, sighting, options.fill_seconds) if options.smooth else sighting.vector


def _filled(span: Span, before: Sighting, after: Sighting, seconds: float, options: PathOptions) -> Face:
    share = (seconds - before.seconds) / (after.seconds - before.seconds)
    vector = (1 - share) * _steady(span, before, options) + share * _steady(span, after, options)
    nearer = min(seconds - before.seconds, after.seconds - seconds)
    return as_face(_grown(vector, _FILLED_GROWTH * nearer), min(before.face.score, after.face.score))


def _held(span: Span, sighting: Sighting, seconds: float, options: PathOptions) -> Face:
    vector = _steady(span, sighting, options)
    away = seconds - sighting.seconds
    reached = float(np.sign(away)) * _COASTING * (1 - float(np.exp(-abs(away) / _COASTING)))
    slope = speed(span, sighting, _SPEED_REACH)
    move = reached * np.array([slope[0] + slope[2], slope[1] + slope[3]]) / 2
    if options.size is not None:
        move = _stopped_at_the_edge(vector, move, options.size)
    return as_face(_grown(vector + np.tile(move, 7), _HELD_GROWTH * abs(away)), sighting.face.score)


def _stopped_at_the_edge(vector: DoubleArray, move: DoubleArray, size: tuple[int, int]) -> DoubleArray:
    """The move, cut short where the centre of the box would leave the frame."""
    centre = (vector[:2] + vector[2:4]) / 2
    least, most = np.minimum(centre, 0.0), np.maximum(centre, np.array(size, np.float64))
    stopped: DoubleArray = np.clip(centre + move, least, most) - centre
    return stopped


def _grown(vector: DoubleArray, share: float) -> DoubleArray:
    grown = vector.copy()
    margin = min(share, _MOST_GROWTH) * (vector[2:4] - vector[:2])
    grown[:2] -= margin
    grown[2:4] += margin
    return grown


def _nearest(before: Sighting | None, after: Sighting | None, seconds: float) -> Sighting | None:
    if before is None or after is None:
        return before or after
    return before if seconds - before.seconds <= after.seconds - seconds else after


def _hold_seconds(span: Span, options: PathOptions) -> float:
    if span.count >= _SURE_SIGHTINGS or span.best_score >= _SURE_SCORE:
        return options.fill_seconds
    return min(_DOUBTFUL_HOLD, options.fill_seconds)
