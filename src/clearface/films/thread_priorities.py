"""Keeping an encoder from taking the machine for itself."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_THREADS = Path("/proc/self/task")


@contextmanager
def usual_priorities() -> Iterator[None]:
    """Takes back the real-time priority that is given to threads meanwhile.

    SVT-AV1, run by root, gives it to its own threads and to the one that opens it; whatever that one starts later inherits it,
    and nothing else on the machine runs until they are done. Only Linux lets it do so.
    """
    before = {thread for thread in _threads() if _real_time(thread)}
    try:
        yield
    finally:
        for thread in _threads():
            if thread not in before and _real_time(thread):
                with suppress(ProcessLookupError):
                    os.sched_setscheduler(thread, os.SCHED_OTHER, os.sched_param(0))


def _threads() -> list[int]:
    return [int(entry.name) for entry in _THREADS.iterdir()] if _THREADS.is_dir() else []


def _real_time(thread: int) -> bool:
    try:
        return os.sched_getscheduler(thread) in (os.SCHED_FIFO, os.SCHED_RR)
    except ProcessLookupError:  # it has ended meanwhile
        return False
