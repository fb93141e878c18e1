"""Figures that belong to all faces of a test together: FID."""

import numpy as np

from clearface.evaluate.engine import Measured
from clearface.evaluate.gauges.base import Metric
from clearface.evaluate.gauges.learned import fid_metric
from clearface.evaluate.measuring import TRUTH
from clearface.evaluate.metrics.frechet import frechet_distance
from clearface.evaluate.results import SetFigure
from clearface.evaluate.settings import EvaluationSettings


def frechet_distances(
    settings: EvaluationSettings, measured: Measured
) -> tuple[tuple[Metric, ...], tuple[SetFigure, ...]]:
    """FID of each method in each test, to the sharp faces of the test."""
    if settings.gauges.inception is None or not any(result.vectors for result in measured.results):
        return (), ()
    metric, figures = fid_metric(settings.gauges.inception), []
    for test in dict.fromkeys(unit.test for unit in measured.units):
        parts = [
            result.vectors for unit, result in zip(measured.units, measured.results, strict=True) if unit.test == test
        ]
        features = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
        if len(features[TRUTH]) > 1:
            figures += [
                SetFigure(test, name, metric.key, frechet_distance(features[TRUTH], own))
                for name, own in features.items()
                if name != TRUTH
            ]
    return (metric,), tuple(figures)
