"""A desk, its janitor and worker processes that restore; a worker and Redis are killed among them."""

import io
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from clearface.server.dispatchers.redis_queue import RedisDispatcher
from clearface.server.jobs.base import Upload
from clearface.server.jobs.desk import JobDesk
from clearface.server.jobs.janitor import Janitor
from clearface.server.jobs.states import Stage
from clearface.server.orders import FaceKey, PhotoTask, Task
from clearface.server.stores.opening import open_store

LEASE = 2.0
PHOTOS = 20


class Restorers:
    """Processes of `restoring_worker.py`."""

    def __init__(self, folder: Path, store: str) -> None:
        self.folder = folder
        self.store = store
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self, url: str) -> None:
        script = Path(__file__).with_name("restoring_worker.py")
        with (self.folder / f"log{len(self.processes)}").open("wb") as log:
            command = [sys.executable, str(script), url, self.store, str(self.folder), str(LEASE)]
            self.processes.append(subprocess.Popen(command, stderr=log))

    def log(self) -> str:
        return "".join(path.read_text() for path in sorted(self.folder.glob("log*")))


@pytest.fixture
def restorers(tmp_path: Path) -> Iterator[Restorers]:
    folder = tmp_path / "workers"
    folder.mkdir()
    made = Restorers(folder, str(tmp_path / "store"))
    yield made
    for process in made.processes:
        process.kill()
        process.wait()


@pytest.fixture
def desk(mortal_redis: Any, restorers: Restorers, settings_for: Any) -> Iterator[JobDesk]:
    settings, store = settings_for(mortal_redis.url), open_store(restorers.store)
    made = JobDesk(settings, store, RedisDispatcher(settings, store, LEASE), restorers.folder)
    janitor = Janitor(made, 0.2)
    yield made
    janitor.close()
    made.close()


def test_twenty_jobs_outlive_a_worker_and_redis(
    mortal_redis: Any, desk: JobDesk, restorers: Restorers, until: Any
) -> None:
    for _ in range(2):
        restorers.start(mortal_redis.url)
    until(lambda: desk.load().workers == 2)
    task = PhotoTask(Task.RESTORE, restorer="identity", aligned=True)
    jobs = [desk.submit(task, [Upload(f"aunt{number}.png", _png(number))]).job_id for number in range(PHOTOS)]

    def done() -> int:
        return sum(desk.state(job).stage.over for job in jobs)

    until(lambda: done() >= 3)
    restorers.processes[0].kill()
    restorers.processes[0].wait()
    until(lambda: done() >= 8)
    mortal_redis.kill()
    mortal_redis.start()
    for number, job in enumerate(jobs):
        assert desk.wait(job, 60).stage is Stage.DONE
        result = Image.open(io.BytesIO(desk.result(job, 1)))
        assert result.getpixel((0, 0)) == (10 * number, 20, 30)
        desk.delete(job)
    restorers.processes[1].send_signal(signal.SIGTERM)
    assert restorers.processes[1].wait(60) == 0
    assert list(open_store(restorers.store).names("")) == []
    assert not any(job in restorers.log() for job in jobs)
    assert "aunt" not in restorers.log()


def test_faces_are_pasted_anew_by_a_worker(
    mortal_redis: Any, desk: JobDesk, restorers: Restorers, until: Any, portrait: Path
) -> None:
    restorers.start(mortal_redis.url)
    until(lambda: desk.load().ready)
    task = PhotoTask(Task.RESTORE, restorer="richardson-lucy", psf="box:3", iterations=2)
    job_id = desk.submit(task, [Upload("portrait.jpg", portrait.read_bytes())], view=True).job_id
    assert desk.wait(job_id, 60).stage is Stage.DONE
    restored = desk.picture(job_id, 1, "after.webp")
    for revision, left in enumerate([(FaceKey(1, 1),), ()], start=1):
        outcome = desk.leave(job_id, 1, left).outcome
        assert outcome is not None
        assert (outcome.left, outcome.revision) == (left, revision)
    assert desk.picture(job_id, 1, "after.webp") == restored


def _png(number: int) -> bytes:
    """Large enough to keep a worker busy for a moment."""
    stream = io.BytesIO()
    Image.new("RGB", (1000, 1000), (10 * number, 20, 30)).save(stream, "PNG")
    return stream.getvalue()
