"""What `clearface evaluate verification` does once its arguments are understood; returns the exit code."""

from dataclasses import dataclass
from pathlib import Path

from clearface.cores import usable_cores
from clearface.embedders.registry import DEFAULT_EMBEDDER
from clearface.errors import UsageError
from clearface.evaluate.recognition.command import check_output, refuse_twice, run_and_tell
from clearface.files.explanations import shown

_USUAL_CONDITIONS = ("sharp", "mild", "shen")


@dataclass(frozen=True)
class VerificationOptions:
    """The options of `clearface evaluate verification` as they were typed."""

    folder: Path | None
    output: Path
    pairs: Path | None
    strangers: Path | None
    conditions: tuple[str, ...]
    embedder: str | None
    embedder_model: Path | None
    embedder_preset: str | None
    most_pairs: int
    seed: int
    save_table: Path | None
    existing: str
    workers: int | None
    max_pixels: int
    quiet: bool
    command: str


def run_verification(options: VerificationOptions) -> int:
    """Measures and writes the results. Returns 0, or 130 after Ctrl-C, when the same command goes on.

    Raises UsageError where the options cannot be meant, PhotoError where photos cannot be used or results not be written,
    ModelError where a network fails; what is done stays, and the same command goes on with it.
    """
    if (options.folder is None) == (options.pairs is None):
        raise UsageError("name whose photos are compared: FOLDER of people, or --pairs FILE.csv, one of the two")
    if options.pairs is not None and options.strangers is not None:
        raise UsageError("--strangers goes with a FOLDER of people: a file of pairs says itself what is compared")
    from clearface.evaluate.evaluation import ask_for_packages
    from clearface.evaluate.recognition.verification_photos import VerificationSettings, parse_degrading
    from clearface.evaluate.recognition.verification_results import verification_lines
    from clearface.evaluate.recognition.verifying import (
        RESULTS,
        PhotoSource,
        run_verification_experiment,
        source_in_words,
    )

    start_anew = check_output(options.output, RESULTS, options.existing)
    if options.save_table is not None and options.save_table.exists() and not start_anew:
        raise UsageError(f"{shown(options.save_table)}: exists already: choose another name, or --existing overwrite")
    ask_for_packages()
    conditions = tuple(parse_degrading(text) for text in options.conditions or _USUAL_CONDITIONS)
    refuse_twice([condition.name for condition in conditions], "--condition")
    settings = VerificationSettings(
        conditions,
        (options.embedder or DEFAULT_EMBEDDER).lower(),
        options.embedder_model,
        options.embedder_preset,
        options.most_pairs,
        options.seed,
        options.max_pixels,
    )
    source = PhotoSource(options.folder, options.strangers, options.pairs)
    return run_and_tell(
        lambda show: run_verification_experiment(
            source,
            settings,
            options.output,
            options.save_table,
            source_in_words(source),
            options.command,
            options.workers or usable_cores(),
            start_anew,
            show,
        ),
        verification_lines,
        options.output / RESULTS[2],
        options.quiet,
    )
