"""What each command does once its arguments are understood; returns the exit code."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from clearface.batch import PhotoOptions, detect_file, refuse_untold, restore_file
from clearface.detectors.base import Detector
from clearface.detectors.registry import DETECTORS
from clearface.detectors.selection import FaceSelection
from clearface.errors import UsageError
from clearface.exit_codes import FAILED, INTERRUPTED
from clearface.extras import Extras
from clearface.files.explanations import FileProblem
from clearface.files.inputs import STANDARD_STREAM, InputFile, find_inputs
from clearface.files.outputs import ExistingPolicy, Naming, OutputPlan, PlannedOutput, earlier_results, plan_outputs
from clearface.files.standard_output import Speaker
from clearface.photos.decode import PhotoLimits
from clearface.photos.encode import Metadata
from clearface.photos.kinds import PHOTO_EXTENSIONS
from clearface.pipeline import Pipeline
from clearface.progress import is_watched, progress_bar
from clearface.report import FileReport, Status
from clearface.restorers.registry import DEFAULT_RESTORER, RESTORERS
from clearface.suggestions import one_of

if TYPE_CHECKING:
    from clearface.weights import ShippedWeights


@dataclass(frozen=True)
class Destination:
    """Where results go."""

    output: str | None
    """A file, a folder, `-`, or None for beside the input."""

    suffix: str


@dataclass(frozen=True)
class Voice:
    """Who is told what: people by sentences, machines by JSON, nobody."""

    speaker: Speaker | None
    json_lines: bool
    progress: bool

    def tell(self, report: FileReport) -> None:
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
) -> PhotoOptions:
    """Options as they were typed. Raises UsageError for a word that is none of the choices."""
    return PhotoOptions(
        aligned=aligned,
        jpeg_quality=jpeg_quality,
        metadata=one_of("--metadata", metadata, get_args(Metadata)),
        limits=PhotoLimits(max_pixels=max_pixels),
        extras=extras or Extras(),
        check=check,
        existing=ExistingPolicy.FAIL if existing is None else one_of("--existing", existing, ExistingPolicy),
    )


def run_restore(
    inputs: list[str], destination: Destination, pipeline: Callable[[], Pipeline], options: PhotoOptions, voice: Voice
) -> int:
    """Restores every input. pipeline: builds the pipeline, after the arguments are checked.

    Returns 0 where every input was done, 1 where one was not. Raises UsageError where the outputs cannot be meant, or the
    restorer cannot tell what is asked.
    """
    ready = pipeline()
    refuse_untold(options, ready.restorer, "--")
    plan = _plan(inputs, destination, options.existing)

    def work(planned: PlannedOutput) -> FileReport:
        return restore_file(planned, ready, options)

    return _run(plan, work, voice)


def run_detect(
    inputs: list[str],
    destination: Destination | None,
    detector: Callable[[], Detector],
    selection: FaceSelection,
    options: PhotoOptions,
    voice: Voice,
) -> int:
    """Finds the faces of every input, and draws them where there is a destination. Returns and raises as `run_restore`."""
    ready = detector()
    if destination is None:
        found = find_inputs(inputs, PHOTO_EXTENSIONS)
        plan = OutputPlan(tuple(PlannedOutput(file, Path()) for file in found.files), found.problems)
    else:
        plan = _plan(inputs, destination, options.existing)

    def work(planned: PlannedOutput) -> FileReport:
        return detect_file(planned, destination is not None, ready, selection, options)

    return _run(plan, work, voice)


def list_models(verify: bool, json_lines: bool) -> int:
    """Prints every restorer, detector and shipped network. Returns 1 where `verify` finds a damaged file."""
    from clearface.weights import shipped_weights, verify_weight

    networks = [(weight, verify_weight(weight) if verify else None) for weight in shipped_weights()]
    speaker = Speaker(to_stdout=True)
    for line in _models_as_json(networks) if json_lines else _models_as_text(networks):
        speaker.say(line)
    damaged = [weight.file for weight, intact in networks if intact is False]
    if damaged:
        _complain(f"damaged: {', '.join(damaged)}: install clearface again")
    if speaker.problem is not None:
        _complain(speaker.problem)
    return FAILED if damaged or speaker.problem is not None else 0


def _models_as_json(networks: "list[tuple[ShippedWeights, bool | None]]") -> Iterator[str]:
    for entry in RESTORERS:
        yield json.dumps({"restorer": entry.name, "summary": entry.summary, "default": entry.name == DEFAULT_RESTORER})
    for detector in DETECTORS:
        yield json.dumps({"detector": detector.name, "summary": detector.summary})
    for weight, intact in networks:
        values = {
            "network": weight.file,
            "used_by": weight.name,
            "bytes": weight.bytes,
            "licence": weight.licence,
            "source": weight.source,
            "sha256": weight.sha256,
        }
        yield json.dumps(values if intact is None else values | {"intact": intact})


def _models_as_text(networks: "list[tuple[ShippedWeights, bool | None]]") -> Iterator[str]:
    yield "Restorers"
    for entry in RESTORERS:
        default = " (the default)" if entry.name == DEFAULT_RESTORER else ""
        yield f"  {entry.name:<20} {entry.summary}{default}"
    yield "\nDetectors"
    for detector in DETECTORS:
        yield f"  {detector.name:<20} {detector.summary}"
    yield "\nNetworks that ship with clearface"
    for weight, intact in networks:
        told = "" if intact is None else ("  intact" if intact else "  DAMAGED")
        yield f"  {weight.file:<20} {weight.bytes / 1e6:.1f} MB  {weight.licence}{told}"
        yield f"  {'':<20} {weight.summary}"
        yield f"  {'':<20} SHA-256 {weight.sha256}"


def run_demo(folder: Path, pipeline: Callable[[], Pipeline], started: float) -> int:
    """Restores the blurred sample that ships with clearface into a folder, and says what was found out and where it lies."""
    from clearface.samples import sample_path

    sample = sample_path("astronaut_blurred.jpg")
    output = folder / "astronaut_restored.jpg"
    ready = pipeline()
    tells = ready.restorer.tells
    extras = Extras(comparison=True, kernels=tells.kernel, confidence=tells.confidence)
    options = PhotoOptions(extras=extras, check=tells.kernel, existing=ExistingPolicy.OVERWRITE)
    planned = PlannedOutput(InputFile(sample, Path(sample.name)), output)
    report = restore_file(planned, ready, options)
    if report.error is not None:
        _complain(report.error)
        return FAILED
    speaker = Speaker(to_stdout=True)
    speaker.say(f"Blurred sample:  {sample}")
    for found in report.faces:
        box = found.face.box
        done = "left as it was" if found.left else f"restored at {found.working_size}x{found.working_size}"
        speaker.say(
            f"Found:           face {found.number}, {box.width:.0f}x{box.height:.0f} pixels at ({box.left:.0f}, {box.top:.0f}), "
            f"score {found.face.score:.2f}, {done}"
        )
        findings = found.findings()
        if findings is not None:
            speaker.say(f"Blur:            {findings}")
    speaker.say(
        f"Time:            {sum(report.seconds.values()):.2f} s, {time.perf_counter() - started:.2f} s with loading"
    )
    speaker.say(f"Result:          {output.resolve()}")
    for extra in report.extras:
        speaker.say(f"Beside it:       {Path(extra).resolve()}")
    if speaker.problem is not None:
        _complain(speaker.problem)
        return FAILED
    return 0


def _plan(inputs: list[str], destination: Destination, existing: ExistingPolicy) -> OutputPlan:
    found = find_inputs(inputs, PHOTO_EXTENSIONS, earlier_results(destination.output, destination.suffix))
    if not found.files:
        return OutputPlan((), found.problems)
    plan = plan_outputs(found.files, destination.output, Naming(destination.suffix), existing, PHOTO_EXTENSIONS)
    return OutputPlan(plan.outputs, found.problems + plan.problems)


def _run(plan: OutputPlan, work: Callable[[PlannedOutput], FileReport], voice: Voice) -> int:
    reports = [_failure(problem) for problem in plan.problems]
    for report in reports:
        voice.tell(report)
    count = len(plan.outputs)
    with progress_bar("photos", count, voice.progress and count > 1) as advance:
        try:
            for planned in plan.outputs:
                report = work(planned)
                voice.tell(report)
                reports.append(report)
                advance(1)
        except KeyboardInterrupt:
            done = len(reports) - len(plan.problems)
            _complain(f"stopped after {done} of {count}; those are whole")
            return INTERRUPTED
    failures = [report for report in reports if report.status is Status.FAILED]
    if failures and len(reports) > 1:
        _complain(f"{len(failures)} of {len(reports)} failed:")
    for report in failures:
        _complain(str(report.error))
    if voice.problem is not None:
        _complain(f"{voice.problem}; all inputs were worked on")
    return FAILED if failures or voice.problem is not None else 0


def _complain(sentence: str) -> None:
    Speaker(to_stdout=False).say(f"clearface: {sentence}")


def _failure(problem: FileProblem) -> FileReport:
    return FileReport(problem.name, None, Status.FAILED, error=problem.sentence)
