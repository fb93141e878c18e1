"""Families of blur kernels as functions on batches.

Every function takes parameters `(N,)` and returns float32 kernels `(N, K, K)` on their device, K odd, non-negative, summing to
1. Lengths are in pixels; angles in degrees, counter-clockwise from the x axis as seen in the picture (y points down).
"""

import torch
from torch import Tensor
from torch.nn import functional

_SAMPLES_PER_PIXEL = 11
_TIE = 1e-4
"""Centroids this close to half way between two taps count as half way, whichever way their sums were rounded."""


def unblurred(count: int, taps: int) -> Tensor:
    """Kernels that change nothing."""
    kernels = torch.zeros(count, taps, taps)
    kernels[:, _middle(taps), _middle(taps)] = 1
    return kernels


def linear_motion(lengths: Tensor, angles: Tensor, taps: int) -> Tensor:
    """Straight, even motion over `lengths` pixels along `angles`."""
    samples = max(2, int(torch.ceil(lengths.max())) * _SAMPLES_PER_PIXEL)
    along = torch.linspace(-0.5, 0.5, samples, device=lengths.device) * (lengths - 1).clamp(min=0)[:, None]
    radians = torch.deg2rad(angles)[:, None]
    return splat(torch.cos(radians) * along, -torch.sin(radians) * along, taps)


def gaussian(along: Tensor, across: Tensor, angles: Tensor, taps: int) -> Tensor:
    """Gaussians of standard deviation `along` in the direction of `angles` and `across` at right angles to it."""
    x, y = _offsets(taps, along.device)
    radians = torch.deg2rad(angles)[:, None, None]
    first = x * torch.cos(radians) - y * torch.sin(radians)
    second = x * torch.sin(radians) + y * torch.cos(radians)
    exponents = (first / along[:, None, None]).square() + (second / across[:, None, None]).square()
    return normalized(torch.exp(-0.5 * exponents))


def disc(radii: Tensor, softness: Tensor, taps: int) -> Tensor:
    """Lenses out of focus: even discs whose edge falls to nothing over `softness` pixels, half of them inside the radius."""
    x, y = _offsets(taps, radii.device)
    inside = (radii[:, None, None] - torch.hypot(x, y)) / softness[:, None, None] + 0.5
    kernels = inside.clamp(0, 1)
    kernels[:, _middle(taps), _middle(taps)].clamp_(min=_TIE)  # a disc smaller than a tap leaves the picture as it is
    return normalized(kernels)


def box(sides: Tensor, taps: int) -> Tensor:
    """Equal weight over `sides` by `sides` pixels; a side that is no odd number covers a part of its outermost taps."""
    profile = (sides[:, None] / 2 + 0.5 - _steps(taps, sides.device).abs()).clamp(0, 1)
    return normalized(profile[:, :, None] * profile[:, None, :])


def product(first: Tensor, second: Tensor) -> Tensor:
    """One blur after the other: the kernels convolved, cut to the taps of `first`."""
    taps, others = first.shape[-1], second.shape[-1]
    size = taps + others - 1
    spectrum = torch.fft.rfft2(first, s=(size, size)) * torch.fft.rfft2(second, s=(size, size))
    start = _middle(others)
    whole = torch.fft.irfft2(spectrum, s=(size, size))[:, start : start + taps, start : start + taps]
    return centred(whole.clamp(min=0))


def splat(x: Tensor, y: Tensor, taps: int) -> Tensor:
    """Paths of points `(N, P)`, in pixels around the centre, each shared bilinearly among its four nearest taps.

    What falls outside the taps is lost.
    """
    columns = (1 - (x[:, :, None] - _steps(taps, x.device)).abs()).clamp(min=0)
    rows = (1 - (y[:, :, None] - _steps(taps, y.device)).abs()).clamp(min=0)
    return normalized(rows.transpose(1, 2) @ columns)


def centred(kernels: Tensor) -> Tensor:
    """Kernels rolled by whole taps until the centroid lies in the middle tap, summing to 1.

    What is rolled out of the frame is lost, not wrapped around. No method can know how far a blur has moved a picture, so none
    is asked to.
    """
    taps = kernels.shape[-1]
    tap = torch.arange(taps, device=kernels.device)
    kernels = normalized(kernels)
    for _ in range(taps):
        by_row = _whole_taps(kernels.sum(2) @ (tap - _middle(taps)).to(kernels))
        by_column = _whole_taps(kernels.sum(1) @ (tap - _middle(taps)).to(kernels))
        if not (by_row.any() or by_column.any()):
            break
        kernels = normalized(_moved(_moved(kernels, by_row), by_column, columns=True))
    return kernels


def fitted(kernels: Tensor, taps: int) -> Tensor:
    """Cut or padded around the middle tap to `taps` x `taps`, centred, summing to 1. `(N, K, L)` with odd sides."""
    rows, columns = kernels.shape[1:]
    down, across = (taps - rows) // 2, (taps - columns) // 2
    return centred(functional.pad(kernels, (across, across, down, down)))


def normalized(kernels: Tensor) -> Tensor:
    """The kernels divided by their sums. Raises ValueError where one sums to nothing."""
    totals = kernels.sum((1, 2), keepdim=True)
    if not bool((totals > 0).all()):
        raise ValueError("a blur kernel has light in it")
    return kernels / totals


def _whole_taps(offsets: Tensor) -> Tensor:
    # Half way between two taps the earlier one is taken.
    return torch.ceil(offsets - 0.5 - _TIE).long()


def _moved(kernels: Tensor, by: Tensor, columns: bool = False) -> Tensor:
    """Each kernel moved up (or left) by its own number of taps, zeros coming in."""
    taps = kernels.shape[-1]
    source = torch.arange(taps, device=kernels.device) + by[:, None]
    there = ((source >= 0) & (source < taps)).to(kernels)
    index = source.clamp(0, taps - 1)
    shape = (-1, 1, taps) if columns else (-1, taps, 1)
    return torch.gather(kernels, 2 if columns else 1, index.view(shape).expand_as(kernels)) * there.view(shape)


def _middle(taps: int) -> int:
    if taps % 2 == 0:
        raise ValueError("a kernel needs a middle tap: take an odd number of taps")
    return taps // 2


def _steps(taps: int, device: torch.device) -> Tensor:
    return torch.arange(taps, device=device, dtype=torch.float32) - _middle(taps)


def _offsets(taps: int, device: torch.device) -> tuple[Tensor, Tensor]:
    steps = _steps(taps, device)
    return steps[None, None, :], steps[None, :, None]
