"""Frames a second, memory, and seconds to the first frame of the whole program, on made films of the public-domain astronaut.

    python -m benchmarks.films.speed
    python -m benchmarks.films.speed --deface PATH-OF-DEFACE

A blurred face of about 250 pixels, its square measured, moves through a 720p film that is restored; four faces move through a
1080p film that is hidden. Each command runs in a process of its own, on a whole film and on its first frame alone: the second
says how long it takes until one frame is done, start included; the difference is the time of the other frames. Memory is the
peak resident size. Another program that hides faces, `deface`, is timed in the same way with `--scale` set to the size at which
clearface searches.
"""

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import skimage.data

from clearface.arrays import ByteImage

_RATE = 25
_CUT = (slice(0, 300), slice(70, 370))
"""The astronaut's head and shoulders, rows and columns."""

_HEAD_SQUARE = 170
"""Side of the face's square in the astronaut's picture, in its pixels."""

_SOFT_EDGE = 20


@dataclass(frozen=True)
class Clip:
    """A film to be made."""

    name: str
    width: int
    height: int
    faces: int
    square: int
    """Side of the square of each face, in pixels."""

    blur: float
    """Deviation of the Gaussian, in pixels; 0 for none."""


RESTORING = Clip("720p, one face", 1280, 720, 1, 250, 3.0)
HIDING = Clip("1080p, four faces", 1920, 1080, 4, 220, 0.0)
SEARCHED = 640
"""The longer side at which frames are searched, in pixels."""


@dataclass(frozen=True)
class Cost:
    seconds: float
    megabytes: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=200)
    parser.add_argument("--runs", type=int, default=3, help="the fastest counts: more is the machine's other work")
    parser.add_argument("--deface", type=Path, help="the program deface, to compare with")
    arguments = parser.parse_args()
    clearface = [sys.executable, "-m", "clearface"]
    commands: list[tuple[str, Clip, list[str]]] = [
        ("clearface restore", RESTORING, [*clearface, "restore", "--quiet", "{input}", "-o", "{output}"]),
        (
            "clearface hide",
            HIDING,
            [*clearface, "hide", "--quiet", "--detection-size", str(SEARCHED), "{input}", "-o", "{output}"],
        ),
    ]
    if arguments.deface is not None:
        searched = f"{SEARCHED}x{SEARCHED * HIDING.height // HIDING.width}"
        commands.append(("deface", HIDING, [str(arguments.deface), "{input}", "-o", "{output}", "--scale", searched]))
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    print("| command | film | frames/s | first frame after | peak memory |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for name, clip, command in commands:
            film, first = (Path(folder, f"{clip.width}-{count}.mp4") for count in (arguments.frames, 1))
            for path, count in ((film, arguments.frames), (first, 1)):
                if not path.exists():
                    write(path, clip, count)
            one = least(command, first, arguments.runs)
            whole = least(command, film, arguments.runs)
            rate = (arguments.frames - 1) / max(whole.seconds - one.seconds, 1e-9)
            print(f"| {name} | {clip.name} | {rate:.1f} | {one.seconds:.1f} s | {whole.megabytes:.0f} MB |", flush=True)


def write(path: Path, clip: Clip, count: int) -> None:
    """Makes the film, H.264."""
    with av.open(str(path), mode="w") as film:
        video = film.add_stream("libx264", rate=Fraction(_RATE), options={"crf": "18", "preset": "veryfast"})
        video.width, video.height, video.pix_fmt = clip.width, clip.height, "yuv420p"
        for picture in pictures(clip, count):
            film.mux(video.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        film.mux(video.encode())


def pictures(clip: Clip, count: int) -> Iterator[ByteImage]:
    """The frames: heads that move on their own ways before a textured ground, blurred all over, with a little noise."""
    random = np.random.default_rng(0)
    texture = cv2.resize(skimage.data.grass(), (clip.width, clip.height), interpolation=cv2.INTER_CUBIC)
    ground = np.repeat(np.asarray(texture, np.float32)[..., None], 3, 2)
    scale = clip.square / _HEAD_SQUARE
    head = cv2.resize(skimage.data.astronaut()[_CUT], None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    side = head.shape[0]
    ramp = np.clip(np.minimum(np.arange(side) + 1, side - np.arange(side)) / _SOFT_EDGE, 0, 1)
    shown = np.minimum.outer(ramp, ramp).astype(np.float32)
    for frame in range(count):
        picture = ground.copy()
        for face in range(clip.faces):
            turn = frame / _RATE + 2.1 * face
            middle = (face + 0.5) * clip.width / clip.faces
            room = min(clip.width / clip.faces, clip.height) - side
            across = middle - side / 2 + room / 4 * np.sin(turn)
            down = (clip.height - side) / 2 * (1 + 0.8 * np.sin(0.7 * turn))
            place = np.array([[1.0, 0.0, across], [0.0, 1.0, down]])
            size = (clip.width, clip.height)
            weight = cv2.warpAffine(shown, place, size)[..., None]
            picture += weight * (cv2.warpAffine(head.astype(np.float32), place, size) - picture)
        if clip.blur:
            picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), clip.blur), np.float32)
        picture += random.normal(0, 1.5, (clip.height, clip.width, 1)).astype(np.float32)
        yield np.clip(np.rint(picture), 0, 255).astype(np.uint8)


def least(command: list[str], source: Path, runs: int) -> Cost:
    """The fastest of several runs, and the most memory any took."""
    costs = [measured(command, source) for _ in range(runs)]
    return Cost(min(cost.seconds for cost in costs), max(cost.megabytes for cost in costs))


def measured(command: list[str], source: Path) -> Cost:
    """One run. Raises RuntimeError where it fails or writes nothing."""
    result = source.with_name("result.mp4")
    result.unlink(missing_ok=True)
    words = [word.format(input=source, output=result) for word in command]
    started = time.perf_counter()
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    if os.waitstatus_to_exitcode(status) != 0 or not result.is_file():
        raise RuntimeError(f"failed: {' '.join(words)}")
    return Cost(seconds, usage.ru_maxrss / 1024)


if __name__ == "__main__":
    main()
