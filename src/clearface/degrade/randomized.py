"""The randomized degradation networks are trained with: blur, noise, loss of resolution, compression, in random order."""

from dataclasses import dataclass

import cv2
import numpy as np
import torch
from torch import Tensor

from clearface.degrade.bank import KernelBank
from clearface.degrade.blurring import blur_field, blur_within
from clearface.degrade.kernels import centred, unblurred
from clearface.degrade.plans import CODECS, STEPS, SUBSAMPLINGS, DegradationMix, DegradationPlan, draw_plan
from clearface.degrade.resampling import ENLARGING, REDUCING, resample
from clearface.degrade.transfer import from_linear_light, to_linear_light

_SAMPLING_FACTORS = {
    "4:2:0": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420,
    "4:2:2": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_422,
    "4:4:4": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444,
}


@dataclass(frozen=True, eq=False)
class Degraded:
    """Degraded faces and the truth about them."""

    faces: Tensor
    """`(N, 3, H, W)` RGB in [0, 1], rounded to 8 bits."""

    kernels: Tensor
    """`(N, K, K)`: what each face was blurred with; one tap where it was not; the centred mean of a field."""

    varying: Tensor
    """`(N,)` bool: the blur varied over the face, and the kernel is but its mean."""

    plan: DegradationPlan


def degrade_batch(
    wide: Tensor, bank: KernelBank, generator: np.random.Generator, mix: DegradationMix | None = None
) -> Degraded:
    """Degrades RGB `(N, 3, H + K - 1, W + K - 1)` in [0, 1] with kernels of a bank of K taps, to `(N, 3, H, W)`.

    The rim of K // 2 pixels is what the blur reaches for beyond the picture. Bank and pictures lie on one device. The same
    generator state gives the same faces. Raises ValueError where the pictures are no larger than the kernels.
    """
    plan = draw_plan(generator, len(wide), len(bank.kernels), len(bank.fields), mix)
    return apply_plan(wide, bank, plan)


@torch.no_grad()
def apply_plan(wide: Tensor, bank: KernelBank, plan: DegradationPlan) -> Degraded:
    """Does to each face what the plan says; arguments and result as in `degrade_batch`."""
    rim = bank.taps // 2
    if min(wide.shape[-2:]) <= 2 * rim:
        raise ValueError(f"pictures of {wide.shape[-2]}x{wide.shape[-1]} have no room for kernels of {bank.taps} taps")
    before = wide.clone()
    blur = STEPS.index("blur")
    turn = [list(order).index(blur) for order in plan.order]
    for index, when in enumerate(turn):
        before[index] = _steps_taken(before[index], plan, index, range(when))
    after = _blurred(before, bank, plan)
    for index, when in enumerate(turn):
        after[index] = _steps_taken(after[index], plan, index, range(when + 1, len(STEPS)))
    faces = (after.clamp_(0, 1) * 255).round_() / 255
    return Degraded(faces, _true_kernels(bank, plan), torch.from_numpy(plan.varying >= 0).to(wide.device), plan)


def _blurred(wide: Tensor, bank: KernelBank, plan: DegradationPlan) -> Tensor:
    rim = bank.taps // 2
    blurred = wide[..., rim : wide.shape[-2] - rim, rim : wide.shape[-1] - rim].clone()
    for light in (False, True):
        for chosen, blur, source in (
            (plan.kernel, blur_within, bank.kernels),
            (plan.varying, blur_field, bank.fields),
        ):
            rows = np.flatnonzero((chosen >= 0) & (plan.linear_light == light))
            if not len(rows):
                continue
            pictures, kernels = wide[rows], source[torch.from_numpy(chosen[rows]).to(source.device)]
            if light:
                spread = blur(to_linear_light(pictures.clamp_(0, 1)), kernels)
                blurred[rows] = from_linear_light(spread.clamp_(0, 1))
            else:
                blurred[rows] = blur(pictures, kernels)
    return blurred


def _true_kernels(bank: KernelBank, plan: DegradationPlan) -> Tensor:
    kernels = unblurred(len(plan), bank.taps).to(bank.kernels)
    plain, varying = np.flatnonzero(plan.kernel >= 0), np.flatnonzero(plan.varying >= 0)
    kernels[plain] = bank.kernels[torch.from_numpy(plan.kernel[plain]).to(kernels.device)]
    if len(varying):
        fields = bank.fields[torch.from_numpy(plan.varying[varying]).to(kernels.device)]
        kernels[varying] = centred(fields.mean((1, 2)))
    return kernels


def _steps_taken(picture: Tensor, plan: DegradationPlan, index: int, places: range) -> Tensor:
    """The steps at these places of the order, done to one `(3, H, W)` picture; the size comes out as it went in."""
    height, width = picture.shape[-2:]
    enlarging = ENLARGING[plan.enlarging[index]]
    for place in places:
        step = STEPS[plan.order[index, place]]
        if step == "noise" and plan.noisy[index]:
            picture = _noisy(
                picture, float(plan.read_noise[index]), float(plan.shot_noise[index]), int(plan.noise_seed[index])
            )
        elif step == "compress" and plan.codec[index] >= 0:
            subsampling = SUBSAMPLINGS[plan.subsampling[index]]
            picture = compressed(picture, CODECS[plan.codec[index]], int(plan.quality[index]), subsampling)
        elif step == "reduce" and plan.factor[index] > 1:
            lower, narrower = (max(1, round(side / plan.factor[index])) for side in (height, width))
            picture = resample(picture, lower, narrower, REDUCING[plan.reducing[index]])
            if not plan.enlarged_late(index):
                picture = resample(picture, height, width, enlarging)
    return resample(picture, height, width, enlarging)


def _noisy(picture: Tensor, read: float, shot: float, seed: int) -> Tensor:
    drawn = np.random.default_rng(seed).standard_normal(tuple(picture.shape), dtype=np.float32)
    deviation = torch.sqrt(read**2 + shot * picture.clamp(0, 1))
    return picture + torch.from_numpy(drawn).to(picture.device) * deviation


def compressed(picture: Tensor, codec: str, quality: int, subsampling: str = "4:2:0") -> Tensor:
    """One `(3, H, W)` RGB picture in [0, 1] written as `jpeg` or `webp` and read again."""
    pixels = (picture.clamp(0, 1) * 255).round().to(torch.uint8).permute(1, 2, 0).cpu().numpy()
    settings = [cv2.IMWRITE_WEBP_QUALITY, quality]
    if codec == "jpeg":
        settings = [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, _SAMPLING_FACTORS[subsampling]]
    _, encoded = cv2.imencode(f".{codec}", np.ascontiguousarray(pixels[..., ::-1]), settings)
    decoded = np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR))[..., ::-1]
    return torch.from_numpy(np.ascontiguousarray(decoded)).to(picture.device).permute(2, 0, 1) / 255
