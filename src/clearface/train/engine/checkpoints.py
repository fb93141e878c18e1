"""Everything a run needs to go on as if it had never stopped, in one safetensors file; nothing executes on load."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from clearface.errors import ModelError
from clearface.files.atomic import write_atomically

_METADATA_KEY = "clearface"
_FORMAT = 1
_NAME = re.compile(r"checkpoint-(\d+)\.safetensors")


@dataclass(frozen=True)
class Progress:
    """How far a run has come."""

    task: str

    step: int
    """Steps done."""

    faces_seen: int

    seconds: float
    """Spent training, over all resumptions."""

    recipe: dict[str, Any]
    """The recipe as JSON has it."""

    unlogged: dict[str, float]
    """Sums of the losses since the last line of the log."""

    unlogged_steps: int


@dataclass(frozen=True)
class TrainingState:
    """The objects a checkpoint is taken of and put back into."""

    networks: nn.ModuleDict
    averaged: nn.ModuleDict
    optimizers: dict[str, torch.optim.Optimizer]
    """By the name of the turn."""


def checkpoint_path(folder: Path, step: int) -> Path:
    """Where the checkpoint after so many steps lies."""
    return folder / f"checkpoint-{step:08d}.safetensors"


def list_checkpoints(folder: Path) -> list[Path]:
    """The checkpoints of a run, oldest first."""
    found = [path for path in folder.iterdir() if _NAME.fullmatch(path.name)] if folder.is_dir() else []
    return sorted(found, key=lambda path: int(path.stem.partition("-")[2]))


def save_checkpoint(folder: Path, state: TrainingState, progress: Progress, keep: int) -> Path:
    """Writes a checkpoint, whole or not at all, then removes all but the last `keep`. Random numbers need no saving: they are
    drawn anew in every step from the seed and the step."""
    tensors = {f"network/{name}": value for name, value in state.networks.state_dict().items()}
    tensors |= {f"averaged/{name}": value for name, value in state.averaged.state_dict().items()}
    names = {id(parameter): name for name, parameter in state.networks.named_parameters()}
    for turn, optimizer in state.optimizers.items():
        for parameter, values in optimizer.state.items():
            for key, value in values.items():
                tensors[f"optimizer/{turn}/{names[id(parameter)]}/{key}"] = value
    path = checkpoint_path(folder, progress.step)
    metadata = {_METADATA_KEY: json.dumps({"format": _FORMAT} | vars(progress))}
    write_atomically(path, save(_plain(tensors), metadata), overwrite=True)
    older = [other for other in list_checkpoints(folder) if other != path]
    for other in older[: max(0, len(older) + 1 - keep)]:
        other.unlink()
    return path


def read_progress(path: Path) -> Progress:
    """How far a checkpoint has come. Raises ModelError where the file is none."""
    try:
        with safe_open(path, framework="pt") as file:
            values = json.loads((file.metadata() or {})[_METADATA_KEY])
        if values.pop("format") != _FORMAT:
            raise ModelError(f"{path}: the checkpoint was written by another version of clearface")
        return Progress(**values)
    except FileNotFoundError as error:
        raise ModelError(f"{path}: there is no such checkpoint") from error
    except (SafetensorError, OSError, KeyError, TypeError, ValueError) as error:
        raise ModelError(f"{path}: this is no checkpoint of a training run") from error


def restore_checkpoint(path: Path, state: TrainingState) -> None:
    """Puts everything back, bit for bit. Raises ModelError where the checkpoint is of other networks."""
    tensors = read_tensors(path)
    _load(path, state.networks, _part(tensors, "network/"))
    _load(path, state.averaged, _part(tensors, "averaged/"))
    for turn, optimizer in state.optimizers.items():
        saved = _part(tensors, f"optimizer/{turn}/")
        for name, parameter in state.networks.named_parameters():
            values = {key.removeprefix(f"{name}/"): value for key, value in saved.items() if key.startswith(f"{name}/")}
            if values:
                optimizer.state[parameter] = {
                    key: value if key == "step" else _laid_out(value, parameter) for key, value in values.items()
                }


def save_weights(path: Path, network: nn.Module, metadata: dict[str, str]) -> None:
    """Writes the weights of one network, whole or not at all."""
    write_atomically(path, save(_plain(network.state_dict()), metadata), overwrite=True)


def read_tensors(path: Path) -> dict[str, Tensor]:
    """All tensors of a safetensors file. Raises ModelError where it is none."""
    try:
        with safe_open(path, framework="pt") as file:
            return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - the file is no mapping
    except FileNotFoundError as error:
        raise ModelError(f"{path}: there is no such file") from error
    except (SafetensorError, OSError) as error:
        raise ModelError(f"{path}: not a safetensors file") from error


def _load(path: Path, network: nn.Module, tensors: dict[str, Tensor]) -> None:
    try:
        network.load_state_dict(tensors)
    except RuntimeError as error:
        raise ModelError(f"{path}: the checkpoint is of networks of another shape than the recipe's") from error


def _part(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}


def _laid_out(value: Tensor, parameter: nn.Parameter) -> Tensor:
    """On the parameter's device and in its memory layout, so that the same instructions work on it as before."""
    return torch.empty_like(parameter, requires_grad=False).copy_(value)


def _plain(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
