"""What is counted, and what is logged: never anything of a photo."""

import logging
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from tests.server.http.asking import JOBS, job_of, part
from tests.server.http.troubled import TroubledDesk

from clearface.server.jobs.base import QueueAway


@pytest.fixture
def client(client_with) -> Any:
    """Of an app that has counted nothing yet."""
    return client_with(requests_a_minute=0)


def figures(client: Any) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """All figures by name and labels."""
    answer = client.get("/metrics")
    assert answer.content_type.startswith("text/plain")
    families = text_string_to_metric_families(answer.text)
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
    }


def test_requests_are_counted_by_pattern(client: Any) -> None:
    for job_id in ("a", "b", "c"):
        client.get(f"{JOBS}/{job_id}")
    client.open("/healthz", method="BREW")
    found = figures(client)
    route = {"route": "/api/v1/jobs/<job_id>", "method": "GET"}
    assert found["clearface_http_requests_total", frozenset((route | {"status": "404"}).items())] == 3
    assert found["clearface_http_request_seconds_count", frozenset(route.items())] == 3
    strange = {"route": "(unknown)", "method": "other", "status": "405"}
    assert found["clearface_http_requests_total", frozenset(strange.items())] == 1


def test_apps_count_apart(client_with) -> None:
    one, other = client_with(), client_with()
    one.get(f"{JOBS}/a")
    assert not any(dict(labels).get("route") == "/api/v1/jobs/<job_id>" for _, labels in figures(other))


def test_photos_of_jobs_are_counted_once(client: Any, photo: bytes) -> None:
    job = job_of(client, part(photo), part(b"none"))
    for _ in range(3):
        client.get(job["links"]["self"])
    found = figures(client)
    for outcome in ("restored", "failed"):
        labels = frozenset({"task": "restore", "outcome": outcome}.items())
        assert found["clearface_photos_total", labels] == 1
    client.delete(job["links"]["self"])


def test_the_load_is_told(client: Any) -> None:
    found = figures(client)
    assert found["clearface_workers", frozenset()] == 1
    assert found["clearface_ready", frozenset()] == 1
    assert found["clearface_photos_waiting", frozenset()] == 0


def test_a_queue_that_is_away_is_told_too(client_with) -> None:
    found = figures(client_with(TroubledDesk(QueueAway("away"))))
    assert found["clearface_ready", frozenset()] == 0
    assert ("clearface_workers", frozenset()) not in found


def test_nothing_of_a_client_is_logged(client: Any, photo: bytes, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        job = job_of(
            client, part(photo, "secret-name.jpg"), part(b"<secret-content>", "b.jpg"), psf="box:7", restorer="wiener"
        )
        client.get(f"{job['links']['self']}/photos/1/pictures/secret-picture.png")
        client.post("/api/v1/restore?secret-query=1", data={"photo": part(b"x", "secret"), "secret-option": "1"})
        client.get("/secret-address")
        client.delete(job["links"]["self"])
    told = caplog.text
    assert "POST /api/v1/jobs 202" in told
    assert "GET /api/v1/jobs/<job_id>/events 200" in told
    for secret in ("secret", job["id"], "box:7", "wiener", "127.0.0.1"):
        assert secret not in told
