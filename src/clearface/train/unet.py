"""Trains the small restoration U-Net on aligned faces: `python -m clearface.train.unet --help`."""

import argparse
import csv
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from clearface.arrays import FloatArray
from clearface.degrade.bank import make_bank
from clearface.degrade.randomized import degrade_batch
from clearface.nets.unet import RestorationUNet
from clearface.train.losses import restoration_loss
from clearface.train.samples import FaceSet, draw_samples, load_face_set


@dataclass(frozen=True)
class UNetRecipe:
    """Everything that decides what the trained network becomes."""

    size: int = 128
    batch: int = 24
    taps: int = 41
    kernels: int = 20_000
    learning_rate: float = 1e-3
    warm_up: int = 200
    cool_down: int = 1500
    """Steps over which the learning rate falls to nothing, at the end of `steps`."""

    steps: int = 6000
    average: float = 0.998
    """Decay of the exponential moving average of the weights, which is what is released."""

    seed: int = 1


def learning_rate_factor(step: int, recipe: UNetRecipe) -> float:
    """Warm-up, a plateau, then a linear fall to nothing over the last `cool_down` steps."""
    return max(0.0, min(1.0, (step + 1) / recipe.warm_up, (recipe.steps - step) / recipe.cool_down))


def train(
    recipe: UNetRecipe, sets: tuple[FaceSet, ...], validation: FloatArray, folder: Path, resume: Path | None
) -> None:
    """Trains until `recipe.steps`, writing checkpoints and `log.csv` to `folder` every 250 steps.

    validation: sharp faces, RGB float32 `(N, 3, S, S)` in [0, 1], degraded once with a fixed seed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(recipe.seed)
    bank = torch.from_numpy(make_bank(np.random.default_rng(recipe.seed), recipe.kernels, recipe.taps))
    network = RestorationUNet().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    averaged = {name: value.detach().clone() for name, value in network.state_dict().items()}
    optimizer = torch.optim.AdamW(network.parameters(), recipe.learning_rate, betas=(0.9, 0.99), weight_decay=1e-4)
    start = 0
    if resume is not None:
        start = _restore_checkpoint(resume, network, averaged, optimizer)
    held_back = _validation_pair(validation, bank, recipe)
    started, losses = time.monotonic(), []
    for step in range(start, recipe.steps):
        generator = np.random.default_rng((recipe.seed, step))
        for group in optimizer.param_groups:
            group["lr"] = recipe.learning_rate * learning_rate_factor(step, recipe)
        blurred, sharp = draw_pair(sets, bank, generator, recipe)
        loss = restoration_loss(network(blurred), sharp)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        with torch.no_grad():
            decay = min(recipe.average, (step + 1) / (step + 10))
            for name, value in network.state_dict().items():
                averaged[name].lerp_(value, 1 - decay)
        losses.append(float(loss.detach()))
        if (step + 1) % 250 == 0 or step + 1 == recipe.steps:
            gain = validate(averaged, *held_back)
            _log(folder / "log.csv", step + 1, float(np.mean(losses)), gain, (step + 1) * recipe.batch, started)
            _save_checkpoint(folder / "checkpoint.safetensors", step + 1, network, averaged, optimizer)
            losses = []
    save_file(_contiguous(averaged), folder / "averaged.safetensors")


def draw_pair(
    sets: tuple[FaceSet, ...], bank: Tensor, generator: np.random.Generator, recipe: UNetRecipe
) -> tuple[Tensor, Tensor]:
    """A batch of (blurred, sharp), `(N, 3, S, S)` each, the blur reaching for true pixels or, half the time, mirrored ones."""
    rim = recipe.taps // 2
    wide = torch.from_numpy(draw_samples(sets, generator, recipe.batch, recipe.size + 2 * rim))
    sharp = wide[..., rim:-rim, rim:-rim]
    mirrored = torch.nn.functional.pad(sharp, (rim,) * 4, mode="reflect")
    mirror = torch.from_numpy(generator.random(recipe.batch) < 0.5)[:, None, None, None]
    kernels = bank[torch.from_numpy(generator.integers(len(bank), size=recipe.batch))]
    blurred = degrade_batch(torch.where(mirror, mirrored, wide), kernels, generator)
    layout = torch.channels_last
    return blurred.contiguous(memory_format=layout), sharp.contiguous(memory_format=layout)


@torch.no_grad()
def validate(weights: dict[str, Tensor], blurred: Tensor, sharp: Tensor) -> float:
    """Mean gain in PSNR, in dB, over the blurred faces."""
    network = RestorationUNet()
    network.load_state_dict(weights)
    network.eval()
    restored = torch.cat([network(part).clamp(0, 1) for part in torch.split(blurred, 32)])
    return float((_psnr(restored, sharp) - _psnr(blurred, sharp)).mean())


def _psnr(first: Tensor, second: Tensor) -> Tensor:
    return -10 * torch.log10((first - second).square().mean((1, 2, 3)).clamp(min=1e-9))


def _validation_pair(validation: FloatArray, bank: Tensor, recipe: UNetRecipe) -> tuple[Tensor, Tensor]:
    generator = np.random.default_rng(recipe.seed)
    sharp = torch.from_numpy(validation)
    rim = recipe.taps // 2
    kernels = bank[torch.from_numpy(generator.integers(len(bank), size=len(sharp)))]
    mirrored = torch.nn.functional.pad(sharp, (rim,) * 4, mode="reflect")
    return degrade_batch(mirrored, kernels, generator), sharp


def _log(path: Path, step: int, loss: float, gain: float, seen: int, started: float) -> None:
    new = not path.exists()
    with path.open("a", newline="") as file:
        writer = csv.writer(file)
        if new:
            writer.writerow(["step", "loss", "validation_gain_db", "faces_seen", "seconds"])
        writer.writerow([step, f"{loss:.5f}", f"{gain:.3f}", seen, f"{time.monotonic() - started:.0f}"])
    print(f"step {step}: loss {loss:.5f}, validation {gain:+.3f} dB, {seen} faces seen", flush=True)


def _save_checkpoint(
    path: Path, step: int, network: torch.nn.Module, averaged: dict[str, Tensor], optimizer: torch.optim.Optimizer
) -> None:
    tensors = {f"network/{name}": value for name, value in network.state_dict().items()}
    tensors |= {f"averaged/{name}": value for name, value in averaged.items()}
    for index, state in optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer/{index}/{name}": value for name, value in state.items()}
    temporary = path.with_suffix(".part")
    save_file(_contiguous(tensors), temporary, metadata={"step": str(step)})
    temporary.replace(path)


def _contiguous(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: value.contiguous() for name, value in tensors.items()}


def _restore_checkpoint(
    path: Path, network: torch.nn.Module, averaged: dict[str, Tensor], optimizer: torch.optim.Optimizer
) -> int:
    from safetensors import safe_open

    tensors = load_file(path)
    network.load_state_dict(
        {name.removeprefix("network/"): value for name, value in tensors.items() if name.startswith("network/")}
    )
    for name in averaged:
        averaged[name].copy_(tensors[f"averaged/{name}"])
    state: dict[int, dict[str, Tensor]] = {}
    for name, value in tensors.items():
        if name.startswith("optimizer/"):
            _, index, key = name.split("/")
            state.setdefault(int(index), {})[key] = value
    saved = optimizer.state_dict()
    saved["state"] = state
    optimizer.load_state_dict(saved)
    with safe_open(path, framework="pt") as file:
        return int(file.metadata()["step"])


def main() -> None:
    parser = argparse.ArgumentParser(description="Trains the small restoration U-Net.")
    parser.add_argument("--faces", type=Path, nargs="+", required=True, help=".npy files of wide aligned crops")
    parser.add_argument(
        "--validation", type=Path, required=True, help=".npy of sharp 128x128 faces, uint8 (N, S, S, 3)"
    )
    parser.add_argument("--held-back", type=int, nargs="+", help="last faces of each set that training never sees")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=UNetRecipe.steps)
    parser.add_argument("--cool-down", type=int, default=UNetRecipe.cool_down)
    parser.add_argument("--learning-rate", type=float, default=UNetRecipe.learning_rate)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--resume", type=Path)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    held_back = arguments.held_back or [0] * len(arguments.faces)
    sets = tuple(load_face_set(path, count) for path, count in zip(arguments.faces, held_back, strict=True))
    sharp = np.load(arguments.validation, allow_pickle=False).transpose(0, 3, 1, 2).astype(np.float32) / 255
    recipe = UNetRecipe(steps=arguments.steps, cool_down=arguments.cool_down, learning_rate=arguments.learning_rate)
    train(recipe, sets, np.ascontiguousarray(sharp), arguments.out, arguments.resume)


if __name__ == "__main__":
    main()
