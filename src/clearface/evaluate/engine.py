"""The measuring of an evaluation, from the photos to a row for every face, test and method."""

from collections.abc import Callable, Sequence, Sized
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import Protocol, TypeVar

from clearface.errors import PhotoError, UsageError
from clearface.evaluate.looking import Look, LookJob
from clearface.evaluate.measuring import look_at, measure_unit
from clearface.evaluate.planning import faces_of, left_out, listed, looks_for_faces, units_for
from clearface.evaluate.results import FaceResult
from clearface.evaluate.settings import EvaluationSettings, RealFolder
from clearface.evaluate.store import Store, UnitResult
from clearface.evaluate.units import Unit, UnitFace
from clearface.evaluate.workers import Workers

UnitT = TypeVar("UnitT", bound="KeptUnit")

_PHOTOS_AT_ONCE = 8


class Advance(Protocol):
    """Is told how many things are done since."""

    def __call__(self, done: int, /) -> None: ...


class ShowProgress(Protocol):
    """Opens a bar for a stage of so many things."""

    def __call__(self, what: str, count: int, /) -> AbstractContextManager[Advance]: ...


@dataclass(frozen=True, eq=False)
class Measured:
    """Everything that was measured, before it is summed up."""

    faces: tuple[UnitFace, ...]
    units: tuple[Unit, ...]
    results: tuple[UnitResult, ...]
    """One for each unit."""

    sources: dict[str, str]
    """SHA-256 of every photo by its name, that of its twins after it."""

    left_out: dict[str, str]
    """Photos that are not measured, with a sentence why."""

    @property
    def rows(self) -> tuple[FaceResult, ...]:
        """Of all units, in order."""
        return tuple(row for result in self.results for row in result.rows)


def measure(
    jobs: Sequence[LookJob], settings: EvaluationSettings, store: Store, workers: Workers, show: ShowProgress
) -> Measured:
    """Looks at the photos and measures every unit that is not done yet.

    jobs: those of the source. Raises PhotoError, with the list, where photos cannot be used and are not to be skipped,
    UsageError where there is nothing to measure, and ModelError where a method fails. What is done by then stays in the store.
    """
    looks = _look(jobs, settings, store, workers, show)
    jobs = jobs[: len(looks)]
    broken = {look.name: look.problem for look in looks if look.problem is not None}
    if broken and not settings.skip_broken:
        advice = "mend or remove them and give the same command to go on, or leave them out with --skip-broken"
        raise PhotoError(
            f"{listed(f'{len(broken)} of {len(looks)} cannot be measured', list(broken.values()))}\n{advice}"
        )
    faces = faces_of(jobs, looks, settings.source)
    if not faces:
        raise UsageError("there is nothing to measure: no face was found in any photo")
    units = units_for(settings, faces, looks)
    what = "photos measured" if isinstance(settings.source, RealFolder) else "faces measured"
    complete(what, units, partial(measure_unit, settings), store, workers, show)
    results = tuple(store.load(unit.key) for unit in units)
    sources = {look.name: " ".join(look.checksums) for look in looks if look.problem is None}
    return Measured(tuple(faces), tuple(units), results, sources, broken | left_out(jobs, looks, settings.source))


def _look(
    jobs: Sequence[LookJob], settings: EvaluationSettings, store: Store, workers: Workers, show: ShowProgress
) -> list[Look]:
    """What was seen of the photos, in order, as far as they are needed for the faces that are wanted."""
    source = settings.source
    find_faces = looks_for_faces(source)
    wanted = len(jobs) if source.faces is None else source.faces
    looks: list[Look] = []
    with show("photos looked at", min(wanted, len(jobs))) as advance:
        usable = 0
        while len(looks) < len(jobs) and usable < wanted:
            window = jobs[len(looks) : len(looks) + max(wanted - usable, _PHOTOS_AT_ONCE)]
            seen = {job.name: found for job in window if (found := store.look_at(job)) is not None}
            unseen = [job for job in window if job.name not in seen]
            pieces = [
                tuple(unseen[place : place + _PHOTOS_AT_ONCE]) for place in range(0, len(unseen), _PHOTOS_AT_ONCE)
            ]
            for _, found_by_piece in workers.each(partial(look_at, settings, find_faces=find_faces), pieces):
                for look in found_by_piece:
                    store.add_look(look)
                    seen[look.name] = look
            for job in window:
                look = seen[job.name]
                looks.append(look)
                good = look.problem is None and (bool(look.faces) or not find_faces)
                usable += good
                advance(int(good))
                if usable == wanted:
                    break
    return looks


class KeptUnit(Protocol):
    """Faces that are measured together, and the name their results are kept under."""

    @property
    def faces(self) -> Sized: ...

    @property
    def key(self) -> str: ...


def complete(
    what: str,
    units: Sequence[UnitT],
    measure_one: Callable[[UnitT], UnitResult],
    store: Store,
    workers: Workers,
    show: ShowProgress,
) -> None:
    """Measures the units that are not done yet, side by side, and keeps each as soon as it is done.

    what: the faces are, beside the bar. measure_one: as `Workers.each` takes functions.
    """
    with show(what, sum(len(unit.faces) for unit in units)) as advance:
        pending = [unit for unit in units if not store.has(unit.key)]
        advance(sum(len(unit.faces) for unit in units if store.has(unit.key)))
        for unit, result in workers.each(measure_one, pending):
            store.save(unit.key, result)
            advance(len(unit.faces))
