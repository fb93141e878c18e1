"""A real server in a process of its own, in a home, a temporary folder and a working folder of its own."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import urllib3

_LONGEST_START = 120.0
_ADDRESS = re.compile(r"clearface is at (http://\S+)")


@dataclass(frozen=True)
class RunningServer:
    """Where it is, and what it leaves."""

    address: str
    process: subprocess.Popen[bytes]
    home: Path
    temporary: Path
    working: Path
    out: Path
    err: Path

    def stop(self) -> int:
        """Asks it to stop, as Ctrl-C does, and returns its exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=60)


@contextmanager
def running_server(
    folder: Path, *options: str, environment: Mapping[str, str] | None = None, ready: bool = True
) -> Iterator[RunningServer]:
    """`clearface serve` on a free port, once it says that it is ready to work. folder: an empty one for all it may write to."""
    home, temporary, working = (folder / name for name in ("home", "tmp", "cwd"))
    for place in (home, temporary, working):
        place.mkdir()
    out, err = folder / "stdout", folder / "stderr"
    settings = {
        "HOME": str(home),
        "TMPDIR": str(temporary),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
        **(environment or {}),
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CLEARFACE_", "XDG_", "PYTEST_"))}
    command = [sys.executable, "-m", "clearface", "serve", "--port", "0", *options]
    with out.open("wb") as told, err.open("wb") as log:
        process = subprocess.Popen(command, cwd=working, env=kept | settings, stdout=told, stderr=log)
    server: RunningServer | None = None
    try:
        server = RunningServer(_address(process, out, err), process, home, temporary, working, out, err)
        if ready:
            _wait_until_ready(server)
        yield server
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _address(process: subprocess.Popen[bytes], out: Path, err: Path) -> str:
    deadline = time.monotonic() + _LONGEST_START
    while time.monotonic() < deadline:
        told = _ADDRESS.search(out.read_text())
        if told is not None:
            return told.group(1).rstrip("/")
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise RuntimeError(f"the server did not start: {out.read_text()} {err.read_text()}")


def _wait_until_ready(server: RunningServer) -> None:
    deadline = time.monotonic() + _LONGEST_START
    while time.monotonic() < deadline:
        if urllib3.request("GET", f"{server.address}/readyz", retries=False).status == 200:
            return
        time.sleep(0.1)
    raise RuntimeError(f"the server is not ready: {server.err.read_text()}")
