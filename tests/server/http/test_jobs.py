"""Jobs: handed in, followed, taken home, forgotten."""

import base64
import json
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from tests.server.http.asking import JOBS, job_of, part

from clearface.server.settings import UploadLimits


def test_one_bad_photo_does_not_stop_the_others(client, meadow: Path) -> None:
    good = meadow.read_bytes()
    job = job_of(client, part(good, "one.png"), part(b"hello", "two.jpg"), part(b"", ""), part(good, "four.png"))
    assert (job["state"], job["done"], job["failed"]) == ("done", 2, 2)
    assert job["options"] == {"restorer": "identity"}
    assert [(photo["number"], photo["name"], photo["state"]) for photo in job["photos"]] == [
        (1, "one.png", "done"),
        (2, "two.jpg", "failed"),
        (3, "photo-3", "failed"),
        (4, "four.png", "done"),
    ]
    assert job["photos"][1]["error"].startswith("two.jpg: the file is text; photos are")
    assert job["photos"][2]["error"] == f"photo-3: {job['photos'][2]['error'].removeprefix('photo-3: ')}"
    assert job["photos"][0]["report"]["status"] == "unchanged"
    assert job["expires"] > job["created"]
    links = job["links"]
    assert links == {
        "self": f"{JOBS}/{job['id']}",
        "events": f"{JOBS}/{job['id']}/events",
        "results": f"{JOBS}/{job['id']}/results.zip",
    }
    client.delete(links["self"])


def test_a_job_in_json(client, meadow: Path) -> None:
    data = base64.b64encode(meadow.read_bytes()).decode()
    body = {"photos": [{"name": "a.png", "data": data}, {"data": data}], "task": "detect", "view": True, "min_size": 5}
    answer = client.post(JOBS, json=body)
    assert answer.status_code == 202
    assert answer.json["task"] == "detect"
    assert answer.json["options"] == {"min_size": 5.0}
    assert [photo["name"] for photo in answer.json["photos"]] == ["a.png", "photo-2"]
    assert client.delete(answer.headers["Location"]).status_code == 204
    assert client.get(answer.headers["Location"]).status_code == 404
    assert client.delete(answer.headers["Location"]).status_code == 404


def test_what_happens_is_told_in_order(client, meadow: Path) -> None:
    answer = client.post(JOBS, data={"photos": [part(meadow.read_bytes())] * 1, "restorer": "identity"})
    stream = client.get(f"{answer.headers['Location']}/events")
    assert stream.mimetype == "text/event-stream"
    assert "no-store" in stream.headers["Cache-Control"]
    told = [event.split("\n") for event in stream.text.split("\n\n") if event and not event.startswith(":")]
    names = [lines[0].removeprefix("event: ") for lines in told]
    data = [json.loads(lines[1].removeprefix("data: ")) for lines in told]
    assert names[0] == "job"
    assert names[-1] == "end"
    assert set(names[1:-1]) <= {"photo"}
    assert data[0]["id"] == answer.json["id"]
    assert data[-1] == {"state": "done", "error": None}
    fractions = [data[0]["photos"][0]["fraction"]] + [photo["fraction"] for photo in data[1:-1]]
    assert fractions == sorted(fractions)
    if len(data) > 2:
        assert data[-2]["state"] == "done"
    client.delete(answer.headers["Location"])


def test_following_a_job_that_is_over_ends_at_once(client, meadow: Path) -> None:
    job = job_of(client, part(meadow.read_bytes()))
    events = client.get(job["links"]["events"]).text
    assert [line for line in events.split("\n") if line.startswith("event")] == ["event: job", "event: end"]
    client.delete(job["links"]["self"])


def test_all_results_are_taken_home_at_once_and_then_gone(client, photo: bytes, meadow: Path) -> None:
    job = job_of(
        client,
        part(photo, "me.jpg"),
        part(photo, "ME.jpg"),
        part(b"no"),
        part(meadow.read_bytes(), "m.png"),
        save_boxes="1",
    )
    kept = client.get(f"{job['links']['results']}?keep=true", buffered=True)
    assert kept.content_type == "application/zip"
    assert kept.headers["Content-Disposition"] == 'attachment; filename="clearface-results.zip"'
    with zipfile.ZipFile(BytesIO(kept.data)) as archive:
        assert archive.testzip() is None
        assert sorted(archive.namelist()) == [
            "ME_restored-2.jpg",
            "ME_restored-2_boxes.png",
            "m_restored.png",
            "m_restored_boxes.png",
            "me_restored.jpg",
            "me_restored_boxes.png",
            "not-done.txt",
        ]
        assert archive.read("m_restored.png") == meadow.read_bytes()
    assert client.head(job["links"]["results"], buffered=True).status_code == 200
    assert client.get(job["links"]["self"]).status_code == 200
    assert client.get(job["links"]["results"], buffered=True).data == kept.data
    assert client.get(job["links"]["results"]).status_code == 404


def test_a_job_without_a_result_says_so_and_stays(client) -> None:
    job = job_of(client, part(b"none"), part(b""))
    assert job["state"] == "failed"
    answer = client.get(job["links"]["results"])
    assert answer.status_code == 404
    assert answer.json["error"].startswith("none of the photos has a result to fetch")
    assert client.delete(job["links"]["self"]).status_code == 204


def test_a_client_who_goes_away_keeps_the_job(client, meadow: Path) -> None:
    job = job_of(client, part(meadow.read_bytes()))
    broken = client.get(job["links"]["results"], buffered=False)
    broken.close()
    assert client.get(job["links"]["self"]).status_code == 200
    client.delete(job["links"]["self"])


def test_results_cannot_be_taken_home_before_they_are_there(client, photo: bytes) -> None:
    answer = client.post(JOBS, data={"photos": [part(photo), part(photo)], "restorer": "unsupervised-wiener"})
    place = answer.headers["Location"]
    for address in (f"{place}/results.zip", f"{place}/photos/2/result", f"{place}/photos/2/pictures/before.webp"):
        early = client.get(address)
        assert early.status_code == 409
        assert early.headers["Retry-After"] == "1"
    assert client.patch(f"{place}/photos/2", json={"left": []}).status_code == 409
    assert client.delete(place).status_code == 204
    assert client.get(place).status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "photos"),
        ({"photos": []}, "photos"),
        ({"photos": {}}, "photos"),
        ({"photos": ["x"]}, "photos"),
        ({"photos": [{"name": "x"}]}, "photos"),
        ({"photos": [{"data": "", "date": ""}]}, "photos"),
        ({"photos": [{"data": 5}]}, "photos"),
        ({"photos": [{"data": "", "name": 5}]}, "photos"),
        ({"photos": [{"data": "-"}]}, "photos"),
        ({"photos": [{"data": ""}], "task": "hyde"}, "task"),
        ({"photos": [{"data": ""}], "task": 5}, "task"),
        ({"photos": [{"data": ""}], "view": "true"}, "view"),
        ({"photos": [{"data": ""}], "veiw": True}, "veiw"),
    ],
)
def test_jobs_that_cannot_be_meant(client, body: dict[str, object], field: str) -> None:
    answer = client.post(JOBS, json=body)
    assert answer.status_code == 422
    assert list(answer.json["fields"]) == [field]


def test_what_a_form_leaves_empty_is_not_given(client, meadow: Path) -> None:
    empty = dict.fromkeys(("psf", "fidelity", "largest", "task", "view", "format"), "")
    job = client.post(JOBS, data={"photos": [part(meadow.read_bytes())], "restorer": "identity", **empty}).json
    assert job["options"] == {"restorer": "identity"}
    assert job["task"] == "restore"
    client.delete(job["links"]["self"])


def test_forms_that_cannot_be_meant(client, meadow: Path) -> None:
    assert client.post(JOBS, data={"restorer": "identity"}, content_type="multipart/form-data").status_code == 422
    wrong = client.post(JOBS, data={"photo": part(meadow.read_bytes())})
    assert wrong.json["fields"] == {"photos": ["photos come as the part `photos`"]}


def test_too_much_at_once(client_with, meadow: Path) -> None:
    good = meadow.read_bytes()
    client = client_with(limits=UploadLimits(files=2, request_bytes=len(good) + 10))
    assert "3 photos are more than the limit of 2" in client.post(JOBS, data={"photos": [part(b"")] * 3}).json["error"]
    listed = client.post(JOBS, json={"photos": [{"data": ""}] * 3})
    assert (listed.status_code, listed.json["error"]) == (413, "3 photos are more than the limit of 2")
    both = client.post(JOBS, data={"photos": [part(good), part(good)]})
    assert both.status_code == 413
    assert "bytes of photos are more than the limit" in both.json["error"]


@pytest.mark.parametrize("job_id", ["nobody", "x" * 5000, "..%2F..", "%00", "a.b", "ä"])
@pytest.mark.parametrize(
    "rest", ["", "/events", "/results.zip", "/photos/1", "/photos/1/result", "/photos/1/pictures/a.png"]
)
def test_jobs_that_are_not_there(client, job_id: str, rest: str) -> None:
    answer = client.get(f"{JOBS}/{job_id}{rest}")
    assert answer.status_code == 404
    assert set(answer.json) == {"error"}


@pytest.mark.parametrize("keep", ["maybe", "", "2"])
def test_keeping_is_yes_or_no(client, keep: str) -> None:
    for rest in ("results.zip", "photos/1/result"):
        assert client.get(f"{JOBS}/nobody/{rest}?keep={keep}").json["fields"] == {"keep": ["keep is true or false"]}


def test_a_photo_that_failed_says_why_where_its_result_would_be(client) -> None:
    job = client.post(JOBS, data={"photos": [part(b"hello", "text.jpg")]}).json
    assert client.get(job["links"]["self"]).json["photos"][0]["fault"] == "photo"
    answer = client.get(f"{job['links']['self']}/photos/1/result")
    assert answer.status_code == 404
    assert answer.json["error"].startswith("this photo has no result: text.jpg: the file is text")
    client.delete(job["links"]["self"])
