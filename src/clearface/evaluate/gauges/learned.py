"""Measures that look through networks others trained: LPIPS by face, FID by set."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from clearface.arrays import DoubleArray, FloatArray
from clearface.evaluate.gauges.base import Batch, Better, Measure, Metric
from clearface.evaluate.gauges.learned_weights import (
    FID_LABEL,
    LPIPS_ALEX_LABEL,
    LPIPS_VGG_LABEL,
    LearnedWeights,
)
from clearface.weights import checksum

if TYPE_CHECKING:
    from torch import Tensor

    from clearface.evaluate.metrics.lpips import Lpips

_MOST_KEPT = 256 << 20
"""Bytes of features of sharp faces kept for the next method; those of the other faces are made anew each time."""

_DIGITS_OF_CHECKSUM = 8


class LearnedGauge:
    """LPIPS with each backbone whose weights are there."""

    def __init__(self, weights: LearnedWeights) -> None:
        """Raises ModelError where a file holds another network."""
        built = _networks(weights)
        self._networks = {metric.key: network for metric, network in built}
        self._metrics = tuple(metric for metric, _ in built)

    @property
    def metrics(self) -> tuple[Metric, ...]:
        return self._metrics

    def against(self, sharp: FloatArray | None) -> Measure:
        if sharp is None or not self._networks or min(sharp.shape[1:3]) < _least_side():
            return self._nothing
        wanted = {key: _SharpFeatures(network, sharp) for key, network in self._networks.items()}

        def measure(batch: Batch) -> Mapping[str, DoubleArray]:
            return {
                key: np.array(
                    [
                        network.distance(features, network.features(face))
                        for features, face in zip(wanted[key], batch.after, strict=True)
                    ]
                )
                for key, network in self._networks.items()
            }

        return measure

    def _nothing(self, batch: Batch) -> Mapping[str, DoubleArray]:
        return {metric.key: np.full(len(batch.after), np.nan) for metric in self._metrics}


class _SharpFeatures:
    """Features of each of some faces, kept as far as they fit."""

    def __init__(self, network: "Lpips", faces: FloatArray) -> None:
        self._network = network
        self._faces = faces
        self._kept: list[Sequence[Tensor]] = []
        self._bytes = 0

    def __iter__(self) -> "Iterator[Sequence[Tensor]]":
        for number, face in enumerate(self._faces):
            if number < len(self._kept):
                yield self._kept[number]
                continue
            features = self._network.features(face)
            size = sum(layer.nbytes for layer in features)
            if number == len(self._kept) and self._bytes + size <= _MOST_KEPT:
                self._kept.append(features)
                self._bytes += size
            yield features


def _networks(weights: LearnedWeights) -> "list[tuple[Metric, Lpips]]":
    if weights.alexnet is None and weights.vgg16 is None:
        return []
    from clearface.evaluate.metrics.lpips import Backbone, Lpips

    wanted = (
        (Backbone.ALEX, LPIPS_ALEX_LABEL, weights.alexnet),
        (Backbone.VGG, LPIPS_VGG_LABEL, weights.vgg16),
    )
    return [
        (_lpips_metric(f"lpips_{backbone.value}", label, path), Lpips(backbone, path))
        for backbone, label, path in wanted
        if path is not None
    ]


def fid_metric(inception: Path) -> Metric:
    """The description of FID with the weights of a file."""
    return Metric(
        key="fid",
        label=FID_LABEL,
        unit="",
        better=Better.LOWER,
        variant=(
            "to the sharp faces of the same test; 2048 features of the Inception of 2015-12-05 "
            f"(weights {_short_checksum(inception)}), faces resized to 299x299 as pytorch-fid does (bilinear, no low-pass "
            "filter), RGB; only comparable between sets of as many faces"
        ),
        source="Heusel et al. 2017",
        digits=2,
    )


def _lpips_metric(key: str, label: str, weights: Path) -> Metric:
    return Metric(
        key=key,
        label=label,
        unit="",
        better=Better.LOWER,
        variant=(
            f"version 0.1, linear heads, weights of the backbone {_short_checksum(weights)}; RGB, nothing cropped or resized"
        ),
        source="Zhang et al. 2018",
    )


def _short_checksum(path: Path) -> str:
    return checksum(path)[:_DIGITS_OF_CHECKSUM]


def _least_side() -> int:
    from clearface.evaluate.metrics.lpips import LEAST_SIDE

    return LEAST_SIDE
