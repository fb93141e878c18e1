"""One client may not ask for work all the time, whichever of several servers it asks."""

import os
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.server.http.asking import JOBS

REQUIRE = "CLEARFACE_REQUIRE_REDIS"


@pytest.fixture
def queue_url(tmp_path: Path) -> Iterator[str]:
    """A Redis of the test's own."""
    program = shutil.which("redis-server")
    if program is None:
        if os.environ.get(REQUIRE):
            pytest.fail(f"redis-server is missing ({REQUIRE} is set)")
        pytest.skip("redis-server is missing")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    command = [program, "--port", port, "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        while not answers(int(port)):
            time.sleep(0.02)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.kill()
        process.wait()


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def ask(client: Any, address: str = "192.0.2.1", method: str = "POST", place: str = JOBS) -> int:
    status: int = client.open(place, method=method, environ_base={"REMOTE_ADDR": address}).status_code
    return status


def test_all_work_counts_together_and_looking_does_not(client_with) -> None:
    client = client_with(requests_a_minute=3)
    for _ in range(10):
        assert ask(client, method="GET", place=f"{JOBS}/a") == 404
    assert ask(client) == 415
    assert ask(client, place="/api/v1/detect") == 415
    assert ask(client, method="PATCH", place=f"{JOBS}/a/photos/1") == 415
    answer = client.post("/api/v1/restore", environ_base={"REMOTE_ADDR": "192.0.2.1"})
    assert answer.status_code == 429
    assert answer.json == {"error": "no more than 3 requests a minute are taken from one client: wait a little"}
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert ask(client, "192.0.2.2") == 415


def test_a_household_of_many_addresses_is_one_client(client_with) -> None:
    client = client_with(requests_a_minute=2)
    assert [ask(client, f"2001:db8:1:1::{number}") for number in range(3)] == [415, 415, 429]
    assert ask(client, "2001:db8:1:2::1") == 415


def test_clients_behind_a_proxy_are_told_apart(client_with) -> None:
    client = client_with(requests_a_minute=1, trusted_proxies=1)
    told = [client.post(JOBS, headers={"X-Forwarded-For": f"198.51.100.{number}"}).status_code for number in (1, 2, 1)]
    assert told == [415, 415, 429]
    untrusted = client_with(requests_a_minute=1)
    told = [untrusted.post(JOBS, headers={"X-Forwarded-For": f"198.51.100.{number}"}).status_code for number in (1, 2)]
    assert told == [415, 429]


def test_servers_of_one_queue_count_together(client_with, queue_url: str) -> None:
    one, other = (client_with(requests_a_minute=2, queue_url=queue_url) for _ in range(2))
    address = f"10.{secrets.randbelow(256)}.{secrets.randbelow(256)}.{secrets.randbelow(256)}"
    assert [ask(client, address) for client in (one, other, one, other)] == [415, 415, 429, 429]


def test_without_its_redis_each_server_counts_alone(client_with) -> None:
    client = client_with(requests_a_minute=2, queue_url="redis://localhost:1/0")
    assert [ask(client) for _ in range(3)] == [415, 415, 429]
