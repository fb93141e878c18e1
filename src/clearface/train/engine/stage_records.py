"""What the folder of a stage tells of its training."""

import csv
from dataclasses import dataclass
from pathlib import Path

from safetensors import safe_open

from clearface.errors import ModelError

LICENCE = (
    "the file is under Apache-2.0 as far as clearface can grant it; where the photos were collected for non-commercial research, "
    "so are weights trained on them to be used"
)
"""Of weights trained on photos of somebody else, for model cards."""


@dataclass(frozen=True)
class StageRecord:
    """What is known of a stage that was trained."""

    stage: str
    steps: int
    faces_seen: int
    seconds: float
    figures: dict[str, float]
    """Of its last validation; none where it was never validated."""


def stage_record(folder: Path, weights: Path) -> StageRecord:
    """Read from the folder of a stage and the metadata of weights it wrote. Raises ModelError where they tell nothing."""
    with safe_open(weights, framework="pt") as file:
        told = file.metadata() or {}
    try:
        steps, faces, seconds = int(told["step"]), int(told["faces_seen"]), float(told["seconds"])
    except (KeyError, ValueError) as error:
        raise ModelError(f"{weights}: these weights do not say how they were trained") from error
    return StageRecord(folder.name, steps, faces, seconds, last_figures(folder / "validation.csv"))


def last_figures(path: Path) -> dict[str, float]:
    """The last line of a validation log; nothing where there is none. Raises ModelError for a damaged one."""
    if not path.is_file():
        return {}
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    try:
        return {name: float(value) for name, value in rows[-1].items() if name != "step"} if rows else {}
    except (TypeError, ValueError) as error:
        raise ModelError(f"{path}: damaged: its last line holds no figures") from error
