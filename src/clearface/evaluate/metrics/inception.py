"""The network of the FID paper: features of faces whose distribution is compared."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from clearface.arrays import FloatArray
from clearface.evaluate.metrics.torch_files import fill, read_tensors, single_thread

FEATURES = 2048
INPUT_SIZE = 299

_EPSILON = 1e-3


class FaceFeatures:
    """What Inception v3 sees in faces: the mean over the places of its last block, as FID takes it.

    (Szegedy et al.: Rethinking the Inception architecture for computer vision, 2016, in the variant and with the weights of the
    TensorFlow graph of 2015-12-05 that Heusel et al. 2017 used, in the layout of the package pytorch-fid.)
    """

    def __init__(self, weights: Path) -> None:
        """weights: `pt_inception-2015-12-05-6726825d.pth`. Raises ModelError where it is missing or of another network."""
        with torch.device("meta"):
            self._network = FidInception()
        fill(self._network, read_tensors(weights), weights, "the Inception network of FID")

    def __call__(self, faces: FloatArray) -> FloatArray:
        """RGB float32 `(N, H, W, 3)` in [0, 1] to `(N, 2048)` float32.

        Each face is resized to 299x299 (bilinear, corners not aligned, no low-pass filter: as pytorch-fid does) and goes through
        by itself with one thread, so that nothing else changes a bit of it.
        """
        answers = np.empty((len(faces), FEATURES), np.float32)
        with torch.inference_mode(), single_thread():
            for number, face in enumerate(faces):
                picture = torch.from_numpy(face).permute(2, 0, 1)[None]
                resized = functional.interpolate(
                    picture, size=(INPUT_SIZE, INPUT_SIZE), mode="bilinear", align_corners=False
                )
                answers[number] = self._network(resized * 2 - 1)[0].numpy()
        return answers


@dataclass(frozen=True)
class _Step:
    """One convolution of a block, as the files of weights name it."""

    name: str
    outputs: int
    kernel: tuple[int, int] = (1, 1)
    stride: int = 1


@dataclass(frozen=True)
class _Fork:
    """Two convolutions of one input, side by side."""

    first: _Step
    second: _Step


_Chain = tuple[_Step | _Fork, ...]


class _Convolution(nn.Module):
    def __init__(
        self, inputs: int, outputs: int, kernel: tuple[int, int], stride: int, padding: tuple[int, int]
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, padding, bias=False)
        self.bn = nn.BatchNorm2d(outputs, eps=_EPSILON)

    def forward(self, values: Tensor) -> Tensor:
        return functional.relu(self.bn(self.conv(values)))


class _Block(nn.Module):
    """Chains of convolutions side by side, and one more behind a pooling; their outputs are put together."""

    def __init__(self, inputs: int, chains: Sequence[_Chain], pool: nn.Module, pooled: int) -> None:
        """pooled: outputs of the convolution behind the pooling; 0 for none."""
        super().__init__()
        self._chains = [*chains]
        self._pool = pool
        for chain in chains:
            before = inputs
            for step in chain:
                if isinstance(step, _Fork):
                    self._add(step.first, before)
                    before = self._add(step.second, before)
                else:
                    before = self._add(step, before)
        self._pooled = pooled
        if pooled:
            self._add(_Step("branch_pool", pooled), inputs)

    def _add(self, step: _Step, inputs: int) -> int:
        rows, columns = step.kernel
        padding = (rows // 2, columns // 2) if step.stride == 1 else (0, 0)
        self.add_module(step.name, _Convolution(inputs, step.outputs, step.kernel, step.stride, padding))
        return step.outputs

    def forward(self, values: Tensor) -> Tensor:
        answers = []
        for chain in self._chains:
            answer = values
            for step in chain:
                if isinstance(step, _Fork):
                    answers.append(self.get_submodule(step.first.name)(answer))
                    answer = self.get_submodule(step.second.name)(answer)
                else:
                    answer = self.get_submodule(step.name)(answer)
            answers.append(answer)
        pooled = self._pool(values)
        answers.append(self.get_submodule("branch_pool")(pooled) if self._pooled else pooled)
        return torch.cat(answers, 1)


def _average_pool() -> nn.Module:
    return nn.AvgPool2d(3, 1, padding=1, count_include_pad=False)  # as TensorFlow counts


def _block_35(inputs: int, pooled: int) -> _Block:
    chains: tuple[_Chain, ...] = (
        (_Step("branch1x1", 64),),
        (_Step("branch5x5_1", 48), _Step("branch5x5_2", 64, (5, 5))),
        (_Step("branch3x3dbl_1", 64), _Step("branch3x3dbl_2", 96, (3, 3)), _Step("branch3x3dbl_3", 96, (3, 3))),
    )
    return _Block(inputs, chains, _average_pool(), pooled)


def _reduction_17(inputs: int) -> _Block:
    chains: tuple[_Chain, ...] = (
        (_Step("branch3x3", 384, (3, 3), 2),),
        (_Step("branch3x3dbl_1", 64), _Step("branch3x3dbl_2", 96, (3, 3)), _Step("branch3x3dbl_3", 96, (3, 3), 2)),
    )
    return _Block(inputs, chains, nn.MaxPool2d(3, 2), 0)


def _block_17(inputs: int, width: int) -> _Block:
    chains: tuple[_Chain, ...] = (
        (_Step("branch1x1", 192),),
        (_Step("branch7x7_1", width), _Step("branch7x7_2", width, (1, 7)), _Step("branch7x7_3", 192, (7, 1))),
        (
            _Step("branch7x7dbl_1", width),
            _Step("branch7x7dbl_2", width, (7, 1)),
            _Step("branch7x7dbl_3", width, (1, 7)),
            _Step("branch7x7dbl_4", width, (7, 1)),
            _Step("branch7x7dbl_5", 192, (1, 7)),
        ),
    )
    return _Block(inputs, chains, _average_pool(), 192)


def _reduction_8(inputs: int) -> _Block:
    chains: tuple[_Chain, ...] = (
        (_Step("branch3x3_1", 192), _Step("branch3x3_2", 320, (3, 3), 2)),
        (
            _Step("branch7x7x3_1", 192),
            _Step("branch7x7x3_2", 192, (1, 7)),
            _Step("branch7x7x3_3", 192, (7, 1)),
            _Step("branch7x7x3_4", 192, (3, 3), 2),
        ),
    )
    return _Block(inputs, chains, nn.MaxPool2d(3, 2), 0)


def _block_8(inputs: int, pool: nn.Module) -> _Block:
    chains: tuple[_Chain, ...] = (
        (_Step("branch1x1", 320),),
        (
            _Step("branch3x3_1", 384),
            _Fork(_Step("branch3x3_2a", 384, (1, 3)), _Step("branch3x3_2b", 384, (3, 1))),
        ),
        (
            _Step("branch3x3dbl_1", 448),
            _Step("branch3x3dbl_2", 384, (3, 3)),
            _Fork(_Step("branch3x3dbl_3a", 384, (1, 3)), _Step("branch3x3dbl_3b", 384, (3, 1))),
        ),
    )
    return _Block(inputs, chains, pool, 192)


class FidInception(nn.Module):
    """Inception v3 without its classifier: `(N, 3, 299, 299)` in [-1, 1] to `(N, 2048)`."""

    def __init__(self) -> None:
        super().__init__()
        steps: tuple[tuple[str, nn.Module], ...] = (
            ("Conv2d_1a_3x3", _Convolution(3, 32, (3, 3), 2, (0, 0))),
            ("Conv2d_2a_3x3", _Convolution(32, 32, (3, 3), 1, (0, 0))),
            ("Conv2d_2b_3x3", _Convolution(32, 64, (3, 3), 1, (1, 1))),
            ("pool_1", nn.MaxPool2d(3, 2)),
            ("Conv2d_3b_1x1", _Convolution(64, 80, (1, 1), 1, (0, 0))),
            ("Conv2d_4a_3x3", _Convolution(80, 192, (3, 3), 1, (0, 0))),
            ("pool_2", nn.MaxPool2d(3, 2)),
            ("Mixed_5b", _block_35(192, 32)),
            ("Mixed_5c", _block_35(256, 64)),
            ("Mixed_5d", _block_35(288, 64)),
            ("Mixed_6a", _reduction_17(288)),
            ("Mixed_6b", _block_17(768, 128)),
            ("Mixed_6c", _block_17(768, 160)),
            ("Mixed_6d", _block_17(768, 160)),
            ("Mixed_6e", _block_17(768, 192)),
            ("Mixed_7a", _reduction_8(768)),
            ("Mixed_7b", _block_8(1280, _average_pool())),
            ("Mixed_7c", _block_8(FEATURES, nn.MaxPool2d(3, 1, padding=1))),  # so in that graph, for whatever reason
        )
        for name, step in steps:
            self.add_module(name, step)

    def forward(self, pictures: Tensor) -> Tensor:
        for step in self.children():
            pictures = step(pictures)
        return pictures.mean((2, 3))
