"""The published page, from results and a template."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.publishing.losses import defeats, harm
from benchmarks.publishing.runs import (
    DEFAULT,
    FOUND,
    GUESSED,
    HELD_BACK,
    RECOGNIZED,
    RUNS,
    SEED,
    TOLD_THE_KERNEL,
    VALIDATION,
    Run,
)
from benchmarks.publishing.tables import (
    Lookup,
    cost_table,
    found_table,
    means_table,
    network_table,
    quality_table,
    set_table,
    table,
    variants,
)

from clearface.evaluate.results import INPUT, Evaluation
from clearface.restorers.base import Restorer

TEMPLATE = Path(__file__).with_name("benchmarks.md.jinja")

_QUALITY = ("psnr", "ssim")
_OTHERS = (
    "ms_ssim",
    "gradient_error",
    "fft_error",
    "lpips_alex",
    "lpips_vgg",
    "niqe",
    "sharpness",
    "parsing_iou",
    "calibration",
    "explained",
    "outside_change",
)
_SIZES = (128, 256)

_PAPER_PSNR = (24.5, 28.7)
_PAPER_SSIM = (0.55, 0.85)
_PAPER_FOUND = (("its own set", 0.87, 0.32, 0.61), ("its synthetic set", 0.87, 0.63, 0.76))
"""Of sharp, blurred and restored faces (the data-driven paper)."""

_NAMES = {"python": "Python", "onnxruntime": "ONNX Runtime", "opencv-python-headless": "OpenCV", "numpy": "NumPy"}
"""The packages that are named, and how they are spelled."""


@dataclass(frozen=True, eq=False)
class Published:
    """Everything the page is made of."""

    evaluations: Mapping[str, Evaluation]
    """By the name of the run."""

    speed: str
    """The table of `benchmarks/speed.py`."""

    seconds: float
    """Of all of it."""

    default: Restorer
    """The default restorer, whose networks are counted."""


@dataclass(frozen=True)
class Section:
    """What the template can say of one run; empty where the run did not measure it."""

    command: str
    faces: int
    quality: str
    means: str
    found: str
    identity: str
    sets: str
    losses: tuple[str, ...]


def render(published: Published) -> str:
    """The page in Markdown. Raises KeyError for a run that is missing, jinja2.UndefinedError for what the template lacks."""
    from jinja2 import Environment, StrictUndefined

    lookups = {run.name: Lookup(published.evaluations[run.name]) for run in RUNS}
    first = lookups[VALIDATION.name].evaluation
    # Markdown is no HTML: there is nothing to escape.
    environment = Environment(undefined=StrictUndefined, trim_blocks=True, keep_trailing_newline=True)  # noqa: S701
    page = environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(
        date=first.started[:10],
        version=first.version,
        machine=_machine(first.machine),
        packages=", ".join(f"{_NAMES[name]} {first.packages[name]}" for name in _NAMES if name in first.packages),
        minutes=f"{published.seconds / 60:.0f}",
        seed=SEED,
        quality_variants=variants(lookups[VALIDATION.name], (*_QUALITY, *_OTHERS)),
        unavailable=_unavailable(published.evaluations.values()),
        validation=_section(VALIDATION, lookups),
        held_back=_section(HELD_BACK, lookups),
        told=_section(TOLD_THE_KERNEL, lookups),
        found=_section(FOUND, lookups),
        recognized=_section(RECOGNIZED, lookups),
        paper_gain=f"{_PAPER_PSNR[1] - _PAPER_PSNR[0]:.1f}",
        unblurring=_unblurring(lookups),
        recovered=_recovered(lookups[FOUND.name]),
        found_variants=variants(lookups[FOUND.name], [f"found_{name}" for name in FOUND.detectors]),
        identity_variants=variants(lookups[FOUND.name], _identity_keys(lookups[FOUND.name])),
        recognized_variants=variants(
            lookups[RECOGNIZED.name], [metric.key for metric in lookups[RECOGNIZED.name].evaluation.set_metrics]
        ),
        costs=cost_table([lookup.evaluation for lookup in lookups.values()]),
        networks=network_table(published.default, _SIZES),
        speed=published.speed,
    )
    return page.lstrip("\n")


def _unavailable(evaluations: Collection[Evaluation]) -> list[str]:
    """What no run could measure, and what it needs, without the name of anybody's folder."""
    return [
        f"{label}: {sentence.replace(str(Path.home()), '~')}"
        for label, sentence in next(iter(evaluations)).unavailable.items()
        if all(label in evaluation.unavailable for evaluation in evaluations)
    ]


def _section(run: Run, lookups: Mapping[str, Lookup]) -> Section:
    found = lookups[run.name]
    return Section(
        run.shown_command,
        max(test.faces for test in found.evaluation.tests),
        quality_table(found),
        means_table(found, _OTHERS),
        found_table(found, run.detectors),
        means_table(found, _identity_keys(found)),
        set_table(found),
        (*harm(found), *defeats(found, DEFAULT)) or ("Nowhere.",),
    )


def _identity_keys(found: Lookup) -> Sequence[str]:
    return [metric.key for metric in found.evaluation.metrics if metric.key.startswith("identity_angle")]


def _machine(facts: Mapping[str, str]) -> str:
    """Such as `AMD EPYC, 2 cores, 24 GiB of memory, Linux`."""
    parts = [facts.get("processor", "an unnamed processor"), f"{facts.get('cores', 'some')} cores"]
    parts += [f"{facts['memory']} of memory"] if "memory" in facts else []
    return ", ".join([*parts, facts.get("system", "")]).removesuffix(", ")


def _unblurring(lookups: Mapping[str, Lookup]) -> str:
    """The paper's figures beside the same method, and the default, on both collections."""
    rows = [
        [
            "the paper",
            "Richardson-Lucy, 5x5",
            *(f"{value:.1f}" for value in _PAPER_PSNR),
            f"{_PAPER_PSNR[1] - _PAPER_PSNR[0]:+.1f}",
            *(f"{value:.2f}" for value in _PAPER_SSIM),
        ]
    ]
    for name, run in (("All-Age-Faces", VALIDATION), ("CelebAMask-HQ", HELD_BACK)):
        found = lookups[run.name]
        for method in (GUESSED, DEFAULT):
            cells = [name, method]
            for metric, digits in (("psnr", 1), ("ssim", 2)):
                before, after = (found.summary("box5", which, metric) for which in (INPUT, method))
                assert before is not None
                assert after is not None
                cells += [f"{before.value.mean:.{digits}f}", f"{after.value.mean:.{digits}f}"]
                cells += [f"{after.value.mean - before.value.mean:+.1f}"] if metric == "psnr" else []
            rows.append(cells)
    return table(["faces", "method", "PSNR before, dB", "after", "gain", "SSIM before", "after"], rows)


def _recovered(found: Lookup) -> str:
    """Of what blur hides from a detector, the share that restoration brings back: (after - before) / (sharp - before)."""
    rows = [
        ["the paper, " + name, "its own", f"{sharp:.2f}", f"{before:.2f}", f"{after:.2f}", _share(sharp, before, after)]
        for name, sharp, before, after in _PAPER_FOUND
    ]
    for detector in FOUND.detectors:
        metric = found.metric(f"found_{detector}")
        sharp = found.summary("sharp", INPUT, metric.key)
        assert sharp is not None
        for test in found.tests():
            before, after = (found.summary(test, method, metric.key) for method in (INPUT, DEFAULT))
            if test == "sharp" or before is None or after is None:
                continue
            values = (sharp.value.mean, before.value.mean, after.value.mean)
            name = metric.label.rpartition(" ")[2]
            rows.append([f"`{test}`, {DEFAULT}", name, *(f"{value:.2f}" for value in values), _share(*values)])
    return table(["faces", "detector", "sharp", "blurred", "restored", "of the loss made up for"], rows)


def _share(sharp: float, before: float, after: float) -> str:
    return f"{100 * (after - before) / (sharp - before):.0f}%" if sharp > before else "nothing was lost"
