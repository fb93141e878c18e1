"""The faces of a few frames on their way through the restorer, and back onto the frames."""

from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clearface.arrays import FloatArray, Pixels
from clearface.blur_estimates import BlurEstimate
from clearface.films.base import Canvas
from clearface.films.steady_tracks import FilmTrack
from clearface.restorers.base import FilmRestorer, Restored, Restorer, checked, restore_checked
from clearface.squares import Change, Region, Square, changed_pixels, changed_regions
from clearface.verdicts import Verdict


@dataclass(eq=False)
class FaceWork:
    """One face of one frame on its way."""

    frame: int
    """Which of those worked on together."""

    place: int
    """Which of the faces of that frame."""

    track: FilmTrack
    square: Square
    before: FloatArray
    """RGB float32 `(S, S, 3)` in [0, 1], as taken from the frame."""

    restoring: bool
    """Whether it is restored, if only to see what there is to say of it."""

    full: bool
    """Whether it is done as in a photo, nothing spared."""

    look: float | None = None
    """What `SteadyBlur.look` said."""

    blur: BlurEstimate | None = None
    verdict: Verdict | None = None
    """That on the track, once it is known."""


@dataclass(frozen=True, eq=False)
class RestoredSquare:
    """What a restorer made of one face, and of it alone."""

    after: FloatArray
    """RGB float32 `(S, S, 3)` in [0, 1]."""

    verdict: Verdict


def name_blurs(restorer: FilmRestorer | None, works: list[FaceWork], workers: Executor) -> None:
    """Names the blurs of the faces that are to be looked at, and tells every face what is known of its own by then."""
    if restorer is None:
        return
    looking = [work for work in works if work.look is not None]
    found = iter(list(workers.map(lambda work: restorer.name_blurs(work.before[None])[0], looking)))
    for work in works:
        if work.look is not None:
            work.track.blur.looked(next(found), work.square, work.look)
        if work.restoring:
            work.blur = work.track.blur.within(work.square)


def restored_knowing(
    restorer: Restorer, film_restorer: FilmRestorer, works: list[FaceWork], workers: Executor
) -> Iterator[RestoredSquare | None]:
    """Every face by itself, with the blur known of it, in order; None for those that are not restored.

    restorer, film_restorer: the same object. Raises ModelError where a network answers with nonsense.
    """

    def restored(work: FaceWork) -> RestoredSquare | None:
        if not work.restoring or work.blur is None:
            return None
        before = work.before[None]
        return _of(checked(restorer, before, film_restorer.restore_knowing(before, [work.blur], not work.full)), 0)

    return workers.map(restored, works)


def restored_in_batches(restorer: Restorer, works: list[FaceWork]) -> Iterator[RestoredSquare | None]:
    """The same with squares of one size together, as those of a photo are."""
    sizes: dict[int, list[int]] = defaultdict(list)
    for index, work in enumerate(works):
        if work.restoring:
            sizes[work.square.size].append(index)
    restored: dict[int, RestoredSquare] = {}
    for indices in sizes.values():
        answer = restore_checked(restorer, np.stack([works[index].before for index in indices]))
        restored.update({index: _of(answer, place) for place, index in enumerate(indices)})
    return iter([restored.get(index) for index in range(len(works))])


def paste(canvas: Canvas, changes: list[Change]) -> None:
    """Writes the changes of one frame, and only those pixels that become others."""
    shape = (canvas.height, canvas.width)
    written: list[tuple[Region, Pixels, NDArray[np.bool_]]] = []
    for change, region in zip(changes, changed_regions(shape, changes), strict=True):
        if region.empty:
            continue
        taken = canvas.take(region)
        moved, reached = changed_pixels(taken, region, change, changes)
        where = (moved != taken).any(2)
        for other, _, elsewhere in written:
            if region.intersects(other):
                # What another face changed is written again: of two faces the later decides, as in a photo.
                here, there = region.shared_with(other)
                where[here] |= elsewhere[there]
        written.append((region, moved, where & reached))
    for region, moved, where in written:
        canvas.put(region, moved, where)


def _of(answer: Restored, place: int) -> RestoredSquare:
    return RestoredSquare(answer.faces[place], Verdict.RESTORED if answer.verdicts is None else answer.verdicts[place])
