"""What `clearface degrade` does once its arguments are understood; returns the exit code."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from clearface.degrade.counting import ScenarioCount, count_scenarios
from clearface.degrade.pairs import LIST_NAME, PairSet, PairSettings, PairSummary, fill_set
from clearface.degrade.protocols import FACE_SIZE, draw_protocol, protocol_named
from clearface.detectors.registry import DetectorOptions, build_detector
from clearface.errors import UsageError
from clearface.exit_codes import FAILED, INTERRUPTED
from clearface.files.explanations import shown
from clearface.files.inputs import EarlierResults, find_inputs
from clearface.files.outputs import ExistingPolicy
from clearface.files.standard_output import Speaker
from clearface.photos.decode import PhotoLimits
from clearface.photos.kinds import PHOTO_EXTENSIONS
from clearface.progress import is_watched, progress_bar
from clearface.suggestions import one_of


@dataclass(frozen=True)
class ApplyOptions:
    """The options of `clearface degrade apply` as they were typed."""

    protocol: str
    seed: int
    kernels: Path | None
    aligned_size: int | None
    face_size: float | None
    existing: str
    max_pixels: int
    quiet: bool


def tell_count(json_lines: bool) -> int:
    """Prints how many scenarios the randomized pipeline spans, and the factors."""
    counted = count_scenarios()
    speaker = Speaker(to_stdout=True)
    for line in [json.dumps(asdict(counted))] if json_lines else _count_in_words(counted):
        speaker.say(line)
    return 0 if speaker.problem is None else FAILED


def _count_in_words(counted: ScenarioCount) -> list[str]:
    lines = [f"{counted.total:,} distinct scenarios", "", "values of each step, where it is taken"]
    lines += [f"  {name:<14} {number:>22,}" for name, number in counted.steps.items()]
    lines += ["", "distinct blurs, each of light or of sRGB values"]
    lines += [f"  {name:<14} {number:>22,}" for name, number in counted.blurs.items()]
    ordered = f"{counted.sequences} choices of steps in an order; the values of the steps of each are multiplied, then all added"
    return [*lines, "", ordered]


def run_apply(folder: Path, output: Path, options: ApplyOptions) -> int:
    """Makes a paired set. Returns 0 where every photo was done, 1 where one was not, 130 after Ctrl-C.

    Raises UsageError where the options cannot be meant, PhotoError where the kernels or the set cannot be read.
    """
    settings = _settings(options)
    existing = one_of("--existing", options.existing, ExistingPolicy)
    if not folder.is_dir():
        problem = "is no folder" if folder.exists() else "there is no such folder"
        raise UsageError(f"{shown(folder)}: {problem}")
    if output.resolve() == folder.resolve():
        raise UsageError(
            f"{shown(output)}: pairs among the photos would be taken for photos: name another folder with -o"
        )
    # Drawn once for nothing, so that what cannot be meant is said before the first photo.
    draw_protocol(settings.protocol, [(settings.seed,)], options.kernels, settings.face_size)
    found = find_inputs([str(folder)], PHOTO_EXTENSIONS, EarlierResults(output))
    detector = None if settings.aligned_size is None else build_detector("centerface", DetectorOptions())
    problems = tuple(problem.sentence for problem in found.problems)
    errors = Speaker(to_stdout=False)
    summary = PairSummary(0, 0, 0, ())
    if found.files:
        target = PairSet(output, settings, existing, (file.path for file in found.files))
        limits = PhotoLimits(max_pixels=options.max_pixels)
        try:
            with progress_bar("photos", len(found.files), is_watched() and not options.quiet) as advance:
                summary = fill_set(target, found.files, settings, detector, limits, advance)
        except KeyboardInterrupt:
            errors.say(f"clearface: stopped; --existing skip goes on with what is in {shown(output / LIST_NAME)}")
            return INTERRUPTED
    problems += summary.problems
    if not options.quiet and found.files:
        Speaker(to_stdout=True).say(_in_words(summary, output))
    for sentence in problems:
        errors.say(f"clearface: {sentence}")
    return FAILED if problems else 0


def _settings(options: ApplyOptions) -> PairSettings:
    protocol = protocol_named(options.protocol)
    if options.face_size is not None and options.aligned_size is not None:
        raise UsageError("--aligned-size says how large the faces are, so --face-size does nothing: leave it out")
    if options.face_size is not None and not protocol.grows:
        raise UsageError(f"the protocol {protocol.name} is the same for faces of any size: leave --face-size out")
    kernels = None if options.kernels is None else os.path.realpath(options.kernels)
    return PairSettings(
        protocol.name, options.seed, kernels, options.aligned_size, float(options.face_size or FACE_SIZE)
    )


def _in_words(summary: PairSummary, output: Path) -> str:
    parts = [f"{_counted(summary.pairs, 'pair')} made in {shown(output)}"]
    if summary.kept:
        parts.append(f"{_counted(summary.kept, 'photo')} done already")
    if summary.faceless:
        parts.append(f"{_counted(summary.faceless, 'photo')} without a face")
    if summary.problems:
        parts.append(f"{_counted(len(summary.problems), 'photo')} failed")
    return ", ".join(parts)


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
