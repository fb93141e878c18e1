"""One film at a time on its way: opened, searched, followed, changed, written, reported."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from clearface.batch import PhotoOptions, output_name, source_name
from clearface.choosing import FaceChoice
from clearface.detectors.selection import FaceSelection
from clearface.errors import ClearfaceError, FilmError, UsageError
from clearface.face_search import FaceSearch
from clearface.files.explanations import shown
from clearface.files.outputs import PlannedOutput
from clearface.films.base import FilmSink, FilmSource
from clearface.films.engine import FaceFinder, FilmEnd, FilmWork, FrameListener, run_film
from clearface.films.finders import SearchingFinder, ToldFinder
from clearface.films.journal import Journal
from clearface.films.listeners import LinesListener, ProgressListener, SidecarListener
from clearface.films.options import FilmOptions
from clearface.films.places import Writing, open_sink, open_source
from clearface.films.report import FilmReport, FilmTally, TrackReport
from clearface.films.routing import check_result
from clearface.films.selecting import SelectingFinder
from clearface.films.settings import FilmSettings
from clearface.films.told import AlsoFinder, SidecarFaces
from clearface.films.transform import FilmTransform
from clearface.photos.encode import EncodeOptions, Gps
from clearface.photos.kinds import kind_of_extension
from clearface.progress import progress_bar
from clearface.report import Status
from clearface.sidecars import SidecarHeader, read_sidecar, sidecar_writer
from clearface.tracking.follow import FaceFollower, FollowOptions
from clearface.tracking.search import FilmSearch, SearchOptions

if TYPE_CHECKING:
    from clearface.recognition.identify_report import IdentityReport

_MOST_WAITING = 1_000_000_000
"""Bytes of frames that may wait for what comes after them."""

_JOURNAL = "faces.jsonl"

SIDECAR_ENDING = ".faces.jsonl"
"""Added to the stem of a result, for the list of its faces."""


def _nothing_to_say() -> tuple[str, ...]:
    return ()


def _nobody() -> "Mapping[int, IdentityReport]":
    return {}


def _as_found(finder: FaceFinder, most_waiting: int, rate: float) -> FaceFinder:
    return finder


@dataclass(frozen=True)
class PreparedFilm:
    """What is done to the faces of one film."""

    transform: FilmTransform
    notes: Callable[[], tuple[str, ...]] = _nothing_to_say
    """Sentences there are at the end."""

    identities: "Callable[[], Mapping[int, IdentityReport]]" = _nobody
    """Who the faces are said to be at the end, by their tracks."""

    over: Callable[[FaceFinder, int, float], FaceFinder] = _as_found
    """Made of what finds the faces, the number of frames that may wait, and their rate: what tells more of them."""


@dataclass(frozen=True)
class FilmTask:
    """What is to be done to films."""

    status: Status
    """Of a film that went through."""

    search: FaceSearch = field(default_factory=FaceSearch)
    settings: FilmSettings = field(default_factory=FilmSettings)

    prepare: Callable[[SidecarFaces | None, Path | None], PreparedFilm] | None = None
    """Makes what is done to faces, given those a person told, if one did, and the folder that lies as long as the result is not
    finished, if there is one; None where faces are only looked for."""

    choice: FaceChoice = field(default_factory=FaceChoice)
    way: str = ""
    """In words, all that decides what becomes of a face: another way cannot go on where one was stopped."""

    hold: bool = False
    """A face is told for a while before it is found first and after it is found last."""

    shortest_seconds: float = 0.0
    """What is seen for less is taken for no face."""

    writes: bool = True
    for_photos: tuple[str, ...] = ()
    """Options that were given and that films do not have."""

    private: bool = False
    """Whatever else may show a face, or where it was filmed, is left out of the result."""


@dataclass(frozen=True)
class FilmVoice:
    """Who is told of frames while a film is worked on."""

    say: Callable[[str], None] | None
    """Takes lines of JSON; None where nobody reads them."""

    bar: bool
    """Whether a bar is drawn."""


SILENT = FilmVoice(None, bar=False)
"""Nobody is told."""


class FilmStopped(KeyboardInterrupt):
    """Ctrl-C ended a film in the middle; the sentence says what is left of it."""


def work_on_film(planned: PlannedOutput, task: FilmTask, options: PhotoOptions, voice: FilmVoice) -> FilmReport:
    """Takes one film from its input to its output, never half-written.

    What goes wrong on purpose, or for want of memory, becomes a report of status FAILED. Raises FilmStopped after Ctrl-C.
    """
    source, output = source_name(planned), output_name(planned) if task.writes else None
    if planned.skip:
        return FilmReport(source, output, Status.SKIPPED, 0, 0.0, ())
    try:
        return take_film_through(planned, task, options, voice)
    except ClearfaceError as error:
        sentence = "; ".join([str(error), *getattr(error, "__notes__", ())])
        return _failed(
            source, output, sentence if source in sentence or planned.path.stem in sentence else f"{source}: {sentence}"
        )
    except MemoryError:
        return _failed(source, output, f"{source}: there is not enough memory for this video")


def sidecar_path(output: Path) -> Path:
    """Where the list of the faces of a result lies."""
    return output.with_name(f"{output.stem}{SIDECAR_ENDING}")


def take_film_through(
    planned: PlannedOutput, task: FilmTask, options: PhotoOptions, voice: FilmVoice = SILENT
) -> FilmReport:
    """The same, but what goes wrong is raised: FilmError, PhotoError, UsageError, ModelError."""
    started = time.perf_counter()
    name, settings = source_name(planned), task.settings
    check_result(planned, task.writes)
    if task.for_photos:
        raise FilmError(f"{name}: {', '.join(task.for_photos)} can be had for photos only, and this is a video")
    tally = FilmTally()
    with ExitStack() as stack:
        opaque = task.writes and (planned.standard_stream or kind_of_extension(planned.path) is None)
        film = open_source(planned.source, name, settings, options.limits, on_white=opaque)
        stack.callback(film.close)
        told = None if settings.told is None else SidecarFaces(read_sidecar(settings.told))
        if told is not None:
            told.check_fits(film.info)
        found = None if told is not None else searching(film, task)
        listeners: list[FrameListener] = [tally]
        listeners += stack.enter_context(_written_down(planned, film, task, options))
        if voice.say is not None:
            listeners.append(LinesListener(name, voice.say, task.status is Status.HIDDEN))
        # Nothing may fail between here and the run, which is what clears away what a sink began.
        opened = open_sink(film, planned, _writing(task, options)) if task.writes else None
        folder = None if opened is None else opened.folder
        journal = None if folder is None else Journal(folder / _JOURNAL)
        prepared = None if task.prepare is None else task.prepare(told, folder)
        finder = _finder(task, told, found, journal)
        if prepared is not None:
            finder = prepared.over(finder, max(1, _fitting(film) // 2), float(film.info.rate))
        advance = stack.enter_context(progress_bar(f"{Path(name).name}: frames", film.info.frames, voice.bar))
        listeners.append(ProgressListener(advance))
        sink: FilmSink | None = None if opened is None else opened.sink
        transform = None if prepared is None else prepared.transform
        end = run_film(FilmWork(film, finder, transform, sink, listeners))
        if end.stopped:
            raise FilmStopped(end.kept or f"{name}: stopped, nothing was written")
    extras = (shown(sidecar_path(planned.path)),) if settings.sidecar else ()
    return FilmReport(
        name,
        output_name(planned) if task.writes else None,
        task.status,
        tally.frames,
        tally.last + float(1 / film.info.rate) if tally.frames else 0.0,
        _named(tally.tracks, prepared),
        {"all": time.perf_counter() - started},
        _notes(film, end, found, prepared),
        extras,
        tally.damaged,
    )


@dataclass(frozen=True, eq=False)
class Searching:
    """What finds and follows the faces of one film."""

    search: FilmSearch
    follower: FaceFollower
    selection: FaceSelection
    notes: tuple[str, ...]

    def finder(self, journal: Journal | None = None) -> FaceFinder:
        """Tells the selected faces."""
        return SelectingFinder(SearchingFinder(self.search, self.follower, journal), self.selection)


def searching(film: FilmSource, task: FilmTask) -> Searching:
    """What the task asks for, for one film. Raises UsageError, ModelError, DependencyError."""
    settings, info = task.settings, film.info
    search = SearchOptions(
        task.search.detector, task.search.options, settings.detection_size, rotations=task.search.rotations
    )
    follow = FollowOptions(
        settings.fill_seconds,
        hold=task.hold,
        shortest_seconds=task.shortest_seconds,
        least_score=task.search.options.threshold or 0.0,
        least_small_score=task.search.least_small_score,
    )
    fitting = _fitting(film)
    follow = replace(follow, ahead=min(fitting, max(follow.ahead, round(10 * info.rate))))
    if settings.tracker is not None:
        follow = replace(follow, tracker=settings.tracker)
    notes: tuple[str, ...] = ()
    if fitting < settings.fill_seconds * info.rate:
        notes = (f"frames of this size are too large for more than {float(fitting / info.rate):.2f} s of them to wait",)
    follower = FaceFollower(follow, (info.width, info.height))
    return Searching(FilmSearch(search), follower, task.search.selection, notes)


def _fitting(film: FilmSource) -> int:
    """How many of its frames may wait at once."""
    return max(1, int(_MOST_WAITING / (film.info.width * film.info.height * 3)))


def _finder(task: FilmTask, told: SidecarFaces | None, found: Searching | None, journal: Journal | None) -> FaceFinder:
    if found is not None:
        return AlsoFinder(found.finder(journal), task.choice)
    assert told is not None
    return AlsoFinder(ToldFinder(told), task.choice)


def _writing(task: FilmTask, options: PhotoOptions) -> Writing:
    settings = task.settings
    film_options = FilmOptions(
        settings.codec,
        settings.crf,
        settings.preset,
        audio=settings.audio,
        metadata=options.metadata == "keep",
        private=task.private,
        place=options.gps == "keep",
    )
    way = {
        "command": task.status.value,
        "way": task.way,
        "search": repr(task.search),
        "tracks": repr((settings.detection_size, settings.tracker, settings.fill_seconds, settings.told, task.choice)),
    }
    gps: Gps = options.gps or ("drop" if task.private else "keep")
    encoding = EncodeOptions("GIF", options.jpeg_quality, options.metadata, gps)
    return Writing(film_options, encoding, options.overwrite, settings.resume, way)


@contextmanager
def _written_down(
    planned: PlannedOutput, film: FilmSource, task: FilmTask, options: PhotoOptions
) -> Iterator[list[FrameListener]]:
    """The list of faces beside the result, there at the end or not at all."""
    if not task.settings.sidecar:
        yield []
        return
    if planned.standard_stream:
        raise UsageError("--sidecar writes a list beside the result: name an output file with -o")
    info = film.info
    header = SidecarHeader(info.name, info.width, info.height, float(info.rate))
    with sidecar_writer(sidecar_path(planned.path), header, overwrite=options.overwrite) as writer:
        yield [SidecarListener(writer, task.status is Status.HIDDEN)]


def _named(tracks: tuple[TrackReport, ...], prepared: PreparedFilm | None) -> tuple[TrackReport, ...]:
    """With who each is said to be, where that was asked."""
    identities = {} if prepared is None else prepared.identities()
    return tuple(replace(track, identity=identities.get(track.track)) for track in tracks)


def _notes(film: FilmSource, end: FilmEnd, found: Searching | None, prepared: PreparedFilm | None) -> tuple[str, ...]:
    searched = () if found is None else found.notes
    done = () if prepared is None else prepared.notes()
    return (*film.info.notes, *end.notes, *searched, *done)


def _failed(source: str, output: str | None, sentence: str) -> FilmReport:
    return FilmReport(source, output, Status.FAILED, 0, 0.0, (), error=sentence)
