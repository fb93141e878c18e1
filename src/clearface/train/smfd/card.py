"""The model card of exported networks: what they are, what they have seen, how well they do, what they must not be used for."""

import csv
from dataclasses import dataclass
from pathlib import Path

from safetensors import safe_open

from clearface.errors import ModelError
from clearface.train.smfd.recipe import SmfdRecipe
from clearface.version import __version__

_FIGURES = {
    "guess_gain_db": ("gain of the guess in PSNR", "{:+.2f} dB"),
    "iou_sharp": ("mean IoU of the masks, sharp faces", "{:.3f}"),
    "iou_blurred": ("mean IoU of the masks, blurred faces", "{:.3f}"),
    "kernel_overlap": ("share of the kernel found in its place", "{:.3f}"),
    "certainty": ("the share it expects", "{:.3f}"),
    "psnr_input": ("PSNR of the blurred faces", "{:.2f} dB"),
    "psnr": ("PSNR of the restored faces", "{:.2f} dB"),
    "gain_db": ("gain in PSNR", "{:+.2f} dB"),
    "share_within_error": ("pixels within the error stated for nine of ten, before calibration", "{:.1%}"),
}
"""What is said of each figure of a validation."""


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


@dataclass(frozen=True)
class CardFacts:
    """What a card says about one network."""

    title: str
    does: str
    parameters: int
    inputs: str
    outputs: str


_TEMPLATE = """# {title}

| | |
|---|---|
| does | {does} |
| size | {parameters:,} parameters |
| in | {inputs} |
| out | {outputs} |
| trained by | `clearface train smfd` of clearface {version}, seed {seed} |
| photos | {photos} |
| licence | {licence} |

## Training
Sharp faces, aligned to the FFHQ square, cut out whole and in parts, tilted and mirrored, were made blurred by the randomized
pipeline of `clearface.degrade`: camera shake, straight motion, Gaussian, disc and box blur and two of them in a row, the same
all over the face or not; lost resolution, noise, JPEG and WebP. The released weights are a moving average.

| stage | steps | faces seen | minutes |
|---|---|---|---|
{stages}

## How well
On {faces} faces held back, as the pipeline aligns them, at {size} pixels, made blurred like those of the training.

| stage | figure | |
|---|---|---|
{figures}

## Limits
- A restored face is an estimate: what the blur has erased cannot be known. It is no evidence of who somebody is.
- How evenly it serves people of all ages and origins depends on the photos and was not measured here.
"""

_LICENCE = (
    "the file is under Apache-2.0 as far as clearface can grant it; where the photos were collected for non-commercial research, "
    "so are weights trained on them to be used"
)


def model_card(
    facts: CardFacts, recipe: SmfdRecipe, records: tuple[StageRecord, ...], collections: tuple[str, ...]
) -> str:
    """Markdown. collections: names of what the faces are from."""
    stages = [
        f"| {record.stage} | {record.steps:,} | {record.faces_seen:,} | {record.seconds / 60:.0f} |"
        for record in records
    ]
    figures = [
        _row(record.stage, name, value)
        for record in records
        for name, value in record.figures.items()
        if name in _FIGURES
    ]
    return _TEMPLATE.format(
        title=facts.title,
        does=facts.does,
        parameters=facts.parameters,
        inputs=facts.inputs,
        outputs=facts.outputs,
        version=__version__,
        seed=recipe.seed,
        photos=", ".join(collections) if collections else "not named by whoever exported the network",
        licence=_LICENCE,
        stages="\n".join(stages),
        faces=recipe.validation.faces,
        size=recipe.validation.size,
        figures="\n".join(figures),
    )


def _row(stage: str, name: str, value: float) -> str:
    words, form = _FIGURES[name]
    return f"| {stage} | {words} | {form.format(value)} |"
