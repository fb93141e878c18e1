"""What a client makes of servers that are busy, away, strange, or no clearface at all."""

import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from clearface.client import (
    Busy,
    Client,
    NotAuthorized,
    NotFound,
    Refused,
    ServerError,
    StillWorking,
    StrangeAnswer,
    Unavailable,
    Unreachable,
)
from clearface.errors import ClearfaceError, UsageError

JSON = "application/json"


@pytest.fixture
def answering():
    """A server that gives answers one after the other, and keeps what it was asked."""
    answers: list[Any] = []
    asked: list[tuple[str, dict[str, str]]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append((self.path, dict(self.headers)))
            status, media_type, body, *more = answers.pop(0)
            self.send_response(status)
            self.send_header("Content-Type", media_type)
            for name, value in more:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body) + 7 * (media_type == "cut/short")))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", answers, asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, NotAuthorized),
        (404, NotFound),
        (409, StillWorking),
        (400, Refused),
        (403, Refused),
        (413, Refused),
        (422, Refused),
        (429, Busy),
        (503, Unavailable),
        (500, ServerError),
        (302, ServerError),
    ],
)
def test_errors_are_exceptions_with_the_sentence_of_the_server(answering, status, kind):
    address, answers, _ = answering
    body = b'{"error": "the reason", "fields": {"fidelity": ["is a number"]}}'
    answers.append((status, JSON, body, ("Retry-After", "7"), ("Location", "http://127.0.0.1:1/")))
    with Client(address) as client, pytest.raises(ServerError, match=r"^the reason$") as caught:
        client.about()
    assert type(caught.value) is kind
    assert isinstance(caught.value, ClearfaceError)
    if isinstance(caught.value, Busy | Unavailable):
        assert caught.value.retry_after == 7
    if isinstance(caught.value, Refused):
        assert caught.value.fields == {"fidelity": ("is a number",)}


def test_a_proxy_that_answers_in_its_own_words(answering):
    address, answers, _ = answering
    answers.append((413, "text/html", b"<h1>Request Entity Too Large</h1>"))
    with Client(address) as client, pytest.raises(Refused, match="413 and did not say why"):
        client.about()


@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        ("text/html", b"<h1>It works</h1>"),
        (JSON, b"nonsense"),
        (JSON, b"[1, 2]"),
        (JSON, b'{"version": 3}'),
        (JSON, b'{"version": "1.0"}'),
    ],
)
def test_what_answers_may_be_no_clearface(answering, media_type, body):
    address, answers, _ = answering
    answers.append((200, media_type, body))
    with Client(address) as client, pytest.raises(StrangeAnswer):
        client.about()


def test_a_busy_server_is_asked_again_as_long_as_patience_lasts(answering):
    address, answers, asked = answering
    busy = (429, JSON, b'{"error": "too much waits"}', ("Retry-After", "0"))
    answers += [busy, busy, (200, "text/plain", b"ready")]
    with Client(address, patience=60) as client:
        assert client.ready()
    assert len(asked) == 3
    answers.append((429, JSON, b'{"error": "too much waits"}', ("Retry-After", "61")))
    with Client(address, patience=60) as client, pytest.raises(Busy):
        client.ready()
    assert len(asked) == 4


def test_the_token_goes_along(answering):
    address, answers, asked = answering
    answers.append((200, "text/plain", b"ready"))
    with Client(f"{address}/below/", token="a-token") as client:
        client.ready()
    path, headers = asked[0]
    assert path == "/below/readyz"
    assert headers["Authorization"] == "Bearer a-token"


def test_not_ready_is_no_error(answering):
    address, answers, _ = answering
    answers.append((503, JSON, b'{"error": "networks are loading"}'))
    with Client(address) as client:
        assert not client.ready()


def test_an_answer_that_breaks_off(answering):
    address, answers, _ = answering
    answers.append((200, "cut/short", b"half"))
    with Client(address) as client, pytest.raises(Unreachable):
        client.about()


def test_results_that_break_off_leave_no_file(answering, tmp_path):
    address, answers, _ = answering
    answers.append((200, "cut/short", b"half"))
    with Client(address) as client, pytest.raises(Unreachable, match="the connection broke"):
        client.results("job", tmp_path / "results.zip")
    assert list(tmp_path.iterdir()) == []


def test_no_server():
    with Client("http://127.0.0.1:1") as client, pytest.raises(Unreachable, match="there is no server that answers"):
        client.about()


@pytest.mark.parametrize(
    "address",
    ["", "127.0.0.1:8000", "ftp://host", "http://", "http://me:secret@host", "http://host/?a=b", "http://h:x"],
)
def test_addresses_that_are_none(address):
    with pytest.raises(UsageError, match="address of a server"):
        Client(address)


@pytest.mark.parametrize("token", ["", "two words", "line\nend", "Grüße"])
def test_tokens_that_cannot_be_sent(token):
    with pytest.raises(UsageError, match="a token is made of"):
        Client(token=token)


@pytest.mark.parametrize("job_id", ["", "../about", "a/b", "a?b", "a\n"])
def test_ids_that_lead_elsewhere_are_never_sent(job_id):
    with Client("http://127.0.0.1:1") as client, pytest.raises(UsageError, match="the id of a job"):
        client.delete(job_id)


def test_the_client_is_light():
    heavy = "{'numpy', 'cv2', 'PIL', 'onnxruntime', 'scipy', 'flask', 'typer'}"
    code = f"import sys, clearface.client; print(sorted({heavy} & set(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
