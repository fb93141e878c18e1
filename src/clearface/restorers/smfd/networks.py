"""The four network files of SMFD, opened, checked and run."""

from pathlib import Path
from typing import Generic, TypeVar

import numpy as np

from clearface.arrays import AnyArray, FloatArray
from clearface.errors import ModelError
from clearface.masks import CLASS_COUNT
from clearface.restorers.base import NetworkUse
from clearface.restorers.smfd.description import (
    READER_FILE,
    DeblurringSettings,
    KernelSettings,
    ReaderSettings,
    SmfdSettings,
    read_settings,
)
from clearface.sessions import METADATA_KEY, open_session, run_session
from clearface.weights import weight_path

SettingsT = TypeVar("SettingsT", bound=SmfdSettings)


def shipped_folder() -> Path:
    """Where the networks that ship with clearface lie."""
    return weight_path(READER_FILE).parent


class _Graph(Generic[SettingsT]):
    """One ONNX file with its settings, its inputs and outputs those it must have."""

    def __init__(self, path: Path, kind: type[SettingsT], inputs: tuple[str, ...], outputs: tuple[str, ...]) -> None:
        self.path = path
        self._session = open_session(path)
        self._outputs = outputs
        metadata = self._session.get_modelmeta().custom_metadata_map
        if METADATA_KEY not in metadata:
            raise ModelError(f'{path}: its metadata says nothing under "{METADATA_KEY}"')
        self.settings = read_settings(kind, metadata[METADATA_KEY], f"{path}: its metadata")
        self._check("inputs", {value.name for value in self._session.get_inputs()}, inputs)
        self._check("outputs", {value.name for value in self._session.get_outputs()}, outputs)

    def run(self, feed: dict[str, FloatArray], shapes: tuple[tuple[int, ...], ...]) -> list[FloatArray]:
        """The outputs. Raises ModelError where one has not the shape expected, or is not finite."""
        answers: list[AnyArray] = run_session(self._session, self.path, list(self._outputs), feed)
        for name, answer, shape in zip(self._outputs, answers, shapes, strict=True):
            if answer.shape != shape:
                raise ModelError(
                    f"{self.path}: answered with {name} of shape {answer.shape} where {shape} was expected"
                )
            if not np.isfinite(answer).all():
                raise ModelError(f"{self.path}: answered with {name} that are not finite numbers (NaN or infinity)")
        return [answer.astype(np.float32, copy=False) for answer in answers]

    def _check(self, what: str, found: set[str], wanted: tuple[str, ...]) -> None:
        if found != set(wanted):
            raise ModelError(f"{self.path}: its {what} are {', '.join(sorted(found))}, not {', '.join(sorted(wanted))}")


class Reader:
    """Tells the parts of a blurred face, and guesses how it looks sharp. Raises ModelError for a file that is no such network."""

    def __init__(self, path: Path) -> None:
        self._graph = _Graph(path, ReaderSettings, ("face",), ("masks", "guess"))

    def use(self, side: int, times: int = 1) -> NetworkUse:
        """What one face of `side` pixels asks of it."""
        return NetworkUse(self._graph.path, {"face": (1, 3, side, side)}, times)

    def read(self, faces: FloatArray) -> tuple[FloatArray, FloatArray]:
        """`(N, 3, H, W)` in [0, 1] to the probabilities of the classes `(N, 11, H, W)` and the guess `(N, 3, H, W)`."""
        shape = faces.shape
        masks, guess = self._graph.run({"face": faces}, ((shape[0], CLASS_COUNT, *shape[2:]), shape))
        return masks, guess


class KernelNetwork:
    """Names the blur. Raises ModelError for a file that is no such network."""

    def __init__(self, path: Path) -> None:
        self._graph = _Graph(path, KernelSettings, ("evidence",), ("kernels", "certainty"))

    @property
    def settings(self) -> KernelSettings:
        return self._graph.settings

    def use(self, times: int) -> NetworkUse:
        """What so many looks ask of it."""
        settings = self.settings
        planes = len(settings.strengths) + 2
        return NetworkUse(self._graph.path, {"evidence": (1, planes, settings.taps, settings.taps)}, times)

    def name_kernels(self, evidence: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Evidence `(N, C, K, K)` to kernels `(N, K, K)`, each summing to 1, and how certain each is, `(N,)` in [0, 1]."""
        count, taps = len(evidence), self.settings.taps
        kernels, certainty = self._graph.run({"evidence": evidence}, ((count, taps, taps), (count,)))
        kernels = np.maximum(kernels, 0)
        totals = kernels.sum((1, 2), keepdims=True)
        if not (totals > 0).all():
            raise ModelError(f"{self._graph.path}: answered with a kernel that has no light in it")
        return kernels / totals, np.clip(certainty, 0, 1)


class DeblurringNetwork:
    """Repairs a face from candidates. Raises ModelError for a file that is no such network."""

    def __init__(self, path: Path) -> None:
        self._graph = _Graph(path, DeblurringSettings, ("candidates", "masks"), ("restored", "error"))
        self.path = path

    @property
    def settings(self) -> DeblurringSettings:
        return self._graph.settings

    def use(self, side: int) -> NetworkUse:
        """What one face of `side` pixels asks of it."""
        planes = 3 * (2 + len(self.settings.strengths))
        shapes = {"candidates": (1, planes, side, side), "masks": (1, CLASS_COUNT, side, side)}
        return NetworkUse(self.path, shapes)

    def deblur(self, candidates: FloatArray, masks: FloatArray) -> tuple[FloatArray, FloatArray]:
        """The restored faces `(N, 3, H, W)` in [0, 1], and the error nine pixels of ten stay below, `(N, H, W)`."""
        count, (height, width) = len(candidates), candidates.shape[2:]
        shapes = ((count, 3, height, width), (count, 1, height, width))
        restored, error = self._graph.run({"candidates": candidates, "masks": masks}, shapes)
        return np.clip(restored, 0, 1), np.maximum(error[:, 0], 0) * np.float32(self.settings.error_at_90)
