"""One photo in, its result out."""

import base64
import json
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.server.http.asking import part

from clearface.batch import PhotoOptions, process_photo
from clearface.detectors.registry import build_detector
from clearface.pipeline import Pipeline
from clearface.restorers.registry import RestorerOptions, build_restorer
from clearface.server.settings import UploadLimits

RESTORE, DETECT, HIDE = "/api/v1/restore", "/api/v1/detect", "/api/v1/hide"
AS_JSON = {"Accept": "application/json"}


def picture(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data))


def test_the_picture_is_what_the_command_line_makes(client, photo: bytes) -> None:
    options = {"restorer": "richardson-lucy", "psf": "gaussian:2", "iterations": "5", "format": "png"}
    answer = client.post(RESTORE, data={"photo": part(photo, "my photo.jpg"), **options})
    assert answer.status_code == 200
    assert answer.content_type == "image/png"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="my_photo_restored.png"'
    assert answer.headers["X-Clearface-Status"] == "restored"
    assert answer.content_length == len(answer.data)
    restorer = build_restorer("richardson-lucy", RestorerOptions(point_spread_function="gaussian:2", iterations=5))
    expected = process_photo(photo, "x", "PNG", Pipeline(build_detector("centerface"), restorer), PhotoOptions())
    assert np.array_equal(np.asarray(picture(answer.data)), np.asarray(picture(expected.encoded)))


def test_json_tells_what_the_command_line_tells(client, photo: bytes) -> None:
    body = {
        "photo": base64.b64encode(photo).decode(),
        "name": "me.jpg",
        "restorer": "richardson-lucy",
        "iterations": 2,
        "save_crops": True,
        "kernel": True,
        "check": True,
    }
    answer = client.post(RESTORE, json=body, headers=AS_JSON)
    assert answer.status_code == 200
    told = answer.json
    assert (told["input"], told["output"], told["status"]) == ("me.jpg", "me_restored.jpg", "restored")
    (face,) = told["faces"]
    assert face["verdict"] == "restored"
    assert face["blur"]["words"] == "even 5x5 average"
    assert 0 < face["explained"] <= 1
    assert told["media_type"] == "image/jpeg"
    assert picture(base64.b64decode(told["image"])).size == picture(photo).size
    assert [extra["name"] for extra in told["extras"]] == [
        "me_restored_face1_before.png",
        "me_restored_face1_after.png",
        "me_restored_face1_kernel.png",
    ]
    assert {extra["media_type"] for extra in told["extras"]} == {"image/png"}
    for extra in told["extras"]:
        assert picture(base64.b64decode(extra["data"])).format == "PNG"


def test_faces_are_hidden(client, photo: bytes) -> None:
    options = {"mode": "solid", "colour": "#000000", "shape": "box", "scale": "1", "feather": "0", "format": "png"}
    answer = client.post(HIDE, data={"photo": part(photo, "me.jpg"), **options})
    assert answer.status_code == 200
    assert answer.headers["X-Clearface-Status"] == "hidden"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="me_hidden.png"'
    (face,) = client.post(DETECT, data={"photo": part(photo)}).json["faces"]
    left, top, right, bottom = map(round, face["box"])
    hidden = np.asarray(picture(answer.data))
    assert not hidden[top + 2 : bottom - 2, left + 2 : right - 2].any()
    kept = client.post(HIDE, data={"photo": part(photo), "keep": "1; 5,5,6,6"}, headers=AS_JSON).json
    assert [told["hidden"] for told in kept["faces"]] == [False]
    assert kept["notes"] == ["rectangle 5,5,6,6 named no face, so none is kept by it"]
    also = client.post(HIDE, data={"photo": part(photo), "only": "9", "also": "1,1,30,30"}, headers=AS_JSON).json
    assert [told["hidden"] for told in also["faces"]] == [False, True]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"mode": "picture"}, "there is no mode"),
        ({"mode": "none"}, "there is no mode"),
        ({"scale": "0.5"}, "scale"),
        ({"keep": "x"}, "names no face"),
        ({"also": "1"}, "no rectangle"),
        ({"colour": "nocolour"}, "nocolour"),
        ({"keep": "1", "only": "2"}, "not both"),
        ({"fidelity": "1"}, "which is for restoring"),
        ({"picture": "/etc/passwd"}, "the host's own files"),
    ],
)
def test_nonsense_about_hiding_is_refused(client, photo: bytes, options, said: str) -> None:
    answer = client.post(HIDE, data={"photo": part(photo), **options})
    assert answer.status_code == 422
    assert said in answer.json["error"]


def test_options_of_hiding_are_for_hiding(client, photo: bytes) -> None:
    answer = client.post(RESTORE, data={"photo": part(photo), "mode": "blur"})
    assert answer.status_code == 422


def test_a_photo_without_a_face_comes_back_to_the_last_byte(client, meadow: Path) -> None:
    answer = client.post(RESTORE, data={"photo": part(meadow.read_bytes(), "meadow.png"), "restorer": "identity"})
    assert answer.headers["X-Clearface-Status"] == "unchanged"
    assert answer.data == meadow.read_bytes()


def test_faces_are_found(client, photo: bytes) -> None:
    answer = client.post(DETECT, data={"photo": part(photo)})
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    assert len(answer.json["faces"]) == 1
    assert (answer.json["image"], answer.json["media_type"]) == (None, None)
    marked = client.post(DETECT, data={"photo": part(photo)}, headers={"Accept": "image/*"})
    assert marked.content_type == "image/jpeg"
    assert marked.headers["Content-Disposition"] == 'attachment; filename="portrait_faces.jpg"'
    assert marked.headers["X-Clearface-Status"] == "detected"
    assert np.abs(np.asarray(picture(marked.data), float) - np.asarray(picture(photo), float)).max() > 50


@pytest.mark.parametrize(
    ("accepted", "address", "answered"),
    [
        (None, RESTORE, "image/png"),
        ("*/*", RESTORE, "image/png"),
        ("image/*", RESTORE, "image/png"),
        ("image/png, application/json;q=0.5", RESTORE, "image/png"),
        ("application/json, image/*;q=0.5", RESTORE, "application/json"),
        ("text/html,application/json;q=0.9,image/webp;q=0.9", RESTORE, "application/json"),
        ("*/*", DETECT, "application/json"),
        ("image/png", DETECT, "image/png"),
    ],
)
def test_the_answer_comes_as_it_is_accepted(
    client, meadow: Path, accepted: str | None, address: str, answered: str
) -> None:
    headers = {} if accepted is None else {"Accept": accepted}
    given = {"restorer": "identity"} if address == RESTORE else {}
    answer = client.post(address, data={"photo": part(meadow.read_bytes()), **given}, headers=headers)
    assert (answer.status_code, answer.content_type) == (200, answered)
    assert "Accept" in answer.headers["Vary"]


def test_what_nobody_accepts_is_not_begun(client, meadow: Path) -> None:
    answer = client.post(RESTORE, data={"photo": part(meadow.read_bytes())}, headers={"Accept": "image/jpeg"})
    assert answer.status_code == 406
    assert answer.json["error"].startswith("the result is image/png: accept that")


def test_more_pictures_need_more_room_than_a_picture(client, photo: bytes) -> None:
    answer = client.post(RESTORE, data={"photo": part(photo), "save_crops": "true", "check": "1", "kernel": "false"})
    assert answer.status_code == 422
    assert set(answer.json["fields"]) == {"save_crops", "check"}
    assert answer.json["error"].startswith("save_crops only adds to the result")


def test_a_photo_that_is_damaged_is_told_in_clearfaces_words(client, photo: bytes) -> None:
    answer = client.post(RESTORE, data={"photo": part(photo[:2000], "half.jpg"), "restorer": "identity"})
    assert answer.status_code == 422
    assert answer.json == {"error": "half.jpg: the file is cut short, a part of the JPEG is missing"}


def test_options_that_cannot_go_together_are_refused(client, photo: bytes) -> None:
    for given, word in (
        ({"largest": "true", "centre": "true"}, "choose the largest face or the one in the centre, not both"),
        ({"restorer": "wiener", "iterations": "5"}, "the restorer wiener has no iterations"),
        ({"aligned": "true", "largest": "true"}, "aligned looks for no faces"),
    ):
        answer = client.post(RESTORE, data={"photo": part(photo), **given})
        assert answer.status_code == 422
        assert answer.json["error"].startswith(word)


@pytest.mark.parametrize(
    ("data", "status", "sentence"),
    [
        (b"", 415, "a.jpg: the file is empty"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415, "a.jpg: the file is an SVG drawing; photos are JPEG, PNG"),
        (b"%PDF-1.7", 415, "a.jpg: the file is a PDF; photos are"),
        (b"\xff\xd8\xff" + bytes(50_000), 413, "a.jpg: 50,003 bytes are more than the limit of 50,000"),
    ],
)
def test_what_is_no_photo_is_refused_before_it_is_decoded(client_with, data: bytes, status: int, sentence: str) -> None:
    client = client_with(limits=UploadLimits(bytes=50_000))
    of_form = client.post(RESTORE, data={"photo": part(data, "a.jpg")})
    of_json = client.post(RESTORE, json={"photo": base64.b64encode(data).decode(), "name": "a.jpg"})
    for answer in (of_form, of_json):
        assert answer.status_code == status
        assert answer.json["error"].startswith(sentence)
    assert 'clearface_photos_total{outcome="refused",task="restore"} 2.0' in client.get("/metrics").text


def test_a_photo_of_too_many_pixels_is_not_decoded(client) -> None:
    wide = BytesIO()
    Image.new("L", (10_000, 10_000)).save(wide, "PNG")
    answer = client.post(RESTORE, data={"photo": part(wide.getvalue(), "wide.png"), "restorer": "identity"})
    assert answer.status_code == 422
    assert answer.json["error"].startswith("wide.png: 10000 x 10000 pixels are more than the limit")


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b'{"photo": NaN}', "application/json", 400),
        (b'{"photo": "", "photo": ""}', "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b'{"photo": ' + b"1" * 10_000 + b"}", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"[]", "application/json", 422),
        (b"{}", "application/json", 422),
        (b'{"photo": 5}', "application/json", 422),
        (b'{"photo": "no base64!"}', "application/json", 422),
        (b'{"photo": "", "name": []}', "application/json", 422),
        (b"photo=x", "application/x-www-form-urlencoded", 415),
        (b"photo", "text/plain", 415),
        (b"photo", "", 415),
        (b"--x", "multipart/form-data", 400),
        (b"garbage", "multipart/form-data; boundary=x", 400),
        (
            b'--x\r\nContent-Disposition: form-data; name="photo"; filename="a"\r\n\r\nabc',
            "multipart/form-data; boundary=x",
            400,
        ),
        (b"--x--\r\n", "multipart/form-data; boundary=x", 422),
        (
            b'--x\r\nContent-Disposition: form-data; name="photo"\r\n\r\nabc\r\n--x--\r\n',
            "multipart/form-data; boundary=x",
            422,
        ),
        (
            b'--x\r\nContent-Disposition: form-data; name="a"; filename="a"\r\n\r\nabc\r\n--x--\r\n',
            "multipart/form-data; boundary=x",
            422,
        ),
    ],
)
def test_bodies_that_cannot_be_meant(client, body: bytes, kind: str, status: int) -> None:
    answer = client.post(RESTORE, data=body, content_type=kind)
    assert answer.status_code == status
    assert set(answer.json) <= {"error", "fields"}


def test_an_option_given_twice_is_not_guessed(client, photo: bytes) -> None:
    answer = client.post(RESTORE, data={"photo": part(photo), "fidelity": ["0", "1"]})
    assert answer.json["fields"] == {"fidelity": ["fidelity is given 2 times"]}
    two = client.post(RESTORE, data={"photo": [part(photo), part(photo)]})
    assert two.json["fields"] == {"photo": ["one photo at a time"]}


def test_a_body_that_is_too_long_is_not_read(client_with) -> None:
    client = client_with(limits=UploadLimits(request_bytes=1000))
    for body, kind in ((bytes(2_000_000), "multipart/form-data; boundary=x"), (b" " * 2_000_000, "application/json")):
        answer = client.post(RESTORE, data=body, content_type=kind)
        assert answer.status_code == 413
        chunked = client.post(
            RESTORE, input_stream=BytesIO(body), content_type=kind, environ_base={"wsgi.input_terminated": True}
        )
        assert chunked.status_code == 413


def test_options_are_short_and_few(client, photo: bytes) -> None:
    assert client.post(RESTORE, data={"photo": part(photo), "psf": "x" * 100_000}).status_code == 422
    many = {f"option{number}": "1" for number in range(500)}
    assert client.post(RESTORE, data={"photo": part(photo), **many}).status_code == 413


def test_nothing_of_the_photo_stays(client, photo: bytes, jobs_folder: Path) -> None:
    before = sorted(jobs_folder.iterdir())
    assert client.post(RESTORE, data={"photo": part(photo), "restorer": "identity"}).status_code == 200
    assert client.post(RESTORE, data={"photo": part(photo[:2000]), "restorer": "identity"}).status_code == 422
    assert sorted(jobs_folder.iterdir()) == before


def test_photos_are_counted_by_what_became_of_them(client_with, photo: bytes, meadow: Path) -> None:
    client = client_with()
    client.post(RESTORE, data={"photo": part(photo), "restorer": "identity"})
    client.post(RESTORE, data={"photo": part(meadow.read_bytes()), "restorer": "identity"})
    client.post(DETECT, data={"photo": part(photo[:2000])})
    text = client.get("/metrics").text
    for task, outcome in (("restore", "restored"), ("restore", "unchanged"), ("detect", "failed")):
        assert f'clearface_photos_total{{outcome="{outcome}",task="{task}"}} 1.0' in text


def test_names_with_anything_in_them(client, meadow: Path) -> None:
    body = {"photo": base64.b64encode(meadow.read_bytes()).decode(), "restorer": "identity"}
    for name in ("../../x", "image<script>.jpg", "a\r\nb", "\ud800", "日本.png", ""):
        answer = client.post(RESTORE, data=json.dumps(body | {"name": name}), content_type="application/json")
        assert answer.status_code == 200
        assert answer.headers["Content-Disposition"].startswith('attachment; filename="')


def test_what_a_picture_cannot_hold_is_told_in_a_header(client) -> None:
    clear = BytesIO()
    Image.new("RGBA", (40, 40), (200, 0, 0, 100)).save(clear, "PNG")
    fields = {"photo": part(clear.getvalue(), "clear.png"), "restorer": "identity"}
    kept = client.post("/api/v1/restore", data=fields)
    assert "X-Clearface-Notes" not in kept.headers
    fields["photo"] = part(clear.getvalue(), "clear.png")
    lost = client.post("/api/v1/restore", data=fields | {"format": "jpeg"})
    assert lost.status_code == 200
    assert "transparency" in lost.headers["X-Clearface-Notes"]
