"""People named by a real server, by way of the client and of bare requests."""

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import urllib3
from openapi_schema_validator import OAS30Validator
from PIL import Image
from tests.people import blurred, make_gallery, save, somebody_else, someone, someone_again, told
from tests.server.running import RunningServer, running_server

from clearface.arrays import ByteImage
from clearface.client import Client, NotFound, PhotoTask, Refused, Task

STRANGE = '<img src=x onerror="alert(1)"> 😀 \'"' + "x" * 460


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, astronaut: ByteImage) -> Path:
    people = {"Eileen": [someone(astronaut)], STRANGE: [somebody_else(astronaut)]}
    return make_gallery(tmp_path_factory.mktemp("gallery"), people, "flew to space")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, place: Path) -> Iterator[RunningServer]:
    options = ("--workers", "1", "--rate", "0", *map(str, told(place)))
    with running_server(tmp_path_factory.mktemp("served"), *options) as running:
        yield running


@pytest.fixture
def client(server: RunningServer) -> Iterator[Client]:
    with Client(server.address, timeout=300) as client:
        yield client


@pytest.fixture
def again(astronaut: ByteImage, tmp_path: Path) -> Path:
    return save(someone_again(astronaut), tmp_path / "again.png")


def test_a_person_is_named(client: Client, again: Path, place: Path):
    before = place.read_bytes()
    report = client.identify(again, top=1).report
    (face,) = report.faces
    identity = face.identity
    assert identity is not None
    assert (report.status, identity.decision, identity.name) == ("identified", "named", "Eileen")
    (candidate,) = identity.candidates
    assert (candidate.description, candidate.link) == ("flew to space", "https://example.org/")
    assert candidate.photo == "person1-1.png"
    assert identity.before is not None
    assert identity.after is not None
    assert (identity.before.name, identity.after.name) == ("Eileen", "Eileen")
    assert identity.expected.missed.count == 400
    assert "are missed" in identity.expected.words
    assert place.read_bytes() == before


def test_names_are_told_as_they_are(client: Client, astronaut: ByteImage, tmp_path: Path):
    photo = save(somebody_else(astronaut), tmp_path / "else.png")
    (face,) = client.identify(photo, restore="never").report.faces
    assert face.identity is not None
    assert face.identity.name == STRANGE


def test_what_both_looks_disagree_on_is_told(client: Client, astronaut: ByteImage, tmp_path: Path):
    photo = save(blurred(someone(astronaut), 2.4), tmp_path / "blurred.png")
    (face,) = client.identify(photo).report.faces
    assert face.identity is not None
    assert face.identity.name is None
    assert face.identity.disagreement is not None
    assert face.identity.restored == "restored"


def test_a_job_names_people_too(client: Client, again: Path, meadow: Path):
    job = client.wait(client.submit([again, meadow], PhotoTask(Task.IDENTIFY, restore="never", save_boxes=True)).id)
    assert (job.task, job.done, job.failed) == (Task.IDENTIFY, 2, 0)
    first, second = job.photos
    assert first.report is not None
    assert first.report.faces[0].identity is not None
    assert first.report.faces[0].identity.name == "Eileen"
    assert first.result is not None
    assert first.result.name == "again_named.png"
    assert second.report is not None
    assert second.report.faces == ()


def test_a_picture_alone_has_the_names_drawn_on_it(server: RunningServer, again: Path):
    answer = urllib3.request(
        "POST",
        f"{server.address}/api/v1/identify",
        fields={"photo": ("again.png", again.read_bytes()), "restore": "never"},
        headers={"Accept": "image/*"},
        timeout=300,
    )
    assert (answer.status, answer.headers["X-Clearface-Status"]) == (200, "identified")
    assert Image.open(io.BytesIO(answer.data)).size == (250, 250)


def test_the_answer_is_as_the_document_describes_it(server: RunningServer, again: Path):
    document = json.loads(urllib3.request("GET", f"{server.address}/openapi.json").data)
    answer = urllib3.request(
        "POST",
        f"{server.address}/api/v1/identify",
        fields={"photo": ("again.png", again.read_bytes())},
        timeout=300,
    )
    schema = {"$ref": "#/components/schemas/Worked", "components": document["components"]}
    OAS30Validator(schema).validate(json.loads(answer.data))
    identity = document["components"]["schemas"]["Identity"]["properties"]
    assert set(json.loads(answer.data)["faces"][0]["identity"]) == set(identity)


def test_wrong_options_are_refused(client: Client, again: Path):
    for options in ({"restore": "maybe"}, {"top": 0}, {"false_match_rate": 1.0}, {"method": "mean", "k": 2}):
        with pytest.raises(Refused):
            client.identify(again, **options)
    with pytest.raises(Refused, match="cannot be told"):
        client.identify(again, false_match_rate=1e-9)


def test_files_of_the_host_cannot_be_named(server: RunningServer, again: Path):
    for name in ("gallery", "embedder", "error_table"):
        answer = urllib3.request(
            "POST",
            f"{server.address}/api/v1/identify",
            fields={"photo": ("again.png", again.read_bytes()), name: "/etc/passwd"},
        )
        assert answer.status == 422
        assert "host's own files" in json.loads(answer.data)["error"]


def test_it_says_that_it_names_people(client: Client):
    assert "identify" in client.about().tasks


def test_there_is_no_call_that_changes_the_gallery(server: RunningServer):
    document = json.loads(urllib3.request("GET", f"{server.address}/openapi.json").data)
    assert not [path for path in document["paths"] if "gallery" in path or "people" in path]


def test_a_server_without_a_gallery_says_so(tmp_path_factory: pytest.TempPathFactory, again: Path):
    with (
        running_server(tmp_path_factory.mktemp("bare"), "--workers", "1", ready=False) as server,
        Client(server.address) as client,
    ):
        assert "identify" not in client.about().tasks
        with pytest.raises(NotFound, match="this server knows nobody"):
            client.identify(again)
        with pytest.raises(Refused, match="this server knows nobody"):
            client.submit([again], PhotoTask(Task.IDENTIFY))
