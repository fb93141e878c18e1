"""What each command does once its arguments are understood; returns the exit code."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, get_args

from clearface.batch import PhotoOptions, detect_file, refuse_untold, restore_file
from clearface.choosing import FaceChoice
from clearface.detectors.thorough import build_thorough_detector
from clearface.errors import UsageError
from clearface.exit_codes import FAILED, INTERRUPTED
from clearface.extras import Extras
from clearface.face_search import FaceSearch
from clearface.files.explanations import FileProblem
from clearface.files.inputs import STANDARD_STREAM, find_inputs
from clearface.files.outputs import ExistingPolicy, Naming, OutputPlan, PlannedOutput, earlier_results, plan_outputs
from clearface.files.standard_output import Speaker, complain
from clearface.film_batch import FilmStopped, FilmTask, FilmVoice, sidecar_path, work_on_film
from clearface.film_tasks import detecting_task, hiding_task, identifying_task, restoring_task
from clearface.films.routing import INPUT_EXTENSIONS, SOUGHT, UNWRITTEN_EXTENSIONS, is_film
from clearface.films.settings import FilmSettings
from clearface.hiding import FaceHider, HideStyle
from clearface.photo_hiding import PhotoHiding, hide_file
from clearface.photos.decode import PhotoLimits
from clearface.photos.encode import Gps, Metadata
from clearface.pipeline import Pipeline
from clearface.progress import is_watched, progress_bar
from clearface.report import FileReport, Status
from clearface.restorers.base import Restorer
from clearface.sidecars import read_sidecar
from clearface.suggestions import one_of

if TYPE_CHECKING:
    from clearface.people_choosing import PeopleChoice, PeopleJudge
    from clearface.recognition.identify_opening import IdentifyOptions


@dataclass(frozen=True)
class Destination:
    """Where results go."""

    output: str | None
    """A file, a folder, `-`, or None for beside the input."""

    suffix: str
    """Of results that lie beside their inputs."""

    @classmethod
    def told(cls, output: str | None, suffix: str | None, usual: str) -> "Destination":
        """As it was typed; `usual` is the suffix where none was. Raises UsageError where both exclude each other."""
        if output is not None and suffix is not None:
            raise UsageError(
                "--suffix names results beside their inputs, and --output puts them elsewhere: give one of the two"
            )
        return cls(output, usual if suffix is None else suffix)


class Report(Protocol):
    """What became of one input."""

    @property
    def status(self) -> Status: ...

    @property
    def error(self) -> str | None: ...

    def as_json(self) -> str: ...

    def as_sentence(self) -> str: ...


@dataclass(frozen=True)
class Voice:
    """Who is told what: people by sentences, machines by JSON, nobody."""

    speaker: Speaker | None
    json_lines: bool
    progress: bool

    def tell(self, report: Report) -> None:
        """Says what became of one input, at once; failures are told to people at the end."""
        if self.speaker is None:
            return
        if self.json_lines:
            self.speaker.say(report.as_json())
        elif report.status is not Status.FAILED:
            self.speaker.say(report.as_sentence())

    @property
    def problem(self) -> str | None:
        """Why some of it was not heard."""
        return None if self.speaker is None else self.speaker.problem


def choose_voice(output: str | None, inputs: list[str], quiet: bool, json_lines: bool) -> Voice:
    """Sentences on stdout, or on stderr where the result itself goes to stdout. Raises UsageError where both want stdout."""
    to_stdout = output == STANDARD_STREAM or (output is None and STANDARD_STREAM in inputs)
    if json_lines and to_stdout:
        raise UsageError("--json writes to standard output, where the photo goes too: name an output file with -o")
    if json_lines and quiet:
        raise UsageError("--quiet says nothing and --json says everything: give one of the two")
    if json_lines:
        return Voice(Speaker(to_stdout=True), json_lines=True, progress=False)
    if quiet:
        return Voice(None, json_lines=False, progress=False)
    return Voice(Speaker(to_stdout=not to_stdout), json_lines=False, progress=is_watched())


def photo_options(
    existing: str | None,
    max_pixels: int,
    metadata: str = "keep",
    jpeg_quality: int = 95,
    aligned: bool = False,
    extras: Extras | None = None,
    check: bool = False,
    gps: Gps | None = None,
) -> PhotoOptions:
    """Options as they were typed. Raises UsageError for a word that is none of the choices."""
    return PhotoOptions(
        aligned=aligned,
        jpeg_quality=jpeg_quality,
        metadata=one_of("--metadata", metadata, get_args(Metadata)),
        gps=gps,
        limits=PhotoLimits(max_pixels=max_pixels),
        extras=extras or Extras(),
        check=check,
        existing=ExistingPolicy.FAIL if existing is None else one_of("--existing", existing, ExistingPolicy),
    )


def run_restore(
    inputs: list[str],
    destination: Destination,
    search: FaceSearch,
    restorer: Callable[[], Restorer],
    options: PhotoOptions,
    films: FilmSettings,
    voice: Voice,
    way: str = "",
) -> int:
    """Restores every input. restorer: builds the restorer, after the arguments are checked. way: what it was told, in words.

    Returns 0 where every input was done, 1 where one was not. Raises UsageError where the outputs cannot be meant, or the
    restorer cannot tell what is asked.
    """
    ready = Pipeline(search.build(), restorer(), search.selection)
    refuse_untold(options, ready.restorer, "--")

    def photo(planned: PlannedOutput) -> FileReport:
        return restore_file(planned, ready, options, _beside(planned, films))

    task = restoring_task(ready, search, films, way, _photo_options(options))
    return _run(_plan(inputs, destination, options.existing, films), Work(photo, task), options, voice)


def run_detect(
    inputs: list[str],
    destination: Destination | None,
    search: FaceSearch,
    options: PhotoOptions,
    films: FilmSettings,
    voice: Voice,
) -> int:
    """Finds the faces of every input, and draws them where there is a destination. Returns and raises as `run_restore`."""
    ready = search.build()
    draws = destination is not None

    def photo(planned: PlannedOutput) -> FileReport:
        return detect_file(planned, draws, ready, search.selection, options, _beside(planned, films))

    task = detecting_task(search, films, draws)
    return _run(_plan_to_look(inputs, destination, options, films), Work(photo, task), options, voice)


def run_identify(
    inputs: list[str],
    destination: Destination | None,
    search: FaceSearch,
    recognition: "IdentifyOptions",
    options: PhotoOptions,
    films: FilmSettings,
    voice: Voice,
) -> int:
    """Names the faces of every input, and draws them where there is a destination. Returns and raises as `run_restore`.

    Raises GalleryError too, where nobody could be named.
    """
    from clearface.photo_identifying import identify_file
    from clearface.recognition.identify_opening import opened_recognition

    draws = destination is not None
    with opened_recognition(recognition) as opened:
        ready = opened.identifier(search.build(), search.selection)

        def photo(planned: PlannedOutput) -> FileReport:
            return identify_file(planned, draws, ready, options, _beside(planned, films))

        task = identifying_task(search, films, ready, draws)
        return _run(_plan_to_look(inputs, destination, options, films), Work(photo, task), options, voice)


def run_hide(
    inputs: list[str],
    destination: Destination,
    search: FaceSearch,
    style: HideStyle,
    choice: FaceChoice,
    options: PhotoOptions,
    films: FilmSettings,
    voice: Voice,
    people: "PeopleChoice | None" = None,
) -> int:
    """Hides the faces of every input. Returns and raises as `run_restore`.

    people: which people are kept, or hidden alone; raises what `clearface.people_choosing.opened_people` does.
    """
    from clearface.people_choosing import judge_of

    with judge_of(people) as judge:
        return _hide(inputs, destination, search, style, choice, options, films, voice, judge)


def _hide(
    inputs: list[str],
    destination: Destination,
    search: FaceSearch,
    style: HideStyle,
    choice: FaceChoice,
    options: PhotoOptions,
    films: FilmSettings,
    voice: Voice,
    people: "PeopleJudge | None",
) -> int:
    told = None if films.told is None else read_sidecar(films.told)
    hider = FaceHider(style, secrets.randbits(128))
    finder = build_thorough_detector(search.detector, search.options, rotations=search.rotations)
    hiding = PhotoHiding(finder, hider, search.selection, choice, people)

    def photo(planned: PlannedOutput) -> FileReport:
        return hide_file(planned, hiding, options, films.told, _beside(planned, films))

    plan = _plan(inputs, destination, options.existing, films)
    if told is not None and len(plan.outputs) > 1:
        raise UsageError("--from-json tells the faces of one input: give one")
    task = hiding_task(style, search, choice, films, people)
    return _run(plan, Work(photo, task), options, voice)


@dataclass(frozen=True)
class Work:
    """What is done to an input, by what it is."""

    photo: Callable[[PlannedOutput], FileReport]
    film: FilmTask


def _plan(inputs: list[str], destination: Destination, existing: ExistingPolicy, films: FilmSettings) -> OutputPlan:
    found = find_inputs(inputs, INPUT_EXTENSIONS, earlier_results(destination.output, destination.suffix), SOUGHT)
    if not found.files:
        return OutputPlan((), found.problems)
    naming = Naming(destination.suffix, instead=UNWRITTEN_EXTENSIONS)
    resumed = ExistingPolicy.SKIP if films.resume and existing is ExistingPolicy.FAIL else existing
    plan = plan_outputs(found.files, destination.output, naming, resumed, INPUT_EXTENSIONS)
    return OutputPlan(plan.outputs, found.problems + plan.problems)


def _plan_to_look(
    inputs: list[str], destination: Destination | None, options: PhotoOptions, films: FilmSettings
) -> OutputPlan:
    """For what need not write anything: without a destination every input stands for its own result."""
    if destination is not None:
        return _plan(inputs, destination, options.existing, films)
    found = find_inputs(inputs, INPUT_EXTENSIONS, sought=SOUGHT)
    return OutputPlan(tuple(PlannedOutput(file, file.path) for file in found.files), found.problems)


def _run(plan: OutputPlan, work: Work, options: PhotoOptions, voice: Voice) -> int:
    reports: list[Report] = [_failure(problem) for problem in plan.problems]
    for report in reports:
        voice.tell(report)
    count = len(plan.outputs)
    routed = [(planned, is_film(planned, work.film.settings)) for planned in plan.outputs]
    for_films = work.film.settings.for_films
    if routed and for_films and not any(film for _, film in routed):
        raise UsageError(f"{', '.join(for_films)} can be had for videos only, and there is none among the inputs")
    bar = voice.progress and count > 1 and not any(film for _, film in routed)
    film_voice = FilmVoice(voice.speaker.say if voice.json_lines and voice.speaker else None, voice.progress)
    with progress_bar("photos", count, bar) as advance:
        try:
            for planned, film in routed:
                report = work_on_film(planned, work.film, options, film_voice) if film else work.photo(planned)
                voice.tell(report)
                reports.append(report)
                advance(1)
        except KeyboardInterrupt as stop:
            done = len(reports) - len(plan.problems)
            if isinstance(stop, FilmStopped):
                complain(str(stop))
            if count > 1 or not isinstance(stop, FilmStopped):
                complain(f"stopped after {done} of {count}; those are whole")
            return INTERRUPTED
    failures = [report for report in reports if report.status is Status.FAILED]
    if failures and len(reports) > 1:
        complain(f"{len(failures)} of {len(reports)} failed:")
    for report in failures:
        complain(str(report.error))
    if voice.problem is not None:
        complain(f"{voice.problem}; all inputs were worked on")
    return FAILED if failures or voice.problem is not None else 0


def _beside(planned: PlannedOutput, films: FilmSettings) -> Path | None:
    """Where the list of the faces of a photo goes, where one was asked for. Raises UsageError where it has no place."""
    if not films.sidecar:
        return None
    if planned.standard_stream or planned.source.standard_stream:
        raise UsageError("--sidecar writes a list beside the result: name an input and an output file")
    return sidecar_path(planned.path)


def _photo_options(options: PhotoOptions) -> tuple[str, ...]:
    """The options given that only photos have, as they are typed."""
    extras = options.extras
    given = (
        ("--aligned", options.aligned),
        ("--check", options.check),
        ("--save-crops", extras.crops),
        ("--save-comparison", extras.comparison),
        ("--save-boxes", extras.boxes),
        ("--kernel", extras.kernels),
        ("--confidence", extras.confidence),
    )
    return tuple(option for option, wanted in given if wanted)


def _failure(problem: FileProblem) -> FileReport:
    return FileReport(problem.name, None, Status.FAILED, error=problem.sentence)
