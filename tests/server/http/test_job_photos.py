"""One photo of a job: its result, its pictures, faces left as they were."""

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tests.server.http.asking import job_of, part


@pytest.fixture(scope="module")
def viewed(settings, desk, photo: bytes) -> tuple[Any, dict[str, Any]]:
    """A job with a view."""
    from clearface.server.http.app import create_app

    client = create_app(settings, desk).test_client()
    job = job_of(
        client,
        part(photo, "me.jpg"),
        restorer="richardson-lucy",
        iterations="3",
        view="true",
        save_comparison="1",
        format="png",
    )
    return client, job


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(data)).convert("RGB"), float)


def test_where_the_photo_stands(viewed) -> None:
    client, job = viewed
    alone = client.get(f"{job['links']['self']}/photos/1")
    assert alone.json == job["photos"][0]
    assert client.get(f"{job['links']['self']}/photos/2").status_code == 404
    for number in ("0", "-1", "01", "x", "9" * 5000, "1.0"):
        assert client.get(f"{job['links']['self']}/photos/{number}").status_code == 404


def test_every_picture_told_is_there_and_may_be_kept_by_the_browser(viewed) -> None:
    client, job = viewed
    (photo,) = job["photos"]
    view = photo["view"]
    assert (view["width"], view["height"], view["frames"]) == (512, 512, 1)
    (face,) = view["faces"]
    assert face["confidence"] is None
    for url in (view["before"], view["after"], face["before"], face["after"], face["kernel"]):
        answer = client.get(url)
        assert answer.status_code == 200
        assert (
            Image.open(BytesIO(answer.data)).format == {"image/webp": "WEBP", "image/png": "PNG"}[answer.content_type]
        )
        assert answer.headers["Cache-Control"] == "private, max-age=900, immutable"
        assert client.get(url.partition("?")[0]).headers["Cache-Control"] == "private, no-store"
        assert "Content-Disposition" not in answer.headers
    (extra,) = photo["extras"]
    assert extra["name"] == "me_restored_comparison.png"
    assert (
        client.get(extra["url"]).headers["Content-Disposition"] == 'attachment; filename="me_restored_comparison.png"'
    )


@pytest.mark.parametrize(
    "name", ["upload", "result", "order.json", "..%2Forder.json", "%2e%2e", ".hidden", "no.png", "x" * 300]
)
def test_only_pictures_are_handed_out(viewed, name: str) -> None:
    client, job = viewed
    assert client.get(f"{job['links']['self']}/photos/1/pictures/{name}").status_code == 404


def test_a_face_left_as_it_was_follows_without_being_restored_again(viewed, photo: bytes) -> None:
    client, job = viewed
    place = f"{job['links']['self']}/photos/1"
    before = client.get(place).json
    first = client.get(f"{before['result']['url']}&keep=true")
    assert first.headers["Content-Disposition"] == 'attachment; filename="me_restored.png"'
    assert len(first.data) == before["result"]["bytes"]
    left = client.patch(place, json={"left": [{"frame": 1, "number": 1}]})
    assert left.status_code == 200
    told = left.json
    assert told["left"] == [{"frame": 1, "number": 1}]
    assert told["revision"] == before["revision"] + 1
    assert told["report"]["faces"][0]["verdict"] == "left-on-request"
    assert f"v={told['revision']}" in told["result"]["url"]
    as_it_was = client.get(f"{told['result']['url']}&keep=true")
    assert np.array_equal(pixels(as_it_was.data), pixels(photo))
    assert not np.array_equal(pixels(first.data), pixels(photo))
    again = client.patch(place, json={"left": []}).json
    assert again["report"]["faces"][0]["verdict"] == "restored"
    assert client.get(f"{again['result']['url']}&keep=true").data == first.data


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"left": {}},
        {"left": [1]},
        {"left": [{"frame": 1}]},
        {"left": [{"frame": 1, "number": 0}]},
        {"left": [{"frame": "1", "number": 1}]},
        {"left": [{"frame": True, "number": 1}]},
        {"left": [{"frame": 1, "number": 1, "x": 1}]},
        {"left": [{"frame": 1, "number": 2}]},
        {"left": [], "right": []},
        {"left": [{"frame": 1, "number": 1}] * 1001},
    ],
)
def test_faces_that_cannot_be_meant(viewed, body: dict[str, object]) -> None:
    client, job = viewed
    answer = client.patch(f"{job['links']['self']}/photos/1", json=body)
    assert answer.status_code == 422
    assert isinstance(answer.json["error"], str)


def test_faces_come_in_json(viewed) -> None:
    client, job = viewed
    assert client.patch(f"{job['links']['self']}/photos/1", data={"left": "1"}).status_code == 415
    assert (
        client.patch(f"{job['links']['self']}/photos/1", data="{", content_type="application/json").status_code == 400
    )


def test_the_job_goes_once_the_last_result_was_fetched(client, meadow: Path) -> None:
    good = meadow.read_bytes()
    job = job_of(client, part(good, "a.png"), part(b"none"), part(good, "b.png"))
    first, second = (photo["result"]["url"] for photo in job["photos"] if photo["result"] is not None)
    assert client.get(f"{second}&keep=1").data == good
    assert client.get(first).data == good
    assert client.get(first).data == good
    assert client.head(second, buffered=True).status_code == 200
    assert client.get(job["links"]["self"]).status_code == 200
    assert client.get(second).data == good
    assert client.get(job["links"]["self"]).status_code == 404


def test_a_result_made_anew_is_waited_for(client, photo: bytes) -> None:
    job = job_of(client, part(photo), part(photo), restorer="identity", view="true")
    first, second = (photo["result"]["url"] for photo in job["photos"])
    assert client.get(first).data
    changed = client.patch(f"{job['links']['self']}/photos/1", json={"left": [{"frame": 1, "number": 1}]}).json
    assert client.get(second).data
    assert client.get(job["links"]["self"]).status_code == 200
    assert client.get(changed["result"]["url"]).data
    assert client.get(job["links"]["self"]).status_code == 404


def test_a_photo_without_a_result_has_none_to_fetch(client, meadow: Path) -> None:
    job = job_of(client, part(b"none"), part(meadow.read_bytes()))
    assert job["photos"][0]["result"] is None
    assert client.get(f"{job['links']['self']}/photos/1/result").status_code == 404
    client.delete(job["links"]["self"])
