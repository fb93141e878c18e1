"""What a network costs."""

import torch
from torch import Tensor, nn


def count_multiplications(network: nn.Module, *inputs: Tensor) -> int:
    """Multiply-accumulates of the convolutions and linear layers for inputs of batch 1."""
    total = 0

    def count(module: nn.Module, _inputs: object, output: Tensor) -> None:
        nonlocal total
        assert isinstance(module, (nn.Conv2d, nn.Linear))
        total += output[0].numel() * module.weight[0].numel()

    layers = [module for module in network.modules() if isinstance(module, (nn.Conv2d, nn.Linear))]
    hooks = [layer.register_forward_hook(count) for layer in layers]
    with torch.no_grad():
        network(*inputs)
    for hook in hooks:
        hook.remove()
    return total
