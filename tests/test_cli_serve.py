"""`clearface serve` as people start it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import urllib3

TOKEN = "correct-horse-battery-staple"
SECONDS = 120.0
"""As long as an answer is waited for at most."""


@contextmanager
def served(place: Path, *options: str, token: str | None = None) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The process and the address it told."""
    place.mkdir(exist_ok=True)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CLEARFACE_")}
    if token is not None:
        environment["CLEARFACE_TOKEN"] = token
    command = [sys.executable, "-m", "clearface", "serve", "--port", "0", "--folder", str(place), *options]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith("clearface is at http://127.0.0.1:"), process.communicate()[1]
            yield process, line.split()[3]
        finally:
            if process.poll() is None:
                process.kill()


def restore(address: str, photo: Path, headers: dict[str, str] | None = None) -> urllib3.BaseHTTPResponse:
    fields: dict[str, Any] = {"photo": (photo.name, photo.read_bytes()), "restorer": "identity"}
    return urllib3.request("POST", f"{address}/api/v1/restore", fields=fields, headers=headers, timeout=SECONDS)


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_until_it_is_stopped_and_leaves_nothing(tmp_path: Path, portrait: Path, stop: signal.Signals) -> None:
    place = tmp_path / "place"
    with served(place) as (process, address):
        assert urllib3.request("GET", f"{address}/healthz", timeout=SECONDS).status == 200
        assert "<title>clearface" in urllib3.request("GET", address, timeout=SECONDS).data.decode()
        answer = restore(address, portrait)
        assert (answer.status, answer.headers["Content-Type"]) == (200, "image/jpeg")
        assert len(list(place.glob("*/server-*"))) == 1
        process.send_signal(stop)
        _, log = process.communicate(timeout=60)
        assert process.returncode == 0
    assert list(place.glob("*/server-*")) == []
    assert "POST /api/v1/restore 200" in log
    assert portrait.stem not in log


def test_what_a_crash_left_goes_at_the_next_start(tmp_path: Path, portrait: Path) -> None:
    with served(tmp_path / "place") as (process, address):
        fields: dict[str, Any] = {"photos": (portrait.name, portrait.read_bytes()), "restorer": "identity"}
        assert urllib3.request("POST", f"{address}/api/v1/jobs", fields=fields, timeout=SECONDS).status == 202
        process.kill()
    uploads = list((tmp_path / "place").glob("*/server-*/jobs/*/1/upload"))
    assert [path.read_bytes() for path in uploads] == [portrait.read_bytes()]
    with served(tmp_path / "place", "--quiet") as (process, _):
        assert not uploads[0].exists()
        assert len(list((tmp_path / "place").glob("*/server-*"))) == 1


def test_with_a_token_nobody_else_is_let_in(tmp_path: Path, portrait: Path) -> None:
    with served(tmp_path / "place", "--quiet", token=TOKEN) as (process, address):
        refused = restore(address, portrait)
        assert (refused.status, set(refused.json())) == (401, {"error"})
        assert restore(address, portrait, {"Authorization": f"Bearer {TOKEN}"}).status == 200
        process.send_signal(signal.SIGTERM)
        told, log = process.communicate(timeout=60)
    assert TOKEN not in told + log


@pytest.mark.parametrize(
    ("options", "code", "sentence"),
    [
        (["--host", "300.1.1.1"], 1, "clearface: 300.1.1.1: there is no such address to listen at\n"),
        (["--network", "gan"], 2, 'clearface: "gan" is no network: write NAME=FILE, or NAME=FILE:PRESET\n'),
        (
            ["--store", "shared"],
            2,
            "clearface: a shared store is of use with a queue alone: name one with CLEARFACE_QUEUE, or leave it out\n",
        ),
        (["--queue", "amqp://localhost"], 2, None),
        (["--token-file", "nowhere"], 2, None),
        (["--folder", "nowhere"], 2, None),
        (
            ["--allow-host", "https://a.example"],
            2,
            'clearface: --allow-host "https://a.example": this is no name of a machine: write it as in photos.example.org\n',
        ),
        (["--allow-origin", "photos.example.org"], 2, None),
    ],
)
def test_what_cannot_be_served_is_said_in_a_sentence(
    tmp_path: Path, options: list[str], code: int, sentence: str | None
) -> None:
    command = [sys.executable, "-m", "clearface", "serve", "--port", "0", "--folder", str(tmp_path), *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.startswith("clearface: ")
    assert done.stderr.count("\n") == 1
    assert sentence is None or done.stderr == sentence


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with served(tmp_path / "place", "--quiet") as (_, address):
        port = address.rpartition(":")[2]
        command = [sys.executable, "-m", "clearface", "serve", "--port", port, "--folder", str(tmp_path)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"clearface: port {port} is taken by another program")


def test_a_worker_without_a_queue_says_what_it_needs() -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CLEARFACE_")}
    command = [sys.executable, "-m", "clearface", "worker"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment)
    assert done.returncode == 2
    assert done.stderr.startswith("clearface: a worker needs a queue: name it with --queue or CLEARFACE_QUEUE")
