"""Which files are meant by what stands on the command line, and their bytes."""

import os
import re
import stat
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from clearface.errors import PhotoError
from clearface.files import folders
from clearface.files.explanations import FileProblem, reason, shown

STANDARD_STREAM = "-"
"""Stands for standard input or standard output."""

_EXTRA_ENDING = r"(_frame\d+)?(_face\d+_(before|after|kernel)|_comparison|_boxes|_confidence)?"


@dataclass(frozen=True)
class InputFile:
    """One file to work on."""

    path: Path

    relative: Path
    """Its place below the folder it was found in (its mere name where it was named itself): the tree that outputs keep."""

    searched: bool = False
    """It was found in a folder or by a pattern, not named."""

    standard_stream: bool = False
    """It is standard input, and no file at all."""

    camera: bool = False
    """It is a camera, `path` its name."""

    @property
    def no_file(self) -> bool:
        """It has no bytes that could be read twice."""
        return self.standard_stream or self.camera


@dataclass(frozen=True)
class FoundInputs:
    """What the arguments stand for."""

    files: tuple[InputFile, ...]
    problems: tuple[FileProblem, ...] = ()


@dataclass(frozen=True)
class EarlierResults:
    """What a search leaves out, so that results of an earlier run are not taken for photos."""

    folder: Path | None = None
    """The folder results are written to; passed over where it lies inside a folder that is searched."""

    suffix: str = ""
    """What results beside their photos carry at the end of their names; passed over where the photo is found too."""


def find_inputs(
    arguments: Sequence[str],
    extensions: frozenset[str],
    earlier: EarlierResults | None = None,
    sought: tuple[str, str] = ("photo", "photos"),
) -> FoundInputs:
    """The files that names, folders, globs and `-` stand for, in the order given, each once.

    A name that exists is taken as it is, whatever its extension and whatever `*?[` it holds. Folders are searched with
    all below them for the extensions (lower case, with the dot; upper case in file names counts as the same); hidden files and
    folders are passed over, links are followed, and a folder reached by two ways is searched once. In globs `**` stands for any
    folders; they find files of the extensions alone unless they spell out another. sought: what
    is looked for, one and many, for the sentences. What cannot be taken is a problem, never an exception.
    """
    search = _Search(extensions, earlier or EarlierResults(), sought)
    files: dict[str, InputFile] = {}
    problems: list[FileProblem] = []
    for argument in arguments:
        for found in search.expand(argument):
            if isinstance(found, FileProblem):
                problems.append(found)
            else:
                files.setdefault(_identity(found), found)
    return FoundInputs(tuple(files.values()), tuple(problems))


def read_bytes(path: Path) -> bytes:
    """The bytes of a file. Raises PhotoError, naming it, where it is missing, empty, unreadable or no regular file."""
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise PhotoError(f"{shown(path)}: this is a folder, not a photo")
        if not stat.S_ISREG(status.st_mode):  # opening a pipe would wait for ever, a device might never end
            raise PhotoError(f"{shown(path)}: this is a device or a pipe, not a file")
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise PhotoError(f"{shown(path)}: there is no such file") from error
    except OSError as error:
        raise PhotoError(f"{shown(path)}: cannot be read: {reason(error)}") from error
    except ValueError as error:  # a NUL inside the name
        raise PhotoError(f"{shown(path)!r}: this cannot be the name of a file") from error
    if not data:
        raise PhotoError(f"{shown(path)}: the file is empty")
    return data


def read_standard_input() -> bytes:
    """All bytes piped in. Raises PhotoError where there are none, or where a keyboard is at the other end."""
    if sys.stdin is None or sys.stdin.closed or sys.stdin.isatty():
        raise PhotoError("standard input: no photo is piped in")
    data = sys.stdin.buffer.read()
    if not data:
        raise PhotoError("standard input: nothing came in")
    return data


def _identity(found: InputFile) -> str:
    """Equal for two spellings of one path. Links to one file stay apart: each has its place in the tree."""
    if found.standard_stream:
        return STANDARD_STREAM
    return str(Path(os.path.realpath(found.path.parent)) / found.path.name)


class _Search:
    def __init__(self, extensions: frozenset[str], earlier: EarlierResults, sought: tuple[str, str]) -> None:
        self.one, self.many = sought
        self.extensions = extensions
        self.results_folder = None if earlier.folder is None else os.path.realpath(earlier.folder)
        self.suffix = earlier.suffix

    def expand(self, argument: str) -> Iterator[InputFile | FileProblem]:
        if argument == STANDARD_STREAM:
            yield InputFile(Path(STANDARD_STREAM), Path(STANDARD_STREAM), standard_stream=True)
        elif not argument or "\0" in argument:
            yield FileProblem(argument, f"{argument!r}: this cannot be the name of a file")
        elif os.path.isdir(argument):  # noqa: PTH112 - Path.is_dir raises where a name is too long
            yield from self._or_problem(
                self._folder(Path(argument)), argument, f"there are no {self.many} in this folder"
            )
        elif _is_camera(argument):
            yield InputFile(Path(argument), Path(argument), camera=True)
        elif os.path.lexists(argument):
            yield InputFile(Path(argument), Path(Path(argument).name))
        elif folders.WILDCARD.search(argument):
            yield from self._or_problem(self._glob(Path(argument)), argument, f"no {self.one} matches this pattern")
        else:
            yield FileProblem(argument, f"{shown(argument)}: {_why_absent(argument)}")

    def _or_problem(
        self, found: Iterable[InputFile | FileProblem], argument: str, otherwise: str
    ) -> Iterator[InputFile | FileProblem]:
        nothing = True
        for item in found:
            nothing = False
            yield item
        if nothing:
            yield FileProblem(argument, f"{shown(argument)}: {otherwise}")

    def _folder(self, root: Path) -> Iterator[InputFile | FileProblem]:
        paths = []
        for place in folders.walk(root):
            if isinstance(place, FileProblem):
                yield place
            else:
                paths += [place.path / name for name in place.files if self._is_photo(name)]
        yield from self._taken(root, paths)

    def _glob(self, pattern: Path) -> Iterator[InputFile | FileProblem]:
        fixed = next(index for index, part in enumerate(pattern.parts) if folders.WILDCARD.search(part))
        root = Path(*pattern.parts[:fixed])
        extension_given = pattern.suffix and not folders.WILDCARD.search(pattern.suffix)
        paths = []
        for found in folders.match(root, pattern.parts[fixed:]):
            if isinstance(found, FileProblem):
                yield found
            elif not found.is_dir():
                paths += [found] if extension_given or self._is_photo(found.name) else []
            else:
                for place in folders.walk(found):
                    if isinstance(place, FileProblem):
                        yield place
                    else:
                        paths += [place.path / name for name in place.files if self._is_photo(name)]
        yield from self._taken(root, paths)

    def _taken(self, root: Path, paths: list[Path]) -> Iterator[InputFile]:
        """Of the paths found below a folder those that are no earlier results, sorted."""
        stems = {(path.parent, path.stem) for path in paths}
        passed_over = {parent for parent in {path.parent for path in paths} if self._in_results_folder(root, parent)}
        for path in sorted(set(paths), key=lambda file: file.parts):
            photo = self._stem_of_photo(path)
            if path.parent not in passed_over and (photo is None or (path.parent, photo) not in stems):
                yield InputFile(path, path.relative_to(root), searched=True)

    def _is_photo(self, name: str) -> bool:
        return Path(name).suffix.lower() in self.extensions

    def _in_results_folder(self, root: Path, folder: Path) -> bool:
        if self.results_folder is None:
            return False
        between = [folder, *folder.parents][: len(folder.relative_to(root).parts)]
        return any(os.path.realpath(place) == self.results_folder for place in between)

    def _stem_of_photo(self, path: Path) -> str | None:
        """Of which photo a file is the result, going by its name."""
        if not self.suffix:
            return None
        made = re.fullmatch(f"(?P<photo>.+){re.escape(self.suffix)}{_EXTRA_ENDING}", path.stem)
        return None if made is None else made["photo"]


def _is_camera(argument: str) -> bool:
    """Whether it names a camera: `camera`, `camera:1`, unless a file is called that, or a video device of the system."""
    if re.fullmatch(r"camera(:\d+)?", argument):
        return not os.path.lexists(argument)
    return re.fullmatch(r"/dev/video\d+", argument) is not None


def _why_absent(argument: str) -> str:
    try:
        os.lstat(argument)
    except OSError as error:
        return reason(error)
    return "there is no such file or folder"
