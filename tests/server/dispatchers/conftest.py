"""A Redis of the tests' own, photos in a folder, and workers as processes."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from clearface.server.dispatchers.base import PhotoKey
from clearface.server.jobs import layout
from clearface.server.orders import Outcome, PhotoOrder, PhotoTask, Task
from clearface.server.settings import ServerSettings
from clearface.server.stores.folder import FolderStore
from clearface.server.work.words import as_json, from_json

PATIENCE = 60.0
"""Seconds after which what was waited for will never come."""


def wait_until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)


@dataclass
class RedisServer:
    """One that can be killed, and comes back at the same address with nothing in it."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self.process = subprocess.Popen(
            [*command, "--dir", str(self.folder)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        wait_until(self._answers)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False


@pytest.fixture(scope="session")
def redis_program() -> None:
    if shutil.which("redis-server") is None:
        if os.environ.get("CLEARFACE_REQUIRE_REDIS"):
            pytest.fail("redis-server is missing")
        pytest.skip("redis-server is missing")


@pytest.fixture(scope="session")
def shared_redis(redis_program: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path_factory.mktemp("redis"), _free_port())
    server.start()
    yield server
    server.kill()


@pytest.fixture
def redis_url(shared_redis: RedisServer) -> str:
    """Of a Redis with nothing in it, which lives on."""
    import redis

    with redis.Redis.from_url(shared_redis.url) as connection:
        connection.flushall()
    return shared_redis.url


@pytest.fixture
def mortal_redis(redis_program: None, tmp_path: Path) -> Iterator[RedisServer]:
    """One to be killed; started."""
    folder = tmp_path / "redis"
    folder.mkdir()
    server = RedisServer(folder, _free_port())
    server.start()
    yield server
    server.kill()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@dataclass(frozen=True)
class Album:
    """Photos handed in, as a desk lays them into a store, and what came of them."""

    root: Path
    store: FolderStore

    def hand_in(self, job_id: str, count: int) -> list[PhotoKey]:
        self.store.put(layout.manifest(job_id), b"{}")
        photos = [PhotoKey(job_id, number) for number in range(1, count + 1)]
        for photo in photos:
            order = PhotoOrder(PhotoTask(Task.RESTORE, restorer="identity"), f"photo{photo.number}.png", photo.number)
            self.store.put(layout.order(photo), as_json(order))
            self.store.put(layout.upload(photo), b"a photo")
        return photos

    def outcome(self, photo: PhotoKey) -> Outcome:
        return from_json(Outcome, self.store.get(layout.outcome(photo)))

    def finish(self, photo: PhotoKey, revision: int = 0) -> None:
        self.store.put(layout.outcome(photo), as_json(Outcome({"status": "restored"}, revision=revision)))

    def without_outcome(self, photos: list[PhotoKey]) -> list[PhotoKey]:
        return [photo for photo in photos if self.store.size(layout.outcome(photo)) is None]


@pytest.fixture
def album(tmp_path: Path) -> Album:
    return Album(tmp_path / "store", FolderStore(tmp_path / "store"))


@dataclass
class Workers:
    """Worker processes whose work is to write down what they do; see `counting_worker.py`."""

    album: Album
    folder: Path
    lease_seconds: float
    processes: list[subprocess.Popen[str]] = field(default_factory=list)

    def start(self, url: str, count: int = 1, slots: int = 1) -> None:
        """slots: photos each process works on at a time."""
        script = Path(__file__).with_name("counting_worker.py")
        for _ in range(count):
            command = [sys.executable, str(script), url, str(self.album.root), str(self.folder)]
            command += [str(self.lease_seconds), str(slots)]
            log = (self.folder / f"log{len(self.processes)}").open("w")
            with log:
                self.processes.append(subprocess.Popen(command, stderr=log, text=True))

    def log(self) -> str:
        return "".join(path.read_text() for path in sorted(self.folder.glob("log*")))

    def hold(self, photo: PhotoKey) -> None:
        """Work on the photo does not end before it is let go."""
        (self.folder / f"hold{photo.number}").touch()

    def let_go(self, photo: PhotoKey) -> None:
        (self.folder / f"hold{photo.number}").unlink()

    def begun(self, photo: PhotoKey) -> list[int]:
        """Numbers of the processes that began the photo, in order."""
        return self._told("begin", photo)

    def ended(self, photo: PhotoKey) -> list[int]:
        return self._told("end", photo)

    def kill(self, process_id: int) -> None:
        process = next(process for process in self.processes if process.pid == process_id)
        process.kill()
        process.wait()

    def _told(self, what: str, photo: PhotoKey) -> list[int]:
        ledger = self.folder / "ledger"
        if not ledger.exists():
            return []
        lines = [line.split() for line in ledger.read_text().splitlines()]
        return [int(line[3]) for line in lines if line[:3] == [what, photo.job_id, str(photo.number)]]


@pytest.fixture
def workers(album: Album, tmp_path: Path) -> Iterator[Workers]:
    folder = tmp_path / "workers"
    folder.mkdir()
    crew = Workers(album, folder, lease_seconds=1.5)
    yield crew
    for process in crew.processes:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
        process.wait()


@pytest.fixture
def settings_for(tmp_path: Path) -> Callable[..., ServerSettings]:
    def settings(url: str, queue_length: int = 64) -> ServerSettings:
        return ServerSettings(queue_url=url, store=str(tmp_path / "store"), queue_length=queue_length)

    return settings


@pytest.fixture
def until() -> Callable[[Callable[[], bool]], None]:
    """Waits until something has happened."""
    return wait_until
