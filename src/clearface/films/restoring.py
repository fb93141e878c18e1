"""Restoring the faces of a film, so that they are as steady as the film itself."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from clearface.blending import face_mask, in_colours_of
from clearface.cores import usable_cores
from clearface.films.base import Canvas, FilmFrame
from clearface.films.restoring_squares import (
    FaceWork,
    RestoredSquare,
    name_blurs,
    paste,
    restored_in_batches,
    restored_knowing,
)
from clearface.films.steady_tracks import FilmTrack
from clearface.films.transform import FaceOutcome
from clearface.pipeline import Pipeline
from clearface.restorers.base import FilmRestorer
from clearface.squares import Change, square_from_region, square_region
from clearface.tracking.base import Known, TrackedFace, TrackedFrame
from clearface.verdicts import Verdict

_FACES_AT_ONCE = 16
"""Frames are worked on together while they have no more faces than this."""

_MOST_WORKERS = 4
"""Faces that are restored at the same time; each takes some 50 MB at 256 pixels."""

_CHECK_EVERY = 8
"""A face that is left as it is is looked at again in every frame of its own whose number is a multiple of this."""

_REMEMBERED = 1.5
"""Seconds for which a face that is not seen is remembered."""


@dataclass(frozen=True)
class FilmRestoringOptions:
    """How the faces of films are restored, besides what the restorer was told."""

    together: int = 4
    """Frames worked on together, 1 or more."""

    largest_size: int | None = 256
    """Side in pixels beyond which faces are restored at this size, if the restorer takes any; None for the sizes of photos. Of 40
    blurred portraits of 256 pixels those restored at three quarters of their size were 0.1 dB worse."""

    swift: bool = True
    """Save time where a restorer can at little cost (`FilmRestorer.restore_knowing`). A face's first frame is done in full."""


class FilmRestoring:
    """Restores faces frame by frame and steadies them over time (`SteadySquare`): a `FilmTransform`.

    Faces come from the tracking, which selected them already. The blur of a face is looked at now and then, and when it seems
    to have changed, if the restorer tells it (`FilmRestorer`). The verdict on a face is that of many frames, and a change of it
    fades in. A film of one frame gives what `Pipeline.restore` gives, but for faces larger than `largest_size` of the options.
    """

    def __init__(self, pipeline: Pipeline, options: FilmRestoringOptions | None = None) -> None:
        self._pipeline = pipeline
        self._options = options or FilmRestoringOptions()
        restorer = pipeline.restorer
        self._film_restorer = restorer if isinstance(restorer, FilmRestorer) else None
        self._anyway = self._film_restorer is not None and self._film_restorer.restores_anyway
        self._tracks: dict[int, FilmTrack] = {}
        self._seen: dict[int, tuple[int, float]] = {}
        """Number and second of the frame each track was last restored in."""

        self._begun = False

    @property
    def together(self) -> int:
        """How many frames it is best given at once."""
        return self._options.together

    def apply(self, frames: Sequence[tuple[FilmFrame, TrackedFrame]]) -> list[tuple[FaceOutcome, ...]]:
        """Restores the faces of frames that follow one another, in place. Raises ModelError where a network answers nonsense.

        Faces that are only held are left as they are; so are those a restorer finds sharp or too far gone.
        """
        outcomes: list[tuple[FaceOutcome, ...]] = []
        for part in _in_parts(frames):
            outcomes += self._apply(part)
        return outcomes

    def _apply(self, frames: Sequence[tuple[FilmFrame, TrackedFrame]]) -> list[tuple[FaceOutcome, ...]]:
        works = [
            work for index, (frame, tracked) in enumerate(frames) for work in self._taken(index, frame.canvas, tracked)
        ]
        changes: list[dict[int, Change]] = [{} for _ in frames]
        # Faces go through the networks one by one, several at a time: cores idle less than within one batch.
        with ThreadPoolExecutor(min(_MOST_WORKERS, usable_cores())) as workers:
            name_blurs(self._film_restorer, works, workers)
            for work, restored in zip(works, self._restored(works, workers), strict=True):
                change = self._change(work, restored)
                if change is not None:
                    changes[work.frame][work.place] = change
        answers = []
        for index, ((frame, tracked), changed) in enumerate(zip(frames, changes, strict=True)):
            paste(frame.canvas, list(changed.values()))
            verdicts = {work.place: work.verdict for work in works if work.frame == index}
            answers.append(
                tuple(
                    FaceOutcome(face, place in changed, verdicts.get(place, self._verdict_on(face)))
                    for place, face in enumerate(tracked.faces)
                )
            )
        return answers

    def _verdict_on(self, face: TrackedFace) -> Verdict | None:
        track = self._tracks.get(face.track)
        return None if track is None else track.verdict

    def _taken(self, index: int, canvas: Canvas, tracked: TrackedFrame) -> Iterator[FaceWork]:
        """The squares of the faces of one frame that are restored, and those that are looked at."""
        self._forget(tracked)
        shape = (canvas.height, canvas.width)
        for place, face in enumerate(tracked.faces):
            if face.known is Known.HELD:
                continue
            track = self._track_of(face, tracked)
            square = track.square_for(face.face, self._pipeline.restorer, self._options.largest_size)
            region = square_region(square, shape)
            if region.empty:
                track.steady.forget()
                continue
            restoring = self._anyway or track.verdict in (None, Verdict.RESTORED) or track.strength > 0
            before = square_from_region(canvas.take(region), region, square)
            first, due = track.frames == 0, track.frames % _CHECK_EVERY == 0
            work = FaceWork(index, place, track, square, before, restoring or due, first or not self._options.swift)
            if work.restoring and self._film_restorer is not None:
                work.look = track.blur.look(before, square)
            track.frames += 1
            yield work
        self._begun = True

    def _track_of(self, face: TrackedFace, tracked: TrackedFrame) -> FilmTrack:
        track = self._tracks.get(face.track)
        if track is None:
            track = self._tracks[face.track] = FilmTrack(appearing=self._begun and not tracked.new_scene)
        elif self._seen[face.track][0] != tracked.number - 1:
            track.interrupted()
        self._seen[face.track] = (tracked.number, tracked.seconds)
        return track

    def _forget(self, tracked: TrackedFrame) -> None:
        """Lets go of tracks that are over."""
        gone = [
            number
            for number, (_, seconds) in self._seen.items()
            if tracked.new_scene or tracked.seconds - seconds > _REMEMBERED
        ]
        for number in gone:
            del self._tracks[number], self._seen[number]

    def _restored(self, works: list[FaceWork], workers: Executor) -> Iterator[RestoredSquare | None]:
        """What the restorer made of each, in order; None for those that are not restored."""
        restorer = self._pipeline.restorer
        if self._film_restorer is None:
            return restored_in_batches(restorer, works)
        return restored_knowing(restorer, self._film_restorer, works, workers)

    def _change(self, work: FaceWork, restored: RestoredSquare | None) -> Change | None:
        """What is pasted of one face, None where it stays as it is. The verdict becomes that on its track."""
        track = work.track
        if restored is not None:
            track.judge(restored.verdict)
        work.verdict = track.verdict
        strength = track.step(self._anyway)
        if restored is None or strength == 0:
            track.steady.forget()
            return None
        after = in_colours_of(work.before[None], track.steady.steadied(work.before, restored.after)[None])[0]
        return Change(work.square, (after - work.before) * np.float32(strength), face_mask(work.square.size))


def _in_parts(
    frames: Sequence[tuple[FilmFrame, TrackedFrame]],
) -> Iterator[Sequence[tuple[FilmFrame, TrackedFrame]]]:
    """Frames in order, as many at a time as have no more than `_FACES_AT_ONCE` faces together."""
    first, faces = 0, 0
    for index, (_, tracked) in enumerate(frames):
        if index > first and faces + len(tracked.faces) > _FACES_AT_ONCE:
            yield frames[first:index]
            first, faces = index, 0
        faces += len(tracked.faces)
    if len(frames) > first:
        yield frames[first:]
