"""What is measured for the published benchmarks: calls of `clearface evaluate`, one after the other."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

SEED = 7

ALL_AGE_FACES = "faces/all-age-faces/val"
CELEBAMASK_HQ = "faces/celebamask-hq/images"
ORL = "identity/orl"
KERNELS = "kernels/Levin09.mat"

_SHOWN = {ALL_AGE_FACES: "ALL-AGE-FACES", CELEBAMASK_HQ: "CELEBAMASK-HQ", ORL: "ORL", KERNELS: "Levin09.mat"}
"""What stands for a place of the data in commands that are published."""

_LINE = 110
"""Characters of a published command on one line."""

EVERY_TEST = ("shen", "levin", "mixed@256", "mild@256", "box5", "shen+tight", "sharp", "sharp@256")
BLURRED_TESTS = EVERY_TEST[:6]
DEFAULT = "smfd"
GUESSED = "richardson-lucy:psf=box:5"
TOLD = ("richardson-lucy:psf=true", "wiener:psf=true", "unsupervised-wiener:psf=true")


@dataclass(frozen=True)
class Run:
    """One call of `clearface evaluate`."""

    name: str
    """Of its folder of results."""

    faces_of: str
    """A folder of the data."""

    faces: int
    protocols: tuple[str, ...]
    restorers: tuple[str, ...]
    skip: int = 0
    detectors: tuple[str, ...] = ("centerface",)
    embedder: str | None = None
    identities: str | None = None

    def arguments(self, data: Path) -> list[str]:
        """What follows `clearface evaluate`, but for where results go and how many processes work."""
        return self._arguments({place: str(data / place) for place in _SHOWN})

    @property
    def shown_command(self) -> str:
        """The command as it is published, on several lines: the collections by name."""
        words = " ".join(["clearface evaluate", *self._arguments(_SHOWN), "-o", "OUT"]).replace(" -", "\n-").split("\n")
        lines = [words[0]]
        for option in words[1:]:
            if len(lines[-1]) + 1 + len(option) > _LINE:
                lines.append(" " * 4 + option)
            else:
                lines[-1] += f" {option}"
        return " \\\n".join(lines)

    def _arguments(self, places: dict[str, str]) -> list[str]:
        words = [places[self.faces_of]]
        for option, values in (
            ("--protocol", self.protocols),
            ("--restorer", self.restorers),
            ("--detector", self.detectors),
        ):
            words += [word for value in values for word in (option, value)]
        words += ["--faces", str(self.faces), "--seed", str(SEED)]
        if self.skip:
            words += ["--skip", str(self.skip)]
        if "levin" in self.protocols:
            words += ["--kernels", places[KERNELS]]
        if self.embedder is not None:
            words += ["--embedder", self.embedder]
        if self.identities is not None:
            words += ["--identities", places[self.identities]]
        return words


VALIDATION = Run("validation", ALL_AGE_FACES, 200, EVERY_TEST, (DEFAULT, GUESSED))
HELD_BACK = Run("held-back", CELEBAMASK_HQ, 50, EVERY_TEST, (DEFAULT, GUESSED), skip=950)
TOLD_THE_KERNEL = Run("told", ALL_AGE_FACES, 40, BLURRED_TESTS, (DEFAULT, *TOLD))
FOUND = Run(
    "found",
    ALL_AGE_FACES,
    100,
    ("sharp", "shen", "levin", "mixed@128"),
    (DEFAULT, GUESSED),
    detectors=("centerface", "mtcnn"),
    embedder="dlib",
)
RECOGNIZED = Run(
    "recognized",
    ALL_AGE_FACES,
    16,
    ("shen", "mixed@128"),
    (DEFAULT, GUESSED),
    embedder="dlib",
    identities=ORL,
)

RUNS = (VALIDATION, HELD_BACK, TOLD_THE_KERNEL, FOUND, RECOGNIZED)
"""Sized for two cores: together they take about half an hour."""


def missing_data(data: Path) -> list[str]:
    """The places of the data that are not there."""
    return [place for place in _SHOWN if not (data / place).exists()]


def measure(run: Run, data: Path, output: Path, workers: int) -> None:
    """Runs it in a process of its own, results into `output`. Raises subprocess.CalledProcessError where it fails."""
    command = [sys.executable, "-m", "clearface", "evaluate", *run.arguments(data), "-o", str(output)]
    command += ["--workers", str(workers), "--existing", "overwrite"]
    subprocess.run(command, check=True)


def measure_speed(script: Path) -> str:
    """The table that `benchmarks/speed.py` prints. Raises subprocess.CalledProcessError where it fails."""
    quiet = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"}
    said = subprocess.run([sys.executable, str(script)], check=True, stdout=subprocess.PIPE, text=True, env=quiet)
    return "\n".join(line for line in said.stdout.splitlines() if line.startswith("|"))
