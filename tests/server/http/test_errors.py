"""Every error is JSON with one sentence, and tells nothing of the inside."""

import logging

import pytest
from tests.server.http.asking import JOBS, part
from tests.server.http.troubled import TroubledDesk

from clearface.errors import ClearfaceError, ModelError, PhotoError, UsageError
from clearface.server.jobs.base import QueueAway, QueueFull, StillWorking, UnknownJob
from clearface.server.stores.base import StoreAway

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.mark.parametrize(
    ("error", "status", "retry"),
    [
        (UnknownJob("there is no such job"), 404, None),
        (StillWorking("not yet"), 409, "1"),
        (QueueFull("64 photos wait already", 7), 429, "7"),
        (QueueFull("64 photos wait already", 0), 429, "1"),
        (QueueAway("the queue is away"), 503, "10"),
        (StoreAway("the store is away"), 503, "10"),
        (UsageError("that cannot be"), 422, None),
        (PhotoError("a.jpg: damaged"), 422, None),
        (ModelError("the network answers nonsense"), 500, None),
        (ClearfaceError("something else"), 500, None),
    ],
)
def test_what_the_desk_says_is_answered(client_with, error: Exception, status: int, retry: str | None) -> None:
    client = client_with(TroubledDesk(error))
    asked = (
        client.get(f"{JOBS}/a"),
        client.get(f"{JOBS}/a/events"),
        client.get(f"{JOBS}/a/results.zip"),
        client.get(f"{JOBS}/a/photos/1/result"),
        client.get(f"{JOBS}/a/photos/1/pictures/a.png"),
        client.patch(f"{JOBS}/a/photos/1", json={"left": []}),
        client.delete(f"{JOBS}/a"),
        client.post(JOBS, data={"photos": part(PNG)}),
        client.post("/api/v1/restore", data={"photo": part(PNG)}),
        client.get("/readyz"),
    )
    for answer in asked:
        assert answer.status_code == status
        assert answer.json == {"error": str(error)}
        assert answer.headers.get("Retry-After") == retry


def test_a_fault_is_logged_without_what_it_says(client_with, caplog: pytest.LogCaptureFixture) -> None:
    client = client_with(TroubledDesk(RuntimeError("secret.jpg has a face")))
    with caplog.at_level(logging.INFO):
        answer = client.get(f"{JOBS}/secretjob")
    assert answer.status_code == 500
    assert answer.json == {"error": "something went wrong in the server, and was written to its log"}
    assert "RuntimeError while answering GET" in caplog.text
    assert "troubled.py" in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.parametrize(
    "address", ["/nothing", "/api/v1", "/api/v1/jobs/", "/api//v1/about", "/static/../app.py", "/docs/x"]
)
def test_nothing_is_there(client, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 404
    assert answer.json == {"error": "there is nothing at this address"}


@pytest.mark.parametrize("method", ["PUT", "TRACE", "BREW", "POST"])
@pytest.mark.parametrize("address", ["/", "/api/v1/about", "/healthz", f"{JOBS}/a", "/openapi.json"])
def test_what_is_not_done_says_what_is(client, method: str, address: str) -> None:
    answer = client.open(address, method=method)
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    assert answer.json == {"error": f"{method} is not done at this address"}


def test_the_health_is_told(client) -> None:
    assert client.get("/healthz").json == {"status": "alive"}
    assert client.get("/readyz").json == {"status": "ready"}
