"""Figures on faces held back: how near the restored faces are, how well the blur is named, how honest the stated errors are."""

from dataclasses import dataclass

import torch
from torch import Tensor

from clearface.masks import CLASS_COUNT, UNKNOWN


@dataclass(frozen=True)
class ErrorCalibration:
    """How the errors a network states compare with those it makes."""

    at_90: float
    """Nine pixels of ten lie within this many times the error stated; ln 10 if errors were Laplacian."""

    share_within: float
    """Of the pixels, how many lie within ln 10 times the error stated: 0.9 if errors were Laplacian."""


def psnr(first: Tensor, second: Tensor) -> Tensor:
    """In dB, `(N,)`; pictures `(N, 3, H, W)` in [0, 1]."""
    return -10 * torch.log10((first - second).square().mean((1, 2, 3)).clamp(min=1e-9))


def mean_intersection_over_union(classes: Tensor, masks: Tensor) -> float:
    """Over the classes there are: the pixels both call so, by the pixels either does; `(N, H, W)` each. NaN without any known."""
    known = masks != UNKNOWN
    pairs = torch.bincount((classes[known] * CLASS_COUNT + masks[known]).flatten(), minlength=CLASS_COUNT**2)
    table = pairs.view(CLASS_COUNT, CLASS_COUNT).double()
    both = table.diagonal()
    either = table.sum(0) + table.sum(1) - both
    present = table.sum(0) > 0
    return float((both[present] / either[present]).mean())


def calibration(restored: Tensor, sharp: Tensor, log_error: Tensor) -> ErrorCalibration:
    """Of faces `(N, 3, H, W)` and the logarithm of the errors stated for them `(N, 1, H, W)`."""
    times = ((restored - sharp).abs().mean(1, keepdim=True) * torch.exp(-log_error)).flatten()
    place = max(1, round(0.9 * len(times)))
    at_90 = float(times.kthvalue(place).values)
    return ErrorCalibration(at_90, float((times <= torch.log(torch.tensor(10.0))).float().mean()))
