"""Every call, against a real server."""

import re
import subprocess
import sys
import threading
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from tests.server.running import running_server

from clearface.client import (
    Client,
    FaceKey,
    Job,
    JobPhoto,
    NotAuthorized,
    NotFound,
    PhotoTask,
    Refused,
    Stage,
    Task,
)
from clearface.errors import PhotoError, UsageError
from clearface.restorers.registry import RESTORERS
from clearface.version import __version__

TOKEN = "a-token-for-the-tests"
RESTORE = PhotoTask(Task.RESTORE, restorer="richardson-lucy", iterations=2)


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("served")
    with running_server(folder, "--workers", "1", "--rate", "0", environment={"CLEARFACE_TOKEN": TOKEN}) as server:
        yield server.address


@pytest.fixture
def client(address):
    with Client(address, token=TOKEN, timeout=120) as client:
        yield client


def test_about(client):
    about = client.about()
    assert about.version == __version__
    assert about.tasks == ("restore", "detect", "hide")
    assert about.token_required
    names = [restorer.name for restorer in about.restorers]
    assert set(names) <= {entry.name for entry in RESTORERS}
    assert [restorer.name for restorer in about.restorers if restorer.default] == ["smfd"]
    assert "JPEG" in about.kinds
    assert about.limits.files > 0
    assert client.ready()


def test_without_the_token_nothing_is_done(address, portrait):
    for token in (None, "another-token-for-them"):
        with Client(address, token=token) as stranger:
            assert stranger.about().token_required
            with pytest.raises(NotAuthorized):
                stranger.restore(portrait)


def test_restore(client, portrait):
    restored = client.restore(portrait, restorer="richardson-lucy", iterations=2, check=True, save_crops=True)
    assert restored.media_type == "image/jpeg"
    assert restored.report.status == "restored"
    assert restored.report.input == "portrait.jpg"
    (face,) = restored.report.faces
    assert face.verdict == "restored"
    assert face.explained is not None
    left, top, right, bottom = face.box
    with Image.open(BytesIO(restored.image)) as picture, Image.open(portrait) as before:
        assert picture.size == before.size
        assert 0 <= left < right <= picture.width
        assert 0 <= top < bottom <= picture.height
    assert [extra.media_type for extra in restored.extras] == ["image/png", "image/png"]
    for extra in restored.extras:
        with Image.open(BytesIO(extra.data)) as crop:
            assert crop.format == "PNG"


def test_photos_as_bytes_and_files_and_another_kind(client, portrait):
    from_bytes = client.restore(portrait.read_bytes(), restorer="identity", format="png")
    with portrait.open("rb") as file:
        from_file = client.restore(file, restorer="identity", format="png")
    assert from_bytes.media_type == "image/png"
    assert from_bytes.image == from_file.image


def test_detect(client, portrait, meadow):
    (face,) = client.detect(portrait).report.faces
    assert face.score > 0.5
    assert len(face.landmarks) == 5
    assert face.verdict is None
    assert client.detect(meadow).report.faces == ()
    assert client.detect(portrait, min_size=250).report.faces == ()


def test_hide(client, portrait, meadow):
    hidden = client.hide(portrait, mode="solid", colour="black", format="png", also="1,1,20,20")
    assert hidden.media_type == "image/png"
    assert hidden.image.startswith(b"\x89PNG")
    assert [face.hidden for face in hidden.report.faces] == [True, True]
    assert client.hide(meadow).report.status == "hidden"
    with pytest.raises(Refused, match="not both"):
        client.hide(portrait, keep="1", only="2")


def test_refusals_name_the_option_or_the_photo(client, portrait):
    with pytest.raises(Refused) as caught:
        client.restore(portrait, fidelity=7)
    assert list(caught.value.fields) == ["fidelity"]
    with pytest.raises(Refused, match="the file is text"):
        client.restore(b"no photo at all")
    cut = portrait.with_name("cut.jpg")
    cut.write_bytes(portrait.read_bytes()[:2000])
    with pytest.raises(Refused, match=r"^cut\.jpg: .*cut short"):
        client.restore(cut)


def test_a_job_from_submission_to_the_zip(client, portrait, meadow, tmp_path):
    job = client.submit([portrait, meadow, b"no photo"], RESTORE)
    assert job.task is Task.RESTORE
    assert [photo.name for photo in job.photos] == ["portrait.jpg", "meadow.png", "photo"]
    assert job.created.tzinfo is not None
    first, *told = client.events(job.id)
    assert isinstance(first, Job)
    assert all(isinstance(photo, JobPhoto) for photo in told)
    last = {photo.number: photo for photo in [*first.photos, *told]}
    assert [last[number].state for number in (1, 2, 3)] == [Stage.DONE, Stage.DONE, Stage.FAILED]
    job = client.wait(job.id)
    assert (job.state, job.done, job.failed) == (Stage.DONE, 2, 1)
    assert job.expires is not None
    assert "the file is text" in (job.photos[2].error or "")
    one = client.result(job.id, 1)
    target = client.results(job.id, tmp_path / "new" / "results.zip", keep=True)
    with zipfile.ZipFile(target) as archive:
        names = archive.namelist()
        assert len(names) == 3
        assert "the file is text" in archive.read("not-done.txt").decode()
        assert archive.read(job.photos[0].result.name) == one
    with pytest.raises(PhotoError, match="exists already"):
        client.results(job.id, target)
    assert client.job(job.id) == job  # nothing was deleted for results nobody has
    client.results(job.id, target, overwrite=True)
    with pytest.raises(NotFound):
        client.job(job.id)
    assert [path.name for path in target.parent.iterdir()] == ["results.zip"]


def test_faces_left_as_they_were(client, portrait):
    task = PhotoTask(Task.RESTORE, restorer="richardson-lucy", format="png")
    job = client.wait(client.submit([portrait], task, view=True).id)
    restored = client.result(job.id, 1)
    photo = client.leave(job.id, 1, [FaceKey(1, 1)])
    assert photo.left == (FaceKey(1, 1),)
    assert photo.revision == 1
    left = client.result(job.id, 1)
    assert left != restored
    again = client.leave(job.id, 1, [])
    assert again.revision == 2
    assert client.result(job.id, 1) == restored
    with pytest.raises(Refused):
        client.leave(job.id, 1, [FaceKey(1, 9)])
    client.delete(job.id)


def test_delete(client, portrait):
    job = client.submit([portrait] * 3)
    client.delete(job.id)
    with pytest.raises(NotFound):
        client.delete(job.id)
    with pytest.raises(NotFound):
        next(client.events(job.id))
    with pytest.raises(NotFound):
        client.wait(job.id)


def test_wait_gives_up_in_time(client, portrait):
    job = client.submit([portrait] * 4, RESTORE)
    assert not client.wait(job.id, seconds=0).state.over
    assert client.wait(job.id, seconds=300).state is Stage.DONE
    client.delete(job.id)


def test_one_client_in_many_threads(client, portrait):
    found = []
    threads = [threading.Thread(target=lambda: found.append(client.detect(portrait))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6
    assert len({answer.report.faces for answer in found}) == 1


def test_one_photo_is_no_job(client, portrait):
    with pytest.raises(UsageError, match="give a list"):
        client.submit(portrait.read_bytes())


def test_the_example_in_the_documentation_works(address, portrait, tmp_path):
    page = (Path(__file__).parents[2] / "docs" / "server.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    usual = 'Client("http://127.0.0.1:8000")'
    assert usual in example
    for name in ("photo.jpg", "first.jpg", "second.jpg"):
        (tmp_path / name).write_bytes(portrait.read_bytes())
    code = example.replace(usual, f'Client("{address}", token="{TOKEN}")')
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "done" in done.stdout.split()
    with zipfile.ZipFile(tmp_path / "results.zip") as archive:
        assert sorted(archive.namelist()) == ["first_restored.jpg", "second_restored.jpg"]
    with Image.open(tmp_path / "sharp.jpg") as sharp:
        assert sharp.size == (300, 300)
