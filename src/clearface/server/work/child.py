"""What runs in the process that works on photos: orders come in as JSON, progress and outcomes go out as JSON."""

import json
import os
import signal
import sys
import traceback
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from clearface.errors import ClearfaceError, DependencyError, GalleryError, ModelError, UsageError
from clearface.server.orders import Fault, Outcome, PhotoOrder
from clearface.server.settings import OfferedGallery, OfferedNetwork, UploadLimits
from clearface.server.work.words import as_json, from_json
from clearface.sessions import THREADS_VARIABLE
from clearface.steps import Step

_WANT_OF_MEMORY = ("nsufficient memory", "bad_alloc")
"""How OpenCV says so."""


@dataclass(frozen=True)
class ChildSettings:
    """What the process is told at its start."""

    limits: UploadLimits
    networks: tuple[OfferedNetwork, ...]
    gallery: OfferedGallery | None
    threads: int
    memory: int
    """Bytes it may take beyond what the networks took."""


@dataclass(frozen=True)
class Message:
    """One line from the process."""

    step: Step | None = None
    done: float = 0.0
    outcome: Outcome | None = None
    trace: str | None = None
    """For the log: what is wrong here, or where in the program something broke; says nothing about the photo."""


def run_child(connection: Connection, settings: ChildSettings) -> None:
    """Loads the networks, says so by an empty message, then works on one order after the other until the other end is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches every process; the one that started this ends it
    _silence()
    os.environ[THREADS_VARIABLE] = str(settings.threads)
    import cv2

    from clearface.server.orders import PhotoTask, Task
    from clearface.server.work.bench import Bench
    from clearface.server.work.photo_work import PhotoWork

    cv2.setNumThreads(settings.threads)
    bench = Bench(settings.networks, settings.gallery)
    bench.pipeline(PhotoTask(Task.RESTORE))
    if settings.gallery is not None:
        _meet_people(bench)
    _bound_memory(settings.memory)
    work = PhotoWork(bench, settings.limits)
    connection.send_bytes(as_json(Message()))
    while True:
        try:
            received = connection.recv_bytes()
        except EOFError:
            return
        folder, order = json.loads(received)
        _work(connection, work, Path(folder), from_json(PhotoOrder, order.encode()))


def _meet_people(bench: "Bench") -> None:  # type: ignore[name-defined]  # noqa: F821
    """Reads the gallery once, so that the first photo does not wait for it and its memory is not counted as a photo's."""
    from clearface.server.orders import PhotoTask, Task

    # What is wrong with it now may be right when a photo comes; then it is told.
    with suppress(GalleryError):
        bench.identifier(PhotoTask(Task.IDENTIFY))


def _work(connection: Connection, work: "PhotoWork", folder: Path, order: PhotoOrder) -> None:  # type: ignore[name-defined]  # noqa: F821
    def watch(step: Step, done: float) -> None:
        connection.send_bytes(as_json(Message(step, done)))

    trace = None
    try:
        outcome = work.do(folder, order, watch)
    except UsageError as error:
        outcome = _failed(order, str(error), Fault.USAGE)
    except (
        ModelError,
        DependencyError,
        GalleryError,
    ) as error:  # tells of files of the host's, which are none of the client's business
        outcome = _failed(
            order, f"{order.name}: what this needs is not in order here; the server's log says more", Fault.SERVER
        )
        trace = str(error)
    except ClearfaceError as error:
        outcome = _failed(order, str(error), Fault.PHOTO)
    except MemoryError:
        outcome = _failed(order, f"{order.name}: there is not enough memory for this photo", Fault.LIMIT)
    except Exception as error:  # noqa: BLE001 - whatever broke, the others waiting must not suffer from it
        if any(word in str(error) for word in _WANT_OF_MEMORY):
            outcome = _failed(order, f"{order.name}: there is not enough memory for this photo", Fault.LIMIT)
        else:
            outcome = _failed(
                order, f"{order.name}: something broke in clearface while it worked on this photo", Fault.SERVER
            )
            trace = _places(error)
    connection.send_bytes(as_json(Message(outcome=outcome, trace=trace)))


def _failed(order: PhotoOrder, sentence: str, fault: Fault) -> Outcome:
    return Outcome(None, sentence, fault, revision=order.revision)


def _places(error: Exception) -> str:
    """Where it broke: files and lines alone, since the message of an exception may tell of the photo."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{type(error).__name__} in " + " < ".join(
        f"{Path(place.filename).name}:{place.lineno}" for place in frames[::-1]
    )


def _bound_memory(memory: int) -> None:
    """No more than so many bytes beyond those taken already; where the system counts them."""
    if not sys.platform.startswith("linux"):
        return
    import resource

    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    taken = next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmData:"))
    resource.setrlimit(resource.RLIMIT_DATA, (taken + memory, taken + memory))


def _silence() -> None:
    """Decoders print remarks on damaged photos; nothing about a photo belongs into a log."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
    os.close(nowhere)
