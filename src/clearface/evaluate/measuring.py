"""What one process does: a unit at a time, measured with every method and gauge."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from clearface.arrays import FloatArray
from clearface.detectors.registry import build_detector
from clearface.evaluate.gauges.registry import build_features, build_gauges, chosen_embedder
from clearface.evaluate.groups import groups_of
from clearface.evaluate.looking import Look, LookJob, look
from clearface.evaluate.methods import Method
from clearface.evaluate.results import FaceResult
from clearface.evaluate.settings import EvaluationSettings, RealFolder
from clearface.evaluate.store import UnitResult
from clearface.evaluate.units import Group, Unit

TRUTH = "truth"
"""Whose features these are, among those of the methods: the sharp faces'."""


class Tools:
    """Everything with networks, opened once a process."""

    def __init__(self, settings: EvaluationSettings) -> None:
        """Raises what restorers, detectors and gauges raise that cannot be built."""
        self.settings = settings
        self.detector = build_detector("centerface")
        self.methods = tuple(Method(spec, self.detector) for spec in settings.methods)
        self.embedder = chosen_embedder(settings.gauges)
        has_truth = not isinstance(settings.source, RealFolder)
        self.gauges = build_gauges(settings.gauges, self.embedder, has_truth)
        self.features = build_features(settings.gauges.inception if has_truth else None)

    def measure(self, unit: Unit) -> UnitResult:
        """Raises PhotoError for a photo that cannot be read any more, ModelError where a method fails."""
        rows: list[FaceResult] = []
        vectors: dict[str, list[FloatArray]] = {}
        for group in groups_of(unit, self.settings, self.methods):
            rows += self._rows(unit.test, group, vectors)
        return UnitResult(tuple(rows), {name: np.concatenate(parts) for name, parts in vectors.items()})

    def _rows(self, test: str, group: Group, vectors: dict[str, list[FloatArray]]) -> list[FaceResult]:
        measures = [gauge.against(group.sharp) for gauge in self.gauges]
        if self.features is not None and group.sharp is not None:
            vectors.setdefault(TRUTH, []).append(self.features(group.sharp))
        rows = []
        for method, batch in group.shown():
            columns = {key: values for measure in measures for key, values in measure(batch).items()}
            height, width = batch.after.shape[1:3]
            if self.features is not None:
                vectors.setdefault(method, []).append(self.features(batch.after))
            for place, (name, blur) in enumerate(zip(group.names, group.blurs, strict=True)):
                values = {key: _finite(column[place]) for key, column in columns.items()}
                rows.append(FaceResult(test, method, name, (width, height), blur, values))
        return rows


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


@lru_cache(maxsize=1)
def tools_of(settings: EvaluationSettings) -> Tools:
    """The tools of this process, built when they are first needed."""
    return Tools(settings)


def calm_threads() -> None:
    """One thread for each library beside ONNX Runtime: the processes share the cores, and sums keep their order."""
    import cv2

    cv2.setNumThreads(1)
    try:
        import torch
    except ImportError:  # nothing that was asked for needs it
        return
    torch.set_num_threads(1)


def measure_unit(settings: EvaluationSettings, unit: Unit) -> UnitResult:
    """`Tools.measure`, for a worker process."""
    return tools_of(settings).measure(unit)


def look_at(settings: EvaluationSettings, jobs: Sequence[LookJob], find_faces: bool) -> list[Look]:
    """`look` for several photos, for a worker process."""
    detector = build_detector("centerface") if find_faces else None
    return [look(job, detector, settings.max_pixels) for job in jobs]
