"""No encoder takes the machine for itself."""

import os
import sys
import threading
from pathlib import Path

import pytest

from clearface.films.thread_priorities import usual_priorities


def policies() -> set[int]:
    return {os.sched_getscheduler(int(entry.name)) for entry in Path("/proc/self/task").iterdir()}


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="only root on Linux may ask for real time")
def test_real_time_that_was_taken_is_taken_back() -> None:
    done = threading.Event()
    with usual_priorities():
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
        heir = threading.Thread(target=done.wait)
        heir.start()
        assert os.SCHED_FIFO in policies()
    try:
        assert policies() == {os.SCHED_OTHER}
    finally:
        done.set()
        heir.join()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is nothing to take back")
def test_what_was_real_time_before_stays_so() -> None:
    before = policies()
    with usual_priorities():
        pass
    assert policies() == before
