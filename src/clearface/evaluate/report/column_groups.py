"""Which metrics stand together."""

from collections.abc import Sequence
from dataclasses import dataclass

from clearface.evaluate.gauges.base import Metric

_OTHER = "Further figures"
_GROUPS = {
    "Likeness to the truth": ("psnr", "ssim", "ms_ssim", "gradient", "fft", "lpips"),
    "Quality by itself": ("niqe", "sharpness"),
    "The face": ("found", "score", "landmark", "parsing", "identity"),
    "Honesty": ("calibration", "stated", "explained", "colour", "outside", "changed"),
}
"""How the keys of each group's metrics begin."""


@dataclass(frozen=True)
class ColumnGroup:
    """Neighbouring columns under one head."""

    name: str
    metrics: tuple[Metric, ...]


def grouped(metrics: Sequence[Metric]) -> tuple[ColumnGroup, ...]:
    """Metrics by what they say, in their order; those of no known kind come last."""
    members: dict[str, list[Metric]] = {name: [] for name in (*_GROUPS, _OTHER)}
    for metric in metrics:
        members[_group_of(metric.key)].append(metric)
    return tuple(ColumnGroup(name, tuple(found)) for name, found in members.items() if found)


def _group_of(key: str) -> str:
    return next((name for name, beginnings in _GROUPS.items() if key.startswith(beginnings)), _OTHER)
