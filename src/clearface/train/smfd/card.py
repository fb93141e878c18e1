"""The model card of exported networks: what they are, what they have seen, how well they do, what they must not be used for."""

from dataclasses import dataclass

from clearface.train.engine.stage_records import LICENCE, StageRecord
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
        licence=LICENCE,
        stages="\n".join(stages),
        faces=recipe.validation.faces,
        size=recipe.validation.size,
        figures="\n".join(figures),
    )


def _row(stage: str, name: str, value: float) -> str:
    words, form = _FIGURES[name]
    return f"| {stage} | {words} | {form.format(value)} |"
