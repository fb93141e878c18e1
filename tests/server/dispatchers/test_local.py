"""Work nobody wants any more does not keep others waiting."""

import io
import time
from pathlib import Path

import pytest
from PIL import Image

from clearface.arrays import ByteImage
from clearface.server.dispatchers import local
from clearface.server.jobs.base import UnknownJob, Upload
from clearface.server.jobs.desk import JobDesk
from clearface.server.jobs.states import Stage
from clearface.server.orders import PhotoTask, Task
from clearface.server.settings import ServerSettings
from clearface.server.stores.folder import FolderStore

SLOW = PhotoTask(Task.RESTORE, restorer="unsupervised-wiener", aligned=True)
QUICK = PhotoTask(Task.RESTORE, restorer="identity")


def png(pixels: ByteImage) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def test_the_process_of_a_photo_that_was_deleted_is_replaced(
    tmp_path: Path, astronaut: ByteImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "_WORTH_ENDING", 0.0)
    settings, store = ServerSettings(), FolderStore(tmp_path / "store")
    dispatcher = local.LocalDispatcher(settings, store, tmp_path, workers=1, threads=1)
    desk = JobDesk(settings, store, dispatcher, tmp_path)
    try:
        photo = Upload("a.png", png(astronaut))
        job = desk.submit(SLOW, [photo]).job_id
        while desk.state(job).photos[0].step != "restoring":
            time.sleep(0.01)
        (process,) = dispatcher._processes
        before = process.pid
        desk.delete(job)
        quick = desk.wait(desk.submit(QUICK, [photo]).job_id, 120)
        assert quick.stage is Stage.DONE
        assert process.pid != before
        with pytest.raises(UnknownJob):
            desk.state(job)
        assert [name for name in store.names("") if name.startswith(job)] == []
    finally:
        desk.close()
