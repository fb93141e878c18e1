"""How many of the faces of the made clip are hidden, whoever hides them.

python -m benchmarks.films.recall FOLDER --clearface --deface PROGRAM      FOLDER is what benchmarks/films/clip.py wrote
python -m benchmarks.films.recall FOLDER --film NAME=FILE ...              films made some other way, with faces made black

Both programs are told to make faces black, so that it can be seen in the pixels: a face counts as hidden in a frame where of the
pixels of eyes, nose and mouth that were not black, nine in ten are. Counted are frames in which half of that part shows.
"""

import argparse
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import av
import cv2
import numpy as np
from benchmarks.films.scenes import HEIGHT, WIDTH
from benchmarks.films.truth import TrueFace, TrueFrame, owners, read_truth

from clearface.arrays import AnyArray

_LEAST_VISIBLE = 0.5
_LEAST_HIDDEN = 0.9
_NOT_BLACK = 32
"""Luminance from which a pixel of the clip tells whether it was made black."""

_SIZES = (0, 30, 60, 120, 1000)


@dataclass
class Tally:
    """Counts of one film."""

    by_scene: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))
    by_size: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))
    longest_miss: int = 0
    """Frames in a row in which one face showed."""

    changed: list[float] = field(default_factory=list)
    """Share of each frame that was made black."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--film", action="append", default=[], metavar="NAME=FILE")
    parser.add_argument("--clearface", action="store_true", help="hide the faces with this clearface")
    parser.add_argument(
        "--deface", type=Path, metavar="PROGRAM", help="hide them with deface, at 640x360 and at full size"
    )
    arguments = parser.parse_args()
    clip = arguments.folder / "clip.mp4"
    films = [(name, Path(path)) for name, _, path in (entry.partition("=") for entry in arguments.film)]
    if arguments.clearface:
        command = [
            sys.executable,
            "-m",
            "clearface",
            "hide",
            str(clip),
            "--mode",
            "solid",
            "--existing",
            "overwrite",
            "-o",
        ]
        films.append(("clearface", run(command, arguments.folder / "clearface.mp4")))
    if arguments.deface:
        command = [str(arguments.deface), "--replacewith", "solid", str(clip)]
        for name, options in (("deface 640x360", ["--scale", "640x360"]), ("deface full size", [])):
            target = arguments.folder / f"{name.replace(' ', '-')}.mp4"
            films.append((name, run([*command, *options, "-o"], target)))
    names = columns(arguments.folder)
    print("| | hidden | longest miss, frames | frame made black |" + "".join(f" {name} |" for name in names))
    print("|---|" + "---|" * (3 + len(names)))
    for name, path in films:
        print(row(name, measured(arguments.folder, path), names), flush=True)


def run(command: list[str], target: Path) -> Path:
    started = time.perf_counter()
    subprocess.run([*command, str(target)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    print(f"{target.name}: {time.perf_counter() - started:.0f} s", file=sys.stderr)
    return target


def measured(folder: Path, result: Path) -> Tally:
    """Compares a film with the clip, frame by frame."""
    tally, streaks = Tally(), dict[int, int]()
    pairs = zip(luminances(folder / "clip.mp4"), map(fitted, luminances(result)), strict=True)
    for frame, (before, after) in zip(read_truth(folder / "truth.jsonl"), pairs, strict=True):
        black = (before >= _NOT_BLACK) & (2 * after.astype(np.int16) < before)
        tally.changed.append(float(black.mean()))
        for face, hidden in judged(frame, before >= _NOT_BLACK, black):
            tally.by_scene[frame.scene].append(hidden)
            tally.by_size[size_name(face.size)].append(hidden)
            streaks[face.person] = 0 if hidden else streaks.get(face.person, 0) + 1
            tally.longest_miss = max(tally.longest_miss, streaks[face.person])
    return tally


def judged(frame: TrueFrame, telling: AnyArray, black: AnyArray) -> list[tuple[TrueFace, bool]]:
    """Whether each face that shows is hidden. `telling` and `black` are bool `(H, W)`."""
    owner = owners(frame, telling.shape)
    count = len(frame.faces) + 1
    shown = np.bincount(owner[telling], minlength=count)
    hidden = np.bincount(owner[telling & black], minlength=count)
    return [
        (face, bool(hidden[place] >= _LEAST_HIDDEN * shown[place]))
        for place, face in enumerate(frame.faces, start=1)
        if face.visible >= _LEAST_VISIBLE and shown[place] > 0
    ]


def luminances(path: Path) -> Iterator[AnyArray]:
    with av.open(str(path)) as film:
        for frame in film.decode(video=0):
            yield cv2.cvtColor(frame.to_ndarray(format="rgb24"), cv2.COLOR_RGB2GRAY)


def fitted(luminance: AnyArray) -> AnyArray:
    """At the size of the clip: deface makes the sides of its films multiples of 16."""
    return cv2.resize(luminance, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)


def size_name(size: float) -> str:
    """The class of sizes a face belongs to."""
    least, most = next(pair for pair in zip(_SIZES, _SIZES[1:], strict=False) if size < pair[1])
    return f"{least}-{most} px" if most < _SIZES[-1] else f"over {least} px"


def columns(folder: Path) -> list[str]:
    """Scenes and sizes, in order."""
    scenes = {frame.scene: None for frame in read_truth(folder / "truth.jsonl")}
    return [*scenes, *(size_name(least) for least in _SIZES[:-1])]


def row(name: str, tally: Tally, names: list[str]) -> str:
    groups = {**tally.by_scene, **tally.by_size}
    every = [hidden for results in tally.by_scene.values() for hidden in results]
    cells = [f"{np.mean(groups[group]):.1%}" if groups.get(group) else "-" for group in names]
    head = f"| {name} | {sum(every)} of {len(every)}, {np.mean(every):.2%} | {tally.longest_miss}"
    return f"{head} | {np.mean(tally.changed):.1%} | " + " | ".join(cells) + " |"


if __name__ == "__main__":
    main()
