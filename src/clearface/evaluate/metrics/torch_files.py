"""PyTorch's own files of weights, and arithmetic that does not depend on the machine's cores."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import Tensor, nn

from clearface.errors import ModelError
from clearface.files.explanations import shown


def read_tensors(path: Path) -> dict[str, Tensor]:
    """The tensors of a `.pth` file by name; nothing in it is executed.

    Raises ModelError where the file is missing, damaged, or holds anything but tensors by name.
    """
    if not path.is_file():
        raise ModelError(f"{shown(path)}: there is no such file of weights")
    try:
        stored = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # its unpickler raises whatever it trips over
        raise ModelError(f"{shown(path)}: this is no file of PyTorch weights that is safe to read") from error
    if not isinstance(stored, Mapping) or not all(isinstance(value, Tensor) for value in stored.values()):
        raise ModelError(f"{shown(path)}: this file of weights holds something else than tensors by name")
    return {str(name): value for name, value in stored.items()}


def fill(network: nn.Module, tensors: Mapping[str, Tensor], path: Path, what: str) -> None:
    """Puts into a network the tensors of its names, in float32; others are left out, and so are counts of batches seen.

    The network may be without memory as yet (made on PyTorch's device `meta`). Raises ModelError, naming the file and what it
    should be, where one is missing or of another shape.
    """
    chosen = {}
    for name, own in network.state_dict().items():
        if name.endswith("num_batches_tracked"):
            chosen[name] = torch.zeros((), dtype=torch.long)
            continue
        if name not in tensors or tensors[name].shape != own.shape:
            found = f"of {tuple(tensors[name].shape)}" if name in tensors else "missing"
            raise ModelError(f"{shown(path)}: these are no weights of {what}: {name} of {tuple(own.shape)} is {found}")
        chosen[name] = tensors[name].to(torch.float32).contiguous()
    network.load_state_dict(chosen, assign=True)
    network.eval().requires_grad_(False)


@contextmanager
def single_thread() -> Iterator[None]:
    """Within it PyTorch uses one thread, so that sums are taken in the same order on every machine."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
