"""The whole way of photos through a server's desk, with a process at work."""

import io
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from clearface.arrays import ByteImage
from clearface.errors import UsageError
from clearface.server.jobs.base import QueueFull, StillWorking, UnknownJob, Upload
from clearface.server.jobs.desk import JobDesk
from clearface.server.jobs.states import Stage
from clearface.server.opening import open_desk, workforce
from clearface.server.orders import FaceKey, PhotoTask, Task
from clearface.server.settings import ServerSettings

IDENTITY = PhotoTask(Task.RESTORE, restorer="identity")
SECONDS = 60.0


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("place")


@pytest.fixture(scope="module")
def desk(place: Path) -> Iterator[JobDesk]:
    with open_desk(ServerSettings(folder=place, queue_length=6, workers=1)) as desk:
        yield desk
    assert not list(place.glob("*/server-*"))


@pytest.fixture(scope="module")
def portrait(astronaut: ByteImage) -> bytes:
    out = io.BytesIO()
    Image.fromarray(astronaut[:300, 80:380]).save(out, "PNG")
    return out.getvalue()


@pytest.fixture(scope="module")
def large(astronaut: ByteImage) -> bytes:
    """Takes a while."""
    out = io.BytesIO()
    Image.fromarray(np.tile(astronaut, (5, 5, 1))).save(out, "PNG", compress_level=1)
    return out.getvalue()


def files(place: Path) -> list[Path]:
    return [path for path in place.glob("*/server-*/*/**/*") if path.is_file()]


def test_every_photo_of_a_job_ends_done_or_failed(desk: JobDesk, portrait: bytes) -> None:
    uploads = [
        Upload("one.png", portrait),
        Upload("cut.png", portrait[:2000]),
        Upload("text.png", b"hello", "text.png: the file is text"),
        Upload("one.png", portrait),
    ]
    state = desk.wait(desk.submit(IDENTITY, uploads).job_id, SECONDS)
    assert [photo.stage for photo in state.photos] == [Stage.DONE, Stage.FAILED, Stage.FAILED, Stage.DONE]
    assert state.stage is Stage.DONE
    assert [photo.outcome.error for photo in state.photos if photo.outcome is not None] == [
        None,
        "cut.png: the file is cut short, a part of the PNG is missing",
        "text.png: the file is text",
        None,
    ]
    assert state.photos[0].result_bytes == len(desk.result(state.job_id, 1))
    assert state.expires is not None
    assert (state.expires - state.created).total_seconds() >= 900
    desk.delete(state.job_id)


def test_an_archive_holds_every_result_once(desk: JobDesk, portrait: bytes, tmp_path: Path) -> None:
    task = PhotoTask(Task.RESTORE, restorer="identity", save_comparison=True)
    uploads = [Upload("one.png", portrait)] * 2 + [Upload("ä.txt", b"hello", "ä.txt: the file is text")]
    state = desk.wait(desk.submit(task, uploads).job_id, SECONDS)
    path = desk.archive(state.job_id, tmp_path)
    with zipfile.ZipFile(path) as archive:
        assert archive.read("not-done.txt").decode() == "ä.txt: the file is text\n"
        assert sorted(archive.namelist()) == [
            "not-done.txt",
            "one_restored-2.png",
            "one_restored-2_comparison.png",
            "one_restored.png",
            "one_restored_comparison.png",
        ]
        assert archive.read("one_restored.png") == desk.result(state.job_id, 1)
    desk.delete(state.job_id)


def test_a_face_can_be_left_as_it_was_and_taken_again(desk: JobDesk, portrait: bytes) -> None:
    task = PhotoTask(Task.RESTORE, restorer="richardson-lucy", iterations=2)
    state = desk.wait(desk.submit(task, [Upload("one.png", portrait)], view=True).job_id, SECONDS)
    restored = desk.result(state.job_id, 1)
    left = desk.leave(state.job_id, 1, [FaceKey(1, 1)])
    assert left.outcome is not None
    assert (left.outcome.left, left.outcome.revision) == ((FaceKey(1, 1),), 1)
    assert left.outcome.view is not None
    assert desk.result(state.job_id, 1) == portrait
    again = desk.leave(state.job_id, 1, [])
    assert again.outcome is not None
    assert (again.outcome.left, again.outcome.revision) == ((), 2)
    assert desk.result(state.job_id, 1) == restored
    with pytest.raises(UsageError, match="there is no face 2 in frame 1 of this photo"):
        desk.leave(state.job_id, 1, [FaceKey(1, 2)])
    desk.delete(state.job_id)


def test_a_job_that_is_deleted_is_gone_with_all_its_files(desk: JobDesk, place: Path, portrait: bytes) -> None:
    state = desk.wait(desk.submit(IDENTITY, [Upload("one.png", portrait)], view=True).job_id, SECONDS)
    assert files(place)
    desk.delete(state.job_id)
    assert [path.name for path in files(place) if path.name != "in-use.lock"] == []
    for ask in (desk.state, desk.delete, lambda job: desk.result(job, 1), lambda job: desk.wait(job, 1.0)):
        with pytest.raises(UnknownJob, match="there is no such job"):
            ask(state.job_id)


def test_a_job_deleted_while_it_is_worked_on_leaves_nothing(desk: JobDesk, place: Path, large: bytes) -> None:
    state = desk.submit(IDENTITY, [Upload("large.png", large)] * 3)
    with pytest.raises(StillWorking):
        desk.result(state.job_id, 1)
    with pytest.raises(StillWorking):
        desk.archive(state.job_id, place)
    while desk.state(state.job_id).stage is Stage.WAITING:
        time.sleep(0.01)
    desk.delete(state.job_id)
    while desk.load().working:
        time.sleep(0.01)
    assert desk.load().waiting == 0
    assert [path.name for path in files(place) if path.name != "in-use.lock"] == []


def test_a_full_queue_says_when_to_come_again(desk: JobDesk, place: Path, large: bytes) -> None:
    jobs = [desk.submit(IDENTITY, [Upload("large.png", large)] * 5).job_id]
    with pytest.raises(QueueFull, match="wait already") as caught:
        jobs.append(desk.submit(IDENTITY, [Upload("large.png", large)] * 5).job_id)
    assert caught.value.retry_after >= 1
    for job in jobs:
        desk.delete(job)
    while desk.load().working:
        time.sleep(0.01)
    assert [path.name for path in files(place) if path.name != "in-use.lock"] == []


def test_names_that_lead_elsewhere_lead_nowhere(desk: JobDesk, portrait: bytes) -> None:
    state = desk.wait(desk.submit(IDENTITY, [Upload("../../up.png", portrait)], view=True).job_id, SECONDS)
    for job in ("", ".", "..", "../jobs", "a/b", "x" * 300, f"{state.job_id}/1", "é", "\0"):
        with pytest.raises(UnknownJob):
            desk.state(job)
    for name in ("../upload", "../../job.json", "", ".", "frame1_face9_after.webp", "a\0b"):
        with pytest.raises(UnknownJob):
            desk.picture(state.job_id, 1, name)
    for number in (0, 2, -1):
        with pytest.raises(UnknownJob):
            desk.result(state.job_id, number)
    desk.delete(state.job_id)


@pytest.mark.parametrize(
    ("task", "sentence"),
    [
        (PhotoTask(Task.RESTORE, restorer="smdf"), 'there is no restorer "smdf": did you mean "smfd"?'),
        (PhotoTask(Task.RESTORE, iterations=3), "the restorer smfd has no iterations"),
        (PhotoTask(Task.RESTORE, restorer="onnx"), 'there is no restorer "onnx"'),
        (PhotoTask(Task.RESTORE, format="docx"), 'there is no format "docx"'),
        (PhotoTask(Task.RESTORE, largest=True, centre=True), "choose the largest face or the one in the centre"),
        (PhotoTask(Task.RESTORE, aligned=True, largest=True), "aligned looks for no faces"),
        (PhotoTask(Task.DETECT, detector="haar"), 'there is no detector "haar"'),
    ],
)
def test_what_cannot_be_meant_is_refused_at_once(
    desk: JobDesk, portrait: bytes, task: PhotoTask, sentence: str
) -> None:
    with pytest.raises(UsageError) as caught:
        desk.submit(task, [Upload("one.png", portrait)])
    assert str(caught.value).startswith(sentence)


def test_results_go_when_their_time_is_over(tmp_path: Path, portrait: bytes) -> None:
    with open_desk(ServerSettings(folder=tmp_path, keep_seconds=0.0, workers=1)) as desk:
        job = desk.submit(IDENTITY, [Upload("text.png", b"hello", "text.png: the file is text")]).job_id
        desk.tidy()
        with pytest.raises(UnknownJob):
            desk.state(job)


def test_many_threads_are_served_at_once(desk: JobDesk, portrait: bytes) -> None:
    results: list[bytes] = []

    def one() -> None:
        state = desk.wait(desk.submit(IDENTITY, [Upload("one.png", portrait)]).job_id, SECONDS)
        results.append(desk.result(state.job_id, 1))
        desk.delete(state.job_id)

    threads = [threading.Thread(target=one) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 5
    assert len(set(results)) == 1


@pytest.mark.parametrize(
    ("cores", "asked", "workers", "threads"),
    [(1, None, 1, 1), (2, None, 1, 2), (4, None, 2, 2), (16, None, 4, 4), (2, 2, 2, 1), (2, 5, 5, 1)],
)
def test_the_cores_are_shared_out(cores: int, asked: int | None, workers: int, threads: int) -> None:
    force = workforce(ServerSettings(workers=asked), cores)
    assert (force.workers, force.threads) == (workers, threads)


def test_a_shared_store_needs_a_queue_and_a_queue_a_shared_store(tmp_path: Path) -> None:
    for settings in (ServerSettings(store=str(tmp_path)), ServerSettings(queue_url="redis://localhost/9")):
        with pytest.raises(UsageError), open_desk(settings):
            pass
