"""Requests that several tests make."""

from io import BytesIO
from typing import Any

JOBS = "/api/v1/jobs"


def part(data: bytes, name: str = "portrait.jpg") -> tuple[BytesIO, str]:
    """A file of a form."""
    return BytesIO(data), name


def job_of(client: Any, *photos: tuple[BytesIO, str], **options: str) -> dict[str, Any]:
    """Hands photos in, waits until all are over, and hands back where the job stands then."""
    answer = client.post(JOBS, data={"photos": list(photos), **({"restorer": "identity"} | options)})
    assert answer.status_code == 202, answer.json
    with client.get(f"{answer.headers['Location']}/events") as stream:
        assert b"event: end" in stream.data
    told: dict[str, Any] = client.get(answer.headers["Location"]).json
    return told
