"""Detectors and restorers at hand, so that networks are not loaded anew for every photo."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from clearface.detectors.base import Detector
from clearface.detectors.registry import build_detector
from clearface.detectors.thorough import build_thorough_detector
from clearface.errors import UsageError
from clearface.pipeline import Pipeline
from clearface.recognition.identify import Identifier, ShippedEstimator
from clearface.restorers.base import Restorer
from clearface.restorers.registry import build_restorer
from clearface.server.orders import PhotoTask, Task
from clearface.server.settings import OfferedGallery, OfferedNetwork
from clearface.server.work import plans
from clearface.server.work.known_people import KnownPeople

_KEPT = 2
"""Of each, so that memory stays bounded whatever is asked for."""

KeptT = TypeVar("KeptT")


class Bench:
    """Builds what a task needs, and keeps what was used last."""

    def __init__(self, networks: tuple[OfferedNetwork, ...], gallery: OfferedGallery | None = None) -> None:
        self._networks = networks
        self._known = None if gallery is None else KnownPeople(gallery)
        self._estimator = ShippedEstimator()
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

    def identifier(self, task: PhotoTask) -> Identifier:
        """Names the people the host knows now. Raises UsageError, GalleryError, ModelError, DependencyError."""
        if self._known is None:
            raise UsageError(plans.NOBODY_KNOWN)
        options = plans.identify_options(task)
        restorer = self.pipeline(PhotoTask(Task.RESTORE)).restorer
        return Identifier(
            self.detector(task),
            self._known.embedder,
            self._known.people(),
            options.rule,
            self._known.errors,
            restore=options.restore,
            restorer=restorer,
            estimator=self._estimator,
            selection=plans.selection(task),
            top=options.top,
        )

    def close(self) -> None:
        """Lets go of the host's gallery."""
        if self._known is not None:
            self._known.close()


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
