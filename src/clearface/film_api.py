"""Films in one call: hidden, restored, or looked through."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from clearface.batch import PhotoOptions
from clearface.choosing import FaceChoice
from clearface.face_search import FaceSearch
from clearface.files.explanations import shown
from clearface.files.inputs import InputFile
from clearface.files.outputs import ExistingPolicy, PlannedOutput
from clearface.film_batch import FilmTask, searching, take_film_through
from clearface.film_tasks import detecting_task, hiding_task, restoring_task
from clearface.films.places import open_source
from clearface.films.report import FilmReport
from clearface.films.settings import FilmSettings
from clearface.hiding import HideStyle
from clearface.pipeline import Pipeline
from clearface.tracking.base import TrackedFrame

if TYPE_CHECKING:
    from clearface.people_choosing import PeopleChoice, PeopleJudge


def hide_film(
    source: str | os.PathLike[str],
    target: str | os.PathLike[str],
    style: HideStyle | None = None,
    choice: FaceChoice | None = None,
    search: FaceSearch | None = None,
    settings: FilmSettings | None = None,
    *,
    people: "PeopleChoice | PeopleJudge | None" = None,
    overwrite: bool = False,
) -> FilmReport:
    """Hides the faces of a film, as `clearface hide` does, and says what became of each.

    target: its extension says what it becomes. style, choice, search, settings: the usual ones without. people: which people of a
    gallery are kept, or hidden alone; nobody without. Raises FilmError where the film cannot be read or written, or the target
    exists and may not be replaced; UsageError, ModelError, and what `clearface.people_choosing.opened_people` does.
    """
    from clearface.people_choosing import judge_of

    used = search or FaceSearch()
    with judge_of(people) as judge:
        task = hiding_task(style or HideStyle(), used, choice or FaceChoice(), settings or FilmSettings(), judge)
        return _through(source, target, task, overwrite)


def restore_film(
    source: str | os.PathLike[str],
    target: str | os.PathLike[str],
    pipeline: Pipeline | None = None,
    search: FaceSearch | None = None,
    settings: FilmSettings | None = None,
    *,
    overwrite: bool = False,
) -> FilmReport:
    """Restores the faces of a film, as `clearface restore` does, and says what became of each. Raises as `hide_film`.

    pipeline: its restorer is used; `search` finds the faces.
    """
    from clearface.api import default_pipeline

    used = pipeline or default_pipeline()
    task = restoring_task(used, search or FaceSearch(), settings or FilmSettings(), used.restorer.name)
    return _through(source, target, task, overwrite)


def detect_film(
    source: str | os.PathLike[str], search: FaceSearch | None = None, settings: FilmSettings | None = None
) -> Iterator[TrackedFrame]:
    """The faces of a film, frame by frame, each with the number it has throughout. Raises as `hide_film`, once it is begun."""
    chosen, path = settings or FilmSettings(), Path(source)
    film = open_source(InputFile(path, Path(path.name)), shown(path), chosen)
    try:
        finder = searching(film, detecting_task(search or FaceSearch(), chosen, draws=False)).finder()
        for _, tracked in finder.follow(film.frames(), None):
            yield tracked
    finally:
        film.close()


def _through(
    source: str | os.PathLike[str], target: str | os.PathLike[str], task: FilmTask, overwrite: bool
) -> FilmReport:
    path = Path(source)
    policy = ExistingPolicy.OVERWRITE if overwrite else ExistingPolicy.FAIL
    planned = PlannedOutput(InputFile(path, Path(path.name)), Path(target))
    return take_film_through(planned, task, PhotoOptions(existing=policy))
