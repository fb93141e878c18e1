"""The networks one after the other, from a blurred face to a sharp one, as the restorer runs them."""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from scipy import ndimage
from torch import Tensor, nn
from torch.nn import functional

from clearface.degrade.kernels import normalized
from clearface.nets.filtering import filtered_faces
from clearface.nets.kernel_estimator import KernelEstimatorConfig, kernel_evidence
from clearface.train.smfd.recipe import NetworksRecipe

READER, ESTIMATOR, DEBLURRING = "mask_generator", "kernel_estimator", "deblurring_unet"
"""Names of the networks in recipes, runs and files."""

_RIM = 3
"""Zeros around a kernel, so that its outermost taps are interpolated as the others are."""


@dataclass(frozen=True)
class BlurEstimate:
    """What the kernel estimator says."""

    kernels: Tensor
    """`(N, taps, taps)` in pixels of a face of the estimator's own size."""

    certainty: Tensor
    """Logits `(N,)`."""


@dataclass(frozen=True)
class Restoration:
    """Everything the networks say of a batch."""

    masks: Tensor
    """Probabilities of the classes `(N, classes, H, W)`."""

    guess: Tensor
    estimate: BlurEstimate

    restored: Tensor
    """RGB `(N, 3, H, W)`, not clamped."""

    log_error: Tensor
    """`(N, 1, H, W)`: the natural logarithm of how far off each pixel is expected to be."""


def read_and_estimate(
    networks: nn.ModuleDict, blurred: Tensor, config: KernelEstimatorConfig
) -> tuple[Tensor, Tensor, BlurEstimate]:
    """Mask logits and guess of square faces `(N, 3, S, S)`, and their blur, looked at in the estimator's own size."""
    logits, guess = networks[READER](blurred)
    seen, seen_guess = blurred, guess
    if blurred.shape[-1] != config.size:
        # the mask generator reads that size anew: a guess made finer is not the one made smaller
        seen = resized(blurred, config.size)
        seen_guess = networks[READER](seen)[1]
    kernels, certainty = networks[ESTIMATOR](kernel_evidence(seen, seen_guess, config))
    return logits, guess, BlurEstimate(kernels, certainty)


def kernels_at(kernels: Tensor, taps: int, size: int, own_size: int) -> Tensor:
    """Kernels `(N, K, K)` in pixels of faces of `own_size` as kernels of `taps` odd taps in pixels of faces of `size`.

    What `point_spread_geometry.scaled` does to one kernel, on batches and with gradients.
    """
    if size == own_size and kernels.shape[-1] == taps:
        return kernels
    spread = _scaling(kernels.shape[-1], taps, size / own_size).to(kernels)
    return normalized((spread @ kernels @ spread.T).clamp(min=0))


@lru_cache(maxsize=32)
def _scaling(own_taps: int, taps: int, factor: float) -> Tensor:
    """What each tap of a line gives to those of a line enlarged by `factor`, `(taps, own_taps)`.

    Scaling works on rows and columns alike, and sums of taps come out as sums: it is enough to scale, along one axis, lines of a
    single tap.
    """
    fineness = 2 * math.ceil((max(1.0, 1 / factor) - 1 - 1e-9) / 2) + 1
    side = taps * fineness
    back = 1 / factor / fineness
    start = own_taps // 2 + _RIM - back * (side // 2)
    lines = np.pad(np.eye(own_taps), ((0, 0), (_RIM, _RIM)))
    fine = [ndimage.affine_transform(line, [back], start, (side,), order=3, mode="constant") for line in lines]
    return torch.from_numpy(np.stack(fine, 1).reshape(taps, fineness, own_taps).mean(1))


def taps_at(taps: int, size: int, own_size: int) -> int:
    """How many taps, an odd number, kernels of `taps` at `own_size` need at `size`."""
    return math.ceil(taps * size / own_size) | 1


def restore(networks: nn.ModuleDict, blurred: Tensor, recipe: NetworksRecipe) -> Restoration:
    """Reads, estimates, filters and repairs square faces `(N, 3, S, S)`, S a multiple of 16."""
    config = recipe.kernel_estimator
    logits, guess, estimate = read_and_estimate(networks, blurred, config)
    size = blurred.shape[-1]
    kernels = kernels_at(estimate.kernels, taps_at(config.taps, size, config.size), size, config.size)
    candidates = torch.cat([blurred, guess, filtered_faces(blurred, kernels, recipe.filter)], 1)
    masks = logits.softmax(1)
    restored, log_error = networks[DEBLURRING](candidates, masks)
    return Restoration(masks, guess, estimate, restored, log_error)


def resized(faces: Tensor, size: int) -> Tensor:
    """Square faces at another size as the restorer brings them to it: reduced by areas, enlarged by cubics."""
    own_size = faces.shape[-1]
    if size > own_size:
        return functional.interpolate(faces, (size, size), mode="bicubic", align_corners=False).clamp(0, 1)
    shares = _area_shares(own_size, size).to(faces)
    return shares @ faces @ shares.T


def _area_shares(own_size: int, size: int) -> Tensor:
    """How much of each pixel of a line lies in each of fewer and larger ones, rows summing to 1: `(size, own_size)`."""
    edges = torch.arange(size + 1, dtype=torch.float64) * own_size / size
    starts = torch.arange(own_size, dtype=torch.float64)
    overlap = torch.minimum(edges[1:, None], starts + 1) - torch.maximum(edges[:-1, None], starts)
    return overlap.clamp(min=0) * size / own_size
