"""Degradations with a name, so that figures can be compared: the same name and seed give the same faces everywhere."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from clearface.arrays import DoubleArray, FloatArray
from clearface.degrade.bank import KernelBank, fitted_kernel
from clearface.degrade.blurring import mirrored
from clearface.degrade.blurs import BlurMix, draw_blur, render_blurs
from clearface.degrade.fields import FieldMix, draw_field, render_fields
from clearface.degrade.grids import geometric, steps
from clearface.degrade.kernel_files import read_kernels
from clearface.degrade.plans import DegradationMix, DegradationPlan, draw_plan
from clearface.degrade.randomized import apply_plan
from clearface.errors import UsageError
from clearface.suggestions import did_you_mean

FACE_SIZE = 128
"""The size of face, in pixels, that lengths are stated for."""

_TAPS = 41
_AT_ONCE = 16
_PLAIN = DegradationMix(
    unblurred=0,
    varying=0,
    linear_light=0,
    reduced=0,
    noisy=1,
    read_noise=(0.01,),
    shot_noise=(0.0,),
    compressed=0,
    shuffled=0,
)
"""A blur of sRGB values and Gaussian noise of 0.01, nothing else."""

_SHAKE_ONLY = BlurMix(shake=1, line=0, gaussian=0, disc=0, box=0, product=0, spline=0, shake_sizes=steps(13, 27, 1))
_BOX_ONLY = BlurMix(shake=0, line=0, gaussian=0, disc=0, box=1, product=0, spline=0, sides=(5.0,))
_EVERYDAY_BLURS = BlurMix(
    spline=0,
    shake_sizes=steps(3, 20, 1),
    line_lengths=steps(2, 17.5, 0.5),
    sigmas=geometric(0.4, 2.6, 25),
    radii=steps(0.8, 3.9, 0.1),
    sides=steps(2, 6, 1),
)
_EVERYDAY_FIELDS = FieldMix(
    sizes=steps(3, 12, 1),
    turns=steps(-8, 8, 1),
    approaches=steps(-5, 5, 1),
    near_radii=steps(0.5, 1.6, 0.1),
    far_radii=steps(2.0, 3.9, 0.1),
)
_LIGHT_BLURS = BlurMix(
    spline=0,
    shake_sizes=steps(3, 9, 1),
    line_lengths=steps(2, 8, 0.5),
    sigmas=geometric(0.4, 1.6, 15),
    radii=steps(0.8, 2.2, 0.1),
    sides=(2.0, 3.0),
)
_LIGHT_FIELDS = FieldMix(
    sizes=steps(2, 7, 1),
    turns=steps(-4, 4, 1),
    approaches=steps(-3, 3, 1),
    near_radii=steps(0.5, 1.0, 0.1),
    far_radii=steps(1.2, 2.4, 0.1),
)


@dataclass(frozen=True)
class Protocol:
    """One named degradation."""

    name: str
    summary: str
    mix: DegradationMix

    grows: bool = False
    """Lengths grow with the face; otherwise they are pixels of whatever comes in."""

    from_file: bool = False
    """Its kernels come from a file."""


PROTOCOLS = (
    Protocol(
        "shen",
        "camera shake over 13 to 27 pixels, Gaussian noise of 0.01",
        replace(_PLAIN, blurs=_SHAKE_ONLY),
    ),
    Protocol("box5", "an even average over 5x5 pixels, no noise", replace(_PLAIN, blurs=_BOX_ONLY, noisy=0)),
    Protocol("levin", "kernels of a file, Gaussian noise of 0.01", _PLAIN, from_file=True),
    Protocol(
        "mixed",
        "the full pipeline, every face blurred, by up to 20 pixels of 128; lengths grow with the face",
        DegradationMix(blurs=_EVERYDAY_BLURS, fields=_EVERYDAY_FIELDS, unblurred=0),
        grows=True,
    ),
    Protocol(
        "mild",
        "the light blur, noise and compression of ordinary phone photos; lengths grow with the face",
        DegradationMix(
            blurs=_LIGHT_BLURS,
            fields=_LIGHT_FIELDS,
            unblurred=0,
            read_noise=steps(0.0, 0.008, 0.0005),
            shot_noise=(0.0, *geometric(0.00002, 0.00015, 14)),
            reduced=0.15,
            factors=geometric(1.05, 1.6, 12),
            compressed=0.5,
            qualities=steps(65, 95, 1),
        ),
        grows=True,
    ),
    Protocol("sharp", "nothing but rounding to 8 bits", replace(_PLAIN, unblurred=1, untouched=1)),
)
"""Every protocol there is."""


@dataclass(frozen=True, eq=False)
class DegradedFaces:
    """Faces degraded by a protocol."""

    faces: FloatArray
    """`(N, H, W, 3)` RGB in [0, 1], rounded to 8 bits."""

    kernels: FloatArray
    """`(N, K, K)`, each summing to 1, centred: one tap where there was no blur, the mean where it varied over the face."""

    descriptions: tuple[tuple[dict[str, Any], ...], ...]
    """The steps each face went through, in order, as plain values."""


def protocol_named(name: str) -> Protocol:
    """The protocol of that name. Raises UsageError where there is none."""
    for protocol in PROTOCOLS:
        if protocol.name == name.lower():
            return protocol
    raise UsageError(f'there is no protocol "{name}": {did_you_mean(name, [protocol.name for protocol in PROTOCOLS])}')


def degrade_by_protocol(
    faces: FloatArray, name: str, seed: int, kernels: Path | None = None, face_size: float | None = None
) -> DegradedFaces:
    """Degrades RGB float32 `(N, H, W, 3)` in [0, 1] as a protocol has it, the pictures mirrored beyond their edges.

    What happens to a face depends on the seed and on its place alone, not on how many follow. kernels: the file for `levin`.
    face_size: the size of the faces in pixels, for protocols whose lengths grow with it; the shorter side of the pictures
    without. Raises UsageError for an unknown name, a negative seed or size, or where `kernels` is missing or does nothing,
    PhotoError for a file of kernels that cannot be used.
    """
    seeds = [(seed, index) for index in range(len(faces))]
    return degrade_by_seeds(faces, name, seeds, kernels, face_size)


def degrade_by_seeds(
    faces: FloatArray,
    name: str,
    seeds: Sequence[Sequence[int]],
    kernels: Path | None = None,
    face_size: float | None = None,
) -> DegradedFaces:
    """`degrade_by_protocol` with a seed of several numbers for each face."""
    size = min(faces.shape[1:3]) if face_size is None else face_size
    drawn = draw_protocol(name, seeds, kernels, size)
    done, truth = [], []
    for start in range(0, len(faces), _AT_ONCE):
        part = np.arange(start, min(start + _AT_ONCE, len(faces)))
        sharp = torch.from_numpy(np.ascontiguousarray(faces[part].transpose(0, 3, 1, 2)))
        answer = apply_plan(mirrored(sharp, drawn.bank.taps // 2), drawn.bank, drawn.plan.chosen(part))
        done.append(answer.faces.numpy().transpose(0, 2, 3, 1))
        truth.append(answer.kernels.numpy())
    taps = drawn.bank.taps
    return DegradedFaces(
        np.concatenate([np.zeros((0, *faces.shape[1:]), np.float32), *done]),
        np.concatenate([np.zeros((0, taps, taps), np.float32), *truth]),
        tuple(drawn.plan.record(index, drawn.bank) for index in range(len(faces))),
    )


@dataclass(frozen=True, eq=False)
class DrawnProtocol:
    """What a protocol will do to N faces, and the kernels it will do it with."""

    plan: DegradationPlan
    bank: KernelBank


def draw_protocol(name: str, seeds: Sequence[Sequence[int]], kernels: Path | None, face_size: float) -> DrawnProtocol:
    """What a protocol does to one face for each seed; arguments and errors as in `degrade_by_protocol`."""
    protocol = protocol_named(name)
    if kernels is not None and not protocol.from_file:
        raise UsageError(f"the protocol {protocol.name} makes its own kernels: a file of kernels does nothing there")
    if any(part < 0 for seed in seeds for part in seed):
        raise UsageError("a seed is a whole number, 0 or more")
    if not 0 < face_size < math.inf:
        raise UsageError("the size of a face is a number of pixels above 0")
    factor = face_size / FACE_SIZE if protocol.grows else 1.0
    mix = protocol.mix.scaled(factor) if protocol.grows else protocol.mix
    generators = [np.random.default_rng(seed) for seed in seeds]
    if protocol.from_file:
        if kernels is None:
            raise UsageError(f"the protocol {protocol.name} needs a file of kernels")
        bank = _bank_of(read_kernels(kernels))
        return DrawnProtocol(_planned(generators, len(bank.kernels), 0, mix), bank)
    taps = 2 * round(_TAPS // 2 * max(factor, 0.25)) + 1
    plan = _planned(generators, 1, 1, mix)
    whole, varying = np.flatnonzero(plan.kernel >= 0), np.flatnonzero(plan.varying >= 0)
    blurs = [draw_blur(generators[index], mix.blurs) for index in whole]
    fields = [draw_field(generators[index], mix.fields, mix.blurs) for index in varying]
    own_kernels = render_blurs(blurs, [generators[index] for index in whole], taps)
    own_fields = render_fields(fields, [generators[index] for index in varying], taps)
    bank = KernelBank(own_kernels, own_fields, tuple(blur.in_words() for blur in (*blurs, *fields)))
    return DrawnProtocol(plan.numbered(), bank)


def _planned(
    generators: Sequence[np.random.Generator], kernels: int, fields: int, mix: DegradationMix
) -> DegradationPlan:
    """One face planned by each generator."""
    nothing = draw_plan(np.random.default_rng(0), 0, kernels, fields, mix)
    return DegradationPlan.joined([nothing, *(draw_plan(each, 1, kernels, fields, mix) for each in generators)])


def _bank_of(kernels: Sequence[DoubleArray]) -> KernelBank:
    taps = max(max(kernel.shape) for kernel in kernels)
    fitted = np.stack([fitted_kernel(kernel, taps) for kernel in kernels]).astype(np.float32)
    words = tuple(f"kernel {number} of the file" for number in range(1, len(kernels) + 1))
    return KernelBank(torch.from_numpy(fitted), torch.zeros(0, 3, 3, taps, taps), words)
