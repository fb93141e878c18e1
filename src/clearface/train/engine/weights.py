"""Weights from files, to start from."""

from collections.abc import Mapping
from pathlib import Path

from torch import Tensor, nn

from clearface.errors import ModelError
from clearface.train.engine.checkpoints import read_tensors


def load_weights(network: nn.Module, name: str, path: Path) -> None:
    """Puts the weights of a file into the network of that name: a file of this network alone, or a checkpoint of a run.

    Raises ModelError where the file has no weights of its names and shapes.
    """
    tensors = read_tensors(path)
    for candidate in _candidates(network, name, tensors):
        if _fits(network, candidate):
            network.load_state_dict(candidate)
            return
    raise ModelError(f"{path}: these are no weights of the {name.replace('_', ' ')} the recipe describes")


def networks_in(path: Path, networks: Mapping[str, nn.Module]) -> list[str]:
    """The names of the networks a file has weights of, told by the names and shapes of its tensors.

    Raises ModelError where it has those of none.
    """
    tensors = read_tensors(path)
    found = [
        name
        for name, network in networks.items()
        if any(_fits(network, part) for part in _candidates(network, name, tensors))
    ]
    if not found:
        known = ", ".join(name.replace("_", " ") for name in networks)
        raise ModelError(f"{path}: these are no weights of a network the recipe describes ({known})")
    return found


def _candidates(network: nn.Module, name: str, tensors: dict[str, Tensor]) -> list[dict[str, Tensor]]:
    """Where in a file the weights may be: under any prefix one of its names has, those with the network's own name first.

    In a checkpoint that is `averaged/NAME.`, then `network/NAME.`; other programs have prefixes of their own.
    """
    one = next(iter(network.state_dict()))
    prefixes = sorted({key.removesuffix(one) for key in tensors if key.endswith(one)})
    prefixes.sort(key=lambda prefix: not prefix.endswith(f"{name}."))
    return [
        {key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)}
        for prefix in prefixes
    ]


def _fits(network: nn.Module, tensors: dict[str, Tensor]) -> bool:
    own = network.state_dict()
    return tensors.keys() == own.keys() and all(tensors[name].shape == value.shape for name, value in own.items())
