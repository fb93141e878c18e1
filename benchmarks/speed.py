"""Seconds and memory of the whole program, on made photos of the public-domain astronaut.

    python benchmarks/speed.py

Each photo goes through `clearface restore` in a process of its own, start included; the least of three runs counts, since
anything above it is the machine's other work. Memory is the peak resident size of that process.
"""

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import skimage.data
from PIL import Image

from clearface.api import default_pipeline
from clearface.arrays import ByteImage
from clearface.detectors.centerface import CenterFace


@dataclass(frozen=True)
class Case:
    name: str
    photo: ByteImage
    faces: int
    seconds: float
    megabytes: float


def crowd(width: int, height: int, columns: int, rows: int, side: int) -> ByteImage:
    """`columns` x `rows` portraits of `side` pixels over a textured ground."""
    ground = cv2.resize(skimage.data.grass(), (width, height), interpolation=cv2.INTER_CUBIC)
    photo = np.repeat(np.asarray(ground, np.uint8)[..., None], 3, axis=2)
    person = cv2.resize(skimage.data.astronaut()[:260, 100:360], (side, side), interpolation=cv2.INTER_AREA)
    for row in range(rows):
        for column in range(columns):
            left = round((column + 0.5) * width / columns - side / 2)
            top = round((row + 0.5) * height / rows - side / 2)
            photo[top : top + side, left : left + side] = person
    return photo


def measured(command: list[str]) -> tuple[float, float, str]:
    """Seconds, peak megabytes and stdout of a command. Raises RuntimeError where it fails."""
    started = time.perf_counter()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, stdout=output)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        if os.waitstatus_to_exitcode(status) != 0:
            raise RuntimeError(f"failed: {' '.join(command)}")
        output.seek(0)
        return seconds, usage.ru_maxrss / 1024, output.read().decode()


def least(function: object, repeats: int = 7) -> float:
    """The least seconds of several calls, after one to warm up."""
    assert callable(function)
    function()
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        function()
        times.append(time.perf_counter() - started)
    return min(times)


def main() -> None:
    parser = argparse.ArgumentParser(description="Seconds and memory of clearface.")
    parser.add_argument("--runs", type=int, default=3)
    runs = parser.parse_args().runs
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    print("| what | measured | budget |\n|---|---|---|")
    for what, code, budget in (
        ("import clearface", "import clearface", 0.3),
        ("clearface --help", None, 0.5),
    ):
        command = [sys.executable, "-c", code] if code else [sys.executable, "-m", "clearface", "--help"]
        seconds = min(measured(command)[0] for _ in range(runs + 2))
        print(f"| {what} | {seconds:.2f} s | {budget} s |")
    megapixel = crowd(1000, 1000, 4, 4, 220)
    detector = CenterFace()
    print(f"| detection, 1 megapixel | {least(lambda: detector.detect(megapixel)):.3f} s | 0.3 s |")
    pipeline = default_pipeline()
    face = np.random.default_rng(0).random((1, 256, 256, 3), dtype=np.float32)
    print(f"| default network, one 256x256 face | {least(lambda: pipeline.restorer.restore(face)):.3f} s | 0.15 s |")
    cases = [
        Case("1 megapixel, 16 faces", megapixel, 16, 2.5, 700),
        Case("24 megapixels, 30 faces", crowd(6000, 4000, 6, 5, 700), 30, 8, 1500),
    ]
    with tempfile.TemporaryDirectory() as folder:
        for case in cases:
            source, output = Path(folder, "in.jpg"), Path(folder, "out.jpg")
            Image.fromarray(case.photo).save(source, quality=95)
            command = [sys.executable, "-m", "clearface", "restore", "--restore-anyway", str(source), "-o", str(output)]
            command += ["--existing", "overwrite"]
            results = [measured(command) for _ in range(runs)]
            if f"{case.faces} faces restored" not in results[0][2]:
                raise RuntimeError(f"{case.name}: {results[0][2]}")
            print(f"| {case.name}, whole program | {min(result[0] for result in results):.2f} s | {case.seconds} s |")
            print(f"| {case.name}, peak memory | {max(result[1] for result in results):.0f} MB | {case.megabytes} MB |")


if __name__ == "__main__":
    main()
