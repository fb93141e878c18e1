"""How different two pictures look to a network that was trained to tell things apart: LPIPS."""

import enum
import importlib.util
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from clearface.arrays import FloatArray
from clearface.errors import DependencyError
from clearface.evaluate.metrics.torch_files import fill, read_tensors, single_thread

LEAST_SIDE = 32
"""Pixels a side below which the coarsest layers have nothing left."""

_MEAN = (-0.030, -0.088, -0.188)
_DEVIATION = (0.458, 0.448, 0.450)
"""Of the colours of ImageNet, in [-1, 1], as the authors rounded them."""

_TINY = 1e-10


class Backbone(enum.Enum):
    """The network whose features are compared."""

    ALEX = "alex"
    """AlexNet in torchvision's shape (Krizhevsky 2014), after each of its five convolutions."""

    VGG = "vgg"
    """VGG16 (Simonyan, Zisserman 2014), after the last convolution before each of its five poolings."""


def head_file(backbone: Backbone) -> Path | None:
    """The linear heads of version 0.1, which come with torchmetrics; None where it is not installed."""
    found = importlib.util.find_spec("torchmetrics")  # imports nothing of it
    for folder in (found.submodule_search_locations or ()) if found is not None else ():
        path = Path(folder) / "functional" / "image" / "lpips_models" / f"{backbone.value}.pth"
        if path.is_file():
            return path
    return None


class Lpips:
    """Learned perceptual image patch similarity, version 0.1 with linear heads.

    `sum over layers of mean over places of w . (f - g)^2`, f and g the features of both pictures at a place made to length 1,
    w the weights of the layer's head, none negative: 0 for equal pictures, up to about 1; lower is better.
    (Zhang, Isola, Efros, Shechtman, Wang: The unreasonable effectiveness of deep features as a perceptual metric, 2018.)
    """

    def __init__(self, backbone: Backbone, weights: Path, heads: Path | None = None) -> None:
        """weights: torchvision's file of the backbone, as trained on ImageNet. heads: None takes those of torchmetrics.

        Raises ModelError where a file is missing or of another network, DependencyError for heads without torchmetrics.
        """
        head_path = heads or head_file(backbone)
        if head_path is None:
            raise DependencyError(
                "the heads of LPIPS come with torchmetrics: install it with `pip install 'clearface[evaluate]'`"
            )
        with torch.device("meta"):
            self._network = _Network(_LAYERS[backbone])
            self._heads = _Heads(self._network.channels)
        fill(self._network, read_tensors(weights), weights, _NAMES[backbone])
        fill(self._heads, read_tensors(head_path), head_path, f"the LPIPS heads of {_NAMES[backbone]}")

    def features(self, picture: FloatArray) -> tuple[Tensor, ...]:
        """Of RGB `(H, W, 3)` float32 in [0, 1], at least 32 pixels a side: of each layer `(C, h, w)`, of length 1 at each place.

        One picture at a time with one thread, so that nothing else changes a bit of it.
        """
        with torch.inference_mode(), single_thread():
            batch = torch.from_numpy(picture).permute(2, 0, 1)[None] * 2 - 1
            scaled = (batch - torch.tensor(_MEAN)[:, None, None]) / torch.tensor(_DEVIATION)[:, None, None]
            answers = self._network(scaled)
            return tuple((layer / (layer.norm(dim=1, keepdim=True) + _TINY))[0] for layer in answers)

    def distance(self, first: Sequence[Tensor], second: Sequence[Tensor]) -> float:
        """From the features of two pictures of one size."""
        total = 0.0
        with torch.inference_mode(), single_thread():
            for one, other, head in zip(first, second, self._heads.weights(), strict=True):
                by_channel = ((one - other) ** 2).mean((1, 2), dtype=torch.float64)
                total += float(by_channel @ head.double())
        return total


_NAMES = {Backbone.ALEX: "torchvision's AlexNet", Backbone.VGG: "torchvision's VGG16"}


def _convolution(inputs: int, outputs: int, kernel: int = 3, stride: int = 1, padding: int = 1) -> list[nn.Module]:
    return [nn.Conv2d(inputs, outputs, kernel, stride, padding), nn.ReLU()]


def _alexnet() -> list[list[nn.Module]]:
    pool = nn.MaxPool2d(3, 2)
    return [
        _convolution(3, 64, kernel=11, stride=4, padding=2),
        [pool, *_convolution(64, 192, kernel=5, padding=2)],
        [pool, *_convolution(192, 384)],
        _convolution(384, 256),
        _convolution(256, 256),
    ]


def _vgg16() -> list[list[nn.Module]]:
    stages: list[list[nn.Module]] = []
    inputs = 3
    for outputs, count in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        stage: list[nn.Module] = [nn.MaxPool2d(2)] if stages else []
        for _ in range(count):
            stage += _convolution(inputs, outputs)
            inputs = outputs
        stages.append(stage)
    return stages


_LAYERS = {Backbone.ALEX: _alexnet, Backbone.VGG: _vgg16}
"""The steps up to each layer that is compared; numbered on through all of them, as torchvision does."""


class _Network(nn.Module):
    def __init__(self, stages: Callable[[], list[list[nn.Module]]]) -> None:
        super().__init__()
        parts = stages()
        self.features = nn.Sequential(*(step for part in parts for step in part))
        self._compared = {sum(len(part) for part in parts[: index + 1]) - 1 for index in range(len(parts))}
        convolutions = [[step for step in part if isinstance(step, nn.Conv2d)][-1] for part in parts]
        self.channels = [convolution.out_channels for convolution in convolutions]

    def forward(self, pictures: Tensor) -> list[Tensor]:
        answers = []
        for number, step in enumerate(self.features):
            pictures = step(pictures)
            if number in self._compared:
                answers.append(pictures)
        return answers


class _Heads(nn.Module):
    """`lin0.model.1.weight` and so on, `(1, C, 1, 1)`: behind a dropout that is used in training alone."""

    def __init__(self, channels: Sequence[int]) -> None:
        super().__init__()
        self._count = len(channels)
        for number, count in enumerate(channels):
            part = nn.Module()
            part.model = nn.Sequential(nn.Dropout(), nn.Conv2d(count, 1, 1, bias=False))
            self.add_module(f"lin{number}", part)

    def weights(self) -> list[Tensor]:
        """`(C,)` of each layer."""
        return [self.get_parameter(f"lin{number}.model.1.weight").flatten() for number in range(self._count)]
