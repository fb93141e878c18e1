"""A desk whose store is a bucket."""

import zipfile
from pathlib import Path

from clearface.server.dispatchers.local import LocalDispatcher
from clearface.server.jobs.base import Upload
from clearface.server.jobs.desk import JobDesk
from clearface.server.jobs.states import Stage
from clearface.server.orders import FaceKey, PhotoTask, Task
from clearface.server.settings import ServerSettings
from clearface.server.stores.opening import open_store


def test_photos_go_through_a_bucket_and_nothing_stays(bucket: str, tmp_path: Path, portrait: Path) -> None:
    settings, store = ServerSettings(), open_store(f"s3://{bucket}/jobs")
    desk = JobDesk(settings, store, LocalDispatcher(settings, store, tmp_path, workers=1, threads=1), tmp_path)
    try:
        task = PhotoTask(Task.RESTORE, restorer="richardson-lucy", psf="box:3", iterations=2, save_comparison=True)
        uploads = [Upload("portrait.jpg", portrait.read_bytes()), Upload("broken.jpg", b"\xff\xd8\xff nothing")]
        job_id = desk.submit(task, uploads, view=True).job_id
        state = desk.wait(job_id, 60)
        assert [photo.stage for photo in state.photos] == [Stage.DONE, Stage.FAILED]
        assert desk.picture(job_id, 1, "frame1_face1_after.webp").startswith(b"RIFF")
        assert desk.leave(job_id, 1, [FaceKey(1, 1)]).stage is Stage.DONE
        with zipfile.ZipFile(desk.archive(job_id, tmp_path)) as archive:
            names = archive.namelist()
            assert names == ["portrait_restored.jpg", "portrait_restored_comparison.png", "not-done.txt"]
        desk.tidy()
        desk.delete(job_id)
        assert list(store.names("")) == []
    finally:
        desk.close()
