"""What each part of the deblurring network is worth: the same short training with one part left out.

    python benchmarks/ablations.py PREPARED --from mask_generator.safetensors kernel_estimator.safetensors

PREPARED is a set made by `clearface train prepare`, with faces held back. The mask generator and the kernel estimator stay
as they are; their answers for a fixed lot of degraded faces are worked out once. Each variant of the deblurring U-Net is then
trained from the same seed, for the same number of steps, on the same crops in the same order, and measured on the held-back
faces.
"""

import argparse
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from clearface.nets.costs import count_multiplications
from clearface.nets.deblurring_unet import DeblurringUNet, DeblurringUNetConfig
from clearface.nets.filtering import filtered_faces
from clearface.train.engine.weights import load_weights
from clearface.train.losses import restoration_loss
from clearface.train.smfd.building import build_networks
from clearface.train.smfd.drawing import FaceBatch, FaceSource
from clearface.train.smfd.forward import ESTIMATOR, READER, read_and_estimate
from clearface.train.smfd.measures import psnr
from clearface.train.smfd.recipe import SmfdRecipe, ValidationRecipe

CROP = 64
"""Side of the crops the variants learn from, in pixels: a quarter of the face, four times as many of them."""

_AT_ONCE = 24
_RESTORE = 13
"""The stage whose samples are drawn."""

_CPU = torch.device("cpu")


@dataclass(frozen=True)
class Variant:
    """One row of the table."""

    name: str
    config: DeblurringUNetConfig


WHOLE = DeblurringUNetConfig()
VARIANTS = (
    Variant("whole", WHOLE),
    Variant("without the kernel path", replace(WHOLE, candidates=2)),
    Variant("without masks", replace(WHOLE, masks=False)),
    Variant("without CBAM", replace(WHOLE, attention=False)),
    Variant("residual instead of dense blocks", replace(WHOLE, dense=False)),
    Variant("bilinear instead of pixel-shuffle", replace(WHOLE, pixel_shuffle=False)),
)


@dataclass(frozen=True, eq=False)
class Answers:
    """What the deblurring network is given, and what it should answer, as half floats to spare memory."""

    candidates: Tensor
    masks: Tensor
    sharp: Tensor


@torch.no_grad()
def answers(networks: nn.ModuleDict, batches: list[FaceBatch], recipe: SmfdRecipe) -> Answers:
    """The reader's, the estimator's and the filter's answers for batches of 128 pixel faces."""
    config = recipe.networks
    candidates, masks = [], []
    for batch in batches:
        logits, guess, estimate = read_and_estimate(networks, batch.blurred, config.kernel_estimator)
        filtered = filtered_faces(batch.blurred, estimate.kernels, config.filter)
        candidates.append(torch.cat([batch.blurred, guess, filtered], 1).half())
        masks.append(logits.softmax(1).half())
    return Answers(torch.cat(candidates), torch.cat(masks), torch.cat([batch.sharp for batch in batches]).half())


def train_variant(config: DeblurringUNetConfig, lot: Answers, steps: int, seed: int) -> DeblurringUNet:
    """One variant after so many steps of 24 crops, the learning rate falling to nothing over the second half."""
    torch.manual_seed(seed)
    generator = np.random.default_rng(seed)
    network = DeblurringUNet(config)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimizer = torch.optim.AdamW(network.parameters(), 1e-3, betas=(0.9, 0.99), weight_decay=1e-4)
    side = lot.sharp.shape[-1]
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = 1e-3 * min(1.0, (step + 1) / 50, 2 * (steps - step) / steps)
        chosen = torch.from_numpy(generator.integers(len(lot.sharp), size=_AT_ONCE))
        top, left = (int(value) for value in generator.integers(0, side - CROP + 1, size=2))
        place = (slice(None), slice(None), slice(top, top + CROP), slice(left, left + CROP))
        candidates = lot.candidates[chosen][place][:, : 3 * config.candidates].float()
        restored, _ = network(candidates, lot.masks[chosen][place].float())
        loss = restoration_loss(restored, lot.sharp[chosen][place].float())
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
    return network


@torch.no_grad()
def measured(network: DeblurringUNet, config: DeblurringUNetConfig, held_back: Answers) -> float:
    """Mean PSNR in dB."""
    parts = []
    for start in range(0, len(held_back.sharp), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        candidates = held_back.candidates[part, : 3 * config.candidates].float()
        restored, _ = network(candidates, held_back.masks[part].float())
        parts.append(psnr(restored, held_back.sharp[part].float()))
    return float(torch.cat(parts).mean())


def main() -> None:
    parser = argparse.ArgumentParser(description="What each part of the deblurring network is worth.")
    parser.add_argument("prepared", type=Path)
    parser.add_argument("--from", dest="weights", type=Path, nargs=2, required=True)
    parser.add_argument("--faces", type=int, default=1200, help="degraded faces in the lot")
    parser.add_argument("--steps", type=int, default=600)
    parser.add_argument("--held-back", type=int, default=48)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    recipe = SmfdRecipe(seed=arguments.seed, validation=ValidationRecipe(faces=arguments.held_back))
    networks = build_networks(recipe.networks, (READER, ESTIMATOR)).eval()
    for name, path in zip((READER, ESTIMATOR), arguments.weights, strict=True):
        load_weights(networks[name], name, path)
    source = FaceSource(arguments.prepared, recipe)
    drawn = [
        source.make_batch(source.draw(recipe.restore, _RESTORE, step, range(_AT_ONCE)), _CPU)
        for step in range(arguments.faces // _AT_ONCE)
    ]
    lot = answers(networks, drawn, recipe)
    held_back = answers(networks, [source.validation], recipe)
    before = float(psnr(held_back.candidates[:, :3].float(), held_back.sharp.float()).mean())
    print(
        f"{len(lot.sharp)} faces, {arguments.steps} steps of {_AT_ONCE} crops of {CROP} pixels; blurred {before:.2f} dB\n"
    )
    print(
        "| variant | PSNR dB | against the whole | parameters | GMAC at 128x128 | seconds |\n|---|---|---|---|---|---|"
    )
    whole = None
    for variant in VARIANTS:
        started = time.perf_counter()
        network = train_variant(variant.config, lot, arguments.steps, arguments.seed)
        reached = measured(network, variant.config, held_back)
        whole = reached if whole is None else whole
        candidates = torch.zeros(1, 3 * variant.config.candidates, 128, 128)
        cost = count_multiplications(network, candidates, torch.zeros(1, held_back.masks.shape[1], 128, 128)) / 1e9
        size = sum(weight.numel() for weight in network.parameters()) / 1e6
        print(
            f"| {variant.name} | {reached:.2f} | {reached - whole:+.2f} | {size:.2f} M | {cost:.2f} |"
            f" {time.perf_counter() - started:.0f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
