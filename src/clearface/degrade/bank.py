"""Many blur kernels made once, drawn from in training."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from clearface.arrays import DoubleArray
from clearface.degrade import kernels as families
from clearface.degrade.blurs import BlurMix, draw_blur, render_blurs
from clearface.degrade.fields import FieldMix, draw_field, render_fields
from clearface.errors import ModelError
from clearface.files.atomic import write_atomically


@dataclass(frozen=True, eq=False)
class KernelBank:
    """Kernels ready to blur with, and what each of them is."""

    kernels: Tensor
    """`(N, K, K)` float32, each summing to 1, centred."""

    fields: Tensor
    """`(M, R, C, K, K)` float32: kernels at R x C places over the face; M may be 0."""

    words: tuple[str, ...]
    """What each kernel is, such as `line length=7 angle=35`; then what each field is."""

    @property
    def taps(self) -> int:
        return self.kernels.shape[-1]

    def to(self, device: torch.device | str) -> "KernelBank":
        """The same bank on a device."""
        return KernelBank(self.kernels.to(device), self.fields.to(device), self.words)


def make_bank(
    generator: np.random.Generator,
    count: int,
    taps: int = 41,
    mix: BlurMix | None = None,
    fields: int = 0,
    field_mix: FieldMix | None = None,
) -> KernelBank:
    """A bank of `count` kernels and `fields` fields of 3x3 kernels, all of `taps` taps.

    Raises ValueError where `taps` is even.
    """
    if taps % 2 == 0:
        raise ValueError("a kernel needs a middle tap: take an odd number of taps")
    blurs = [draw_blur(generator, mix or BlurMix()) for _ in range(count)]
    varying = [draw_field(generator, field_mix or FieldMix(), mix or BlurMix()) for _ in range(fields)]
    return KernelBank(
        render_blurs(blurs, [generator] * count, taps),
        render_fields(varying, [generator] * fields, taps),
        tuple(blur.in_words() for blur in (*blurs, *varying)),
    )


def save_bank(bank: KernelBank, path: Path) -> None:
    """Writes a bank as safetensors, whole or not at all. Raises PhotoError where it exists or cannot be written."""
    from safetensors.torch import save

    tensors = {"kernels": bank.kernels.cpu().contiguous(), "fields": bank.fields.cpu().contiguous()}
    write_atomically(path, save(tensors, metadata={"words": json.dumps(bank.words)}))


def load_bank(path: Path) -> KernelBank:
    """Reads a bank. Raises ModelError where the file is missing or holds none."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="pt") as file:
            kernels, fields = file.get_tensor("kernels"), file.get_tensor("fields")
            words = tuple(json.loads((file.metadata() or {})["words"]))
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise ModelError(f"{path}: this is no bank of kernels ({error})") from error
    if kernels.ndim != 3 or fields.ndim != 5 or len(words) != len(kernels) + len(fields):
        raise ModelError(f"{path}: this is no bank of kernels (its parts do not belong together)")
    return KernelBank(kernels, fields, words)


def fitted_kernel(kernel: DoubleArray, taps: int) -> DoubleArray:
    """Cut or padded around its middle tap to `taps` x `taps`, centred, summing to 1."""
    return families.fitted(torch.from_numpy(kernel)[None], taps)[0].numpy()
