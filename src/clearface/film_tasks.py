"""What can be done to films: restoring, hiding and finding their faces."""

import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from clearface.choosing import FaceChoice
from clearface.face_search import FaceSearch
from clearface.film_batch import FilmTask, PreparedFilm
from clearface.films.settings import FilmSettings
from clearface.films.told import ChosenFaces, SidecarFaces
from clearface.hiding import FaceHider, HideStyle
from clearface.pipeline import Pipeline
from clearface.report import Status

if TYPE_CHECKING:
    from clearface.people_choosing import PeopleJudge
    from clearface.recognition.identify import Identifier

_SHORTEST = 0.1
"""Seconds: what is seen for less of a film is taken for no face, but where faces are hidden."""


def restoring_task(
    pipeline: Pipeline, search: FaceSearch, settings: FilmSettings, way: str = "", for_photos: tuple[str, ...] = ()
) -> FilmTask:
    """Faces are restored by the pipeline's restorer; `search` finds them. way, for_photos: as in `FilmTask`."""

    def prepare(told: SidecarFaces | None, folder: Path | None) -> PreparedFilm:
        from clearface.films.restoring import FilmRestoring

        return PreparedFilm(FilmRestoring(pipeline))

    return FilmTask(
        Status.RESTORED, search, settings, prepare, way=way, shortest_seconds=_SHORTEST, for_photos=for_photos
    )


def hiding_task(
    style: HideStyle,
    search: FaceSearch,
    choice: FaceChoice,
    settings: FilmSettings,
    people: "PeopleJudge | None" = None,
) -> FilmTask:
    """The chosen faces are hidden, with noise of its own for each film.

    people: says who is hidden by who they are. Raises UsageError where it contradicts the choice.
    """
    if people is not None:
        people.check_fits(choice)

    def prepare(told: SidecarFaces | None, folder: Path | None) -> PreparedFilm:
        from clearface.films.hiding import FilmHiding

        hider = FaceHider(style, _seed(folder))
        if people is None:
            chosen = ChosenFaces(choice, told)
            return PreparedFilm(FilmHiding(hider, chosen.chosen), chosen.notes)
        from clearface.films.people import FilmPeople

        film_people = FilmPeople(people)
        chosen = ChosenFaces(choice, told, film_people.hidden)

        def notes() -> tuple[str, ...]:
            told_of = people.told(chosen.people())
            return chosen.notes() if told_of is None else (*chosen.notes(), told_of)

        return PreparedFilm(FilmHiding(hider, chosen.chosen), notes, over=film_people.over)

    way = repr(style) if people is None else f"{style!r}, {people.way}"
    return FilmTask(Status.HIDDEN, search.missing_less(), settings, prepare, choice, way, hold=True, private=True)


def _seed(folder: Path | None) -> int:
    """A new secret; where work is gone on with, the one it was begun with, since two draws of noise would tell more than one."""
    if folder is None:
        return secrets.randbits(128)
    path = folder / "seed"
    if path.exists():
        return int(path.read_text(encoding="ascii"), 16)
    seed = secrets.randbits(128)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(f"{seed:x}")
    return seed


def detecting_task(search: FaceSearch, settings: FilmSettings, draws: bool) -> FilmTask:
    """Faces are found, and marked where `draws`."""

    def prepare(told: SidecarFaces | None, folder: Path | None) -> PreparedFilm:
        from clearface.films.marking import FilmMarking

        return PreparedFilm(FilmMarking())

    return FilmTask(
        Status.DETECTED, search, settings, prepare if draws else None, writes=draws, shortest_seconds=_SHORTEST
    )


def identifying_task(search: FaceSearch, settings: FilmSettings, identifier: "Identifier", draws: bool) -> FilmTask:
    """Faces are named by their best frames together, at the end, and marked with the numbers of their tracks where `draws`."""

    def prepare(told: SidecarFaces | None, folder: Path | None) -> PreparedFilm:
        from clearface.films.identifying import FilmIdentifying

        naming = FilmIdentifying(identifier, draws)
        return PreparedFilm(naming, identities=naming.identities)

    return FilmTask(Status.IDENTIFIED, search, settings, prepare, writes=draws, shortest_seconds=_SHORTEST)
