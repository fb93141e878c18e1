"""What `clearface evaluate recognition` does once its arguments are understood; returns the exit code."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from clearface.cores import usable_cores
from clearface.errors import UsageError
from clearface.evaluate.recognition.settings import Distance, Framing, RecognitionSettings
from clearface.evaluate.specs import LARGEST_SIZE, SMALLEST_SIZE, parse_method
from clearface.exit_codes import INTERRUPTED
from clearface.files.explanations import shown
from clearface.files.outputs import ExistingPolicy
from clearface.files.standard_output import Speaker
from clearface.progress import is_watched, progress_bar
from clearface.suggestions import one_of

if TYPE_CHECKING:
    from clearface.evaluate.engine import ShowProgress

ResultsT = TypeVar("ResultsT")


@dataclass(frozen=True)
class RecognitionOptions:
    """The options of `clearface evaluate recognition` as they were typed."""

    folders: tuple[Path, ...]
    output: Path
    methods: str
    training_photos: str
    splits: int
    protocols: tuple[str, ...]
    restorers: tuple[str, ...]
    framing: str
    neighbours: int
    distance: str
    size: int
    seed: int
    embedder_model: Path | None
    existing: str
    workers: int | None
    max_pixels: int
    quiet: bool
    command: str


def run_recognition(options: RecognitionOptions) -> int:
    """Measures and writes the results. Returns 0, or 130 after Ctrl-C, when the same command goes on.

    Raises UsageError where the options cannot be meant, PhotoError where photos cannot be used or results not be written,
    ModelError where a method fails; what is done stays, and the same command goes on with it.
    """
    settings = understood_recognition(options)
    from clearface.evaluate.evaluation import ask_for_packages
    from clearface.evaluate.recognition.experiment import RESULTS, run_experiment
    from clearface.evaluate.recognition.tables import summary_lines

    start_anew = check_output(options.output, RESULTS, options.existing)
    ask_for_packages()
    return run_and_tell(
        lambda show: run_experiment(
            settings, options.output, options.command, options.workers or usable_cores(), start_anew, show
        ),
        summary_lines,
        options.output / RESULTS[2],
        options.quiet,
    )


def run_and_tell(
    run: "Callable[[ShowProgress], ResultsT]", lines: Callable[[ResultsT], Iterable[str]], page: Path, quiet: bool
) -> int:
    """Runs an experiment, its progress shown, and says what came of it. Returns 0, or 130 after Ctrl-C.

    lines: what is said of the results. page: the file that has all the rest.
    """
    watched = is_watched() and not quiet
    try:
        results = run(lambda what, count: progress_bar(what, count, watched))
    except KeyboardInterrupt:
        Speaker(to_stdout=False).say("clearface: stopped; the same command goes on from here")
        return INTERRUPTED
    if not quiet:
        speaker = Speaker(to_stdout=True)
        for line in (*lines(results), f"{shown(page)} has all the rest"):
            speaker.say(line)
    return 0


def check_output(output: Path, results: tuple[str, ...], existing: str) -> bool:
    """Whether to start anew. Raises UsageError where the folder is none, or has results that must not be replaced."""
    policy = one_of("--existing", existing, [ExistingPolicy.FAIL, ExistingPolicy.OVERWRITE])
    if output.exists() and not output.is_dir():
        raise UsageError(f"{shown(output)}: this is a file, and results need a folder")
    there = [name for name in results if (output / name).exists()]
    if there and policy is ExistingPolicy.FAIL:
        raise UsageError(
            f"{shown(output)}: there is {there[0]} already: choose another folder, or --existing overwrite"
        )
    return policy is ExistingPolicy.OVERWRITE


def understood_recognition(options: RecognitionOptions) -> RecognitionSettings:
    """Raises UsageError for options that cannot be meant, or that would do nothing."""
    from clearface.degrade.protocols import protocol_named
    from clearface.evaluate.recognition.recognizers import recognizer_named

    if not options.folders:
        raise UsageError(
            "name the collections: folders with a folder for each person, or photos named as those of Yale"
        )
    methods = tuple(recognizer_named(word).name for word in _words(options.methods, "--methods"))
    refuse_twice(methods, "--methods")
    refuse_twice([str(folder.resolve()) for folder in options.folders], "FOLDER")
    if (options.embedder_model is not None) != ("onnx" in methods):
        raise UsageError("--embedder-model and the method onnx go together: give both or none")
    protocols = tuple(protocol_named(name).name for name in options.protocols or ("shen", "mild"))
    refuse_twice(protocols, "--protocol")
    for name in protocols:
        if protocol_named(name).from_file:
            raise UsageError(f"--protocol {name}: its kernels come from a file, which this experiment does not take")
        if name == "sharp":
            raise UsageError("--protocol sharp: photos are recognized as they are in any case: leave it out")
    restorers = tuple(parse_method(text) for text in options.restorers or ("smfd",))
    refuse_twice([restorer.name for restorer in restorers], "--restorer")
    for restorer in restorers:
        if restorer.true_kernel:
            raise UsageError(
                f"{restorer.name}: whole photos are blurred here, and the true kernel is told of faces alone"
            )
    if not SMALLEST_SIZE <= options.size <= LARGEST_SIZE:
        raise UsageError(f"faces are measured at {SMALLEST_SIZE} to {LARGEST_SIZE} pixels, not {options.size}")
    return RecognitionSettings(
        options.folders,
        methods,
        _counts(options.training_photos),
        options.splits,
        protocols,
        restorers,
        one_of("--framing", options.framing, list(Framing)),
        options.neighbours,
        one_of("--distance", options.distance, list(Distance)),
        options.size,
        options.seed,
        options.embedder_model,
        options.max_pixels,
    )


def refuse_twice(names: tuple[str, ...] | list[str], option: str) -> None:
    """Raises UsageError for the first name that is there twice."""
    for name in names:
        if names.count(name) > 1:
            raise UsageError(f"{option} {name} is given twice")


def _counts(text: str) -> tuple[int, ...]:
    words = _words(text, "--training-photos")
    if not all(word.isascii() and word.isdecimal() and int(word) > 0 for word in words):
        raise UsageError(f"--training-photos {text}: whole numbers above 0 with commas between them, such as 2,3,5,7")
    refuse_twice(words, "--training-photos")
    return tuple(sorted(int(word) for word in words))


def _words(text: str, option: str) -> tuple[str, ...]:
    words = tuple(word.strip() for word in text.split(","))
    if not all(words):
        raise UsageError(f"{option} {text}: names with commas between them are expected")
    return words
