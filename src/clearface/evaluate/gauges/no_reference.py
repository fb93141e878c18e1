"""What can be said of faces without their sharp twins."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from clearface.arrays import DoubleArray, FloatArray
from clearface.evaluate.gauges.base import Batch, Better, Measure, Metric
from clearface.evaluate.metrics.niqe import niqe
from clearface.evaluate.metrics.niqe_models import read_pristine_model, shipped_pristine_model
from clearface.evaluate.metrics.sharpness import laplacian_variance

SHARPNESS = Metric(
    key="sharpness",
    label="Sharpness",
    unit="",
    better=Better.NEITHER,
    variant=(
        "variance of the Laplacian (four neighbours) of the grey picture in levels of 255; noise and ringing raise it as "
        "detail does, so it is to be read beside that of the sharp faces"
    ),
    source="Pech-Pacheco et al. 2000",
    digits=0,
)


class NoReferenceGauge:
    """NIQE and sharpness of each face."""

    def __init__(self, niqe_model: Path | None = None) -> None:
        """niqe_model: a file of `clearface train niqe`, or the authors' own; None takes the model that ships with clearface.

        Raises ModelError where it is no such file.
        """
        self._model = shipped_pristine_model() if niqe_model is None else read_pristine_model(niqe_model)
        self._niqe = Metric(
            key="niqe",
            label="NIQE",
            unit="",
            better=Better.LOWER,
            variant=(
                f"pristine model: {self._model.name}; grey picture of 8 bits, as few 96x96 patches as cover it, evenly spread; "
                "tells no true detail from invented"
            ),
            source="Mittal, Soundararajan, Bovik 2013",
            digits=2,
        )

    @property
    def metrics(self) -> tuple[Metric, ...]:
        return self._niqe, SHARPNESS

    def against(self, sharp: FloatArray | None) -> Measure:
        def measure(batch: Batch) -> Mapping[str, DoubleArray]:
            return {
                self._niqe.key: np.array([niqe(face, self._model) for face in batch.after], np.float64),
                SHARPNESS.key: np.array([laplacian_variance(face) for face in batch.after], np.float64),
            }

        return measure
