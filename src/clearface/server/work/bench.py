"""Detectors and restorers at hand, so that networks are not loaded anew for every photo."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from clearface.detectors.base import Detector
from clearface.detectors.registry import build_detector
from clearface.detectors.thorough import build_thorough_detector
from clearface.pipeline import Pipeline
from clearface.restorers.base import Restorer
from clearface.restorers.registry import build_restorer
from clearface.server.orders import PhotoTask
from clearface.server.settings import OfferedNetwork
from clearface.server.work import plans

_KEPT = 2
"""Of each, so that memory stays bounded whatever is asked for."""

KeptT = TypeVar("KeptT")


class Bench:
    """Builds what a task needs, and keeps what was used last."""

    def __init__(self, networks: tuple[OfferedNetwork, ...]) -> None:
        self._networks = networks
        self._detectors: _Recent[Detector] = _Recent()
        self._thorough: _Recent[Detector] = _Recent()
        self._restorers: _Recent[Restorer] = _Recent()

    def detector(self, task: PhotoTask) -> Detector:
        """Raises UsageError, ModelError, DependencyError."""
        name, options = plans.detector_name(task), plans.detector_options(task)
        return self._detectors.get((name, options), lambda: build_detector(name, options))

    def thorough_detector(self, task: PhotoTask) -> Detector:
        """One that misses as little as it can. Raises UsageError, ModelError, DependencyError."""
        name, options = plans.detector_name(task), plans.detector_options(task)
        return self._thorough.get(
            (name, options, task.rotations), lambda: build_thorough_detector(name, options, rotations=task.rotations)
        )

    def pipeline(self, task: PhotoTask) -> Pipeline:
        """Raises UsageError, ModelError, DependencyError."""
        name, options = plans.restorer(task, self._networks)
        restorer = self._restorers.get((name, options), lambda: build_restorer(name, options))
        return Pipeline(self.detector(task), restorer, plans.selection(task))


class _Recent(Generic[KeptT]):
    """The things used last."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, KeptT] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], KeptT]) -> KeptT:
        if key not in self._kept:
            while len(self._kept) >= _KEPT:
                self._kept.popitem(last=False)
            self._kept[key] = make()
        self._kept.move_to_end(key)
        return self._kept[key]
