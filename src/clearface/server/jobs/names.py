"""What results are called when they are taken home."""

from pathlib import PurePosixPath

from werkzeug.utils import secure_filename

from clearface.server.orders import Task

_ENDINGS = {Task.RESTORE: "_restored", Task.DETECT: "_faces", Task.HIDE: "_hidden", Task.IDENTIFY: "_named"}


def result_stem(photo: str, number: int, task: Task) -> str:
    """The name of a result without its extension: letters, digits, `.`, `-` and `_` alone.

    photo: what the client calls it. number: its place in the job, used where nothing of the name can be kept.
    """
    stem = secure_filename(PurePosixPath(photo.replace("\\", "/")).stem)
    stem = stem.lstrip("-")  # after unpacking it would look like an option
    return f"{stem or f'photo-{number}'}{_ENDINGS[task]}"


def unique_names(stems: list[str]) -> list[str]:
    """The same names, each once: later ones of the same name, in any case, are numbered."""
    taken: set[str] = set()
    unique = []
    for stem in stems:
        name, count = stem, 1
        while name.lower() in taken:
            count += 1
            name = f"{stem}-{count}"
        taken.add(name.lower())
        unique.append(name)
    return unique
