"""The real web server: what only shows on the wire."""

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import urllib3
from PIL import Image
from tests.server.http.asking import JOBS, part

from clearface.errors import ClearfaceError
from clearface.server.http.app import create_app
from clearface.server.http.capacity import Capacity, Places, Room
from clearface.server.http.errors import ApiError
from clearface.server.http.serving import WebServer
from clearface.server.jobs.desk import JobDesk
from clearface.server.settings import ServerSettings, UploadLimits

SERVE = """
import sys
from clearface.server.http.app import create_app
from clearface.server.http.serving import serve
from clearface.server.settings import ServerSettings
from tests.server.http.troubled import TroubledDesk
settings = ServerSettings(port=0)
serve(create_app(settings, TroubledDesk(RuntimeError())), settings, lambda address: print(address, flush=True))
print("over", flush=True)
"""


@contextmanager
def served(settings: ServerSettings, desk: JobDesk, patience: float = 60.0) -> Iterator[WebServer]:
    """A server on a free port."""
    own = replace(settings, port=0)
    server = WebServer(create_app(own, desk), own, patience)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join()


@pytest.fixture(scope="module")
def server(settings: ServerSettings, desk: JobDesk) -> Iterator[WebServer]:
    with served(replace(settings, limits=UploadLimits(bytes=1_000_000, request_bytes=1_000_000)), desk) as running:
        yield running


@pytest.fixture(scope="module")
def pool() -> Iterator[urllib3.PoolManager]:
    with urllib3.PoolManager(retries=False, timeout=120) as manager:
        yield manager


def hand_in(pool: urllib3.PoolManager, server: WebServer, photo: bytes, **options: str) -> str:
    fields: dict[str, Any] = {"photos": ("a.jpg", photo), "restorer": "identity"} | options
    answer = pool.request("POST", f"{server.address}{JOBS}", fields=fields)
    assert answer.status == 202
    return f"{server.address}{answer.json()['links']['self']}"


def raw(server: WebServer, request: bytes) -> bytes:
    """What comes back for bytes sent as they are."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        connection.sendall(request)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    return answer


def test_events_come_while_it_happens(pool: urllib3.PoolManager, server: WebServer, photo: bytes) -> None:
    job = hand_in(pool, server, photo, restorer="unsupervised-wiener")
    stream = pool.request("GET", f"{job}/events", preload_content=False)
    assert stream.headers["Content-Type"].startswith("text/event-stream")
    pieces = stream.stream(65536)
    first = next(pieces)
    assert first.startswith(b"event: job\n")
    # The job is not over when the first event is here: it was not kept back until the end.
    assert json.loads(first.split(b"data: ")[1].split(b"\n")[0])["state"] in ("waiting", "working")
    rest = b"".join(pieces)
    stream.release_conn()
    assert rest.rstrip().endswith(b'data: {"state": "done", "error": null}')
    assert pool.request("DELETE", job).status == 204


def test_a_job_that_is_deleted_ends_its_stream(pool: urllib3.PoolManager, server: WebServer, photo: bytes) -> None:
    job = hand_in(pool, server, photo, restorer="unsupervised-wiener")
    stream = pool.request("GET", f"{job}/events", preload_content=False)
    pieces = stream.stream(65536)
    next(pieces)
    assert pool.request("DELETE", job).status == 204
    assert b'event: end\ndata: {"state": null, "error": "the job was deleted"}' in b"".join(pieces)
    stream.release_conn()


def test_a_client_who_goes_away_leaves_nothing(
    server: WebServer, pool: urllib3.PoolManager, jobs_folder: Path, photo: bytes
) -> None:
    before = set(jobs_folder.iterdir())
    body, kind = urllib3.encode_multipart_formdata({"photo": ("a.jpg", photo), "restorer": "unsupervised-wiener"})
    head = f"POST /api/v1/restore HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(head.encode() + body)
        while set(jobs_folder.iterdir()) == before:
            time.sleep(0.01)
    while set(jobs_folder.iterdir()) != before:
        time.sleep(0.01)
    assert pool.request("GET", f"{server.address}/healthz").status == 200


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nBroken\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 40_000 + b"\r\n\r\n", 431),
        (b"POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9000000000\r\n\r\n", 413),
        (b"POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
        (b"GET /healthz HTTP/1.0\r\n\r\n", 200),
        (b"GET /healthz HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n", 403),
    ],
)
def test_what_is_no_request_is_answered_in_json_too(server: WebServer, request_: bytes, status: int) -> None:
    answer = raw(server, request_)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.split()[1] == str(status).encode()
    assert b"application/json" in head
    assert b"Content-Security-Policy" in head
    assert set(json.loads(body)) <= {"error", "status"}


def test_a_body_in_pieces_is_bounded_too(server: WebServer) -> None:
    piece = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    head = b"POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n"
    form = b"Content-Type: multipart/form-data; boundary=x\r\n\r\n"
    assert raw(server, head + form + piece * 33 + b"0\r\n\r\n").split()[1] == b"413"


def test_a_large_result_arrives_whole(pool: urllib3.PoolManager, server: WebServer, photo: bytes) -> None:
    answer = pool.request(
        "POST",
        f"{server.address}/api/v1/restore",
        fields={"photo": ("a.jpg", photo), "restorer": "identity", "format": "bmp"},
    )
    assert answer.status == 200
    assert len(answer.data) == int(answer.headers["Content-Length"]) > 700_000


def send_for_ever(connection: socket.socket) -> None:
    """Reads nothing, so that the only way for this to end is that the other side hangs up."""
    while True:
        connection.send(b"x")
        time.sleep(0.05)


def test_a_client_who_takes_nothing_loses_its_answer(settings: ServerSettings, desk: JobDesk) -> None:
    picture = BytesIO()
    Image.effect_noise((2000, 2000), 50).save(picture, "BMP")
    fields: dict[str, Any] = {"photo": ("a.bmp", picture.getvalue()), "restorer": "identity", "aligned": "true"}
    body, kind = urllib3.encode_multipart_formdata(fields)
    head = f"POST /api/v1/restore HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    with served(settings, desk, patience=0.2) as server, socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.settimeout(60)
        slow.connect(("127.0.0.1", server.port))
        slow.sendall(head.encode() + body)
        with pytest.raises(ConnectionError):
            send_for_ever(slow)


def test_who_speaks_tls_is_not_left_waiting(server: WebServer) -> None:
    context = ssl.create_default_context()
    with (
        socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection,
        pytest.raises((ssl.SSLError, ConnectionError)),
    ):
        context.wrap_socket(connection, server_hostname="localhost")


def test_heads_leave_nothing_behind(
    server: WebServer, pool: urllib3.PoolManager, settings: ServerSettings, photo: bytes
) -> None:
    job = hand_in(pool, server, photo)
    pool.request("GET", f"{job}/events")
    assert settings.folder is not None
    for _ in range(Capacity.of(settings).streams + 1):
        assert pool.request("HEAD", f"{job}/events").status == 200
    assert pool.request("HEAD", f"{job}/results.zip").status == 200
    assert pool.request("HEAD", f"{server.address}/static/app.js").status in (200, 404)
    while list((settings.folder / "scratch").iterdir()):  # until what was made for the archive is gone
        time.sleep(0.01)
    assert pool.request("GET", f"{job}/events").status == 200
    assert pool.request("DELETE", job).status == 204


def test_so_many_streams_and_no_more(settings: ServerSettings, client_with, photo: bytes) -> None:
    client = client_with(requests_a_minute=0)
    place = client.post(JOBS, data={"photos": part(photo), "restorer": "unsupervised-wiener"}).headers["Location"]
    followers = [client.get(f"{place}/events", buffered=False) for _ in range(Capacity.of(settings).streams)]
    refused = client.get(f"{place}/events")
    assert refused.status_code == 429
    assert refused.json["error"].startswith("too many jobs are followed right now")
    assert int(refused.headers["Retry-After"]) > 0
    followers.pop().close()
    followers.append(client.get(f"{place}/events", buffered=False))
    assert followers[-1].status_code == 200
    for follower in followers:
        follower.close()
    client.delete(place)


def test_a_place_that_is_left_is_free_again() -> None:
    places, room = Places(1), Room(10)
    with places.taken("full"), pytest.raises(ApiError, match="full"):
        places.take("full")
    places.take("full")
    room.take(6)
    with pytest.raises(ApiError, match="too many photos come in"):
        room.take(5)
    room.leave(6)
    room.take(10)


def test_threads_are_left_for_everything_else(settings: ServerSettings) -> None:
    for length in (1, 64, 10_000):
        capacity = Capacity.of(replace(settings, queue_length=length))
        assert capacity.threads > capacity.streams + capacity.callers
        assert capacity.threads <= 128


def test_a_port_that_is_taken_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        settings = ServerSettings(port=port)
        with pytest.raises(ClearfaceError, match=f"port {port} is taken by another program"):
            WebServer(create_app(settings, None), settings)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("host", "sentence"),
    [
        ("no.such.host.invalid", "there is no such address"),
        ("203.0.113.1", "203.0.113.1 is no address of this machine"),
    ],
)
def test_an_address_that_is_none_is_told(host: str, sentence: str) -> None:
    settings = ServerSettings(host=host, port=0)
    with pytest.raises(ClearfaceError, match=sentence):
        WebServer(create_app(settings, None), settings)  # type: ignore[arg-type]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly(number: signal.Signals) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(Path.cwd())},
    )
    assert process.stdout is not None
    with process.stdout as told:
        address = told.readline().strip()
        assert urllib3.request("GET", f"{address}/healthz").status == 200
        process.send_signal(number)
        assert told.read() == "over\n"
    assert process.wait() == 0


def test_who_waits_is_told_that_it_goes_down(settings: ServerSettings, desk: JobDesk, photo: bytes) -> None:
    told: list[urllib3.BaseHTTPResponse] = []
    with served(settings, desk) as server:
        address = server.address
        fields: dict[str, Any] = {"photo": ("a.jpg", photo), "restorer": "unsupervised-wiener", "aligned": "true"}
        asking = threading.Thread(
            target=lambda: told.append(
                urllib3.request("POST", f"{address}/api/v1/restore", fields=fields, retries=False)
            )
        )
        asking.start()
        while desk.load().working == 0:
            time.sleep(0.01)
    asking.join()
    assert told[0].status == 503
    assert told[0].json() == {"error": "the server is going down: try again later"}
    with pytest.raises(urllib3.exceptions.HTTPError):
        urllib3.request("GET", f"{address}/healthz", retries=False)
