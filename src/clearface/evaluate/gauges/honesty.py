"""Whether a method tells the truth about what it did, and keeps its hands off the rest."""

from collections.abc import Callable, Mapping

import numpy as np

from clearface.arrays import DoubleArray, FloatArray
from clearface.blur_estimates import BlurEstimate
from clearface.evaluate.gauges.base import Batch, Better, Measure, Metric
from clearface.evaluate.metrics.calibration import EXPECTED_SHARE, mean_stated_error, share_within_error
from clearface.evaluate.metrics.changes import change_outside, changed_share, colour_shift
from clearface.explanation import explained

CALIBRATION = Metric(
    "calibration",
    "Calibration",
    "",
    Better.NEITHER,
    f"share of pixels within the error the method states for them; {EXPECTED_SHARE} is honest, less is too sure",
    "Gneiting, Balabdaoui and Raftery 2007 (coverage)",
)
STATED_ERROR = Metric(
    "stated_error",
    "Stated error",
    "levels",
    Better.NEITHER,
    "mean over pixels of the error that the method says nine of ten stay below, in levels of 255",
    "clearface",
    1,
)
EXPLAINED = Metric(
    "explained",
    "Explained",
    "",
    Better.HIGHER,
    "share of the input's detail that the result, blurred again by the kernel the method names, accounts for; 1 but for noise."
    " Of the faces a kernel is named for",
    "clearface.explanation",
)
COLOUR_SHIFT = Metric(
    "colour_shift",
    "Colour shift",
    "levels",
    Better.LOWER,
    "how far the mean colour moves from the input's, the channel that moves most, in levels of 255",
    "clearface",
    2,
)
OUTSIDE_CHANGE = Metric(
    "outside_change",
    "Outside change",
    "levels",
    Better.LOWER,
    "mean absolute change from the input, weighted by 1 - face_mask, in levels of 255; before it is pasted under that mask",
    "clearface",
    2,
)
CHANGED = Metric(
    "changed",
    "Changed",
    "",
    Better.NEITHER,
    "share of pixels that are another colour than the input's at 8 bits",
    "clearface",
)


class HonestyGauge:
    """Calibration, consistency with the input, and changes nobody asked for."""

    metrics = (CALIBRATION, STATED_ERROR, EXPLAINED, COLOUR_SHIFT, OUTSIDE_CHANGE, CHANGED)

    def against(self, sharp: FloatArray | None) -> Measure:
        """See `clearface.evaluate.gauges.base.Gauge`; only the calibration needs sharp faces."""

        def measure(batch: Batch) -> Mapping[str, DoubleArray]:
            after = np.ascontiguousarray(batch.after)
            columns = dict.fromkeys((metric.key for metric in self.metrics), np.full(len(after), np.nan))
            if batch.error is not None:
                error = np.ascontiguousarray(batch.error)
                columns[STATED_ERROR.key] = _each(mean_stated_error, error)
                if sharp is not None:
                    columns[CALIBRATION.key] = _each(share_within_error, np.ascontiguousarray(sharp), after, error)
            if batch.before is not None:
                before = np.ascontiguousarray(batch.before)
                columns[COLOUR_SHIFT.key] = _each(colour_shift, before, after)
                columns[OUTSIDE_CHANGE.key] = _each(change_outside, before, after)
                columns[CHANGED.key] = _each(changed_share, before, after)
                columns[EXPLAINED.key] = _explained(before, after, batch.estimates)
            return columns

        return measure


def _each(metric: Callable[..., float], *pictures: FloatArray) -> DoubleArray:
    """Of each face by itself. The pictures lie in memory the same way for any batch, so that sums keep their order."""
    return np.array([metric(*face) for face in zip(*pictures, strict=True)], np.float64)


def _explained(before: FloatArray, after: FloatArray, estimates: tuple[BlurEstimate | None, ...] | None) -> DoubleArray:
    """NaN where no blur is named, and for pictures that are no squares, in which nobody knows where the face is."""
    values = np.full(len(before), np.nan)
    if estimates is None or before.shape[1] != before.shape[2]:
        return values
    for place, estimate in enumerate(estimates):
        if estimate is not None:
            values[place] = explained(before[place], after[place], estimate)
    return values
