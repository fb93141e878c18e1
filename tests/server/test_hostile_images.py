"""Whatever is handed in: an answer with a sentence, never a fault of the server, and nothing outside its private folder."""

import base64
import json
import os
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pytest
import urllib3
from PIL import Image
from tests.server.hostile_images import Upload, good_photo, hostile_uploads
from tests.server.running import RunningServer, running_server

from clearface.client import Client, PhotoTask, Stage, Task

UPLOADS = hostile_uploads()
LABELS = [upload.label for upload in UPLOADS]
OF_A_JOB = 25
FAILED = {400, 413, 415, 422}
WATCH = """
import os, sys

_LOG = os.open({log!r}, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
_MAKING = {{"os.mkdir": 0, "os.rename": 1, "os.link": 1, "os.symlink": 1, "shutil.move": 1}}


def _watch(event, arguments):
    if event == "open":
        path, mode, flags = arguments
        writes = (mode and set(mode) & set("wax+")) or (isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR))
        if isinstance(path, int) or not writes:
            return
    elif event in _MAKING:
        path = arguments[_MAKING[event]]
    else:
        return
    os.write(_LOG, os.fsencode(os.path.abspath(os.fsdecode(path))) + b"\\0")


sys.addaudithook(_watch)
"""
"""Python's own witness: tells of every file that is opened for writing, in the server and in all its processes."""


@dataclass(frozen=True)
class Watched:
    """A server, and the list of what it writes."""

    server: RunningServer
    log: Path

    def written(self) -> set[Path]:
        """Every path that was opened for writing, made, or moved to."""
        return {Path(os.fsdecode(path)) for path in self.log.read_bytes().split(b"\0") if path}


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    folder = tmp_path_factory.mktemp("hostile")
    witness = folder / "witness"
    witness.mkdir()
    log = folder / "written"
    (witness / "sitecustomize.py").write_text(WATCH.format(log=str(log)))
    place = folder / "server"
    place.mkdir()
    options = ("--rate", "0", "--workers", "2", "--read-seconds", "5", "--photo-seconds", "20", "--memory", "2048")
    with running_server(place, *options, environment={"PYTHONPATH": str(witness)}) as server:
        yield Watched(server, log)


@pytest.fixture(scope="module")
def pool() -> Iterator[urllib3.PoolManager]:
    with urllib3.PoolManager(retries=False, timeout=120.0) as manager:
        yield manager


def test_there_are_enough_of_them():
    assert len(UPLOADS) >= 200
    assert len(set(LABELS)) == len(LABELS)


@pytest.mark.parametrize("upload", UPLOADS, ids=LABELS)
def test_one_by_one(upload: Upload, watched: Watched, pool: urllib3.PoolManager):
    at = LABELS.index(upload.label)
    call = "detect" if at % 3 == 0 else "restore"
    accept = "image/*" if at % 2 else "application/json"
    options = {} if call == "detect" else {"restorer": "identity"}
    address = f"{watched.server.address}/api/v1/{call}"
    if at % 5 and "\0" not in upload.name:
        body, kind = _form(upload, options)
        answer = pool.request("POST", address, body=body, headers={"Accept": accept, "Content-Type": kind})
    else:
        told = {"photo": base64.b64encode(upload.data).decode(), "name": upload.name, **options}
        answer = pool.request("POST", address, json=told, headers={"Accept": accept})
    assert answer.status in FAILED | {200}, answer.data[:400]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "X-Injected" not in answer.headers
    kind = answer.headers["Content-Type"].partition(";")[0]
    if answer.status in FAILED:
        assert kind == "application/json"
        _check_sentence(json.loads(answer.data)["error"], watched.server)
    elif kind == "application/json":
        assert json.loads(answer.data)["status"] in ("restored", "unchanged", "converted", "detected")
    else:
        assert kind in ("image/jpeg", "image/png", "image/webp", "image/tiff", "image/gif", "image/bmp", "image/avif")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a photo that was harmless goes back as it came, with what is odd about it
            picture = Image.open(BytesIO(answer.data))
        with picture:
            assert f"image/{picture.format.lower() if picture.format else None}" == kind
        assert _is_plain_name(answer.headers["Content-Disposition"].partition("filename=")[2].strip('"'))


@pytest.mark.parametrize("first", range(0, len(UPLOADS), OF_A_JOB))
def test_as_jobs(first: int, watched: Watched, pool: urllib3.PoolManager, tmp_path: Path):
    uploads = UPLOADS[first : first + OF_A_JOB]
    photos = [{"name": upload.name, "data": base64.b64encode(upload.data).decode()} for upload in uploads]
    address = f"{watched.server.address}/api/v1/jobs"
    answer = pool.request("POST", address, json={"photos": photos, "restorer": "identity", "view": first % 2 == 0})
    assert answer.status == 202, answer.data[:400]
    with Client(watched.server.address) as client:
        job = client.wait(json.loads(answer.data)["id"], seconds=300)
        assert job.state.over
        assert len(job.photos) == len(uploads)
        for photo in job.photos:
            assert not set(photo.name) & set("/\\\0\r\n")
            if photo.state is Stage.FAILED:
                assert photo.error is not None
                _check_sentence(photo.error, watched.server)
                assert photo.result is None
            else:
                assert photo.result is not None
                assert _is_plain_name(photo.result.name)
        if job.done:
            archive = client.results(job.id, tmp_path / "results.zip")
            with zipfile.ZipFile(archive) as results:
                names = results.namelist()
                assert results.testzip() is None
            assert len(names) == job.done + (job.failed > 0)
            assert len({name.lower() for name in names}) == len(names)
            assert all(_is_plain_name(name) for name in names)


def test_a_good_photo_is_served_as_before(watched: Watched, portrait: Path):
    with Client(watched.server.address) as client:
        restored = client.restore(portrait, restorer="richardson-lucy", iterations=2)
        assert restored.report.status == "restored"
        assert len(restored.report.faces) == 1
        job = client.wait(client.submit([portrait, good_photo()], PhotoTask(Task.DETECT)).id)
        assert [photo.state for photo in job.photos] == [Stage.DONE, Stage.DONE]
        client.delete(job.id)
        assert client.ready()


def test_nothing_is_left_and_nothing_was_ever_elsewhere(watched: Watched):
    server = watched.server
    assert server.stop() == 0
    private = {Path("/dev/null"), watched.log}
    strays = {path for path in watched.written() - private if not path.is_relative_to(server.temporary)}
    assert strays == set()
    assert watched.written() - private != set()  # the witness was there
    kept = [path for path in server.temporary.rglob("*") if path.is_file() and path.stat().st_size]
    assert kept == []  # an empty lock stays for the next server
    assert [path.name[:10] for path in server.temporary.iterdir()] == ["clearface-"]
    assert list(server.home.rglob("*")) == []
    assert list(server.working.rglob("*")) == []


def test_the_log_tells_nothing_of_them(watched: Watched):
    log = watched.server.err.read_text() + watched.server.out.read_text()
    assert "Traceback" not in log
    for word in (
        "script",
        "etc",
        "passwd",
        "owned",
        "holiday",
        "cut.",
        "damaged.",
        "swollen.",
        "X-Injected",
        "🙈",
        "\x1b",
    ):
        assert word not in log


def _form(upload: Upload, options: dict[str, str]) -> tuple[bytes, str]:
    """A form as a browser sends it; quotes and line ends in the name are written as browsers write them."""
    border = b"border-of-the-parts-0d4c7e1b"
    name = upload.name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A").encode()
    parts = [
        b'--%b\r\nContent-Disposition: form-data; name="%b"\r\n\r\n%b\r\n' % (border, key.encode(), value.encode())
        for key, value in options.items()
    ]
    head = b'Content-Disposition: form-data; name="photo"; filename="%b"\r\nContent-Type: text/html\r\n\r\n' % name
    parts.append(b"--%b\r\n%b%b\r\n" % (border, head, upload.data))
    return b"".join(parts) + b"--%b--\r\n" % border, f"multipart/form-data; boundary={border.decode()}"


def _check_sentence(sentence: str, server: RunningServer) -> None:
    """For people: one line, of no length that hides what it says, that gives away nothing of the machine."""
    assert sentence
    assert sentence.isprintable()
    assert len(sentence) < 500
    for secret in (str(server.temporary), str(Path.cwd()), "site-packages", ".py", "0x"):
        assert secret not in sentence


def _is_plain_name(name: str) -> bool:
    """Whether any system can keep a file under this name where it is put."""
    plain = name.replace("_", "").replace("-", "").replace(".", "")
    reserved = name.partition(".")[0].upper() in ("CON", "NUL", "COM1", "AUX", "PRN")
    return plain.isascii() and plain.isalnum() and not name.startswith((".", "-")) and len(name) <= 255 and not reserved
