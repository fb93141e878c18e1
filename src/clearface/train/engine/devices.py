"""What a training runs on."""

import torch
from lightning_fabric import Fabric
from lightning_fabric.strategies.ddp import DDPStrategy

from clearface.errors import UsageError

ACCELERATORS = ("auto", "cpu", "cuda")


def make_fabric(accelerator: str, devices: int) -> Fabric:
    """Processes on the CPU, or one on each GPU. Raises UsageError where there are no such GPUs."""
    kind = accelerator
    if kind == "auto":
        kind = "cuda" if torch.cuda.is_available() else "cpu"
    if kind == "cuda" and torch.cuda.device_count() < devices:
        raise UsageError(f"{devices} GPUs were asked for, and PyTorch finds {torch.cuda.device_count()}")
    if devices == 1:
        return Fabric(accelerator=kind, devices=1)
    return Fabric(accelerator=kind, devices=devices, strategy=DDPStrategy())
