"""Many clients at once against a real `clearface serve`: statuses, how long they wait, and whether memory grows.

    python benchmarks/load.py                     # 8 clients for two minutes
    python benchmarks/load.py --seconds 20 -- --workers 2

What follows `--` goes to `clearface serve`. First one client asks alone, then all ask as fast as they are answered. Memory is the
proportional set size (PSS) of the server and all its processes, Linux only. Ends with 1 where an answer was neither 200 nor 429,
where memory grew by more than 10% after the first 50 requests, or where the median wait is more than 1.3 times that of a lone
request times the number of requests before each worker.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import numpy as np
import skimage.data
import urllib3
from PIL import Image

GROWTH, RATIO = 0.10, 1.3
SETTLED = 50
"""Requests after which memory should not grow any more."""

WINDOW = 10
"""Samples of memory, one a second, of which the median counts."""


@dataclass
class Log:
    """What the clients met. Shared by all of them."""

    waits: list[float] = field(default_factory=list)
    """Seconds of each request that was answered with 200."""

    statuses: Counter[str] = field(default_factory=Counter)
    memory: list[tuple[int, float]] = field(default_factory=list)
    """How many requests were answered, and the megabytes then."""

    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, status: str, seconds: float) -> None:
        with self.lock:
            self.statuses[status] += 1
            if status == "200":
                self.waits.append(seconds)

    def answered(self) -> int:
        with self.lock:
            return self.statuses.total()


@dataclass(frozen=True)
class Served:
    address: str
    process: int


def photo(side: int) -> bytes:
    """A JPEG of the astronaut, blurred."""
    out = BytesIO()
    crop = np.ascontiguousarray(skimage.data.astronaut()[:300, 80:380])
    Image.fromarray(crop).reduce(2).resize((side, side), Image.Resampling.BICUBIC).save(out, "JPEG", quality=92)
    return out.getvalue()


@contextmanager
def served(options: list[str]) -> Iterator[Served]:
    """A server on a free port, once it is ready. Raises RuntimeError where it does not start."""
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "told"
        command = [sys.executable, "-m", "clearface", "serve", "--port", "0", "--rate", "0", "--quiet", *options]
        with told.open("wb") as out:
            process = subprocess.Popen(
                command, stdout=out, env=os.environ | {"TMPDIR": folder, "PYTHONUNBUFFERED": "1"}
            )
        try:
            while (found := re.search(r"clearface is at (\S+)", told.read_text())) is None:
                if process.poll() is not None:
                    raise RuntimeError("the server did not start")
                time.sleep(0.1)
            address = found.group(1)
            while urllib3.request("GET", f"{address}/readyz", retries=False).status != 200:
                time.sleep(0.1)
            yield Served(address, process.pid)
        finally:
            process.terminate()
            process.wait(timeout=60)


def ask(pool: urllib3.PoolManager, address: str, fields: dict[str, object], log: Log) -> float:
    """One request; returns the seconds the server asks to wait before the next."""
    started = time.perf_counter()
    try:
        answer = pool.request("POST", f"{address}/api/v1/restore", fields=fields, timeout=600.0, retries=False)  # type: ignore[arg-type]
    except urllib3.exceptions.HTTPError as error:
        log.add(type(error).__name__, 0.0)
        return 1.0
    log.add(str(answer.status), time.perf_counter() - started)
    return float(answer.headers.get("Retry-After", "1")) if answer.status == 429 else 0.0


def memory_of(process: int) -> float:
    """Megabytes of a process and all that came of it."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            rest = entry.read_text().rpartition(")")[2].split()
        except OSError:  # gone meanwhile
            continue
        children.setdefault(int(rest[1]), []).append(int(entry.parent.name))
    family, found = [process], []
    while family:
        one = family.pop()
        found.append(one)
        family.extend(children.get(one, []))
    kilobytes = 0
    for one in found:
        try:
            rollup = Path(f"/proc/{one}/smaps_rollup").read_text()
        except OSError:
            continue
        match = re.search(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE)
        kilobytes += int(match.group(1)) if match else 0
    return kilobytes / 1024


def load(server: Served, clients: int, seconds: float, fields: dict[str, object]) -> Log:
    """All clients ask, one request after the other, until the time is over."""
    log = Log()
    deadline = time.monotonic() + seconds

    def client() -> None:
        with urllib3.PoolManager() as pool:
            while time.monotonic() < deadline:
                time.sleep(ask(pool, server.address, fields, log))

    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    while time.monotonic() < deadline:
        log.memory.append((log.answered(), memory_of(server.process)))
        time.sleep(1)
    for thread in threads:
        thread.join()
    return log


def main() -> int:
    parser = argparse.ArgumentParser(description="Many clients at once.")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--lone", type=int, default=15, help="requests of the lone client")
    parser.add_argument("--side", type=int, default=300, help="of the photo, in pixels")
    parser.add_argument("--restorer", help="the server's default without")
    parser.add_argument("serve", nargs="*", help="options of clearface serve, after --")
    asked = parser.parse_args()
    fields: dict[str, object] = {"photo": ("photo.jpg", photo(asked.side))}
    if asked.restorer:
        fields["restorer"] = asked.restorer
    with served(asked.serve) as server:
        metrics = urllib3.request("GET", f"{server.address}/metrics").data.decode()
        workers = int(float(next(iter(re.findall(r"^clearface_workers (\S+)", metrics, re.MULTILINE)), "1")))
        alone = Log()
        with urllib3.PoolManager() as pool:
            for _ in range(asked.lone):
                ask(pool, server.address, fields, alone)
        log = load(server, asked.clients, asked.seconds, fields)
    return tell(alone, log, asked.clients, asked.seconds, workers)


def tell(alone: Log, log: Log, clients: int, seconds: float, workers: int) -> int:
    """Prints the table; returns the exit code."""
    settled = [megabytes for answered, megabytes in log.memory if answered >= SETTLED]
    if len(settled) < 2 * WINDOW or not alone.waits or not log.waits:
        print(f"too few requests to tell: {json.dumps(alone.statuses | log.statuses)}")
        return 1
    first, last = statistics.median(settled[:WINDOW]), statistics.median(settled[-WINDOW:])
    lone, loaded = statistics.median(alone.waits), statistics.median(log.waits)
    queue = clients / workers
    growth, ratio = last / first - 1, loaded / (lone * queue)
    others = {status: count for status, count in log.statuses.items() if status not in ("200", "429")}
    print(f"{os.cpu_count()} cores, {workers} worker(s), {clients} clients for {seconds:.0f} s\n")
    print("| | |\n|---|---|")
    print(f"| answers | {', '.join(f'{count} x {status}' for status, count in sorted(log.statuses.items()))} |")
    print(f"| photos a second | {len(log.waits) / seconds:.2f} |")
    print(f"| median of a lone request | {lone:.3f} s |")
    print(f"| median with {clients} at once | {loaded:.3f} s |")
    print(f"| the same, by a lone one times {queue:g} in the queue | {ratio:.2f} (at most {RATIO}) |")
    print(f"| memory after {SETTLED} requests | {first:.0f} MB |")
    print(f"| memory at the end | {last:.0f} MB, {growth:+.1%} (at most {GROWTH:+.0%}) |")
    print(f"| most memory at any time | {max(megabytes for _, megabytes in log.memory):.0f} MB |")
    return int(bool(others) or growth > GROWTH or ratio > RATIO)


if __name__ == "__main__":
    sys.exit(main())
