"""What the networks of the default restorer are judged by in training."""

import torch
from torch import Tensor
from torch.nn import functional

from clearface.masks import FaceClass

CLASS_WEIGHTS: dict[FaceClass, float] = {
    FaceClass.BACKGROUND: 0.7,
    FaceClass.SKIN: 0.7,
    FaceClass.BROWS: 2.0,
    FaceClass.EYES: 2.0,
    FaceClass.GLASSES: 2.0,
    FaceClass.NOSE: 1.2,
    FaceClass.MOUTH: 2.0,
    FaceClass.UPPER_LIP: 2.0,
    FaceClass.LOWER_LIP: 2.0,
    FaceClass.HAIR: 0.8,
    FaceClass.OTHER: 0.7,
}
"""How much a pixel of each class counts for the mask generator: small parts more, or they would be missed."""

STRUCTURE_WEIGHTS: dict[FaceClass, float] = {
    FaceClass.BROWS: 1.0,
    FaceClass.EYES: 1.5,
    FaceClass.GLASSES: 0.5,
    FaceClass.NOSE: 0.7,
    FaceClass.MOUTH: 1.0,
    FaceClass.UPPER_LIP: 1.0,
    FaceClass.LOWER_LIP: 1.0,
}
"""How much more than elsewhere an error counts on the parts a person is known by."""

_LEAST_TAP = 1e-8


def mask_loss(logits: Tensor, classes: Tensor, unknown: int) -> Tensor:
    """Cross entropy of `(N, classes, H, W)` with classes `(N, H, W)`, weighed by class; 0 where no pixel is known."""
    known = (classes != unknown).flatten(1).any(1)
    if not known.any():
        return logits.sum() * 0
    weights = torch.tensor([CLASS_WEIGHTS[which] for which in FaceClass], device=logits.device)
    return functional.cross_entropy(logits[known], classes[known].long(), weight=weights, ignore_index=unknown)


def structure_loss(restored: Tensor, sharp: Tensor, masks: Tensor) -> Tensor:
    """L1 of faces `(N, 3, H, W)` on eyes, brows, nose and mouth, by mask probabilities `(N, classes, H, W)` (Shen 2018)."""
    weights = torch.tensor([STRUCTURE_WEIGHTS.get(which, 0.0) for which in FaceClass], device=masks.device)
    return ((masks * weights[:, None, None]).sum(1, keepdim=True) * (restored - sharp).abs()).mean()


def kernel_loss(estimated: Tensor, true: Tensor) -> Tensor:
    """Cross entropy of kernels `(N, K, K)`, plus their L1 as they are and after box blurs of 3 and 7 taps.

    L1 alone does not lead a kernel that lies beside the true one back to it: the softmax has no slope there.
    """
    entropy = -(true * torch.log(estimated + _LEAST_TAP)).sum((1, 2)).mean()
    distances = [(_smooth(estimated, side) - _smooth(true, side)).abs().sum((1, 2)).mean() for side in (1, 3, 7)]
    return entropy + torch.stack(distances).sum()


def kernel_overlap(estimated: Tensor, true: Tensor) -> Tensor:
    """The share of two kernels `(N, K, K)` that lies in the same place, give or take a tap: `(N,)` in [0, 1]."""
    return 1 - (_smooth(estimated, 3) - _smooth(true, 3)).abs().sum((1, 2)) / 2


def certainty_loss(logits: Tensor, estimated: Tensor, true: Tensor) -> Tensor:
    """Squared difference between the certainty, by its logits `(N,)`, and the overlap there is."""
    return (logits.sigmoid() - kernel_overlap(estimated, true).detach()).square().mean()


def likelihood_loss(restored: Tensor, sharp: Tensor, log_error: Tensor) -> Tensor:
    """Negative log likelihood of what is left wrong under a Laplace distribution of scale exp(log_error), `(N, 1, H, W)`.

    The restored face is taken as it is: an error the network can tell is no reason to restore less.
    """
    error = (restored.detach().clamp(0, 1) - sharp).abs().mean(1, keepdim=True)
    return (error * torch.exp(-log_error) + log_error).mean()


def discriminator_loss(real_scores: Tensor, fake_scores: Tensor) -> Tensor:
    """Hinge loss of the discriminator (Lim and Ye 2017)."""
    return functional.relu(1 - real_scores).mean() + functional.relu(1 + fake_scores).mean()


def generator_loss(fake_scores: Tensor) -> Tensor:
    """What the restorer is told by the discriminator."""
    return -fake_scores.mean()


def _smooth(kernels: Tensor, side: int) -> Tensor:
    if side == 1:
        return kernels
    return functional.avg_pool2d(kernels[:, None], side, 1, side // 2)[:, 0]
