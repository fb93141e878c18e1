"""What `clearface evaluate` does once its arguments are understood; returns the exit code."""

from dataclasses import dataclass
from pathlib import Path

from clearface.cores import usable_cores
from clearface.errors import UsageError
from clearface.evaluate.settings import (
    EvaluationSettings,
    GaugeSettings,
    PairedFolders,
    RealFolder,
    SharpFolder,
    Source,
)
from clearface.evaluate.specs import LARGEST_SIZE, SMALLEST_SIZE, MethodSpec, TestSpec, parse_method, parse_test
from clearface.exit_codes import INTERRUPTED
from clearface.files.explanations import shown
from clearface.files.outputs import ExistingPolicy
from clearface.files.standard_output import Speaker
from clearface.progress import is_watched, progress_bar
from clearface.suggestions import one_of

_USUAL_RESTORERS = ("smfd", "richardson-lucy")
_USUAL_FOR_REAL = ("smfd",)
"""Of photos whose blur nobody knows."""

_FROM_FILE = "levin"
_DETECTORS = ("centerface", "mtcnn")
"""Those that need no file."""

_RESULTS = ("report.html", "results.json", "results.csv")


@dataclass(frozen=True)
class EvaluateOptions:
    """The options of `clearface evaluate` as they were typed."""

    folder: Path | None
    output: Path
    protocols: tuple[str, ...]
    restorers: tuple[str, ...]
    size: int | None
    faces: int | None
    skip: int
    seed: int
    kernels: Path | None
    pairs: tuple[Path, Path] | None
    outputs: tuple[Path, ...]
    find_faces: bool
    real: Path | None
    detectors: tuple[str, ...]
    embedder: str | None
    embedder_model: Path | None
    identities: Path | None
    niqe_model: Path | None
    lpips_alex: Path | None
    lpips_vgg: Path | None
    inception: Path | None
    skip_broken: bool
    existing: str
    workers: int | None
    max_pixels: int
    quiet: bool
    command: str


def run_evaluate(options: EvaluateOptions) -> int:
    """Evaluates and writes the results. Returns 0, or 130 after Ctrl-C, when the same command goes on.

    Raises UsageError where the options cannot be meant, PhotoError where photos cannot be used or results not be written,
    ModelError where a method fails; what is done stays, and the same command goes on with it.
    """
    from clearface.evaluate.evaluation import REPORT, evaluate
    from clearface.evaluate.words import in_words

    settings = understood(options)
    existing = one_of("--existing", options.existing, [ExistingPolicy.FAIL, ExistingPolicy.OVERWRITE])
    output = options.output
    if output.exists() and not output.is_dir():
        raise UsageError(f"{shown(output)}: this is a file, and results need a folder")
    there = [name for name in _RESULTS if (output / name).exists()]
    if there and existing is ExistingPolicy.FAIL:
        raise UsageError(
            f"{shown(output)}: there is {there[0]} already: choose another folder, or --existing overwrite"
        )
    errors = Speaker(to_stdout=False)
    watched = is_watched() and not options.quiet
    try:
        found = evaluate(
            settings,
            output,
            options.command,
            options.workers or usable_cores(),
            existing is ExistingPolicy.OVERWRITE,
            lambda what, count: progress_bar(what, count, watched),
        )
    except KeyboardInterrupt:
        errors.say("clearface: stopped; the same command goes on from here")
        return INTERRUPTED
    if not options.quiet:
        speaker = Speaker(to_stdout=True)
        if found.left_out:
            count = len(found.left_out)
            speaker.say(f"{count} photo{'' if count == 1 else 's'} left out: the page says which and why")
        for line in (*in_words(found), f"{shown(output / REPORT)} has all the rest"):
            speaker.say(line)
    return 0


def understood(options: EvaluateOptions) -> EvaluationSettings:
    """Raises UsageError for options that cannot be meant, or that would do nothing."""
    source = _source(options)
    methods = tuple(parse_method(text) for text in _chosen_restorers(options))
    _refuse_twice([method.name for method in methods], "--restorer")
    if not isinstance(source, SharpFolder):
        _refuse_without_folder(options, methods)
    if options.embedder is None and options.embedder_model is not None:
        raise UsageError("--embedder-model does nothing without --embedder onnx")
    _refuse_twice(list(options.detectors), "--detector")
    for detector in options.detectors:
        one_of("--detector", detector, _DETECTORS)
    return EvaluationSettings(
        source=source,
        tests=_tests(options) if isinstance(source, SharpFolder) else (),
        methods=methods,
        seed=options.seed,
        kernels=options.kernels,
        gauges=GaugeSettings(
            options.detectors or GaugeSettings().detectors,
            options.embedder,
            options.embedder_model,
            options.niqe_model,
            options.lpips_alex,
            options.lpips_vgg,
            options.inception,
        ),
        identities=options.identities,
        skip_broken=options.skip_broken,
        max_pixels=options.max_pixels,
    )


def _source(options: EvaluateOptions) -> Source:
    given = [what for what in (options.folder, options.pairs, options.real) if what is not None]
    if len(given) != 1:
        raise UsageError(
            "name what is to be measured: FOLDER of sharp photos, --pairs SHARP OTHER or --real FOLDER, one of the three"
        )
    if options.pairs is None and (options.outputs or options.find_faces):
        option = "--outputs" if options.outputs else "--find-faces"
        raise UsageError(f"{option} goes with --pairs alone: leave it out")
    if options.folder is not None:
        return SharpFolder(options.folder, options.faces, options.skip)
    if options.real is not None:
        return RealFolder(options.real, options.faces, options.skip)
    assert options.pairs is not None
    sharp, other = options.pairs
    _refuse_twice([str(folder.resolve()) for folder in options.outputs], "--outputs")
    if options.size is not None and not options.find_faces:
        raise UsageError("--pairs measures pictures at the size they have; --size goes with --find-faces")
    size = (options.size or 256) if options.find_faces else None
    if size is not None and not SMALLEST_SIZE <= size <= LARGEST_SIZE:
        raise UsageError(f"faces are measured at {SMALLEST_SIZE} to {LARGEST_SIZE} pixels, not {size}")
    return PairedFolders(sharp, other, options.outputs, size, options.faces, options.skip)


def _chosen_restorers(options: EvaluateOptions) -> tuple[str, ...]:
    """Those that were named; without, the usual ones, but none where another program's results are measured."""
    if options.restorers or options.pairs is not None:
        return options.restorers
    return _USUAL_RESTORERS if options.real is None else _USUAL_FOR_REAL


def _tests(options: EvaluateOptions) -> tuple[TestSpec, ...]:
    from clearface.degrade.protocols import PROTOCOLS, protocol_named

    names = options.protocols or tuple(protocol.name for protocol in PROTOCOLS if not protocol.from_file)
    tests = tuple(parse_test(name, options.size) for name in names)
    needs_file = any(protocol_named(test.protocol).from_file for test in tests)
    if options.kernels is not None and not needs_file:
        tests += (parse_test(_FROM_FILE, options.size),)
    if options.kernels is None and needs_file:
        raise UsageError("the protocol levin takes its kernels from a file: name it with --kernels")
    _refuse_twice([test.name for test in tests], "--protocol")
    return tests


def _refuse_without_folder(options: EvaluateOptions, methods: tuple[MethodSpec, ...]) -> None:
    """Raises UsageError for options that are about degrading sharp photos."""
    given = {
        "--protocol": bool(options.protocols),
        "--kernels": options.kernels is not None,
        "--identities": options.identities is not None,
        "--size": options.size is not None and options.real is not None,
    }
    for option, is_given in given.items():
        if is_given:
            raise UsageError(f"{option} goes with a FOLDER of sharp photos alone: leave it out")
    for method in methods:
        if method.true_kernel:
            raise UsageError(f"{method.name}: the true kernel is known only of faces clearface itself degrades")


def _refuse_twice(names: list[str], option: str) -> None:
    for name in names:
        if names.count(name) > 1:
            raise UsageError(f"{option} {name} is given twice")
