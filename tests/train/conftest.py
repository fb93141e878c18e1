"""A prepared set of eight crops of the astronaut, and the commands that train, in this process."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from clearface.arrays import ByteImage
from clearface.cli_train import train_app
from clearface.masks import FaceClass
from clearface.train.prepare.records import (
    FORMAT,
    INDEX,
    MANIFEST,
    FaceRecord,
    Manifest,
    MaskOrigin,
    Part,
    ShardRecord,
    manifest_text,
)
from clearface.train.samples import wide_side

SQUARE = 64


def painted_mask(side: int) -> np.ndarray:
    """Ellipses where eyes, nose, mouth and skin of an upright face are, `(side, side)` uint8."""
    mask = np.zeros((side, side), np.uint8)
    parts = (
        ((0.5, 0.5), (0.22, 0.3), FaceClass.SKIN),
        ((0.4, 0.45), (0.04, 0.025), FaceClass.EYES),
        ((0.6, 0.45), (0.04, 0.025), FaceClass.EYES),
        ((0.5, 0.55), (0.03, 0.06), FaceClass.NOSE),
        ((0.5, 0.68), (0.07, 0.03), FaceClass.MOUTH),
    )
    for (x, y), (width, height), part in parts:
        centre, axes = (round(x * side), round(y * side)), (round(width * side), round(height * side))
        cv2.ellipse(mask, centre, axes, 0, 0, 360, int(part), -1)
    return mask


@pytest.fixture(scope="session")
def prepared_set(tmp_path_factory: pytest.TempPathFactory, astronaut: ByteImage) -> Path:
    """Six crops to train on and two held back, sharp at 64 pixels, with masks, as `clearface train prepare` lays them out."""
    folder = tmp_path_factory.mktemp("set")
    side = wide_side(SQUARE)
    shards = []
    lines: list[str] = []
    for name, part, shifts in (("a", Part.TRAINING, range(0, 60, 10)), ("b", Part.HELD_BACK, range(5, 25, 10))):
        crops = np.stack([astronaut[20 + shift : 20 + shift + side, 170 : 170 + side] for shift in shifts])
        np.save(folder / f"{name}-faces.npy", crops)
        np.save(folder / f"{name}-masks.npy", np.stack([painted_mask(side)] * len(crops)))
        shards.append(ShardRecord(name, part, SQUARE, len(crops), masks=True))
        for row in range(len(crops)):
            box = (side * 0.3, side * 0.25, side * 0.7, side * 0.75)
            record = FaceRecord("astronaut.png", row, SQUARE, 80.0, 0.99, MaskOrigin.GIVEN, box, name, row)
            lines.append(json.dumps(asdict(record)))
    (folder / INDEX).write_text("\n".join(lines) + "\n")
    (folder / MANIFEST).write_text(manifest_text(Manifest(FORMAT, "test", {}, tuple(shards))))
    return folder


@dataclass(frozen=True)
class Ended:
    """How a command ended, in this process."""

    code: int
    said: str
    error: BaseException | None


Invoke = Callable[..., Ended]


@pytest.fixture(scope="session")
def invoke() -> Invoke:
    """Runs `clearface train ARGUMENTS` in this process."""

    def run(*arguments: object) -> Ended:
        result = CliRunner().invoke(train_app, [str(argument) for argument in arguments])
        return Ended(result.exit_code, result.stdout, result.exception)

    return run
