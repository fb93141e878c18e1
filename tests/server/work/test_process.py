"""A photo that takes too long, takes too much or kills its process fails alone."""

import io
import os
import signal
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from clearface.arrays import ByteImage
from clearface.server.dispatchers.base import Progress
from clearface.server.orders import Fault, Outcome, PhotoOrder, PhotoTask, Task
from clearface.server.settings import MEBIBYTE, ServerSettings, WorkBounds
from clearface.server.work.process import PhotoProcess

IDENTITY = PhotoTask(Task.RESTORE, restorer="identity")


def png(pixels: ByteImage) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG", compress_level=1)
    return out.getvalue()


@pytest.fixture(scope="module")
def process() -> Iterator[PhotoProcess]:
    process = PhotoProcess(ServerSettings(bounds=WorkBounds(memory=250 * MEBIBYTE)), threads=1)
    process.start()
    yield process
    process.stop()


def work(
    process: PhotoProcess, folder: Path, photo: bytes, task: PhotoTask = IDENTITY
) -> tuple[Outcome, list[Progress]]:
    (folder / "upload").write_bytes(photo)
    told: list[Progress] = []
    return process.work(folder, PhotoOrder(task, "photo.png"), told.append), told


def good(process: PhotoProcess, folder: Path, astronaut: ByteImage) -> None:
    outcome, told = work(process, folder, png(astronaut))
    assert outcome.report is not None
    assert outcome.report["status"] == "restored"
    assert [progress.step for progress in told] == ["reading", "finding", "restoring", "writing"]
    fractions = [progress.fraction for progress in told]
    assert fractions == sorted(fractions)
    assert 0 <= fractions[0] < fractions[-1] < 1


def test_a_good_photo_is_done_step_by_step(process: PhotoProcess, tmp_path: Path, astronaut: ByteImage) -> None:
    good(process, tmp_path, astronaut)


def test_a_damaged_photo_fails_with_its_sentence(process: PhotoProcess, tmp_path: Path, astronaut: ByteImage) -> None:
    outcome, _ = work(process, tmp_path, png(astronaut)[:5000])
    assert outcome == Outcome(None, "photo.png: the file is cut short, a part of the PNG is missing", Fault.PHOTO)


def test_options_that_cannot_be_are_the_callers_fault(
    process: PhotoProcess, tmp_path: Path, astronaut: ByteImage
) -> None:
    outcome, _ = work(process, tmp_path, png(astronaut), replace(IDENTITY, restorer="smfd", fidelity=7.0))
    assert (outcome.report, outcome.fault) == (None, "usage")


@pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="elsewhere the system does not bound the memory of a process"
)
def test_a_photo_that_needs_more_memory_than_it_may_take_fails_alone(
    process: PhotoProcess, tmp_path: Path, astronaut: ByteImage
) -> None:
    outcome, _ = work(process, tmp_path, png(np.zeros((8000, 8000, 3), np.uint8)))
    assert outcome.report is None
    assert outcome.error in (
        "photo.png: there is not enough memory for this photo",
        "photo.png: there is not enough memory to decode the photo",
        "photo.png: this photo takes more memory than there is, or is damaged in a way no program survives",
    )
    good(process, tmp_path, astronaut)


def test_a_process_that_dies_is_replaced(process: PhotoProcess, tmp_path: Path, astronaut: ByteImage) -> None:
    def kill(progress: Progress) -> None:
        if progress.step == "finding":
            assert process.pid is not None
            os.kill(process.pid, signal.SIGKILL)

    (tmp_path / "upload").write_bytes(png(astronaut))
    outcome = process.work(tmp_path, PhotoOrder(IDENTITY, "photo.png"), kill)
    assert (outcome.report, outcome.fault) == (None, "limit")
    assert outcome.error is not None
    assert "takes more memory than there is" in outcome.error
    good(process, tmp_path, astronaut)


@pytest.mark.parametrize(
    ("bounds", "sentence"),
    [
        (WorkBounds(read_seconds=1e-6), "photo.png: reading this photo takes longer than 1e-06 s, which is the limit"),
        (WorkBounds(seconds=1e-6), "photo.png: this photo takes longer than 1e-06 s, which is the limit"),
    ],
)
def test_a_photo_that_takes_too_long_fails_alone(
    bounds: WorkBounds, sentence: str, tmp_path: Path, astronaut: ByteImage
) -> None:
    impatient = PhotoProcess(ServerSettings(bounds=bounds), threads=1)
    try:
        outcome, _ = work(impatient, tmp_path, png(astronaut))
        assert (outcome.error, outcome.fault) == (sentence, "limit")
    finally:
        impatient.stop()


def test_work_that_is_stopped_says_so(tmp_path: Path, astronaut: ByteImage) -> None:
    process = PhotoProcess(ServerSettings(), threads=1)

    def stop(progress: Progress) -> None:
        if progress.step == "finding":
            thread = threading.Thread(target=process.stop)
            thread.start()
            thread.join()

    (tmp_path / "upload").write_bytes(png(astronaut))
    outcome = process.work(tmp_path, PhotoOrder(IDENTITY, "photo.png"), stop)
    assert outcome.error == "photo.png: clearface was stopped while it worked on this photo"
    assert outcome.fault is Fault.SERVER
