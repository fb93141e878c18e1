"""Where the result of each input goes, decided for all of them before the first is touched."""

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from clearface.errors import UsageError
from clearface.files.explanations import FileProblem, reason, shown
from clearface.files.inputs import STANDARD_STREAM, EarlierResults, InputFile
from clearface.suggestions import did_you_mean

_SEPARATORS = tuple(separator for separator in (os.sep, os.altsep) if separator)


class ExistingPolicy(StrEnum):
    """What to do where a result exists already."""

    FAIL = "fail"
    SKIP = "skip"
    OVERWRITE = "overwrite"


@dataclass(frozen=True)
class PlannedOutput:
    """One input and where its result goes."""

    source: InputFile

    path: Path

    standard_stream: bool = False
    """The result goes to standard output, and into no file."""

    skip: bool = False
    """The result exists, and is to be left as it is."""


@dataclass(frozen=True)
class OutputPlan:
    """Where results go, and which inputs cannot have one."""

    outputs: tuple[PlannedOutput, ...]
    problems: tuple[FileProblem, ...] = ()
    """Named after the input."""


@dataclass(frozen=True)
class Naming:
    """How results are called."""

    suffix: str = "_restored"
    """Ends the name, before the extension, of a result that lies beside its input."""

    extension: str | None = None
    """Replaces the input's, with or without the dot; None keeps it."""

    instead: Mapping[str, str] = field(default_factory=dict)
    """Extensions, lower case with the dot, of kinds that are read and not written, and what results have instead."""


def earlier_results(output: str | None, suffix: str) -> EarlierResults:
    """What `find_inputs` has to pass over so that a second run does not take the results of the first for photos."""
    if output is None:
        return EarlierResults(suffix=suffix)
    return EarlierResults(folder=None if output == STANDARD_STREAM else Path(output), suffix=suffix)


def plan_outputs(
    inputs: Sequence[InputFile],
    output: str | None,
    naming: Naming,
    existing: ExistingPolicy,
    extensions: frozenset[str],
) -> OutputPlan:
    """Decides where the result of each input goes.

    Without `output` it lies beside the input with the suffix, and standard input answers on standard output. `-` is standard
    output. An output with one of the `extensions` (lower case, with the dot) that is no folder is the one file for one input; any
    other is a folder, made if need be, in which the tree of the inputs is kept and their names too.

    An input is never replaced by a result, whatever `existing` says, nor through a link; no two inputs share a result. Both are
    problems of the inputs concerned. Raises UsageError where the output cannot be meant for these inputs.
    """
    _check_naming(naming)
    place = _Place.of(inputs, output, naming, extensions)
    originals = _originals(inputs)
    taken: dict[str, InputFile] = {}
    outputs: list[PlannedOutput] = []
    problems: list[FileProblem] = []
    for file in inputs:
        planned = place.for_input(file)
        sentence = None if planned.standard_stream else _refusal(planned, originals, taken, existing)
        if sentence is not None:
            problems.append(FileProblem(str(file.path), sentence))
        elif existing is ExistingPolicy.SKIP and not planned.standard_stream and planned.path.exists():
            outputs.append(PlannedOutput(file, planned.path, skip=True))
        else:
            outputs.append(planned)
        if not planned.standard_stream:
            taken.setdefault(_spelling(planned.path), file)
    return OutputPlan(tuple(outputs), tuple(problems))


@dataclass(frozen=True)
class _Place:
    """What the output option means."""

    naming: Naming
    file: Path | None = None
    folder: Path | None = None
    standard_stream: bool = False

    @classmethod
    def of(
        cls, inputs: Sequence[InputFile], output: str | None, naming: Naming, extensions: frozenset[str]
    ) -> "_Place":
        if output is None:
            return cls(naming)
        if output == STANDARD_STREAM:
            _check_single(inputs, "standard output takes one result")
            return cls(naming, standard_stream=True)
        if _is_meant_as_folder(inputs, output, extensions, naming):
            if any(file.no_file for file in inputs):
                raise UsageError(
                    f"{shown(output)}: {_nameless(inputs)} has no name to use in a folder: name a file, or -"
                )
            return cls(naming, folder=Path(output))
        _check_single(inputs, f"{shown(output)}: this is one file")
        return cls(naming, file=Path(output))

    def for_input(self, file: InputFile) -> PlannedOutput:
        if self.standard_stream or (file.no_file and self.file is None):
            return PlannedOutput(file, Path(STANDARD_STREAM), standard_stream=True)
        if self.file is not None:
            return PlannedOutput(file, self.file)
        extension = self.naming.instead.get(file.path.suffix.lower(), file.path.suffix)
        if self.naming.extension is not None:
            extension = "." + self.naming.extension.lstrip(".")
        if self.folder is not None:
            return PlannedOutput(file, self.folder / file.relative.with_name(file.path.stem + extension))
        return PlannedOutput(file, file.path.with_name(file.path.stem + self.naming.suffix + extension))


def _is_meant_as_folder(inputs: Sequence[InputFile], output: str, extensions: frozenset[str], naming: Naming) -> bool:
    if not output or "\0" in output:
        raise UsageError(f"{output!r}: this cannot be the name of an output")
    path = Path(output)
    extension = path.suffix.lower()
    if output.endswith(_SEPARATORS) or path.is_dir():
        return True
    if extension in extensions:
        return False
    if extension and len(inputs) == 1 and not inputs[0].searched:
        near = did_you_mean(extension, sorted(extensions - naming.instead.keys()))
        hint = "to name a folder, end it with /"
        raise UsageError(
            f"{shown(output)}: there is no kind of photo or video that ends in {extension}: {near} ({hint})"
        )
    return True


def _nameless(inputs: Sequence[InputFile]) -> str:
    return "standard input" if any(file.standard_stream for file in inputs) else "a camera"


def _check_single(inputs: Sequence[InputFile], what: str) -> None:
    if len(inputs) > 1:
        raise UsageError(f"{what}, but there are {len(inputs)} inputs: name a folder")


def _check_naming(naming: Naming) -> None:
    for what, text in (("suffix", naming.suffix), ("extension", naming.extension or "")):
        if "\0" in text or any(separator in text for separator in _SEPARATORS):
            raise UsageError(f"{text!r}: a {what} cannot contain a slash")


def _refusal(
    planned: PlannedOutput,
    originals: dict[tuple[int, int], Path],
    taken: dict[str, InputFile],
    existing: ExistingPolicy,
) -> str | None:
    source, path = shown(planned.source.path), planned.path
    other = taken.get(_spelling(path))
    if other is not None:
        both = f"{source}: its result would be {shown(path)}, as that of {shown(other.path)} is"
        return f"{both}: give them different names"
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    except OSError as error:
        return f"{source}: its result cannot be {shown(path)}: {reason(error)}"
    if (status.st_dev, status.st_ino) in originals:
        original = originals[status.st_dev, status.st_ino]
        return f"{source}: its result would replace the original {shown(original)}: choose another output or suffix"
    if path.is_dir():
        return f"{source}: its result cannot be {shown(path)}: it is a folder"
    if existing is ExistingPolicy.FAIL:
        return f"{source}: its result {shown(path)} exists already: give --existing skip or --existing overwrite"
    return None


def _originals(inputs: Sequence[InputFile]) -> dict[tuple[int, int], Path]:
    """The inputs by what tells a file on the disk from all others, whatever name it is reached by."""
    originals = {}
    for file in inputs:
        if not file.standard_stream:
            with suppress(OSError):  # a file that is missing cannot be replaced; reading it will say why
                status = file.path.stat()
                originals[status.st_dev, status.st_ino] = file.path
    return originals


def _spelling(path: Path) -> str:
    return os.path.realpath(path)
