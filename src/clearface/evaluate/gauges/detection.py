"""Whether faces are found, and where."""

from collections.abc import Mapping, Sequence

import numpy as np

from clearface.arrays import DoubleArray, FloatArray, as_bytes
from clearface.detectors.base import Detector
from clearface.detectors.registry import build_detector
from clearface.evaluate.gauges.base import Batch, Better, Measure, Metric
from clearface.evaluate.metrics.landmarks import landmark_error
from clearface.faces import Face

SAME_FACE = 0.4
"""Intersection over union from which on two boxes are around one face."""

_TITLES = {"centerface": "CenterFace", "mtcnn": "MTCNN", "yunet": "YuNet"}
_SOURCES = {
    "centerface": "Xu et al. 2019 (CenterFace)",
    "mtcnn": "Zhang et al. 2016 (MTCNN)",
    "yunet": "Wu, Peng and Yu 2023 (YuNet)",
}


class DetectionGauge:
    """Looks for the face with each detector at its own threshold.

    A face counts as found where the same detector, that finds one in the sharp twin, finds one in the same place; where it
    finds none in the sharp twin, or there is no twin, any face will do. So no face is ever left out of the rate, and that of the
    sharp faces themselves is measured in the same way, by a test that does nothing to them.
    """

    def __init__(self, detectors: Sequence[str] = ("centerface",)) -> None:
        """detectors: by name; raises what `build_detector` raises."""
        self._detectors: tuple[Detector, ...] = tuple(build_detector(name) for name in detectors)

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """Found, score and landmark error of each detector."""
        return tuple(metric for detector in self._detectors for metric in _metrics(detector.name))

    def against(self, sharp: FloatArray | None) -> Measure:
        """See `clearface.evaluate.gauges.base.Gauge`."""
        true = {detector.name: _largest_faces(detector, sharp) for detector in self._detectors}

        def measure(batch: Batch) -> Mapping[str, DoubleArray]:
            columns: dict[str, DoubleArray] = {}
            for detector in self._detectors:
                references = true[detector.name] or [None] * len(batch.after)
                found = [
                    _same_face(detector.detect(as_bytes(picture)), reference)
                    for picture, reference in zip(batch.after, references, strict=True)
                ]
                columns |= _columns(detector.name, found, references)
            return columns

        return measure


def _metrics(name: str) -> tuple[Metric, ...]:
    title, source = _TITLES.get(name, name), _SOURCES.get(name, name)
    place = f"at the detector's own threshold, boxes overlapping that of the sharp face by more than {SAME_FACE}"
    return (
        Metric(f"found_{name}", f"Found, {title}", "", Better.HIGHER, f"share of faces, {place}", source),
        Metric(f"score_{name}", f"Score, {title}", "", Better.HIGHER, "of the face found, 0 where none is", source),
        Metric(
            f"landmark_error_{name}",
            f"Landmark error, {title}",
            "%",
            Better.LOWER,
            "five points against those found in the sharp face, mean, of the distance of the eyes; of the faces found in both",
            "Sagonas et al. 2013 (300-W)",
            2,
        ),
    )


def _largest_faces(detector: Detector, pictures: FloatArray | None) -> list[Face | None]:
    """The largest face of each picture, for a square may show a mirrored part of one or a stranger behind."""
    if pictures is None:
        return []
    found = (detector.detect(as_bytes(picture)) for picture in pictures)
    return [max(faces, key=lambda face: face.box.size, default=None) for faces in found]


def _same_face(faces: list[Face], reference: Face | None) -> Face | None:
    """The most certain of the faces, or of those in the place of the reference."""
    for face in faces:
        if reference is None or face.box.overlap(reference.box) > SAME_FACE:
            return face
    return None


def _columns(name: str, found: list[Face | None], references: Sequence[Face | None]) -> dict[str, DoubleArray]:
    errors = np.full(len(found), np.nan)
    for place, (face, reference) in enumerate(zip(found, references, strict=True)):
        if face is not None and reference is not None:
            errors[place] = landmark_error(reference.landmarks, face.landmarks)
    return {
        f"found_{name}": np.array([face is not None for face in found], np.float64),
        f"score_{name}": np.array([0.0 if face is None else face.score for face in found]),
        f"landmark_error_{name}": errors,
    }
